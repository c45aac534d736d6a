"""Answers the judge about one copy of a student's process: what a name stands for, and what calls of it do.

The copy was made where the check cell stands. The judge asks long after, when the student's code can no
longer put anything out, so nothing that hidden cases tell a function can be shown to anybody.
"""

import os
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import protocol
import values
from confine import expendable
from shell import Shell

from helpers.exercises.engine.calling import Failure, Outcome, call_function
from helpers.exercises.engine.inspecting import inspect_function
from helpers.exercises.engine.limits import TimeUp
from helpers.exercises.engine.plain import Other, plain


def serve(channel: socket.socket, shell: Shell) -> None:
    """Answer the judge until it hangs up."""
    while True:
        try:
            request = protocol.receive(channel)
            for answer in {"look": _look, "call": _call}[request["do"]](channel, shell, request):
                protocol.send(channel, answer)
        except (EOFError, OSError):
            return


def _look(channel: socket.socket, shell: Shell, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What stands behind a name: its type, its value if it is a dict, what a function's code shows."""
    answer = shell.user_ns.get(request["name"])
    seen: dict[str, Any] = {
        "kind": "looked", "none": answer is None, "callable": callable(answer),
        "mapping": isinstance(answer, Mapping), "type": type(answer).__name__[:100], "value": None,
        "ready_made": "", "variables": [], "given_away": [],
    }  # fmt: skip
    if seen["mapping"]:
        seen["value"] = _encoded(plain(answer))
    elif seen["callable"]:
        about: Any = SimpleNamespace(
            name=request["name"], forbidden=request["forbidden"], allowed=request["allowed"]
        )
        facts = inspect_function(about, answer)
        seen |= {
            "ready_made": facts.ready_made,
            "variables": list(facts.notebook_variables),
            "given_away": [name for name, _ in facts.given_away],
        }
    yield seen


def _call(channel: socket.socket, shell: Shell, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Call a function with the arguments of each case: the outcomes that `check` itself would see.

    After a call that ran out of time the others are not tried.
    """

    def call_back(place: int, arguments: Any) -> Any:
        given = values.encode(plain(tuple(arguments)))
        protocol.send(channel, {"kind": "callback", "place": place, "arguments": given})
        reply = protocol.receive(channel)
        if reply["kind"] == "raised":
            raise {"TypeError": TypeError, "ValueError": ValueError}.get(reply["type"], RuntimeError)(
                reply["message"]
            )
        return values.decode(reply["value"])

    function = shell.user_ns.get(request["name"])
    for arguments in request["cases"]:
        outcome = _limited(
            function, values.decode(arguments, call_back), request["names"], request["seconds"]
        )
        failure = outcome.failure
        if failure is not None and failure.function == "call_back":  # our line, not theirs
            failure = replace(failure, function="", line="", number=0)
        yield vars(outcome) | {
            "kind": "called",
            "value": _encoded(outcome.value),
            "failure": vars(failure) if failure else None,
        }
        if failure is not None and failure.kind == "timeout":
            return


def _limited(function: Callable[..., Any], arguments: Any, names: list[str], seconds: float) -> Outcome:
    """Call a function once, for so many seconds of a processor.

    Time on a processor is what counts, for this machine may be busy; the other limit is for who sleeps, and
    does not count waiting for a processor.
    """
    signal.signal(signal.SIGPROF, _time_up)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        outcome = call_function(function, arguments, tuple(names), protocol.PATIENCE * seconds, locked=True)
    except TimeUp:  # it rang between the end of the call and ours
        outcome = Outcome(failure=Failure("timeout"))
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    if outcome.failure is not None and outcome.failure.kind == "timeout":
        # in the words that the student's own check has
        return replace(outcome, failure=replace(outcome.failure, message=f"{seconds:g} seconds"))
    return outcome


def _time_up(*_: Any) -> None:
    raise TimeUp


def _encoded(value: Any) -> Any:
    try:
        return values.encode(value)
    except values.CrossingError as error:
        return values.encode(Other(f"{type(value).__name__} ({error})"))


def frozen_copy(ends: list[socket.socket], place: int, shell: Shell) -> int:
    """Fork a copy of this process that answers on `ends[place]`; close that end here, return its number."""
    number = os.fork()
    if number == 0:
        try:
            with suppress(OSError):
                expendable(500)  # a later cell that eats all memory is ended before it
            for other, end in enumerate(ends):
                if other != place:
                    end.close()
            serve(ends[place], shell)
        finally:
            os._exit(0)
    ends[place].close()
    return number
