"""A student's own numbers: always the same, friendly to the hand, and no mistake is taken for another."""

import re
from itertools import pairwise, product

import pytest

from course import config
from course.authoring import pairs
from course.releasing.personal import personal, varied
from helpers.exercises import check, exercise, exercises, find
from helpers.exercises.engine.exercise import Exercise
from helpers.exercises.forward import paper
from helpers.exercises.forward.paper import BY_HAND, IN_THE_LESSON, Given, drawn, fit
from helpers.exercises.variants import key_of, keys_in, variant_of, with_key, with_numbers
from tests.course.small_course import REPOSITORY
from tests.helpers.exercises.trial import named, try_on

NAMES = [one.name for one in exercises() if one.varied is not None]
EVERY = [
    one
    for first, second, truth in product(paper._FIRST, paper._SECOND, paper._TRUTHS)
    if fit(one := Given((first, second), truth))
]
KEYS = [key_of(f"s{number}") for number in range(300)]


def made(name: str, given: Given) -> Exercise:
    """The exercise with these numbers, whoever has them."""
    from helpers.exercises.backprop import paper_backward
    from helpers.exercises.forward import paper_forward

    return {"paper_forward": paper_forward, "paper_backward": paper_backward}[name]._made(given)


def test_the_exercises_with_pen_and_paper_have_variants():
    assert sorted(NAMES) == sorted(one.name for one in exercises() if one.numbers)
    assert len(NAMES) == 2


def test_the_same_student_has_the_same_numbers_on_every_machine():
    """Literal numbers: another Python, another process or a new misconception must not change them."""
    assert key_of("ada") == "fdee430d"
    assert drawn("fdee430d") == Given((27, 31), 30)
    assert key_of("0815") == "96da2f88"
    pinned = [Given((28, 22), 40), Given((26, 34), 30), Given((17, 33), 30)]
    assert [drawn(key_of(f"s{n}")) for n in range(3)] == pinned
    assert exercise("paper_backward").given == exercise("paper_forward").given  # lesson 4 continues lesson 2


@pytest.mark.parametrize("spelled", ["Ada", " ada ", "ADA"])
def test_one_person_in_two_spellings_has_one_key(spelled):
    assert key_of(spelled) == key_of("ada")
    assert key_of("Zo\u00eb") == key_of("zoe\u0308")
    assert key_of("815") == key_of("0815")
    assert key_of("a815") != key_of("a0815")


def test_a_class_has_many_different_numbers():
    assert len(EVERY) == 644  # as docs/grading.md says
    assert len({drawn(key) for key in KEYS}) > 230
    assert IN_THE_LESSON not in EVERY
    assert {drawn(key) for key in KEYS} <= set(EVERY)


@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_dead_and_four_decimals_are_enough(name):
    for given in EVERY:
        numbers = made(name, given).reference()
        for label, value in numbers.items():
            assert abs(value) < 15, (given, label)
            assert abs(value) > 10 * BY_HAND or label in ("new_loss", "y_hat"), (given, label)
            assert abs(value) > 3 * BY_HAND, (given, label)
            assert not label.startswith("a_") or 0.01 < value < 0.99, (given, label)
        assert all(re.fullmatch(r"\d(\.\d)?", text) for text in given.inputs)


def first_wrong(right: dict[str, float], told: dict[str, float]) -> str:
    return next((key for key in told if abs(told[key] - right[key]) > 2 * BY_HAND), "")


