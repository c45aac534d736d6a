"""Wrong answers as a confused learner writes them, not known mistakes: what is said has to be true."""

import math
from itertools import pairwise

import numpy as np
import pytest

from helpers import data
from helpers.exercises import exercise, judge_answer
from helpers.exercises.losses.cross_entropy import cross_entropy
from helpers.exercises.training.epoch_loss import epoch_loss
from helpers.exercises.training.loop import gradients_of, network
from helpers.exercises.training.minibatches import minibatches


def told(name, answer) -> str:
    score, report = judge_answer(exercise(name), answer)
    assert float(score) < exercise(name).points
    return report.to_text()


def softmax_without_keepdims(Z):
    E = np.exp(Z - Z.max(axis=1))
    return E / E.sum(axis=1)


def sigmoid_for_one_number(z):
    return 1 / (1 + np.exp(-z)) if z >= 0 else np.exp(z) / (1 + np.exp(z))


def mse_with_a_hat(Y_hat, Y):
    return np.sum((Y_hat - Y) ^ 2) / len(Y)


def shapes_past_the_end(sizes):
    return [((sizes[i - 1], sizes[i]), (sizes[i],)) for i in range(1, len(sizes) + 1)]


def gradient_of_numbers(f, theta, h=1e-5):
    return np.array([(f(one + h) - f(one - h)) / (2 * h) for one in theta])


def backward_without_transposes(delta, X_prev, W):
    return delta.T @ X_prev, delta.sum(axis=0), delta @ W


@pytest.mark.parametrize(
    ("name", "answer", "says"),
    [
        ("softmax", softmax_without_keepdims, "`keepdims=True`"),
        ("sigmoid", sigmoid_for_one_number, "`np.where` and `np.maximum` decide entry by entry"),
        ("mse", mse_with_a_hat, "`^` is no power"),
        ("layer_shapes", shapes_past_the_end, "Line 2 of your function: `return [((sizes"),
        ("numerical_gradient", gradient_of_numbers, "One number is indexed as if it were an array"),
        ("layer_backward", backward_without_transposes, "the last length of `A` and the first of `B`"),
    ],
)
def test_what_an_error_means(name, answer, says):
    text = told(name, answer)
    assert says in text
    assert ".." not in text
    if "scalar variable" in text:
        assert "goes past the end" not in text


def test_the_table_says_which_call_it_is_of():
    text = told("layer_backward", backward_without_transposes)
    assert "part by part, for `layer_backward(delta, X_prev, W)` with `delta` (3, 3)" in text


def test_right_numbers_in_a_list_are_not_said_to_be_wrong():
    text = told("gradient_step", lambda theta, gradient, eta: list(theta - eta * gradient))
    assert "returns `[1.6, -2.5]`:" in text
    assert "Expected an array of shape (2,), got a list of 2 items" in text


def test_arrays_in_place_of_shapes_are_called_arrays():
    pairs = [(np.zeros((2, 3)), np.zeros(3)), (np.zeros((3, 1)), np.zeros(1))]
    text = told("layer_shapes", lambda sizes: pairs)
    assert "`W_1`: expected a tuple of 2 items, got an array of shape (2, 3)" in text
    assert "list of 3" not in text


def test_a_flat_list_of_gradients_is_not_taken_for_lists():
    def backward(parameters, cache, y):
        pairs = exercise("backward").reference(parameters, cache, y)
        return [gradient for pair in pairs for gradient in pair]

    text = told("backward", backward)
    assert "`layer 1`: expected a tuple of 2 items, got an array of shape (3, 5)" in text
    assert "is a list of" not in text


def test_a_number_for_an_array_is_said_once():
    text = told("layer_backward", lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(), delta @ W.T))
    assert "`db`: expected an array of shape (2,), got a number" in text
    assert "has shape ()" not in text


@pytest.mark.parametrize("value", [1.0, 0.1, -2.0])
def test_constant_biases_are_not_called_random(value):
    def init_parameters(sizes, rng):
        return [(W, b + value) for W, b in exercise("init_parameters").reference(sizes, rng)]

    text = told("init_parameters", init_parameters)
    assert "biases that do not start at zero" in text
    assert "random too" not in text


def test_equal_rows_of_weights_are_seen():
    def init_parameters(sizes, rng):
        pairs = exercise("init_parameters").reference(sizes, rng)
        return [(np.tile(W[:1], (len(W), 1)), b) for W, b in pairs]

    assert "All rows of `W_1` are equal" in told("init_parameters", init_parameters)


