"""Answers that people really write, after public code and forums: what is said of them has to be true.

`answers/` holds answers that the checks once got wrong; what is expected of each stands below.
`answers/wild/` is a collection, a file for each exercise: `## right: ...` earns everything, any other answer
loses points. The line `#= ...` below says which names the check gives to it; without it there is none.
"""

import linecache
import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from helpers.exercises import Verdict, exercise, verdict_on

HERE = Path(__file__).parent / "answers"
SEED = 41257


def answer(name: str, source: str, label: str) -> Callable[..., Any]:
    """The function that the source defines, with its lines at hand as in a notebook."""
    scope: dict[str, Any] = {"np": np, "math": math, "__name__": "__main__"}
    exec(compile(source, label, "exec"), scope)
    linecache.cache[label] = (len(source), None, source.splitlines(True), label)
    return scope[name]


def judged(name: str, source: str, label: str) -> Verdict:
    return verdict_on(exercise(name), answer(name, source, label), SEED, named=True)


def names(verdict: Verdict) -> list[str]:
    return [("" if one.sure else "perhaps: ") + one.misconception.name for one in verdict.diagnoses]


class Wild(NamedTuple):
    exercise: str
    origin: str
    names: list[str]
    source: str


def wild() -> Iterator[Wild]:
    for path in sorted((HERE / "wild").glob("*.txt")):
        before, *blocks = re.split(r"(?m)^## ", path.read_text(encoding="utf-8"))
        for block in blocks:
            origin, _, code = block.partition("\n")
            told = re.findall(r"(?m)^#= (.*)$", code)
            yield Wild(path.stem, origin, told[0].split("; ") if told else [], before + code)


WILD = list(wild())


@pytest.mark.parametrize("one", WILD, ids=[f"{one.exercise}: {one.origin}" for one in WILD])
def test_an_answer_of_the_collection(one: Wild) -> None:
    verdict = judged(one.exercise, one.source, f"<{one.exercise}: {one.origin}>")
    assert (float(verdict.score) == verdict.score.out_of) == one.origin.startswith("right"), (
        verdict.report.to_text()
    )
    assert names(verdict) == one.names


def test_most_wrong_answers_have_a_name() -> None:
    wrong = [one for one in WILD if not one.origin.startswith("right")]
    named = sum(bool(one.names) for one in wrong)
    assert len(wrong) > 200
    assert named / len(wrong) >= 0.7


