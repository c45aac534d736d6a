"""`bring`: the reader's own functions of earlier lessons, else the course's, and nothing later."""

import ast
import inspect
import json
from pathlib import Path

import numpy as np
import pytest
from jupyter_client.manager import KernelManager

from helpers.exercises import bring, bringing, exercise, exercises, judge_answer
from tests.limits import LIMIT

LESSONS = Path(__file__).parents[3] / "lessons"
STUB = "def {}(*_):\n    raise NotImplementedError()"


def write(folder: Path, name: str, *cells: str) -> Path:
    folder.mkdir(exist_ok=True)
    table = {"cells": [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]}
    (folder / f"{name}.ipynb").write_text(json.dumps(table), encoding="utf-8")
    return folder


def defined(code: str) -> dict:
    scope: dict = {"np": np}
    exec(code, scope)
    return scope


def test_own_code_comes_with_what_it_needs(tmp_path: Path) -> None:
    write(
        tmp_path / "03-losses",
        "losses",
        "from math import sqrt as root\nSMALL = 1e-9\nUNUSED = 2",
        "def shifted(Z):\n    return Z - Z.max(axis=1, keepdims=True) + SMALL * root(4)",
        "def softmax(Z):\n    E = np.exp(shifted(Z))  # mine: ü\n    return E / E.sum(axis=1, keepdims=True)",
    )
    code = bringing.brought(("softmax",), tmp_path / "06-training", tmp_path)
    assert "# `softmax`: yours, from 03-losses." in code
    assert "mine: ü" in code
    assert "UNUSED" not in code
    assert defined(code)["softmax"](np.zeros((1, 2))).tolist() == [[0.5, 0.5]]


def test_a_parameter_or_a_local_name_brings_no_constant_of_the_notebook(tmp_path: Path) -> None:
    write(
        tmp_path / "03-losses",
        "losses",
        "axis = 0\nE = 2\nlargest = 3\nKEEP = True\nSTART = 1",
        "def softmax(Z, axis=1, start=START):\n    E = np.exp(Z - max(largest for largest in Z.ravel()))\n"
        "    return (lambda a: E / E.sum(axis=a, keepdims=KEEP))(axis)",
    )
    code = bringing.brought(("softmax",), tmp_path / "06-training", tmp_path)
    taken = {name for name in defined(code) if name in ("axis", "E", "largest", "KEEP", "START")}
    assert taken == {"KEEP", "START"}


@pytest.mark.parametrize("cells", [[], [STUB.format("softmax")], ["def softmax(Z:"]])
def test_whoever_skipped_it_gets_the_courses_own_marked_as_such(tmp_path: Path, cells: list[str]) -> None:
    if cells:
        write(tmp_path / "03-losses", "losses", *cells)
    code = bringing.brought(("softmax",), tmp_path / "06-training", tmp_path)
    assert "the course's, since 03-losses has none of yours" in code
    assert "SOLUTION" not in code
    assert float(judge_answer(exercise("softmax"), defined(code)["softmax"])[0]) == 4


def test_a_function_that_calls_an_unwritten_exercise_gets_that_one_from_the_course(tmp_path: Path) -> None:
    write(
        tmp_path / "05-proof",
        "proof",
        STUB.format("softmax"),
        "def backward(parameters, cache, y):\n    return softmax(cache)",
    )
    code = bringing.brought(("backward",), tmp_path / "06-training", tmp_path)
    assert "`backward`: yours" in code
    assert "`softmax`: the course's, since" in code
    assert defined(code)["backward"]([], np.zeros((1, 2)), 0).tolist() == [[0.5, 0.5]]


def test_what_a_lesson_asks_for_is_not_brought_into_it() -> None:
    """Lesson 2 holds a first softmax for its forward; in lesson 3 it would earn half of softmax's points."""
    code = bringing.brought(("forward",), LESSONS / "03-losses", None)
    assert "def forward(" in code
    assert "def softmax(" not in code
    stable = bringing.brought(("softmax",), LESSONS / "04-backprop", None)
    later = bringing.brought(("forward",), LESSONS / "04-backprop", None)
    assert stable[stable.index("def softmax") :].strip() in later, "not the first version"


@pytest.mark.parametrize("folder", sorted(one.name for one in LESSONS.glob("0[2-9]-*")))
def test_no_lesson_brings_what_it_asks_for(folder: str) -> None:
    lesson = LESSONS / folder / f"{folder[3:]}.ipynb"
    cells = json.loads(lesson.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    calls = [bringing.called(node) for one in sources if "bring(" in one for node in ast.parse(one).body]
    names = tuple(dict.fromkeys(name for call in calls for name in call))
    code = bringing.brought(names, LESSONS / folder, None) if names else ""
    made = {node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)}
    assert made & {one.name for one in exercises(folder[3:])} == set()


@pytest.mark.parametrize("name", ["forward", "backward", "init_parameters", "train"])
def test_what_the_course_brings_earns_every_point(name: str) -> None:
    code = bringing.brought((name,), LESSONS / "09-digits", None)
    one = exercise(name)
    assert float(judge_answer(one, defined(code)[name])[0]) == one.points


