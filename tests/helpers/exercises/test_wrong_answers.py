"""Wrong answers as a confused learner writes them, not known mistakes: what is said has to be true."""

import numpy as np
import pytest

from helpers.exercises import exercise, judge_answer
from helpers.exercises.forward.losses import cross_entropy
from helpers.exercises.training.batches import minibatches
from helpers.exercises.training.epochs import epoch_loss
from helpers.exercises.training.walking import gradients_of, network


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
    assert "wanted is an array of shape (2,)" in text


def test_arrays_in_place_of_shapes_are_called_arrays():
    pairs = [(np.zeros((2, 3)), np.zeros(3)), (np.zeros((3, 1)), np.zeros(1))]
    text = told("layer_shapes", lambda sizes: pairs)
    assert "`W_1` is an array of shape (2, 3), wanted is a tuple of 2 items" in text
    assert "list of 3" not in text


def test_a_flat_list_of_gradients_is_not_taken_for_lists():
    def backward(parameters, cache, y):
        pairs = exercise("backward").reference(parameters, cache, y)
        return [gradient for pair in pairs for gradient in pair]

    text = told("backward", backward)
    assert "`layer 1` is an array of shape (3, 5), wanted is a tuple of 2 items" in text
    assert "is a list of" not in text


def test_a_number_for_an_array_is_said_once():
    text = told("layer_backward", lambda delta, X_prev, W: (X_prev.T @ delta, delta.sum(), delta @ W.T))
    assert "`db` is a number, wanted is an array" in text
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


def far_below_chance(X_train, y_train, X_new, rng):
    return (exercise("spiral_classifier").reference(X_train, y_train, X_new, rng) + 1) % 3


def test_classes_that_are_mixed_up_are_not_called_chance():
    text = told("spiral_classifier", far_below_chance)
    assert "the classes are mixed up" in text
    assert "not far from it" not in text
    assert "chance level" not in text
    from_one = told("spiral_classifier", lambda *given: exercise("spiral_classifier").reference(*given) + 1)
    assert "labels run from 1 to 3" in from_one
    assert "This is: labels that begin at 1" in from_one