def confused(one: Exercise) -> set[tuple[str, str]]:
    """The mistakes that are named where another was made, beside it, or by which nothing goes wrong."""
    right = one.reference()
    numbers = {mistake.name: mistake.function() for mistake in one.misconceptions}
    first = {mistake: first_wrong(right, told) for mistake, told in numbers.items()}
    found = {(mistake, "") for mistake, key in first.items() if not key}
    for mistake, other in product(numbers, numbers):
        key = first[other]
        if mistake == other or not key or abs(numbers[mistake][key] - right[key]) <= 2 * BY_HAND:
            continue
        if abs(numbers[mistake][key] - numbers[other][key]) <= 2 * BY_HAND:
            found.add((mistake, other))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_no_mistake_is_taken_for_another_with_any_numbers_that_can_be_drawn(name):
    known = confused(exercise(name))
    assert {str(given): confused(made(name, given)) - known for given in EVERY if
            confused(made(name, given)) - known} == {}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_each_mistake_is_named_as_in_the_lesson(name):
    """The same through the whole engine, for some students."""
    in_lesson = {
        mistake.name: try_on(exercise(name), mistake.function, "visible")
        for mistake in exercise(name).misconceptions
    }
    for key in KEYS[:5]:
        own = variant_of(exercise(name), key)
        right = {label: round(value, 4) for label, value in own.reference().items()}
        assert try_on(own, lambda right=right: right, "visible").points == own.points
        for mistake in own.misconceptions:
            evaluation = try_on(own, mistake.function, "visible")
            assert evaluation.points == in_lesson[mistake.name].points < own.points, (key, mistake.name)
            assert set(named(evaluation)) <= set(named(in_lesson[mistake.name])), (key, mistake.name)
            assert mistake.name in named(evaluation)


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_of_somebody_else_earn_nothing_on_the_way(name):
    for key, other in pairwise(KEYS[:60]):
        mine, theirs = variant_of(exercise(name), key), variant_of(exercise(name), other)
        if mine.given[0] != theirs.given[0]:
            points = try_on(mine, theirs.reference, "visible").points
            assert points <= (mine.given[1] == theirs.given[1] and name == "paper_forward"), (key, other)


@pytest.mark.parametrize("name", NAMES)
def test_words_and_hints_have_the_student_s_own_numbers(name):
    own = variant_of(exercise(name), key_of("ada"))
    words = [own.says, *own.hints, *(one.hint for one in own.misconceptions if isinstance(one.hint, str))]
    assert all(said in own.says for said in own.given)
    assert own.given == ("x = (2.7, 3.1)", "y = 3")
    for text in words:
        for written in (*exercise(name).given, "2 is the first", "truth is 1", "distance from 1"):
            assert written not in text


@pytest.mark.parametrize("folder", ["02-forward", "04-backprop"])
def test_what_a_student_reads_is_what_the_check_computes(folder, capsys):
    """In the real lessons, as they stand: the numbers are read off the text and worked out."""
    notebook = pairs.read_notebook(config.load(REPOSITORY).lesson(folder))
    (name,) = varied(notebook)
    for student in ("ada", "ben"):
        key = key_of(student)
        mine = personal(notebook, key, "it.ipynb")
        text = "".join(cell.source for cell in mine.cells if cell.cell_type == "markdown")
        ((x_1, x_2, y),) = re.findall(r"\$x = \((\S+), (\S+)\)\$, .*?\$y = ([\d.]+)\$[,.]", text)[-1:]
        read = Given((round(10 * float(x_1)), round(10 * float(x_2))), round(10 * float(y)))
        code = [cell.source for cell in mine.cells if cell.cell_type == "code" and name in cell.source]
        keys = {keys_in(source).get(name) for source in code} - {None}
        assert keys == {key}
        assert float(check(name, made(name, read).reference(), variant=key)) == 4
        assert float(check(name, made(name, read).reference(), variant=key_of("cleo"))) < 4
        assert float(check(name, made(name, read).reference())) < 4
        assert sum(a != b for a, b in zip(mine.cells, notebook.cells, strict=True)) == 3  # text, check, hint
    capsys.readouterr()


def test_calls_carry_the_key_once():
    names = frozenset({"paper_forward"})
    source = 'points = check("paper_forward", hidden_seed=3)\nhint("paper_forward", 2)\ncheck("neuron")'
    once = with_key(source, names, "12ab")
    assert once.splitlines() == [
        'points = check("paper_forward", hidden_seed=3, variant="12ab")',
        'hint("paper_forward", 2, variant="12ab")',
        'check("neuron")',
    ]
    assert with_key(once, names, "34cd") == once.replace("12ab", "34cd")
    assert keys_in(once) == {"paper_forward": "12ab", "neuron": ""}


@pytest.mark.parametrize("text", ["Now x = (2, 4).", "x = (2, 4), y = 1, or y = 1", "x = (2, 4) and y = 1.5"])
def test_a_text_that_does_not_say_the_numbers_once_is_refused(text):
    with pytest.raises(ValueError, match="paper_forward must say `y = 1` exactly once"):
        with_numbers(text, exercise("paper_forward"), key_of("ada"))


def test_without_a_key_and_without_variants_an_exercise_is_itself():
    one, neuron = exercise("paper_forward"), find("neuron")
    assert variant_of(one, "") is one
    assert neuron is not None
    assert variant_of(neuron, key_of("ada")) is neuron
