"""The same training run, done by five: functions `Workload -> run`, where `run()` trains once from the start.

`run()` returns the final parameters as a list [W_1, b_1, ..., W_L, b_L], or None where they would differ.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from benchmarks.workloads import Workload

Run = Callable[[], Any]


def ours(w: Workload, record: int | None = None) -> Run:
    """`MLP.fit` of this course, as a lesson would call it; with `record` snapshots, if asked."""
    net = w.network()
    start = net.theta.copy()
    settings = {"learning_rate": w.learning_rate, "seed": w.seed, "record": record, "progress": False}

    def run() -> list[Any]:
        net.theta = start
        net.fit(w.X, w.y, w.epochs, w.batch_size, **settings)
        return [part for pair in net.parameters for part in pair]

    return run


def plain(w: Workload) -> Run:
    """NumPy as it is usually taught: lists of arrays, new arrays at every step."""
    pairs = w.network().parameters
    L, eta = len(pairs), w.learning_rate

    def run() -> list[Any]:
        rng = np.random.default_rng(w.seed)
        W = [pair[0].copy() for pair in pairs]
        b = [pair[1].copy() for pair in pairs]
        N = len(w.X)
        B = w.batch_size or N
        for _ in range(w.epochs):
            X, Y = w.X, w.Y
            if B < N:
                order = rng.permutation(N)
                X, Y = X[order], Y[order]
            for begin in range(0, N, B):
                x, t = X[begin : begin + B], Y[begin : begin + B]
                A, Z = [x], []
                for i in range(L):
                    Z.append(A[-1] @ W[i] + b[i])
                    if i < L - 1:
                        A.append(np.maximum(0, Z[-1]) if w.hidden == "relu" else 1 / (1 + np.exp(-Z[-1])))
                if w.output == "softmax":
                    E = np.exp(Z[-1] - Z[-1].max(axis=1, keepdims=True))
                    P = E / E.sum(axis=1, keepdims=True)
                    loss = -np.log(P[np.arange(len(x)), t.argmax(axis=1)] + 1e-12).mean()
                    delta = (P - t) / len(x)
                else:
                    P = 1 / (1 + np.exp(-Z[-1]))
                    loss = ((P - t) ** 2).mean()
                    delta = 2 * (P - t) / len(x) * P * (1 - P)
                dW: list[Any] = [None] * L
                db: list[Any] = [None] * L
                for i in range(L - 1, -1, -1):
                    dW[i] = A[i].T @ delta
                    db[i] = delta.sum(axis=0)
                    if i > 0:
                        slope = Z[i - 1] > 0 if w.hidden == "relu" else A[i] * (1 - A[i])
                        delta = (delta @ W[i].T) * slope
                for i in range(L):
                    W[i] -= eta * dW[i]
                    b[i] -= eta * db[i]
        assert np.isfinite(loss)
        return [part for i in range(L) for part in (W[i], b[i])]

    return run


def bare(w: Workload) -> Run:
    """The limit: the matrix products and one elementwise operation per layer and pass, nothing else.

    No biases, no loss, no maximum, no sum, no shuffling; every array is there before the clock starts. It
    does not learn; it shows how long the arithmetic takes when NumPy is called as rarely as possible.
    """
    W0 = [pair[0] for pair in w.network().parameters]
    L, eta, N = len(W0), w.learning_rate, len(w.X)
    B = min(w.batch_size or N, N)
    activate = np.tanh if w.hidden == "sigmoid" else lambda Z, X: np.maximum(Z, 0, out=X)
    sizes = {n for n in (B, N % B) if n}
    A = {n: [np.empty((n, k), w.dtype) for k in w.sizes[1:]] for n in sizes}
    D = {n: [np.empty((n, k), w.dtype) for k in w.sizes[1:]] for n in sizes}
    theta = np.concatenate([W.ravel() for W in W0])
    gradient = np.zeros_like(theta)
    W, dW, end = [], [], 0
    for start in W0:
        begin, end = end, end + start.size
        W.append(theta[begin:end].reshape(start.shape))
        dW.append(gradient[begin:end].reshape(start.shape))
    first, scratch = theta.copy(), np.empty_like(theta)

    def run() -> None:
        theta[:] = first
        for _ in range(w.epochs):
            for begin in range(0, N, B):
                x, t = w.X[begin : begin + B], w.Y[begin : begin + B]
                a, d = A[len(x)], D[len(x)]
                previous = x
                for i in range(L):
                    previous.dot(W[i], a[i])
                    activate(a[i], a[i])
                    previous = a[i]
                np.subtract(previous, t, d[-1])
                for i in range(L - 1, 0, -1):
                    a[i - 1].T.dot(d[i], dW[i])
                    d[i].dot(W[i].T, d[i - 1])
                    np.multiply(d[i - 1], a[i - 1], d[i - 1])
                x.T.dot(d[0], dW[0])
                np.multiply(gradient, 1e-9 * eta, scratch)
                np.subtract(theta, scratch, theta)

    return run


def torch_eager(w: Workload) -> Run:
    """PyTorch, eager: nn.Sequential, its loss, loss.backward(), torch.optim.SGD."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    dtype = getattr(torch, w.dtype)
    pairs = w.network().parameters
    layers: list[nn.Module] = []
    for i, (n_in, n) in enumerate(zip(w.sizes, w.sizes[1:], strict=False)):
        layers.append(nn.Linear(n_in, n, dtype=dtype))
        if i < len(w.sizes) - 2 or w.output == "sigmoid":
            layers.append(nn.ReLU() if w.hidden == "relu" else nn.Sigmoid())
    model = nn.Sequential(*layers)
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    criterion = nn.CrossEntropyLoss() if w.loss == "cross_entropy" else nn.MSELoss()
    X = torch.from_numpy(w.X)
    target = torch.from_numpy(w.y.astype(np.int64) if w.loss == "cross_entropy" else w.Y)

    def run() -> list[Any]:
        with torch.no_grad():
            for layer, (W, b) in zip(linear, pairs, strict=True):
                layer.weight.copy_(torch.from_numpy(np.ascontiguousarray(W.T)))
                layer.bias.copy_(torch.from_numpy(b))
        optimizer = torch.optim.SGD(model.parameters(), lr=w.learning_rate)
        rng = np.random.default_rng(w.seed)
        N = len(X)
        B = w.batch_size or N
        total = 0.0
        for _ in range(w.epochs):
            x, t = X, target
            if B < N:
                order = torch.from_numpy(rng.permutation(N))
                x, t = X[order], target[order]
            for begin in range(0, N, B):
                optimizer.zero_grad()
                loss = criterion(model(x[begin : begin + B]), t[begin : begin + B])
                loss.backward()
                optimizer.step()
                total += loss.item()
        parts = []
        for layer in linear:
            parts += [layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy()]
        return parts

    return run


