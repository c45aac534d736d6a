"""Everything that a learner can do gets a sentence, and never a traceback from inside the check."""

import contextlib
import random
import re
import sys
import time
import warnings

import numpy as np
import pytest

from helpers.exercises import exercises, judge_answer
from helpers.exercises.engine.judging import cases_of
from helpers.exercises.engine.report import marked
from tests.helpers.exercises.sample import BATCHES, GRADIENTS, NUMBERS, SCALE_ROWS, SOFTPLUS

shared_weights = np.ones(4)
kept: list = []


def told(answer, exercise=SCALE_ROWS, hidden_seed=None):
    score, report = judge_answer(exercise, answer, hidden_seed, named=True)
    assert float(score) < exercise.points
    return report.to_text()


def unwritten(X, weights):
    raise NotImplementedError


def calls_unwritten(X, weights):
    return unwritten(X, weights)


def returns_nothing(X, weights):
    X * weights[:, None]


def prints(X, weights):
    print(X * weights[:, None])


def returns_text(X, weights):
    return "rows"


def returns_list(X, weights):
    return (X * weights[:, None]).tolist()


def returns_tuple(X, weights):
    return X * weights[:, None], weights


def returns_generator(X, weights):
    return (row * weight for row, weight in zip(X, weights, strict=True))


def returns_object(X, weights):
    return object()


def transposed(X, weights):
    return (X * weights[:, None]).T


def flat(X, weights):
    return (X * weights[:, None]).ravel()


def whole_numbers(X, weights):
    return (X * weights[:, None]).astype(int)


def half_precision(X, weights):
    return (X * weights[:, None]).astype(np.float16)


def not_a_number(X, weights):
    return X * weights[:, None] * np.nan


def infinite(X, weights):
    return np.full(X.shape, np.inf)


def mutates(X, weights):
    result = X * weights[:, None]
    weights *= 0
    return result


def keeps(X, weights):
    kept.append(1)
    return X * weights[:, None] * len(kept)


def reads_the_notebook(X, weights):
    return X * shared_weights[: len(X), None]


def stops(X, weights):
    total = 0
    return X / total[0]


def undefined_name(X, weights):
    return X * weight[:, None]  # noqa: F821


def leaves(X, weights):
    sys.exit(3)


def endless(X, weights):
    while True:
        pass


def stubborn(X, weights):
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.01)


def more_stubborn(X, weights):
    while True:
        try:
            X + weights[0]
        except:  # noqa: E722
            X = X + 0


def recursive(X, weights):
    return recursive(X, weights)


def too_few(X):
    return X


def ready_made(X, weights):
    return np.einsum("ij,i->ij", X, weights)


def from_scipy(X, weights):
    import scipy.special

    return scipy.special.expit(X)


def warns_and_talks(X, weights):
    warnings.warn("careful", stacklevel=1)
    print("working")
    sys.stderr.write("noise")
    return X


def from_global_state(X, weights):
    return X * np.random.rand()  # noqa: NPY002


def complex_numbers(X, weights):
    return X * weights[:, None] * 1j


def careless(X, weights):
    np.seterr(all="ignore")
    return X / 0


def zeros(X, weights):
    return np.zeros_like(X)


def opposite(X, weights):
    return -X * weights[:, None]


def times_n(X, weights):
    return X * weights[:, None] * len(X)


def unchanged(X, weights):
    return X


