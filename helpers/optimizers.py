"""Optimisers: how a step changes the parameters, given the gradient.

`theta` and `gradient` are vectors of the same length P that hold all parameters and their derivatives:

    optimizer = Adam(learning_rate=0.01)
    optimizer.step(theta, gradient)       # changes theta in place

An optimiser remembers (velocity, moments) as long as it keeps changing the same `theta`; for another
vector, or after `reset()`, it starts afresh. `weight_decay` adds `weight_decay * theta` to the gradient,
the derivative of `weight_decay / 2 * |theta|^2`. Definitions are PyTorch's, and tested against it.

Each optimiser says its step twice: `_step` is the formula, `_record` the same for `helpers.training.engine`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from numbers import Real
from typing import Any

import numpy as np

from helpers.training.engine import Call, Recorder

Array = np.ndarray


class Optimizer:
    """What all optimisers share: the learning rate, weight decay, and whose parameters they change."""

    def __init__(self, learning_rate: float, weight_decay: float = 0.0):
        self.learning_rate = _at_least_zero("learning_rate", learning_rate)
        self.weight_decay = _at_least_zero("weight_decay", weight_decay)
        self.reset()

    def reset(self) -> None:
        """Forget all earlier steps."""
        self._theta: Array | None = None

    def step(self, theta: Array, gradient: Any) -> None:
        """Change `theta` in place by one step down `gradient` (both shape (P,)).

        Raises:
            TypeError: if `theta` is no array of floats: a step in whole numbers would be rounded away.
            ValueError: if the two have different shapes.
        """
        self._meet(theta, gradient)
        self._step(theta, gradient + self.weight_decay * theta if self.weight_decay else np.asarray(gradient))

    def recorded(self, theta: Array, gradient: Array) -> list[Call]:
        """Return the calls that change `theta` by a step down whatever `gradient` holds then.

        They use the options as they are now: when one was changed, they must be recorded again.
        """
        self._meet(theta, gradient)
        call = Recorder()
        if self.weight_decay:
            decayed = np.empty_like(theta)
            call(np.multiply, theta, _number(self.weight_decay, theta), decayed)
            call(np.add, gradient, decayed, decayed)
            gradient = decayed
        self._record(call, theta, gradient)
        return call.calls

    def _meet(self, theta: Array, gradient: Any) -> None:
        """Start afresh if this `theta` is another one than before."""
        if theta is self._theta:
            return
        if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f":
            given = getattr(theta, "dtype", type(theta).__name__)
            raise TypeError(f"theta is {given}, expected an array of floats: np.array([2.0, -3.0])")
        if theta.shape != np.shape(gradient):
            raise ValueError(f"theta has shape {theta.shape}, the gradient {np.shape(gradient)}")
        self.reset()
        self._theta = theta
        self._start(theta)

    def _start(self, theta: Array) -> None:
        """Make the arrays that are remembered between steps."""

    def _step(self, theta: Array, gradient: Array) -> None:
        raise NotImplementedError

    def _record(self, call: Recorder, theta: Array, gradient: Array) -> None:
        raise NotImplementedError


class SGD(Optimizer):
    """Gradient descent: theta <- theta - learning_rate * gradient.

    With `momentum` mu, the step follows a velocity v (0 before the first step):

        v <- mu v + gradient,  theta <- theta - learning_rate * v

    and with `nesterov`, theta <- theta - learning_rate * (gradient + mu v).
    """

    def __init__(
        self,
        learning_rate: float = 0.1,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ):
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum is {momentum}, it must be at least 0 and less than 1")
        if nesterov and not momentum:
            raise ValueError("nesterov needs a momentum greater than 0, such as 0.9")
        self.momentum = momentum
        self.nesterov = nesterov
        super().__init__(learning_rate, weight_decay)

    def _start(self, theta: Array) -> None:
        self.velocity = np.zeros_like(theta)

    def _step(self, theta: Array, gradient: Array) -> None:
        direction = gradient
        if self.momentum:
            self.velocity[...] = self.momentum * self.velocity + gradient
            direction = gradient + self.momentum * self.velocity if self.nesterov else self.velocity
        theta -= self.learning_rate * direction

    def _record(self, call: Recorder, theta: Array, gradient: Array) -> None:
        direction, change = gradient, np.empty_like(theta)
        if self.momentum:
            mu = _number(self.momentum, theta)
            call(np.multiply, self.velocity, mu, self.velocity)
            call(np.add, self.velocity, gradient, self.velocity)
            direction = self.velocity
            if self.nesterov:
                direction = np.empty_like(theta)
                call(np.multiply, self.velocity, mu, direction)
                call(np.add, gradient, direction, direction)
        call(np.multiply, direction, _number(self.learning_rate, theta), change)
        call(np.subtract, theta, change, theta)

    def __repr__(self) -> str:
        text = f"SGD(learning_rate={self.learning_rate:g}"
        text += f", momentum={self.momentum:g}" if self.momentum else ""
        text += ", nesterov=True" if self.nesterov else ""
        return text + _decay(self) + ")"


class Adam(Optimizer):
    """Adam: steps scaled by running means of the gradient (m) and of its square (v); t counts the steps.

        m <- beta1 m + (1 - beta1) gradient,    m_hat = m / (1 - beta1^t)
        v <- beta2 v + (1 - beta2) gradient^2,  v_hat = v / (1 - beta2^t)
        theta <- theta - learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    Source: Kingma and Ba, Adam: a method for stochastic optimization, ICLR 2015, algorithm 1.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
    ):
        for name, beta in (("beta1", beta1), ("beta2", beta2)):
            if not 0 <= beta < 1:
                raise ValueError(f"{name} is {beta}, it must be at least 0 and less than 1")
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = _at_least_zero("epsilon", epsilon)
        super().__init__(learning_rate, weight_decay)

    def _start(self, theta: Array) -> None:
        self.t = 0
        self.m = np.zeros_like(theta)
        self.v = np.zeros_like(theta)

    def _step(self, theta: Array, gradient: Array) -> None:
        self.t += 1
        self.m[...] = self.beta1 * self.m + (1 - self.beta1) * gradient
        self.v[...] = self.beta2 * self.v + (1 - self.beta2) * gradient**2
        m_hat = self.m / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        theta -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)

    def _record(self, call: Recorder, theta: Array, gradient: Array) -> None:
        m, v, change = self.m, self.v, np.empty_like(theta)
        rate, root = _number(0, theta), _number(0, theta)  # they change from step to step

        def count() -> None:
            self.t += 1
            rate[...] = self.learning_rate / (1 - self.beta1**self.t)
            root[...] = sqrt(1 - self.beta2**self.t)

        call(count)
        call(np.multiply, m, _number(self.beta1, theta), m)
        call(np.multiply, gradient, _number(1 - self.beta1, theta), change)
        call(np.add, m, change, m)
        call(np.multiply, v, _number(self.beta2, theta), v)
        call(np.multiply, gradient, gradient, change)
        call(np.multiply, change, _number(1 - self.beta2, theta), change)
        call(np.add, v, change, v)
        # sqrt(v_hat) + epsilon, then theta -= learning_rate * m_hat / that
        call(np.sqrt, v, change)
        call(np.divide, change, root, change)
        call(np.add, change, _number(self.epsilon, theta), change)
        call(np.divide, m, change, change)
        call(np.multiply, change, rate, change)
        call(np.subtract, theta, change, theta)

    def __repr__(self) -> str:
        return f"Adam(learning_rate={self.learning_rate:g}{_decay(self)})"


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "sgd": lambda learning_rate=0.1, **more: SGD(learning_rate, **more),
    "momentum": lambda learning_rate=0.1, **more: SGD(learning_rate, momentum=0.9, **more),
    "nesterov": lambda learning_rate=0.1, **more: SGD(learning_rate, momentum=0.9, nesterov=True, **more),
    "adam": lambda learning_rate=0.001, **more: Adam(learning_rate, **more),
}


