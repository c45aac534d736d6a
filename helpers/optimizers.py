"""Optimisers: how a step changes the parameters, given the gradient.

`theta` and `gradient` are vectors of the same length P that hold all parameters and their derivatives:

    optimizer = Adam(learning_rate=0.01)
    optimizer.step(theta, gradient)       # changes theta in place

An optimiser remembers (velocity, moments) as long as it keeps changing the same `theta`; for another
vector, or after `reset()`, it starts afresh. `weight_decay` adds `weight_decay * theta` to the gradient,
the derivative of `weight_decay / 2 * |theta|^2`. Definitions are PyTorch's, and tested against it.
"""

from __future__ import annotations

from math import sqrt
from numbers import Real

import numpy as np

from helpers.activations import number

Array = np.ndarray


class Optimizer:
    """What all optimisers share: the learning rate, weight decay and the count of steps."""

    def __init__(self, learning_rate: float, weight_decay: float = 0.0):
        self.learning_rate = _at_least_zero("learning_rate", learning_rate)
        self.weight_decay = _at_least_zero("weight_decay", weight_decay)
        self.reset()

    def reset(self) -> None:
        """Forget all earlier steps."""
        self.steps = 0
        self._theta: Array | None = None

    def step(self, theta: Array, gradient: Array) -> None:
        """Change `theta` in place by one step down `gradient` (both shape (P,)).

        Raises:
            TypeError: if `theta` is no array of floats: a step in whole numbers would be rounded away.
            ValueError: if the two have different shapes.
        """
        if theta is not self._theta:
            if not isinstance(theta, np.ndarray) or theta.dtype.kind != "f":
                given = getattr(theta, "dtype", type(theta).__name__)
                raise TypeError(f"theta is {given}, expected an array of floats: np.array([2.0, -3.0])")
            if theta.shape != np.shape(gradient):
                raise ValueError(f"theta has shape {theta.shape}, the gradient {np.shape(gradient)}")
            self.reset()
            self._theta = theta
            self._start(theta)
        self.steps += 1
        if self.weight_decay:
            gradient = gradient + self.weight_decay * theta
        self._step(theta, gradient)

    def _start(self, theta: Array) -> None:
        """Make the arrays that are remembered between steps."""
        self.scratch = np.empty_like(theta)

    def _step(self, theta: Array, gradient: Array) -> None:
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

    def _start(self, theta):
        super()._start(theta)
        if self.momentum:
            self.velocity = np.zeros_like(theta)

    def _step(self, theta, gradient):
        direction = gradient
        if self.momentum:
            self.velocity *= self.momentum
            self.velocity += gradient
            direction = self.velocity
            if self.nesterov:
                direction = gradient + self.momentum * self.velocity
        np.multiply(direction, number(self.learning_rate, theta.dtype), self.scratch)
        theta -= self.scratch

    def __repr__(self) -> str:
        text = f"SGD(learning_rate={self.learning_rate:g}"
        text += f", momentum={self.momentum:g}" if self.momentum else ""
        text += ", nesterov=True" if self.nesterov else ""
        return text + _decay(self) + ")"


class Adam(Optimizer):
    """Adam: steps scaled by running means of the gradient (m) and of its square (v).

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

    def _start(self, theta):
        super()._start(theta)
        self.m = np.zeros_like(theta)
        self.v = np.zeros_like(theta)

    def _step(self, theta, gradient):
        m, v, scratch = self.m, self.v, self.scratch
        m *= self.beta1
        np.multiply(gradient, 1 - self.beta1, scratch)
        m += scratch
        v *= self.beta2
        np.multiply(gradient, gradient, scratch)
        scratch *= 1 - self.beta2
        v += scratch
        # sqrt(v_hat) + epsilon, then theta -= learning_rate * m_hat / that
        np.sqrt(v, scratch)
        scratch /= sqrt(1 - self.beta2**self.steps)
        scratch += self.epsilon
        np.divide(m, scratch, scratch)
        scratch *= self.learning_rate / (1 - self.beta1**self.steps)
        theta -= scratch

    def __repr__(self) -> str:
        return f"Adam(learning_rate={self.learning_rate:g}{_decay(self)})"


OPTIMIZERS = {
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
