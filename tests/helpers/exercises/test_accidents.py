"""What happens to learners in the notebooks of lessons 2 to 7: each gets a sentence, none a traceback."""

from pathlib import Path

import jupytext
import numpy as np
import pytest

from helpers import MLP, worked
from helpers.exercises import check, exercise, exercises, judge_answer
from helpers.exercises.engine.comparing import leaves
from helpers.exercises.engine.inspecting import Facts, inspect_function
from helpers.exercises.engine.judging import cases_of, expected_of

LESSONS = Path(__file__).parents[3] / "lessons"
FUNCTIONS = [
    one.name for one in exercises() if not one.numbers and one.lesson not in ("welcome", "structure")
]
each_function = pytest.mark.parametrize("name", FUNCTIONS)


def told_in_notebook(name: str, source: str, capsys, **names) -> tuple[float, str]:
    """What `check(name)` shows in a notebook with this cell, and the points."""
    scope = {"np": np, "check": check, "__name__": "__main__", **names}
    exec(source, scope)
    points = eval(f"check({name!r})", scope)
    printed = capsys.readouterr()
    assert printed.err == ""  # text on stderr costs all points at nbgrader's
    return float(points), printed.out


def cell(lesson: str, beginning: str) -> str:
    """The code cell of a lesson that holds this line."""
    (path,) = LESSONS.glob(f"*/{lesson}.md")
    return next(
        c.source for c in jupytext.read(path).cells if c.cell_type == "code" and beginning in c.source
    )


def scored(name, answer) -> tuple[float, str]:
    score, report = judge_answer(exercise(name), answer, hidden_seed=5)
    text = report.to_text()
    assert "Traceback" not in text
    assert "/helpers/" not in text
    return float(score), text


def labels(X_train, y_train, X_new, rng):
    """What a classifier returns, without the seconds that learning takes."""
    return np.resize(y_train, len(X_new))


def shaped(one):
    """A function that returns what a right answer could look like."""
    return labels if one.name.endswith("_classifier") else one.reference


def changed(value, change):
    """The same structure with `change` made to each array and number."""
    if isinstance(value, (list, tuple)):
        return type(value)(changed(item, change) for item in value)
    return change(value)


@each_function
def test_nothing_comes_back(name):
    points, text = scored(name, lambda *arguments: None)
    assert points == 0
    assert "returns None" in text


@each_function
def test_an_error_in_the_learners_own_line(name):
    def answer(*arguments):
        return missing_name + 1  # noqa: F821

    points, text = scored(name, answer)
    assert points == 0
    assert "NameError: name 'missing_name' is not defined" in text
    assert "`return missing_name + 1" in text


@each_function
def test_a_loop_without_an_end(name, monkeypatch):
    def answer(*arguments):
        while True:
            pass

    one = exercise(name)
    monkeypatch.setitem(vars(one), "seconds", 0.05)
    points, text = scored(name, answer)
    assert points == 0
    assert "was stopped after 0.05 seconds" in text


@each_function
def test_not_a_number(name):
    one = exercise(name)

    def answer(*arguments):
        return changed(shaped(one)(*arguments), lambda value: np.asarray(value) * np.nan)

    points, text = scored(name, answer)
    assert points < one.points / 2
    assert "nan" in text or one.compare is not None


@each_function
def test_text_in_place_of_numbers(name):
    points, text = scored(name, lambda *arguments: "the answer")
    assert points == 0
    assert "text" in text or "Expected" in text


@each_function
def test_lists_in_place_of_arrays(name):
    """A list where an array is wanted is said to be one; the values alone do not earn everything."""
    one = exercise(name)
    if one.compare is not None:
        return  # their own rules say what they take
    expected = expected_of(one, cases_of(one)[0])
    if not any(isinstance(leaf, np.ndarray) and leaf.ndim for leaf in leaves(expected)):
        return

    def answer(*arguments):
        return changed(one.reference(*arguments), lambda v: np.asarray(v).tolist())

    points, text = scored(name, answer)
    assert points < one.points
    assert "a list of" in text


@each_function
def test_arguments_in_place_of_an_answer(name):
    points, _ = scored(name, lambda first, *rest: first)
    assert points < exercise(name).points / 2