def sklearn_fit(w: Workload) -> Run:
    """scikit-learn's MLPClassifier.fit, plain SGD. With one sigmoid output its loss is the cross-entropy."""
    from sklearn.neural_network import MLPClassifier, _multilayer_perceptron

    pairs = w.network().parameters
    N = len(w.X)

    class Classifier(MLPClassifier):
        def _init_coef(self, fan_in: int, fan_out: int, dtype: Any) -> tuple[Any, Any]:
            W, b = next(self.start_)
            return W.copy(), b.copy()

    def run() -> list[Any] | None:
        rng = np.random.default_rng(w.seed)
        # Only the source of the order is replaced, so that everyone sees the rows in the same one.
        _multilayer_perceptron.shuffle = lambda index, random_state: rng.permutation(N)
        model = Classifier(
            w.sizes[1:-1],
            activation="relu" if w.hidden == "relu" else "logistic",
            solver="sgd",
            alpha=0.0,
            batch_size=w.batch_size or N,
            learning_rate_init=w.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            max_iter=w.epochs,
            tol=0.0,
            n_iter_no_change=10**9,
            shuffle=w.batch_size is not None,
        )
        model.start_ = iter(pairs)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns that it has not converged
            model.fit(w.X, w.y)
        if w.output == "sigmoid":
            return None
        return [part for pair in zip(model.coefs_, model.intercepts_, strict=True) for part in pair]

    return run


CONTENDERS: dict[str, Callable[[Workload], Run]] = {
    "ours": ours,
    "ours recorded": partial(ours, record=100),
    "plain NumPy": plain,
    "PyTorch": torch_eager,
    "scikit-learn": sklearn_fit,
    "bare": bare,
}