def trained(X, y, parameters, epochs, eta, batches):
    losses = []
    for _ in range(epochs):
        found, sizes = [], []
        for X_batch, y_batch in batches():
            found.append(cross_entropy(network(X_batch, parameters)[0], y_batch))
            sizes.append(len(y_batch))
            slopes = gradients_of(parameters, X_batch, y_batch)
            parameters = [
                (W - eta * dW, b - eta * db) for (W, b), (dW, db) in zip(parameters, slopes, strict=True)
            ]
        losses.append(epoch_loss(np.array(found), np.array(sizes)))
    return parameters, losses


def test_one_order_for_all_epochs_costs_a_point():
    def train(X, y, parameters, epochs, eta, size, rng):
        batches = minibatches(X, y, size, rng)
        return trained(X, y, parameters, epochs, eta, lambda: batches)

    text = told("train", train)
    assert "train: 5 of 6 points" in text
    assert "This is: the same order every epoch" in text


@pytest.mark.parametrize("seed", range(20))
def test_another_order_every_epoch_costs_nothing_whatever_it_is(seed):
    def train(X, y, parameters, epochs, eta, size, rng):
        own = np.random.default_rng([seed, int(rng.integers(1 << 30))])
        return trained(X, y, parameters, epochs, eta, lambda: minibatches(X, y, size, own))

    score, report = judge_answer(exercise("train"), train)
    assert float(score) == 6, report.to_text()


def test_parameters_that_come_back_without_the_losses():
    text = told("train", lambda *arguments: exercise("train").reference(*arguments)[0])
    assert "`losses` does not come back" in text
    assert "parameters[0]" not in text
    assert "This is: the losses are not returned" in text


def nearest(X_train, y_train, X_new, rng):
    """The labels of the nearest rows: nearly all are right, without the seconds that learning takes."""
    rng.random()
    distances = ((X_new[:, None] - X_train) ** 2).sum(axis=2)
    return y_train[distances.argmin(axis=1)]


def far_below_chance(*given):
    return (nearest(*given) + 1) % 3


def test_classes_that_are_mixed_up_are_not_called_chance():
    text = told("spiral_classifier", far_below_chance)
    assert "the classes are mixed up" in text
    assert "not far from it" not in text
    assert "chance level" not in text
    from_one = told("spiral_classifier", lambda *given: nearest(*given) + 1)
    assert "labels run from 1 to 3" in from_one
    assert "This is: labels that begin at 1" in from_one


@pytest.mark.parametrize("value", [2**64, -(2**70), 10**400])
def test_whole_numbers_too_large_for_numpy_are_wrong_and_no_error(value):
    told("count_arrows", lambda inputs, units: value)
    told("parameter_count", lambda sizes: [value, value])


def test_shapes_are_compared_as_wholes():
    text = told("layer_shapes", lambda sizes: [((b, a), (b,)) for a, b in pairwise(sizes)])
    assert "`W_1` is (3, 2), which is not right" in text
    assert "`W_1[0]`" not in text
    text = told("layer_shapes", lambda sizes: list(pairwise(sizes)))
    assert "`layer 1`: expected a tuple of 2 tuples, got (2, 3)" in text
    assert "is a number" not in text


def test_of_a_list_that_is_too_long_only_the_length_is_told():
    def forward(X, parameters, hidden, output):
        Y_hat, cache = exercise("forward").reference(X, parameters, hidden, output)
        return Y_hat, [(X[:, :1], X), *cache]

    text = told("forward", forward_with_defaults(forward))
    assert "`cache` has 2 items, expected 1" in text
    assert "X_0" not in text


def forward_with_defaults(function):
    hidden, output = exercise("forward").reference.__defaults__
    return lambda X, parameters, hidden=hidden, output=output: function(X, parameters, hidden, output)


def test_a_tuple_is_not_said_to_have_a_shape():
    text = told("gradient_step", lambda theta, gradient, eta: (theta - eta * gradient,))
    assert "Expected an array of shape (2,), got a tuple of 1 item" in text
    assert "has shape" not in text


def test_an_array_is_not_split_into_parts_of_other_shapes():
    def backward(parameters, cache, y):
        return [dW for dW, _ in exercise("backward").reference(parameters, cache, y)]

    text = told("backward", backward)
    assert "`layer 1`: expected a tuple of 2 items, got an array of shape (3, 5)" in text
    assert "dW_1" not in text