@each_function
def test_zeros_of_the_right_shape_earn_little(name):
    one = exercise(name)

    def answer(*arguments):
        return changed(shaped(one)(*arguments), lambda value: np.zeros_like(np.asarray(value, dtype=float)))

    points, _ = scored(name, answer)
    assert points <= one.points / 2


def test_numbers_from_the_global_random_state():
    def shuffled(X, y, size, rng):
        order = np.random.permutation(len(X))  # noqa: NPY002
        return [(X[order[k : k + size]], y[order[k : k + size]]) for k in range(0, len(X), size)]

    points, text = scored("minibatches", shuffled)
    assert 0 < points < exercise("minibatches").points
    assert "draws from NumPy's global random state" in text


@pytest.mark.parametrize(
    ("name", "source", "sentence"),
    [
        (
            "train",
            "from helpers import MLP\ndef train(X, y, parameters, epochs, eta, size, rng):\n"
            "    net = MLP([2, 6, 3])\n    history = net.fit(X, y)\n    return net.parameters, history.loss",
            "It uses `MLP` from helpers",
        ),
        (
            "spiral_classifier",
            "from helpers import MLP\ndef fitted(X, y):\n    net = MLP([2, 50, 3])\n    net.fit(X, y)\n"
            "    return net\ndef spiral_classifier(X_train, y_train, X_new, rng):\n"
            "    return fitted(X_train, y_train).predict(X_new)",
            "It calls `fitted`, and that uses `MLP` from helpers",
        ),
        (
            "spiral_classifier",
            "from helpers import network\nclass Mine:\n    def labels(self, X, y, Z):\n"
            "        return network.MLP([2, 9, 3]).predict(Z)\n"
            "def spiral_classifier(X_train, y_train, X_new, rng):\n"
            "    return Mine().labels(X_train, y_train, X_new)",
            "It calls `labels`, and that uses `network` from helpers",
        ),
        (
            "spiral_classifier",
            "from helpers import MLP\ndef spiral_classifier(X_train, y_train, X_new, rng, Net=MLP):\n"
            "    net = Net([2, 9, 3])\n    net.fit(X_train, y_train)\n    return net.predict(X_new)",
            "It uses `Net` from helpers",
        ),
        (
            "spiral_classifier",
            "from helpers import MLP\ndef made(Net):\n    def classify(X_train, y_train, X_new, rng):\n"
            "        return Net([2, 9]).predict(X_new)\n    return classify\nspiral_classifier = made(MLP)",
            "It uses `Net` from helpers",
        ),
        (
            "spiral_classifier",
            "from importlib import import_module\ndef spiral_classifier(X_train, y_train, X_new, rng):\n"
            "    return import_module('helpers.network').MLP([2, 9, 3]).predict(X_new)",
            "It uses `helpers.network` from helpers",
        ),
        (
            "numerical_gradient",
            "def numerical_gradient(f, theta, h=1e-5):\n    return np.gradient(f(theta))",
            "It uses `gradient`. `np.gradient` is for samples on a grid",
        ),
        (
            "activation_derivative",
            "from helpers.activations import ACTIVATIONS\ndef activation_derivative(name, Z):\n"
            "    return ACTIVATIONS[name].derivative(Z)",
            "It uses `ACTIVATIONS` from helpers",
        ),
        (
            "relative_error",
            "from helpers.gradients import relative_error",
            "`relative_error` comes from helpers here",
        ),
    ],
)
def test_ready_made_answers(name, source, sentence, capsys):
    points, text = told_in_notebook(name, source, capsys)
    assert points == 0
    assert sentence in text


