"""One question of an author's TOML, checked and turned into a question of jupyterquiz's.

Every function here raises a ValueError whose message is one clause: what is wrong, and the mend. The
reader of a file puts file, quiz and question before it.
"""

import hashlib
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from course.quizzes.text import appearance, render, render_code
from course.quizzes.values import accepts, as_typed, condition, evaluate, spelling

Question = dict[str, Any]

_COMMON = {"type", "question", "code"}
_FIELDS = {
    "multiple_choice": {"answers", "keep_order"},
    "many_choice": {"answers", "keep_order"},
    "numeric": {"key", "decimals", "right", "wrong", "feedback"},
    "string": {"key", "right", "wrong", "feedback"},
}
_MOST_DECIMALS = 10
# To how many places a wrong number is recognised where the key itself is whole.
_WRONG_DECIMALS = 2


def encode_question(question: Question, quiz: str) -> Question:
    """Return one question as jupyterquiz wants it; the order of its answers hangs on the `quiz` it is in.

    Raises:
        ValueError: if anything in it would go wrong on the page.
    """
    kind = question.get("type")
    if kind not in _FIELDS:
        raise ValueError(f"its type is {kind!r}: write one of {', '.join(_FIELDS)}")
    _only(question, _COMMON | _FIELDS[kind], f"a {kind} question")
    encoded: Question = {"type": kind, "question": _text(question, "question")}
    if "code" in question:
        encoded["code"] = _code(question)
    encoders: dict[str, Callable[[Question, str], Question]] = {
        "multiple_choice": _choice,
        "many_choice": _choice,
        "numeric": _numeric,
        "string": _string,
    }
    return encoded | encoders[kind](question, quiz)


def _choice(question: Question, quiz: str) -> Question:
    kind, raw = question["type"], question.get("answers")
    if not isinstance(raw, list) or len(raw) < 2 or not all(isinstance(answer, dict) for answer in raw):
        raise ValueError("it needs two or more answers: write answers = [ {answer = …, feedback = …}, … ]")
    answers: list[Question] = []
    seen: dict[str, int] = {}
    for number, answer in enumerate(raw, 1):
        where = f"answer {number}"
        _only(answer, {"answer", "code", "correct", "feedback"}, where)
        if not isinstance(answer.get("correct", False), bool):
            raise ValueError(f"correct in {where} must be true or false, not {answer['correct']!r}")
        if "answer" not in answer and "code" not in answer:
            raise ValueError(f"{where} has neither answer nor code: write what the reader can choose")
        encoded: Question = {"answer": _text(answer, "answer", where)} if "answer" in answer else {}
        if "code" in answer:
            encoded["code"] = _code(answer, where)
        first = seen.setdefault(
            appearance(encoded.get("answer", "")) + appearance(f"<code>{encoded.get('code', '')}</code>"),
            number,
        )
        if first != number:
            raise ValueError(f"answers {first} and {number} look alike: change one or remove it")
        encoded |= {"correct": answer.get("correct", False), "feedback": _text(answer, "feedback", where)}
        answers.append(encoded)
    right = sum(answer["correct"] for answer in answers)
    if kind == "multiple_choice" and right != 1:
        raise ValueError(f"{right} answers have correct = true: mark exactly one, or make it many_choice")
    if kind == "many_choice" and right in (0, len(answers)):
        raise ValueError(f"{right} of {len(answers)} answers have correct = true: mark some, but not all")
    if not isinstance(question.get("keep_order", False), bool):
        raise ValueError(f"keep_order must be true or false, not {question['keep_order']!r}")
    if not question.get("keep_order"):
        # The same order for everybody and every run: "the second answer" means something in class.
        seed = hashlib.sha256(f"{quiz} {question['question']}".encode()).hexdigest()
        random.Random(seed).shuffle(answers)
    return {"answers": answers}