def test_what_is_returned_is_shown_by_its_type_and_activations_by_their_name():
    text = told("layer_forward", lambda X, W, b, activation: activation)
    assert "`layer_forward(X, W, b, tanh)` with" in text
    assert "returns `<function>`" in text
    assert "Other(" not in text


def test_one_entry_differs_and_rounding_is_called_small():
    assert "1 of the 2 entries of the result differs from" in told(
        "gradient_step", lambda theta, gradient, eta: np.append((theta - eta * gradient)[:-1], 0.0)
    )
    text = told("softmax", lambda Z: np.round(exercise("softmax").reference(Z), 3))
    assert "differs a little from the reference, by at most 0.0" in text


def test_a_list_of_right_numbers_is_not_said_to_overflow():
    def sigmoid(z):
        return [1 / (1 + math.exp(-one)) if one > -700 else 0.0 for one in z]

    text = told("sigmoid", sigmoid)
    assert "got a list of 3 items" in text
    assert "overflow" not in text
    assert "This looks like: a list in place of an array" in text


def test_numbers_that_agree_by_chance_name_no_mistake():
    w = (2.0, 3.0, -1.0)
    numbers = exercise("paper_forward").reference()
    y = sum(numbers[f"a_{k}"] * weight for k, weight in zip((1, 2, 3), w[::-1], strict=True)) - 1
    text = told("paper_forward", numbers | {"y_hat": y, "loss": (y - 1) ** 2})
    assert "the units have no bias" not in text
    numbers = exercise("paper_backward").reference()
    text = told("paper_backward", numbers | {"new_b": -2 - numbers["new_b"]})
    assert "uphill" not in text


def test_a_number_that_is_rounded_is_called_nearly_right():
    numbers = exercise("paper_forward").reference()
    text = told("paper_forward", numbers | {"a_1": round(numbers["a_1"], 2)})
    assert "`a_1` is 0.73: nearly right" in text


def test_whole_numbers_for_slopes_are_told_where_they_cost_something():
    def slope(name, Z):
        slopes = np.zeros(Z.shape, dtype=int)
        slopes[...] = exercise("activation_derivative").reference(name, Z)
        return slopes

    assert "holds numbers of type int64" in told("activation_derivative", slope)