@pytest.mark.parametrize(
    "source",
    [
        "from helpers import MLP\ndef answer(X, y):\n    net = globals()['ML' + 'P']([2, 9, 3])\n"
        "    net.fit(X, y)\n    return net",
        "import sys\ndef answer(X, y):\n    module = sys.modules['krowten.srepleh'[::-1]]\n"
        "    return getattr(module, 'ML' + 'P')([2, 9, 3])",
        "from helpers import MLP\nnet = MLP([2, 9, 3])\ndef answer(X, y):\n    return globals()['ne' + 't']",
        "from helpers import MLP\nnet, run = MLP([2, 9, 3]), MLP.forward\nclass answer:\n"
        "    def __init__(self, X, y): pass\n"
        "    def predict(self, X): return globals()['ru' + 'n'](globals()['ne' + 't'], X).argmax(1)",
    ],
)
def test_the_ready_made_network_does_not_work_in_a_check(source, capsys):
    source += (
        "\ndef spiral_classifier(X_train, y_train, X_new, rng):\n"
        "    return answer(X_train, y_train).predict(X_new)"
    )
    points, text = told_in_notebook("spiral_classifier", source, capsys)
    assert points == 0
    assert "`MLP` from helpers has the answer ready" in text
    assert MLP([2, 3, 2]).forward(np.zeros((4, 2))).shape == (4, 2), "afterwards it works again"


def test_what_a_function_carries_along_is_no_ready_made_answer_and_no_variable(capsys):
    source = (
        "h = 1e-3\ndef made(step):\n    def numerical_gradient(f, theta, h=step):\n"
        "        e = h * np.eye(len(theta))\n"
        "        return np.array([(f(theta + d) - f(theta - d)) / (2 * h) for d in e])\n"
        "    return numerical_gradient\nnumerical_gradient = made(1e-5)"
    )
    scope = {"np": np}
    exec(source, scope)
    assert inspect_function(exercise("numerical_gradient"), scope["numerical_gradient"]) == Facts()
    points, _ = told_in_notebook("numerical_gradient", source, capsys)
    assert points == exercise("numerical_gradient").points


def test_own_functions_that_call_each_other_are_no_ready_made_answers(capsys):
    source = (
        "def peak(Z):\n    return Z.max(axis=1, keepdims=True) if len(Z) else softmax(Z)\n"
        "def softmax(Z):\n    E = np.exp(Z - peak(Z))\n    return E / E.sum(axis=1, keepdims=True)"
    )
    points, _ = told_in_notebook("softmax", source, capsys)
    assert points == exercise("softmax").points


def test_a_function_that_reads_the_notebook(capsys):
    source = (
        "W = np.ones((3, 2))\ndef layer_forward(X, weights, b, activation):\n    return activation(X @ W + b)"
    )
    points, text = told_in_notebook("layer_forward", source, capsys)
    assert points < 3
    assert "`layer_forward` reads `W` from the notebook" in text


LATE_LISTS = "activations, slopes = [], []"


def published_cells() -> str:
    """The lesson up to the exercise: the published step, and the training that fills its lists."""
    lines = ("def published_step(", "def predict(", "for step in range(501)")
    return "\n".join(cell("proof", line) for line in lines)


def as_answer(mended: bool) -> str:
    """The published step under the learner's name, its lists where they were."""
    source = cell("proof", "def published_step(").replace(LATE_LISTS, "")
    source = source.replace("published_step", "sigmoid_step")
    if mended:
        source = source.replace("slopes[i]", "slopes[i - 1]").replace(
            "        W, b = W - eta * activations[i - 1].T @ delta, b - eta * delta.sum(axis=0)\n"
            "        parameters[i - 1] = (W, b)",
            "        parameters[i - 1] = ("
            "W - eta * activations[i - 1].T @ delta, b - eta * delta.sum(axis=0))",
        )
    return source


@pytest.mark.parametrize(
    ("mended", "mistake"), [(True, "an old cache"), (False, "the published step as it is")]
)
def test_lists_outside_of_the_published_step(mended, mistake, capsys):
    def forward(X, parameters, hidden, output):
        for i, (W, b) in enumerate(parameters, start=1):
            X = (output if i == len(parameters) else hidden)(X @ W + b)
        return X, None

    source = f"{published_cells()}\n{as_answer(mended)}"
    points, text = told_in_notebook("sigmoid_step", source, capsys, worked=worked, forward=forward)
    assert points <= 1
    assert f"This is: {mistake}" in text
    assert "`sigmoid_step` reads `activations`, `slopes` from the notebook" in text
    assert "earlier calls" in text


def test_lists_made_anew_beside_the_answer_are_an_old_cache_too(capsys):
    points, text = told_in_notebook("sigmoid_step", f"{LATE_LISTS}\n{as_answer(mended=True)}", capsys)
    assert points < 6
    assert "`sigmoid_step` reads `activations`, `slopes` from the notebook" in text