def optimizer(
    name: str | Optimizer, learning_rate: float | None = None, weight_decay: float | None = None
) -> Optimizer:
    """Return the optimiser called `name`, made with the given options; an `Optimizer` as it is.

    Raises:
        ValueError: if there is none of this name, or options come with an optimiser that has its own.
    """
    options = {"learning_rate": learning_rate, "weight_decay": weight_decay}
    options = {key: value for key, value in options.items() if value is not None}
    if isinstance(name, Optimizer):
        if options:
            raise ValueError(f"give {' and '.join(options)} to {name!r} itself")
        return name
    if name not in OPTIMIZERS:
        raise ValueError(f"there is no optimiser {name!r}; choose one of {', '.join(OPTIMIZERS)}")
    return OPTIMIZERS[name](**options)


def _decay(optimizer: Optimizer) -> str:
    return f", weight_decay={optimizer.weight_decay:g}" if optimizer.weight_decay else ""


def _at_least_zero(name: str, value: float) -> float:
    if not isinstance(value, Real) or not 0 <= value < float("inf"):
        raise ValueError(f"{name} is {value!r}, it must be a number that is not negative")
    return value


def _number(value: float, theta: Array) -> Array:
    """Return `value` as an array without axes, so that it need not be converted at every step."""
    return np.array(value, theta.dtype)
