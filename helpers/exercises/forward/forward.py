"""The whole forward pass, with its cache."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from helpers.exercises.engine.arguments import Given
from helpers.exercises.engine.exercise import FORM, Aspect, Case, Exercise, Misconception
from helpers.exercises.engine.numbers import one_decimal
from helpers.exercises.engine.types import Array, Pairs, Phi
from helpers.exercises.forward.headings import ONE_LAYER, WHOLE
from helpers.exercises.forward.layer_forward import activation
from helpers.exercises.losses.softmax import softmax
from helpers.network import MLP

RELU, SOFTMAX_ROWS = activation("relu"), activation("softmax")


def forward(
    X: Array, parameters: Pairs, hidden: Any = RELU, output: Any = SOFTMAX_ROWS
) -> tuple[Array, Pairs]:
    """helpers.MLP itself, so that the learner is compared with the network of the course."""
    if not (hasattr(hidden, "name") and hasattr(output, "name")):  # the reader's own, after `bring`
        return _walk(X, parameters, hidden, output)
    sizes = [len(parameters[0][0]), *(len(b) for _, b in parameters)]
    net = MLP(sizes, hidden=hidden.name, output=output.name, loss="mse", init="zeros")
    net.parameters = parameters
    Y_hat = net.forward(X)
    return Y_hat, [(net.X[i - 1].copy(), net.Z[i].copy()) for i in range(1, net.L + 1)]


def _relu(Z: Array) -> Array:
    return np.maximum(0.0, Z)


def _walk(
    X: Array,
    parameters: Pairs,
    hidden: Phi = _relu,
    output: Phi = softmax,
    layer: Callable[..., Any] = lambda X, W, b: X @ W + b,
) -> tuple[Array, Pairs]:
    """The equations of the lesson, from which the misconceptions depart."""
    cache = []
    for i, (W, b) in enumerate(parameters, start=1):
        Z = layer(X, W, b)
        cache.append((X, Z))
        X = output(Z) if i == len(parameters) else hidden(Z)
    return X, cache


def _forward_cases(rng: np.random.Generator) -> list[Case]:
    def network(N: int, sizes: list[int], *names: str) -> tuple[Any, ...]:
        pairs = [(one_decimal(rng, m, n, spread=0.8), one_decimal(rng, n)) for m, n in pairwise(sizes)]
        return (
            one_decimal(rng, N, sizes[0]),
            pairs,
            *(Given("activation", {"name": name}) for name in names),
        )

    def sizes(depth: int) -> list[int]:
        return [int(n) for n in rng.choice(np.arange(2, 8), size=depth + 1, replace=False)]

    return [
        Case(network(9, sizes(2))),
        Case(network(8, sizes(4))),
        Case(network(4, [4, 4, 4])),
        Case(network(8, sizes(3), "tanh", "identity"), group="any"),
        Case(network(9, sizes(2), "sigmoid", "sigmoid"), group="any"),
        Case(network(1, sizes(2)), group="small"),
        Case(network(8, sizes(1)), group="small"),
    ]


def _forward_hidden_everywhere(
    X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax
) -> Any:
    return _walk(X, parameters, hidden, hidden)


def _forward_both_on_the_output(
    X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax
) -> Any:
    return _walk(X, parameters, hidden, lambda Z: output(hidden(Z)))


def _forward_output_everywhere(
    X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax
) -> Any:
    return _walk(X, parameters, output, output)


def _forward_only_its_own(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    return _walk(X, parameters)


def _forward_no_activation(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    return _walk(X, parameters, lambda Z: Z, output)


def _forward_no_output(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    return _walk(X, parameters, hidden, lambda Z: Z)


def _forward_no_bias(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    return _walk(X, parameters, hidden, output, layer=lambda X, W, b: X @ W)


def _forward_from_the_data(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    return _walk(X, parameters, hidden, output, layer=lambda _, W, b: X @ W + b)


def _forward_last_layer_missing(
    X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax
) -> Any:
    return _walk(X, parameters[:-1], hidden, output)


def _forward_caches_outputs(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    Y_hat, cache = _walk(X, parameters, hidden, output)
    outputs = [X for X, _ in cache[1:]] + [Y_hat]
    return Y_hat, [(X, Z) for X, (_, Z) in zip(outputs, cache, strict=True)]


def _forward_caches_activated(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    Y_hat, cache = _walk(X, parameters, hidden, output)
    outputs = [X for X, _ in cache[1:]] + [Y_hat]
    return Y_hat, [(X, A) for A, (X, _) in zip(outputs, cache, strict=True)]


def _forward_relu_in_place(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    def overwriting(Z: Array) -> Any:
        Z[...] = hidden(Z)
        return Z

    return _walk(X, parameters, overwriting, output)


def _forward_cache_backwards(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    Y_hat, cache = _walk(X, parameters, hidden, output)
    return Y_hat, cache[::-1]


def _forward_swapped_pairs(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    Y_hat, cache = _walk(X, parameters, hidden, output)
    return Y_hat, [(Z, X) for X, Z in cache]


def _forward_no_cache(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    return _walk(X, parameters, hidden, output)[0]


def _forward_cache_grows(X: Array, parameters: Pairs, hidden: Phi = _relu, output: Phi = softmax) -> Any:
    Y_hat, cache = _walk(X, parameters, hidden, output)
    return Y_hat, [*cache, *cache]


def _cached(
    X: Array, parameters: Pairs, hidden: Phi, output: Phi, kept: Callable[[Array, Array], Any]
) -> Any:
    Y_hat, cache = _walk(X, parameters, hidden, output)
    return Y_hat, [kept(X, Z) for X, Z in cache]


def _forward_label(path: tuple[Any, ...]) -> str:
    if not path:
        return ""
    if path[0] == 0:
        return "Y_hat"
    if len(path) == 1:
        return "cache"
    if len(path) == 2:
        return f"cache[{path[1]}]"
    return f"X_{path[1]}" if path[2] == 0 else f"Z_{path[1] + 1}"


FORWARD = Exercise(
    name="forward",
    lesson="forward",
    section=WHOLE,
    says="Write `forward(X, parameters, hidden, output)`: the prediction of any network, and the cache of "
    "pairs `(X_{i-1}, Z_i)`.",
    aspects=(
        Aspect("prediction", 2, "`Y_hat` of ReLU networks with a softmax output", labels=("Y_hat",)),
        Aspect("any", 1, "`Y_hat` with the activations that are handed in", group="any", labels=("Y_hat",)),
        Aspect(
            "small",
            1,
            "`Y_hat` for a batch of one, and for a network with a single layer",
            group="small",
            labels=("Y_hat",),
        ),
        Aspect("cache", 1, "the cache, layer by layer", labels=("cache", "X", "Z")),
        Aspect("form", 1, "all shapes right, `X` and `parameters` left as they were", breaks=FORM),
    ),
    reference=forward,
    examples=(
        Case(
            (
                np.array([[1.0, 2.0]]),
                [(np.array([[3.0], [-1.0]]), np.array([0.5]))],
                *(Given("activation", {"name": name}) for name in ("relu", "tanh")),
            ),
            group="small",
        ),
    ),
    cases=_forward_cases,
    labels=_forward_label,
    allowed=("relu", "softmax", "sigmoid", "layer_forward"),
    misconceptions=(
        Misconception(
            "the hidden activation on the output layer",
            _forward_hidden_everywhere,
            "Layer L gets the activation `hidden`. The last layer has its own, `output`, and only that.",
            also=(_forward_both_on_the_output,),
        ),
        Misconception(
            "the output activation on every layer",
            _forward_output_everywhere,
            "Every layer gets `output`. Only layer L has it, the others have `hidden`.",
        ),
        Misconception(
            "always ReLU and softmax",
            _forward_only_its_own,
            "The activations that are handed in make no difference: the function uses its own. Call "
            "`hidden` and `output`.",
        ),
        Misconception(
            "no activation on the hidden layers",
            _forward_no_activation,
            "The hidden layers send on `Z_i` itself. Without a bend between them all layers together are "
            "one.",
        ),
        Misconception(
            "no activation on the output",
            _forward_no_output,
            "`Y_hat` is `Z_L`: the last layer has an activation too, `output`.",
        ),
        Misconception(
            "no biases",
            _forward_no_bias,
            "`Z_i = X_{i-1} W_i + b_i`: the biases are not added.",
            section=ONE_LAYER,
        ),
        Misconception(
            "every layer starts from the data",
            _forward_from_the_data,
            "Every layer multiplies the data `X`. Layer i takes what layer i-1 gave: `X` must change from "
            "layer to layer.",
        ),
        Misconception(
            "the last layer is left out",
            _forward_last_layer_missing,
            "The loop ends one layer early: `parameters` has L pairs, and all of them are used.",
        ),
        Misconception(
            "the cache holds what the layers gave",
            _forward_caches_outputs,
            "The cache of layer i holds `X_i`. The backward pass needs what *went into* the layer, "
            "`X_{i-1}`: append to the cache before you apply the activation.",
        ),
        Misconception(
            "the cache holds X_i in place of Z_i",
            _forward_caches_activated,
            "The second of each pair is the activated array. Keep `Z_i`, before the activation.",
            bank=5,
        ),
        Misconception(
            "the activation is written into Z",
            _forward_relu_in_place,
            "The prediction is right, but the cached `Z_i` of the hidden layers has been overwritten by the "
            "activation: both names stand for the same array. Make a new array.",
            bank=29,
        ),
        Misconception(
            "the cache is in the reverse order",
            _forward_cache_backwards,
            "The cache starts with the last layer. Its entries belong to layers 1 … L, like those of "
            "`parameters`.",
        ),
        Misconception(
            "the pairs are swapped",
            _forward_swapped_pairs,
            "Each pair is `(Z_i, X_{i-1})` here. The order is `(X_{i-1}, Z_i)`.",
        ),
        Misconception(
            "the cache is not returned",
            _forward_no_cache,
            "Only the prediction comes back. Lesson 4 needs the cache: return both, the prediction first.",
        ),
        Misconception(
            "the cache grows",
            _forward_cache_grows,
            "The cache has more entries than the network has layers: start with an empty list on every call.",
            bank=20,
        ),
        Misconception(
            "W stands on the left",
            lambda X, parameters, hidden=_relu, output=softmax: _walk(
                X, parameters, hidden, output, layer=lambda X, W, b: W @ X + b
            ),
            "`W` comes first in the product, as for examples in columns. Here they are rows: `X` stands on "
            "the left, `(N, n_in)` times `(n_in, n_out)`. Only where all lengths are equal your order "
            "runs, and is wrong.",
            section=ONE_LAYER,
            bank=14,
            also=(
                lambda X, parameters, hidden=_relu, output=softmax: _walk(
                    X, parameters, hidden, output, layer=lambda X, W, b: W.T @ X + b
                ),
            ),
        ),
        Misconception(
            "the cache holds one array for each layer",
            lambda X, parameters, hidden=_relu, output=softmax: _cached(
                X, parameters, hidden, output, lambda X, Z: Z
            ),
            "The prediction is right. Each entry of the cache is a single array, and the backward pass "
            "needs two of each layer: what went in, `X_{i-1}`, and its sums, `Z_i`. Append the pair.",
            also=(
                lambda X, parameters, hidden=_relu, output=softmax: _cached(
                    X, parameters, hidden, output, lambda X, Z: X
                ),
            ),
        ),
    ),
    hints=(
        "Go through `parameters` with a loop. Before it, `cache = []`; what does `X` stand for at the start "
        "of each turn?",
        "In each turn: compute the sums `Z`, append `(X, Z)` to the cache, then give `X` its new value.",
        "The last turn uses `output`, all others `hidden`. `enumerate(parameters, start=1)` counts the "
        "layers, and the last number is `len(parameters)`.",
    ),
)
