"""The parameters of a network: one vector, seen layer by layer; how they are copied, saved and shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any, Self
from zipfile import BadZipFile

import numpy as np

from helpers import checks
from helpers.activations import Activation
from helpers.losses import Loss
from helpers.summary import network_table

Array = np.ndarray


class Layers(MutableMapping[int, Array]):
    """The arrays of layers 1 ... L. Assigning copies values into the array: a view stays one."""

    def __init__(self, arrays: dict[int, Array]):
        self._arrays = arrays

    def __getitem__(self, i: int) -> Array:
        if i not in self._arrays:
            raise KeyError(f"the network has no layer {i!r}; its layers are 1 to {len(self)}")
        return self._arrays[i]

    def __setitem__(self, i: int, values: Any) -> None:
        self[i][...] = checks.vector(f"the array of layer {i}", values, self[i].shape)

    def __delitem__(self, i: int) -> None:
        raise TypeError("a network keeps all its layers")

    def __iter__(self) -> Iterator[int]:
        return iter(self._arrays)

    def __len__(self) -> int:
        return len(self._arrays)

    def __repr__(self) -> str:
        return repr(self._arrays)


class Kept:
    """What a pass leaves on a network, such as `net.X`. Before, reading it says which call is missing."""

    def __init__(self, call: str):
        self.call = call

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, net: Any, owner: type) -> Any:
        raise AttributeError(f"net.{self.name} is there after {self.call}")


def blocks(vector: Array, sizes: Sequence[int]) -> dict[int, Array]:
    """Return the parts of a vector (P,) that belong to the layers, as views of shape (n_{i-1} + 1, n_i).

    In `theta` the rows of such a block are those of W_i, and the last one is b_i.
    """
    found, end = {}, 0
    for i, (n_in, n) in enumerate(pairwise(sizes), start=1):
        begin, end = end, end + (n_in + 1) * n
        found[i] = vector[begin:end].reshape(n_in + 1, n)
    return found


def views(vector: Array, sizes: Sequence[int]) -> tuple[Layers, Layers]:
    """Return W and b as views of a vector (P,) that holds W_1, b_1, W_2, b_2, ... one after the other.

    W[i] has shape (n_{i-1}, n_i), b[i] has shape (n_i,).
    """
    parts = blocks(vector, sizes)
    W, b = {i: part[:-1] for i, part in parts.items()}, {i: part[-1] for i, part in parts.items()}
    return Layers(W), Layers(b)


class Parameters:
    """What a network of sizes n_0 ... n_L has apart from its mathematics.

    `theta`, shape (P,), holds all parameters, `W[i]` and `b[i]` are views of it. After `backward`,
    `gradient`, `dW[i]` and `db[i]` are the same for the derivatives of the loss.
    """

    phi: dict[int, Activation]
    criterion: Loss
    gradient: Array = Kept("backward(y)")  # type: ignore[assignment]  # an array once it is there
    dW: Mapping[int, Array] = Kept("backward(y)")  # type: ignore[assignment]
    db: Mapping[int, Array] = Kept("backward(y)")  # type: ignore[assignment]

    def __init__(self, sizes: Any, dtype: Any):
        self.sizes = checks.sizes(sizes)
        self.L = len(self.sizes) - 1
        self.dtype = checks.dtype(dtype)
        self._theta = np.zeros(sum(n_in * n + n for n_in, n in pairwise(self.sizes)), self.dtype)
        self.W, self.b = views(self._theta, self.sizes)

    def keep_gradient(self, gradient: Array) -> None:
        """Keep a gradient, a vector like `theta`, and its parts as `dW[i]` and `db[i]`."""
        self.gradient = gradient
        self.dW, self.db = views(gradient, self.sizes)

    def in_one_vector(self, dW: Mapping[int, Array], db: Mapping[int, Array]) -> Array:
        """Return dW_1, db_1, dW_2, db_2, ... one after the other, a new vector like `theta`."""
        parts = [part for i in self.W for part in (dW[i].ravel(), db[i])]
        return np.concatenate(parts) + 0.0  # + 0.0 turns -0 into 0

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
        *hidden, output = (self.phi[i].name for i in range(1, self.L + 1))
        return {
            "sizes": self.sizes,
            "hidden": hidden[0] if len(set(hidden)) == 1 else hidden,
            "output": output,
            "loss": self.criterion.name,
            "dtype": self.dtype.name,
        }

    @classmethod
    def restored(cls, settings: dict[str, Any], theta: Array, seed: Any = 0) -> Self:
        """Return a network with these settings and parameters."""
        net = cls(**settings, init="zeros", seed=seed)  # type: ignore[call-arg]  # zeros draw nothing
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
