"""The conversation between the judge and a frozen copy of a student's process: one module, both sides.

A message is four bytes of length, then JSON, a table. The judge asks `look` (what stands behind a name) or
`call` (what it does with these arguments); a copy answers with one message for each thing it was asked,
`callback` messages in between where one of the judge's own functions was called. What a value looks like:
`values`.
"""

import json
import socket
import struct
from collections.abc import Callable
from typing import Any

FRAME = 24_000_000  # bytes of one message, at most
PATIENCE = 3  # times its limit that a call may take that sleeps instead of computing


def _for_ever() -> None:
    """Wait as long as it takes: what a copy does, for the judge may be busy."""


def send(channel: socket.socket, message: dict[str, Any], still: Callable[[], None] = _for_ever) -> None:
    """Send one message; `still` is called before each part, and raises when there is no time left."""
    raw = json.dumps(message, separators=(",", ":")).encode("ascii")
    left = memoryview(struct.pack("!I", len(raw)) + raw)
    while left:
        still()
        try:
            left = left[channel.send(left) :]
        except TimeoutError:
            continue


def receive(channel: socket.socket, still: Callable[[], None] = _for_ever) -> dict[str, Any]:
    """Receive one message; `still` as in `send`.

    Raises:
        EOFError: when the other side has gone.
        ValueError: if it is too long, or no JSON.
        TypeError: if it is no table.
    """
    (length,) = struct.unpack("!I", _exactly(channel, 4, still))
    if length > FRAME:
        raise ValueError("an answer is too long")
    message = json.loads(_exactly(channel, length, still))
    if type(message) is not dict:
        raise TypeError("an answer is no table")
    return message


def _exactly(channel: socket.socket, length: int, still: Callable[[], None]) -> bytes:
    parts = []
    while length:
        still()
        try:
            part = channel.recv(min(length, 1 << 20))
        except TimeoutError:
            continue
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)
