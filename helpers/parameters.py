"""The parameters of a network: one vector, seen layer by layer; how they are copied, saved and shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np

from helpers import checks
from helpers.summary import network_table

Array = np.ndarray


class Views(dict):
    """Arrays by layer, i = 1 ... L, that share the memory of one vector. Assigning copies into the array.

    A deep copy is a plain dict of arrays of their own.
    """

    def __setitem__(self, i: int, value: Any) -> None:
        if i not in self:
            raise KeyError(f"the network has no layer {i!r}; its layers are 1 to {len(self)}")
        self[i][...] = checks.vector(f"the array of layer {i}", value, self[i].shape)

    def update(self, arrays: Any) -> None:  # type: ignore[override]  # dict's own would exchange the views
        for i, value in dict(arrays).items():
            self[i] = value

    def __reduce__(self) -> Any:
        return dict, (dict(self),)


def blocks(vector: Array, sizes: Sequence[int]) -> dict[int, Array]:
    """Return the parts of a vector (P,) that belong to the layers, as views of shape (n_{i-1} + 1, n_i).

    In `theta` the rows of such a block are those of W_i, and the last one is b_i.
    """
    found, end = {}, 0
    for i, (n_in, n) in enumerate(pairwise(sizes), start=1):
        begin, end = end, end + (n_in + 1) * n
        found[i] = vector[begin:end].reshape(n_in + 1, n)
    return found


def views(vector: Array, sizes: Sequence[int]) -> tuple[Views, Views]:
    """Return W and b as views of a vector (P,) that holds W_1, b_1, W_2, b_2, ... one after the other.

    W[i] has shape (n_{i-1}, n_i), b[i] has shape (n_i,).
    """
    parts = blocks(vector, sizes)
    return Views({i: part[:-1] for i, part in parts.items()}), Views(
        {i: part[-1] for i, part in parts.items()}
    )


class Parameters:
    """What a network of sizes n_0 ... n_L has apart from its mathematics.

    `theta`, shape (P,), holds all parameters, `W[i]` and `b[i]` are views of it; `gradient`, `dW[i]` and
    `db[i]` are the same for the derivatives of the loss.
    """

    def __init__(self, sizes: Any, dtype: Any):
        self.sizes = checks.sizes(sizes)
        self.L = len(self.sizes) - 1
        self.dtype = checks.dtype(dtype)
        self._theta = np.zeros(sum(n_in * n + n for n_in, n in pairwise(self.sizes)), self.dtype)
        self.W, self.b = views(self._theta, self.sizes)
        self.W_and_b_T = {i: block.T for i, block in blocks(self._theta, self.sizes).items()}
        self.new_gradient()

    def new_gradient(self) -> None:
        """Make new arrays for the gradient, so that those handed out before stay as they are."""
        self.gradient = np.zeros_like(self._theta)
        self.dW, self.db = views(self.gradient, self.sizes)
        self.dW_and_db = blocks(self.gradient, self.sizes)

    @property
    def theta(self) -> Array:
        """All parameters, shape (P,): the network's own vector. Assigning copies values into it."""
        return self._theta

    @theta.setter
    def theta(self, values: Any) -> None:
        self._theta[...] = checks.vector("theta", values, self._theta.shape)

    @property
    def count(self) -> int:
        """The number of parameters, P."""
        return self._theta.size

    @property
    def parameters(self) -> list[tuple[Array, Array]]:
        """Copies of all parameters as pairs, [(W_1, b_1), ..., (W_L, b_L)]. Assigning copies values in."""
        return [(self.W[i].copy(), self.b[i].copy()) for i in self.W]

    @parameters.setter
    def parameters(self, pairs: Sequence[tuple[Any, Any]]) -> None:
        for i, (W, b) in enumerate(checks.pairs(pairs, self.L), start=1):
            self.W[i], self.b[i] = W, b

    @property
    def settings(self) -> dict[str, Any]:
        """The arguments that make such a network again, with other parameters."""
        raise NotImplementedError

    @classmethod
    def restored(cls, settings: dict[str, Any], theta: Array, seed: Any = 0) -> Self:
        """Return a network with these settings and parameters."""
        net: Any = cls(**settings, init="zeros", seed=seed)  # type: ignore[call-arg]  # zeros draw nothing
        net.theta = theta
        return net

    def __reduce__(self) -> Any:  # a copied or unpickled network needs views of its own theta
        return type(self).restored, (self.settings, self._theta.copy(), deepcopy(getattr(self, "rng", 0)))

    def copy(self) -> Self:
        """Return an independent network with the same parameters and the same state of its generator."""
        return deepcopy(self)

    def save(self, path: str | Path) -> None:
        """Write the network to a file, such as "net.npz"."""
        with open(path, "wb") as file:
            np.savez(file, theta=self._theta, settings=json.dumps(self.settings))

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Return the network in a file that `save` wrote.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if the file holds something else.
        """
        try:
            with np.load(path) as file:
                return cls.restored(json.loads(str(file["settings"])), file["theta"])
        except (KeyError, ValueError, EOFError, TypeError, IndexError, BadZipFile) as error:
            raise ValueError(f"{path} holds no network that save wrote ({error})") from None

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in self.settings.items() if name != "sizes")
        return f"{type(self).__name__}({list(self.sizes)}, {settings})"

    def _repr_html_(self) -> str:
        return network_table(self)