def test_weights_that_are_zero_are_called_zero():
    def init_parameters(sizes, rng):
        return [(rng.normal(size=(m, n)) * np.sqrt(2 // m), np.zeros(n)) for m, n in pairwise(sizes)]

    assert "All weights of `W_1` are zero" in told("init_parameters", init_parameters)


def told_named(name, answer) -> str:
    score, report = judge_answer(exercise(name), answer, named=True)
    assert float(score) < exercise(name).points
    return report.to_text()


def shapes_kept(sizes, shapes=[]):  # noqa: B006
    shapes += [(pair, pair[1:]) for pair in pairwise(sizes)]
    return shapes


def count_of_the_first(sizes):  # noqa: RET503
    count = 0
    for n_in, n_out in pairwise(sizes):
        count += (n_in + 1) * n_out
        return count


def first_large(sizes):  # noqa: RET503
    for size in sizes:
        if size < 2:
            continue
        return size


def test_a_default_that_is_kept_is_named():
    text = told_named("layer_shapes", shapes_kept)
    assert "`shapes` has a list or a dict as its default" in text


def test_a_return_inside_a_loop_is_named():
    assert "`return count` stands inside a loop" in told_named("parameter_count", count_of_the_first)
    assert "inside a loop" not in told_named("parameter_count", first_large)


@pytest.mark.parametrize("smallest", [1e-3, 1e-8, 1e-12, 1e-15])
@pytest.mark.parametrize("way", ["added", "clipped"])
def test_the_smallest_probability_is_told_with_its_size(smallest, way):
    def cross_entropy(P, y):
        P = P + smallest if way == "added" else np.clip(P, smallest, 1 - smallest)
        return -np.mean(np.log(P[np.arange(len(y)), y]))

    text = told("cross_entropy", cross_entropy)
    assert "This is: another smallest probability" in text
    wide = (smallest, way) == (1e-3, "added")
    shows = "Ordinary losses too" if wide else f"A probability of 0 counts as {smallest:.0e} here"
    assert shows in text


def quiet(function):
    def answer(*arguments):
        with np.errstate(all="ignore"):
            return function(*arguments)

    return answer


def test_an_overflow_that_does_no_harm_may_be_silenced():
    score, _ = judge_answer(exercise("sigmoid"), quiet(lambda z: 1 / (1 + np.exp(-z))), hidden_seed=5)
    assert float(score) == 3
    text = told("sigmoid", lambda z: 1 / (1 + np.exp(-z)))
    assert "sigmoid: 2 of 3 points" in text


@pytest.mark.parametrize(
    ("name", "answer", "mistake"),
    [
        ("sigmoid", lambda z: np.exp(z) / (1 + np.exp(z)), "it overflows for very large z"),
        (
            "softmax",
            lambda Z: np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True),
            "the maximum is not subtracted",
        ),
        (
            "cross_entropy",
            lambda P, y: -np.sum(np.eye(P.shape[1])[y] * np.log(P)) / len(y),
            "the logarithm of 0",
        ),
    ],
)
def test_silence_hides_no_nan(name, answer, mistake):
    assert f"This is: {mistake}" in told(name, quiet(answer))


def test_an_overflow_that_is_mended_with_wrong_numbers_costs_its_points():
    def softmax(Z):
        E = np.exp(Z)
        return np.nan_to_num(E / E.sum(axis=1, keepdims=True))

    assert "softmax: 2 of 4 points" in told("softmax", quiet(softmax))


def test_steps_with_all_rows_are_no_mini_batches():
    def train(X, y, parameters, epochs, eta, size, rng):
        def batches():
            return [(X, y) for _ in minibatches(X, y, size, rng)]

        return trained(X, y, parameters, epochs, eta, batches)

    text = told("train", train)
    assert "train: 3 of 6 points" in text
    assert "This is: every step sees all rows" in text


def test_parameters_trained_before_the_check_are_of_no_use():
    spiral = exercise("spiral_classifier")
    rng = np.random.default_rng(0)
    X, y = data.spiral(rng, noise=0.1)
    start = [(rng.normal(size=(m, n)) * np.sqrt(2 / m), np.zeros(n)) for m, n in pairwise([2, 64, 3])]
    kept, _ = trained(X, y, start, 200, 0.5, lambda: minibatches(X, y, 32, rng))
    assert np.mean(network(X, kept)[0].argmax(axis=1) == y) > 0.97

    def spiral_classifier(X_train, y_train, X_new, rng):
        rng.random()
        return network(X_new, kept)[0].argmax(axis=1)

    for hidden_seed in (None, 74021):
        score, _ = judge_answer(spiral, spiral_classifier, hidden_seed)
        assert float(score) == 0


def test_a_network_that_is_hardly_trained_is_not_called_straight():
    def spiral_classifier(X_train, y_train, X_new, rng):
        start = [(rng.normal(size=(m, n)) * np.sqrt(2 / m), np.zeros(n)) for m, n in pairwise([2, 10, 3])]
        kept, _ = trained(X_train, y_train, start, 40, 0.1, lambda: minibatches(X_train, y_train, 32, rng))
        return network(X_new, kept)[0].argmax(axis=1)

    assert "nothing bends" not in told("spiral_classifier", spiral_classifier)


def test_an_accuracy_is_not_taken_for_probabilities():
    text = told("spiral_classifier", lambda X_train, y_train, X_new, rng: 0.98 + 0 * rng.random())
    assert "got a number" in text
    assert "probabilities in place of labels" not in text


def test_empty_batches_are_not_called_one_batch():
    def answer(X, y, size, rng):
        order = rng.permutation(len(X))
        return [(X[order][k:size], y[order][k:size]) for k in range(0, len(X), size)]

    text = told("minibatches", answer)
    assert "3 of the 4 batches hold no rows" in text
    assert "This is: all slices end at size" in text


def test_a_bias_used_as_a_threshold_is_not_said_to_be_unused():
    text = told("neuron", lambda x, w, b: float(x @ w) if x @ w > b else 0.0)
    assert "is not used" not in text


def test_eigenvalues_come_with_eigenvectors():
    text = told("largest_stable_rate", lambda A: 2 / np.linalg.eig(np.diag(A)))
    assert "gives two things" in text


def test_a_sum_that_is_cut_off_is_not_called_a_step_alone():
    text = told("neuron", lambda x, w, b: max(0, int(x @ w + b)))
    assert "without what stands after its point" in text
    assert "This is: a step" not in text


def test_a_smaller_probability_than_wanted_is_not_said_to_look_better():
    def cross_entropy(P, y):
        return -np.mean(np.log(np.maximum(P[np.arange(len(y)), y], np.finfo(float).tiny)))

    assert "look better" not in told("cross_entropy", cross_entropy)
