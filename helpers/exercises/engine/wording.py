"""The sentences for everything that a learner's function can do but return the right value."""

from helpers.exercises.engine.arguments import brief, call_in_words
from helpers.exercises.engine.calling import Failure, Outcome
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

# What an error usually means, for those who have not met it: by a piece of its message, then by its type.
_MEANS = {
    "mismatch in its core dimension": "In a product `A @ B` the last length of `A` and the first of `B` "
    "have to be equal: print both shapes.",
    "does not have enough dimensions": "One side of `@` is a single number. A matrix product wants arrays.",
    "could not be broadcast together": "Entry by entry, lengths have to be equal or 1, counted from the "
    "last axis: print both shapes. A sum or a maximum keeps its axis, as length 1, with `keepdims=True`.",
    "truth value of an array": "An array gives one truth value for each entry, and `if`, `max` and `min` "
    "want a single one. `np.where` and `np.maximum` decide entry by entry.",
    "can be converted to Python scalars": "This function takes one number and gets an array. NumPy has one "
    "of the same name that works entry by entry.",
    "'bitwise_xor' not supported": "`^` is no power in Python: that is `**`.",
    "and 'EigResult'": "`np.linalg.eig` gives two things, the eigenvalues and the eigenvectors.",
    "and 'EighResult'": "`np.linalg.eigh` gives two things, the eigenvalues and the eigenvectors.",
    "invalid index to scalar variable": "One number is indexed as if it were an array.",
    "can't multiply sequence by non-int": "A list or a tuple is multiplied as if it were an array.",
}
_USUALLY = {
    "NameError": "The name is not defined: is it misspelt, or does the cell that makes it have to run first?",
    "UnboundLocalError": "The variable is read before it has been given a value.",
    "IndexError": "An index goes past the end: the first index is 0, the last one is the length minus 1.",
    "ZeroDivisionError": "A division by zero.",
    "RecursionError": "The function calls itself without an end.",
    "StdinNotImplementedError": "It asks with `input()`. What a function needs comes as its arguments.",
    "SystemExit": "It calls `exit()`. A function ends with `return`.",
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
        return (
            f"{name} was stopped after {failure.message}. Does a loop never end? "
            "In a `while` loop something has to change until the condition is false."
        )
    if failure.kind == "unwritten":
        if not failure.function:
            return f"{name} is not written yet."
        return f"{name} calls `{failure.function}`, which is not written yet."
    where = place(exercise, failure)
    message = f": {failure.message.rstrip(' .')}" if failure.message else ""
    usual = next((means for piece, means in _MEANS.items() if piece in failure.message), "")
    usual = usual or _USUALLY.get(failure.type, "")
    return f"{name} stops with {failure.type}{message}.{where}{' ' + usual if usual else ''}"


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
                text += f", expected is `{expected}`"
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