@pytest.mark.parametrize(
    ("answer", "sentences"),
    [
        (None, ["There is no function called `scale_rows` yet"]),
        (3, ["is of type int, not a function"]),
        (unwritten, ["Not written yet", "the shape of the result", 'hint("scale_rows")']),
        (calls_unwritten, ["calls `unwritten`, which is not written yet"]),
        (returns_nothing, ["returns None", "`return`"]),
        (prints, ["prints its answer and returns None", "`return` hands the answer back"]),
        (returns_text, ["Expected an array of shape (4, 3), got the text 'rows'"]),
        (
            returns_list,
            [
                "Expected an array of shape (4, 3), got a list of 4 items",
                "This is: a list in place of an array",
            ],
        ),
        (returns_tuple, ["got a tuple of 2 items", "This is: more comes back than is asked for"]),
        (returns_generator, ["got a generator", "return a list"]),
        (returns_object, ["got something of type object"]),
        (transposed, ["expected shape (4, 3), got (3, 4): rows and columns are swapped"]),
        (flat, ["expected shape (4, 3), got (12,): the same number of entries"]),
        (whole_numbers, ["numbers of type int64", "what stands after the point"]),
        (half_precision, ["numbers of type float16"]),
        (not_a_number, ["contains nan"]),
        (infinite, ["contains inf"]),
        (mutates, ["changes `weights` in place"]),
        (keeps, ["another answer the second time"]),
        (reads_the_notebook, ["reads `shared_weights` from the notebook"]),
        (stops, ["TypeError", "Line 3 of your function: `return X / total[0]`"]),
        (undefined_name, ["NameError", "name 'weight' is not defined", "misspelt"]),
        (leaves, ["SystemExit", "A function ends with `return`"]),
        (endless, ["was stopped after 0.5 seconds", "Does a loop never end?"]),
        (stubborn, ["was stopped after 0.5 seconds"]),
        (more_stubborn, ["was stopped after 0.5 seconds"]),
        (recursive, ["RecursionError", "calls itself without an end"]),
        (too_few, ["called with (X, weights) and yours takes (X)"]),
        (ready_made, ["It uses `einsum`. Write it with `*`."]),
        (from_scipy, ["It uses scipy, which has the answer ready"]),
        (np.multiply, ["comes from numpy here"]),
        (warns_and_talks, ["It prints while it works; the first line is: working"]),
        (from_global_state, ["draws random numbers from a global generator"]),
        (complex_numbers, ["Expected real numbers, got complex ones"]),
        (careless, ["contains inf"]),
        (zeros, ["all zeros"]),
        (opposite, ["opposite sign everywhere"]),
        (times_n, ["exactly 4 times what is expected, and N is 4: a factor N"]),
        (unchanged, ["differ"]),
    ],
)
def test_a_sentence_for(answer, sentences, capfd):
    kept.clear()
    text = told(answer)
    for sentence in sentences:
        assert sentence in text
    # Text on stderr would cost all the points at nbgrader's; text on stdout would clutter the notebook.
    assert capfd.readouterr() == ("", "")


def test_settings_of_numpy_end_with_the_call():
    before = np.geterr()
    told(careless)
    assert np.geterr() == before


def test_numbers_that_are_not_filled_in():
    assert "no dict called `my_numbers`" in told(None, NUMBERS)
    assert "No number is filled in yet" in told({"z": ..., "loss": None}, NUMBERS)
    assert "`loss` is not filled in yet" in told({"z": 3, "loss": ...}, NUMBERS)
    assert "`loss` is missing" in told({"z": 3}, NUMBERS)
    assert "is of type list" in told([1, 2], NUMBERS)
    assert "`z`: expected a number, got the text '3'" in told({"z": "3", "loss": 0.125}, NUMBERS)


def test_an_unused_generator_is_noticed():
    text = told(lambda X, size, rng: [X[::-1]], BATCHES)
    assert "draws nothing from the `rng` that it is given" in text


def test_the_wrong_number_of_results_names_those_that_are_expected():
    assert "has 3 items, expected 2: dW, db" in told(lambda X, delta: (X, X, X), GRADIENTS)


def test_a_warning_costs_stability_only():
    score, report = judge_answer(SOFTPLUS, lambda z: np.where(z > 30, z, np.log1p(np.exp(z))))
    assert float(score) == 1
    assert "NumPy warns: overflow encountered in exp" in report.to_text()


def test_the_signature_of_gradients_is_a_table():
    text = told(lambda X, delta: (3 * X.T @ delta, delta.sum(axis=0, keepdims=True)), GRADIENTS)
    assert "dW    (3, 2)                            3  1.0000  ✗ differs" in text
    assert "db    (1, 2), expected (2,)" in text


def test_hidden_cases_show_nothing_of_themselves():
    shown = {case.arguments[0][0, 0] for case in cases_of(SCALE_ROWS)}

    def answer(X, weights):
        if X[0, 0] not in shown:
            raise ValueError(f"secret {X[0, 0]}")
        return X * weights[:, None]

    text = told(answer, hidden_seed=7)
    assert "3 of 3 visible cases and 0 of 3 hidden cases pass" in text
    assert "stops with an error" in text
    assert "secret" not in text


def test_arguments_survive_a_learner_who_changes_them():
    score, _ = judge_answer(SCALE_ROWS, SCALE_ROWS.misconceptions[1].function)
    assert float(score) < SCALE_ROWS.points
    score, _ = judge_answer(SCALE_ROWS, SCALE_ROWS.reference)
    assert float(score) == SCALE_ROWS.points


def test_global_random_state_is_as_before():
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    drawn_next = random.Random(0).random()
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    told(from_global_state)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002
    told(lambda X, weights: X * random.random())
    assert random.random() == drawn_next


def test_words_between_asterisks_are_stressed_and_code_is_left_alone():
    assert marked("the *old* `a * b` of *each row*, 2 * 3 * 4") == (
        "the <em>old</em> <code>a * b</code> of <em>each row</em>, 2 * 3 * 4"
    )


def test_no_hint_shows_its_marks():
    for one in exercises():
        for hint in (*one.hints, *(known.hint for known in one.misconceptions)):
            if isinstance(hint, str):
                outside = re.sub(r"<code>.*?</code>", "", marked(hint))
                assert "*" not in outside, (one.name, hint)
                assert "`" not in outside, (one.name, hint)