def test_without_the_courses_lessons_the_reference_stands_in_for_what_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is in the browser edition: the reader's lessons are there, the course's own are not."""
    monkeypatch.setattr(bringing, "_LESSONS", tmp_path / "nowhere")
    write(tmp_path / "02-forward", "forward", STUB.format("forward"))
    write(tmp_path / "03-losses", "losses", "def softmax(Z):\n    return forward, 'mine'")
    monkeypatch.chdir(write(tmp_path / "06-training", "training"))
    scope: dict = {"bring": bring}
    exec('bring("softmax")', scope)
    assert scope["softmax"](0) == (exercise("forward").reference, "mine")
    with pytest.raises(bringing.BringError, match="only earlier ones"):
        exec('bring("train")', scope)
    with pytest.raises(bringing.BringError, match="asks for 'forward' is not here"):
        bringing.brought(("forward",), tmp_path / "06-training", tmp_path)


def test_a_brought_forward_takes_the_readers_own_softmax() -> None:
    """As lesson 3 does it: `forward(digits, reader.parameters, output=softmax)`."""
    forward, softmax = exercise("forward").reference, exercise("softmax").reference
    rng = np.random.default_rng(0)
    X, pairs = rng.normal(size=(5, 3)), [(rng.normal(size=(3, 4)), rng.normal(size=4))]
    ours, theirs = forward(X, pairs), forward(X, pairs, output=lambda Z: softmax(Z))
    np.testing.assert_allclose(theirs[0], ours[0])
    np.testing.assert_allclose(theirs[1][0][1], ours[1][0][1])


def test_a_reference_is_called_as_the_lessons_own_function_is() -> None:
    for path in sorted(LESSONS.glob("*/*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
        calls = [bringing.called(node) for one in sources if "bring(" in one for node in ast.parse(one).body]
        for name in {name for call in calls for name in call}:
            one = exercise(name)
            (own,) = LESSONS.glob(f"*-{one.lesson}/{one.lesson}.ipynb")
            node, _ = bringing._definitions(own)[name]
            assert isinstance(node, ast.FunctionDef)
            wanted = [arg.arg for arg in node.args.args]
            assert list(inspect.signature(one.reference).parameters) == wanted, name


@pytest.mark.parametrize(
    ("names", "folder", "says"),
    [
        (("train",), "06-training", "'train' is an exercise of 06-training: only earlier ones"),
        (("momentum_step",), "06-training", "only earlier ones"),
        (("sofmax",), "06-training", "'sofmax' is no exercise"),
        (("softmax",), "Downloads", "in a lesson's own folder"),
    ],
)
def test_nothing_of_this_or_a_later_lesson_gets_out(tmp_path: Path, names, folder: str, says: str) -> None:
    with pytest.raises(bringing.BringError, match=says):
        bringing.brought(names, tmp_path / folder, tmp_path)


def test_a_call_in_a_cell_is_replaced_and_the_rest_stays() -> None:
    cell = "x = 1\nbring(\n    'softmax',\n)\ny = 2"
    assert bringing.replaced(cell, {"softmax": "def softmax(): ..."}) == "x = 1\ndef softmax(): ...\ny = 2"
    assert bringing.replaced(cell, {"forward": ""}) == cell
    assert bringing.replaced("bring('a'", {"a": ""}) == "bring('a'"


def test_outside_a_notebook_the_functions_are_defined_where_it_is_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path / "04-backprop", "backprop"))
    scope = {"np": np, "bring": bring}
    exec("bring('softmax')", scope)
    assert scope["softmax"](np.zeros((1, 4))).sum() == 1


def test_in_a_kernel_the_cell_is_replaced_and_what_is_unwritten_stops_nothing(tmp_path: Path) -> None:
    """A front end replaces the cell by the payload of the reply; one that ignores it has the functions."""
    folder = write(tmp_path / "04-backprop", "backprop")
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(folder))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=LIMIT)

        def run(source: str) -> tuple[dict, list[dict]]:
            seen: list[dict] = []
            reply = client.execute_interactive(source, timeout=LIMIT, output_hook=seen.append)
            return reply["content"], [m["content"] for m in seen if m["msg_type"] != "status"]

        run("import numpy as np\nfrom helpers import bring, check")
        reply, _ = run("bring('softmax')\nx = 1")
        (payload,) = [one for one in reply["payload"] if one["source"] == "set_next_input"]
        assert payload["replace"]
        assert "def softmax(Z):" in payload["text"]
        assert payload["text"].endswith("x = 1")
        assert run("print(softmax(np.zeros((1, 2))))")[1][1]["text"] == "[[0.5 0.5]]\n"

        run("def stub():\n    raise NotImplementedError()")
        reply, seen = run("result = stub()")
        assert reply["status"] == "ok"
        assert seen[-1]["data"]["text/plain"] == "This cell needs `stub`, which is not written yet."
        reply, seen = run("result + 1")
        assert reply["status"] == "ok"
        assert "`stub`" in seen[-1]["data"]["text/plain"]
        assert run("reslut")[0]["ename"] == "NameError"
        assert run("1 / 0")[0]["ename"] == "ZeroDivisionError"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