# File of `answers/`: points, names, pieces of the report that have to be there, and one that must not.
HANDED: dict[str, tuple[float, list[str], list[str], str]] = {
    "leak_1_backward_none": (0, [], ["`layer 1`: expected a tuple of 2 items, got None"], ""),
    "leak_2_backward_only_dW": (0, ["weights alone"], [], ""),
    "leak_3_layer_shapes_theta": (0, ["one matrix with the bias in it"], [], ""),
    "leak_4_layer_shapes_none": (0, [], ["got None"], ""),
    "leak_5_sigmoid_step_none": (0, [], ["got None"], ""),
    "full_1_train_delta_over_batch_size": (3, ["the short batch takes a shorter step"], [], ""),
    "full_2_minibatches_float_labels": (4, ["the labels become floats"], [], ""),
    "full_3_backward_clipped": (6, ["gradients are clipped"], [], ""),
    "full_4_init_he_uniform": (3, ["uniform in place of normal"], [], ""),
    "full_5_sigmoid_clip20": (1, ["z is clipped too early"], [], ""),
    "false_1_train_weight_decay": (0, ["something pulls the weights towards 0"], [], "moved 1 times"),
    "false_2_train_backward_twice": (0, [], [], "the biases are not trained"),
    "false_3_minibatches_columns": (0, ["columns in place of rows"], ["an example is a row"], ""),
    "false_4_minibatches_yield_outside": (0, ["perhaps: only the last batch"], [], "only the first batch"),
    "false_5_sigmoid_list": (
        0,
        ["a list in place of an array", "it overflows for very negative z"],
        ["got a list of 3 items"],
        "",
    ),
    "false_6_softmax_global_max_in_place": (
        2,
        ["one maximum for the whole batch", "an argument is changed in place"],
        [],
        "",
    ),
    "false_7_layer_backward_accident": (3, ["the bias is taken from dW"], [], "exactly"),
    "false_8_train_floor_of_batches": (
        4,
        ["divided by the number of full batches"],
        [],
        "is the sum of the batch",
    ),
    "false_9_activation_int64": (3, ["ReLU's slope is 1 at 0"], [], "int64"),
    "message_2_keepdims_for_labels": (
        0,
        ["labels taken for one-hot rows"],
        ["`y_true` holds whole numbers, one for each row"],
        "keepdims",
    ),
    "message_3_keepdims_for_star": (
        0,
        ["entry by entry in place of the matrix product"],
        ["there is a matrix product: `@`"],
        "keepdims",
    ),
    "message_4_two_lists": (
        0,
        ["two lists in place of one list of pairs"],
        ["Expected one list with a tuple of 2 for each layer, got 2 lists"],
        "has 3 items",
    ),
    "message_5_losses_first": (0, ["the order of the results"], [], ""),
    "unnamed_00_momentum_cs231n_in_place": (
        0,
        ["the velocity points downhill", "an argument is changed in place"],
        [],
        "",
    ),
    "unnamed_01_relative_error_cs231n": (1, ["the largest error of one entry"], [", expected `0"], ""),
    "unnamed_02_layer_backward_scalar_db": (2, ["one number for the whole layer"], [], ""),
    "unnamed_03_backward_scalar_db": (2, ["one number for the whole layer"], [], ""),
    "unnamed_04_layer_backward_keepdims": (
        2,
        ["one axis too many"],
        ["the first axis, of length 1, is too many"],
        "",
    ),
    "unnamed_05_errors_without_slope": (2, ["errors are carried back without the slope"], [], ""),
    "unnamed_06_collapse_columns": (0, ["column vectors"], [], ""),
    "unnamed_07_output_delta_wildml": (1, ["1/N is missing", "an argument is changed in place"], [], ""),
    "unnamed_08_onehot_max_plus_1": (1, ["as many classes as the labels name"], [], "keepdims"),
    "unnamed_09_mse_half_sum": (0, ["half the sum"], [], ""),
}


@pytest.mark.parametrize("file", HANDED)
def test_an_answer_that_was_judged_wrongly_once(file: str) -> None:
    source = (HERE / f"{file}.txt").read_text(encoding="utf-8")
    name = source[2:].partition(":")[0]
    verdict = judged(name, source, f"<{file}>")
    points, told, pieces, never = HANDED[file]
    text = verdict.report.to_text()
    assert names(verdict) == told
    assert float(verdict.score) == points, text
    for piece in pieces:
        assert piece in text
    assert not never or never not in text


def test_a_slow_loop_is_not_called_endless(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (HERE / "message_1_time_limit.txt").read_text(encoding="utf-8")
    monkeypatch.setitem(vars(exercise("spiral_classifier")), "seconds", 0.3)
    text = judged("spiral_classifier", source, "<slow>").report.to_text()
    assert "A `for` loop comes to its end, but this takes too long" in text
    assert "Does a loop never end?" not in text
    assert re.search(r"Line \d+ of your function: `", text)


# A line of an answer to `layer_forward`, and what is said of its error.
ERRORS = {
    "np.dot(W, X) + b": "In `np.dot(A, B)`, as in `A @ B`",
    "list(range(float(b[0])))": "a length, a place or an axis",
    "X @ W + [1, 2][X]": "An array stands where one whole number is asked for",
    "X @ W + np.random.default_rng(0).randn(2)": "`rng.standard_normal(shape)` for `randn`",
    "math.log(0)": "`math.log` takes numbers above 0 only",
    "math.exp(1000)": "`exp` of anything above 709",
    "[row for row, _ in X]": "fewer names than things come",
    "sum(a for a, b, c, d in X)": "stand",
    "X @ W + X": "Here `X` has the shape",
    "X[X] @ W": "Floats stand in an index",
    "X.tolist() - 1": "A list does not calculate",
    "b.sum(axis=1)": "The array has a single axis",
    "None + b": "Something is None",
}


@pytest.mark.parametrize("line", ERRORS)
def test_what_an_error_means(line: str) -> None:
    source = f"def layer_forward(X, W, b, activation):\n    return {line}\n"
    text = judged("layer_forward", source, f"<{line}>").report.to_text()
    assert ERRORS[line] in text
