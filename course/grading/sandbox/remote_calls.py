"""Frozen copies of a student's process, as the judge sees them: looked at, called, and never believed.

Whatever comes back is reduced to the forms that an honest answer can have, every text and array capped.
A copy that breaks the rules of the conversation is not asked again: its calls fail.
"""

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from course.grading.sandbox.inside import protocol, values
from course.grading.sandbox.own_time import TICK, OwnTime
from helpers.exercises.engine.calling import Failure, Outcome
from helpers.exercises.engine.exercise import Case, Exercise

LOOK_SECONDS = 10.0
TOO_LONG = "it did not return in time and could not be stopped"
DIED = "its process has ended"
USED_UP = "the time for judging was used up"
_GONE = {TOO_LONG: ("timeout", ""), USED_UP: ("timeout", "")}


class _UsedUpError(Exception):
    """The submission has had all the time that judging may take."""


@dataclass(frozen=True)
class Seen:
    """What stands behind a name in a student's process, as far as the process tells the truth."""

    none: bool
    callable: bool
    mapping: bool
    type: str
    value: Any
    ready_made: str
    variables: tuple[str, ...]
    given_away: tuple[str, ...]


class Copy:
    """A frozen copy of a student's process at one check cell: it can be looked at, and its functions called.

    Never raises for what a student did. A copy that breaks the rules of the conversation is not asked again.
    """

    def __init__(self, channel: socket.socket, own: OwnTime, deadline: float, grace: float) -> None:
        self._channel, self._own, self._deadline, self._grace = channel, own, deadline, grace
        channel.settimeout(TICK)
        self.gone = ""  # why it is not asked any more

    def look(self, exercise: Exercise) -> Seen | None:
        """What stands behind the name of the exercise; None if the copy is gone."""
        request = {
            "do": "look", "name": exercise.name,
            "forbidden": dict(exercise.forbidden), "allowed": list(exercise.allowed),
        }  # fmt: skip
        return next(iter(self._ask(request, LOOK_SECONDS, [], _seen)), None)

    def calls(self, exercise: Exercise, cases: Sequence[Case]) -> list[Outcome]:
        """Call the function of the exercise with the arguments of each case.

        All cases are sent at once, for every turn of a conversation costs more than a call. After a call that
        ran out of time the others are not tried, and have its failure.
        """
        functions: list[Callable[..., Any]] = []
        request = {
            "do": "call", "name": exercise.name, "names": exercise.names, "seconds": exercise.seconds,
            "cases": [values.encode(case.arguments, functions) for case in cases],
        }  # fmt: skip
        seconds = protocol.PATIENCE * exercise.seconds + self._grace
        outcomes = self._ask(request, seconds, functions, _outcome, len(cases))
        if len(outcomes) < len(cases):
            failure = outcomes[-1].failure if outcomes else None
            if self.gone:
                failure = Failure(*_GONE.get(self.gone, ("raised", "SystemExit")), self.gone)
            outcomes += [Outcome(failure=failure)] * (len(cases) - len(outcomes))
        return outcomes

    def _ask(
        self,
        request: Any,
        seconds: float,
        functions: list[Callable[..., Any]],
        read: Callable[[Any], Any],
        count: int = 1,
    ) -> list[Any]:
        """Send a request; so many answers, or fewer if the copy is gone or a call ran out of time."""
        answers: list[Any] = []
        if self.gone:
            return answers
        try:
            protocol.send(self._channel, request, self._still(self._own.now() + seconds))
            while len(answers) < count:
                still = self._still(self._own.now() + seconds)
                while (reply := protocol.receive(self._channel, still)).get("kind") == "callback":
                    protocol.send(self._channel, _called_back(reply, functions), still)
                answers.append(read(reply))
                failure = getattr(answers[-1], "failure", None)
                if failure is not None and failure.kind == "timeout":
                    break
            return answers
        except _UsedUpError:
            self.gone = USED_UP
        except TimeoutError:
            self.gone = TOO_LONG
        except (OSError, EOFError):
            self.gone = DIED
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, MemoryError) as error:
            self.gone = f"it answered in a form that is not allowed ({type(error).__name__})"
        self._channel.close()
        return answers

    def _still(self, until: float) -> Callable[[], None]:
        """What raises when it is `until` on the submission's own clock, or its time for judging is over."""

        def still() -> None:
            if self._own.passed(self._deadline) or self._own.used_up:
                raise _UsedUpError
            if self._own.passed(until):
                raise TimeoutError

        return still


def _called_back(reply: dict[str, Any], functions: list[Callable[..., Any]]) -> dict[str, Any]:
    """Call one of our own functions for the student's; whatever it makes of the arguments goes back."""
    place = reply["place"]
    if type(place) is not int or not 0 <= place < len(functions):
        raise ValueError("a function that was not given")
    arguments = values.decode(reply["arguments"])
    if type(arguments) is not tuple:
        raise TypeError("arguments are a tuple")
    try:
        return {"kind": "value", "value": values.encode(functions[place](*arguments))}
    except Exception as error:
        return {"kind": "raised", "type": type(error).__name__, "message": str(error)[:500]}


def _seen(reply: dict[str, Any]) -> Seen:
    if reply["kind"] != "looked":
        raise ValueError("an answer to another question")
    return Seen(
        none=reply["none"] is True,
        callable=reply["callable"] is True,
        mapping=reply["mapping"] is True,
        type=_text(reply["type"], 100),
        value=values.decode(reply["value"]),
        ready_made=_text(reply["ready_made"], 300),
        variables=_texts(reply["variables"]),
        given_away=_texts(reply["given_away"]),
    )


def _outcome(reply: dict[str, Any]) -> Outcome:
    """An outcome, reduced to the forms that an honest call can have."""
    if reply["kind"] != "called":
        raise ValueError("an answer to another question")
    failure = None
    if reply["failure"] is not None:
        told = reply["failure"]
        if told["kind"] not in ("raised", "unwritten", "signature", "timeout"):
            raise ValueError("an unknown kind of failure")
        words = {key: _text(told[key], 300) for key in ("type", "message", "function", "line", "seen")}
        failure = Failure(told["kind"], number=int(told["number"]), **words)
    used = reply["rng_used"]
    return Outcome(
        value=None if failure else values.decode(reply["value"]),
        failure=failure,
        returned=_text(reply["returned"], 100),
        iterator=reply["iterator"] is True,
        printed=_text(reply["printed"], 2000),
        warned=_texts(reply["warned"]),
        mutated=_texts(reply["mutated"]),
        rng_used=used if type(used) is bool else None,
        global_rng=reply["global_rng"] is True,
        seconds=float(reply["seconds"]),
    )


def _text(value: Any, length: int) -> str:
    if type(value) is not str:
        raise TypeError("text was expected")
    return value[:length]


def _texts(items: Any) -> tuple[str, ...]:
    return tuple(_text(item, 300) for item in items[:20])