def _numeric(question: Question, quiz: str) -> Question:
    decimals = question.get("decimals")
    if decimals is not None and (type(decimals) is not int or not 0 <= decimals <= _MOST_DECIMALS):
        raise ValueError(f"decimals must be a whole number from 0 to {_MOST_DECIMALS}, not {decimals!r}")
    if "key" not in question:
        raise ValueError('it has no key: write key = "an expression"')
    key = _subject("key", partial(evaluate, question["key"]))
    test = _subject("key", partial(condition, key, decimals))
    answers = [test | {"correct": True, "feedback": _text(question, "right")}]
    matched = {as_typed(key, decimals): "the key"}
    for number, expected in enumerate(_expected(question), 1):
        where = f"value {number} in feedback"
        value = _subject(where, partial(evaluate, expected["value"]))
        wrong = _subject(where, partial(condition, value, decimals, _WRONG_DECIMALS))
        typed = as_typed(value if "range" in wrong else wrong["value"], decimals)
        if typed in matched or accepts(test, value):
            like = matched.get(typed, "the key")
            raise ValueError(f"{where} ({expected['value']}) counts as {like}: change it or remove it")
        matched[typed] = where
        answers.append(wrong | {"correct": False, "feedback": _text(expected, "text", where)})
    answers.append({"type": "default", "feedback": _text(question, "wrong")})
    return {"answers": answers} | ({} if decimals is None else {"decimals": decimals})


def _string(question: Question, quiz: str) -> Question:
    keys = question.get("key")
    keys = keys if isinstance(keys, list) else [keys]
    if not keys or not all(isinstance(key, str) and spelling(key) for key in keys):
        raise ValueError('it has no key: write key = "the answer", or a list of spellings')
    right = _text(question, "right")
    answers: list[Question] = []
    matched: dict[str, str] = {}

    def add(text: str, where: str, correct: bool, feedback: str) -> None:
        if spelling(text) in matched:
            raise ValueError(f"{where} ({text}) counts as {matched[spelling(text)]}: change it or remove it")
        matched[spelling(text)] = where
        answers.append({"answer": spelling(text), "correct": correct, "feedback": feedback})

    for number, key in enumerate(keys, 1):
        add(key, f"spelling {number} of the key" if len(keys) > 1 else "the key", True, right)
    for number, expected in enumerate(_expected(question), 1):
        where = f"value {number} in feedback"
        if not isinstance(expected["value"], str) or not spelling(expected["value"]):
            raise ValueError(f'{where} must be what the reader may type: write value = "…"')
        add(expected["value"], where, False, _text(expected, "text", where))
    answers.append({"type": "default", "feedback": _text(question, "wrong")})
    return {"answers": answers}


def _expected(question: Question) -> list[Question]:
    """Return the wrong answers that the author expects, each with `value` and `text`."""
    expected = question.get("feedback", [])
    if not isinstance(expected, list) or not all(isinstance(entry, dict) for entry in expected):
        raise ValueError("its feedback must be a list: write feedback = [ {value = …, text = …}, … ]")
    for number, entry in enumerate(expected, 1):
        _only(entry, {"value", "text"}, f"feedback {number}")
        if "value" not in entry:
            raise ValueError(f"feedback {number} has no value: write the wrong answer that it is for")
    return expected


def _subject(subject: str, compute: Callable[[], Any]) -> Any:
    """Put a subject before the clause of a ValueError."""
    try:
        return compute()
    except ValueError as error:
        raise ValueError(f"{subject} {error}") from error


def _only(table: Question, known: set[str], what: str) -> None:
    for field in table:
        if field not in known:
            raise ValueError(f"{what} has no field {field!r}: it has {', '.join(sorted(known))}")


def _text(table: Question, field: str, where: str = "it") -> str:
    text = table.get(field)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{where} has no {field}: write {field} = '…'")
    made: str = _subject(f"in {field}" if where == "it" else f"in {field} of {where},", partial(render, text))
    return made


def _code(table: Question, where: str = "it") -> str:
    code = table["code"]
    if not isinstance(code, str) or not code.strip():
        raise ValueError(f"{where} has an empty code: write it or remove the field")
    return render_code(code)
