"""The sentences for everything that a learner's function can do but return the right value."""

from helpers.exercises.engine.arguments import brief, call_in_words
from helpers.exercises.engine.calling import Failure, Outcome
from helpers.exercises.engine.errors import meaning
from helpers.exercises.engine.exercise import Exercise, Fault
from helpers.exercises.engine.inspecting import Facts
from helpers.exercises.engine.judging import CaseResult
from helpers.exercises.engine.parts import apart

# What may be said of a hidden case: the kind of the fault, nothing of its numbers.
OF_HIDDEN = {
    "raised": "stops with an error",
    "timeout": "does not return in time",
    "signature": "cannot be called",
    "unwritten": "is not written yet",
    "none": "returns None",
    "type": "returns something of another type than expected",
    "structure": "returns more or fewer things than expected",
    "shape": "returns an array of the wrong shape",
    "dtype": "returns numbers of a type that is too coarse",
    "nonfinite": "returns nan or inf",
    "value": "returns a wrong value",
    "mutated": "changes its arguments in place",
    "state": "gives another answer when called again",
    "rng": "does not use the given rng",
    "global_rng": "draws from the global random state",
    "warned": "makes NumPy warn",
}
# By the loops of the code in which the time ran out.
_TOO_LONG = {
    "while": "Does a loop never end? In a `while` loop something has to change until the condition is false.",
    "for": "A `for` loop comes to its end, but this takes too long: fewer turns, or fewer epochs, and whole "
    "arrays in place of one example or one entry at a time.",
    "": "Does a loop never end, or is it only slow? Whole arrays are much faster than one entry at a time.",
}


def outcome_sentence(exercise: Exercise, result: CaseResult) -> str:
    """What happened on a visible case whose call did not return a value to compare."""
    outcome = result.outcome
    if outcome.failure is not None:
        return failure_sentence(exercise, outcome.failure)
    if outcome.value is None and outcome.printed.strip():
        return (
            f"`{exercise.name}` prints its answer and returns None. "
            "What is printed only shows on the screen; `return` hands the answer back."
        )
    if outcome.value is None:
        return f"`{exercise.name}` returns None. Does every way through it end with `return`?"
    return ""


def failure_sentence(exercise: Exercise, failure: Failure) -> str:
    """Why a call did not return, with the learner's own line."""
    name = f"`{exercise.name}`"
    if failure.kind == "signature":
        return f"{name} cannot be called as the exercise calls it. {failure.message}"
    if failure.kind == "timeout":
        why = _TOO_LONG.get(failure.type, _TOO_LONG[""])
        return f"{name} was stopped after {failure.message}.{place(exercise, failure)} {why}"
    if failure.kind == "unwritten":
        if not failure.function:
            return f"{name} is not written yet."
        return f"{name} calls `{failure.function}`, which is not written yet."
    where = place(exercise, failure)
    message = f": {failure.message.rstrip(' .')}" if failure.message else ""
    return " ".join(filter(None, (f"{name} stops with {failure.type}{message}.{where}", meaning(failure))))


def place(exercise: Exercise, failure: Failure) -> str:
    if not failure.line:
        return ""
    function = f"`{failure.function}`" if failure.function else "your function"
    return f" Line {failure.number} of {function}: `{failure.line}`"


def fault_sentences(exercise: Exercise, result: CaseResult) -> list[str]:
    """All that is wrong on one case, in order of appearance."""
    first = outcome_sentence(exercise, result)
    sentences = [first] if first else []
    for fault in result.faults:
        if fault.message and fault.message not in sentences:
            sentences.append(fault.message)
    return sentences


def call_sentence(exercise: Exercise, result: CaseResult) -> str:
    """The call, what came back and, for an example of the docstring or a single number, what was expected."""
    case = result.case
    text = case.title or call_in_words(exercise.name, case.arguments, exercise.names)
    if result.outcome.failure is None and result.outcome.value is not None:
        returned, expected = brief(result.outcome.value), brief(result.expected)
        numbers = type(result.outcome.value) in (int, float) and type(result.expected) in (int, float)
        if numbers and result.outcome.value != result.expected:
            expected, returned = apart(result.expected, result.outcome.value)
        text += f" returns `{returned}`"
        if exercise.compare is None and (case.example or (numbers and not exercise.numbers)):
            # Where the numbers are right, and something else is not, the same twice would be a riddle.
            if "".join(returned.split()) != "".join(expected.split()):
                text += f", expected `{expected}`"
        elif not any(fault.message for fault in result.faults):
            text += ", which is not right"
    return f"{text}:" if fault_sentences(exercise, result) else f"{text}."


def hidden_sentence(faults: list[Fault]) -> str:
    """What a hidden case may tell."""
    return ", ".join(dict.fromkeys(OF_HIDDEN.get(fault.kind, "is not right") for fault in faults))


def notes(exercise: Exercise, facts: Facts, outcomes: list[Outcome]) -> list[str]:
    """What is not wrong by itself but may explain what is."""
    found = []
    if facts.notebook_variables:
        names = ", ".join(f"`{name}`" for name in facts.notebook_variables)
        found.append(
            f"`{exercise.name}` reads {names} from the notebook. What stands there comes from other cells "
            "and from earlier calls, not from the arguments of this one. Make what a call needs inside the "
            "function."
        )
    for name, where in facts.given_away:
        found.append(
            f"`{name}` is not Python's own in this notebook: {where or 'a cell'} gives the name to something "
            "else. Take another name there, and restart the kernel."
        )
    for name in facts.kept_defaults:
        found.append(
            f"`{name}` has a list or a dict as its default. It is made once, with the function, and all "
            "calls share it: what one call puts in is there in the next. Make it inside the function."
        )
    if facts.early_return:
        found.append(
            f"`{facts.early_return}` stands inside a loop and ends it at its first turn. Less far to the "
            "right it belongs to the function."
        )
    if any(outcome.printed.strip() and outcome.value is not None for outcome in outcomes):
        printed = next(outcome.printed for outcome in outcomes if outcome.printed.strip())
        found.append(f"It prints while it works; the first line is: {printed.strip().splitlines()[0][:80]}")
    return found
