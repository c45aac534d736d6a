"""A reply from the sandbox is bounded, and what is no reply is refused."""

import json
import socket
import struct

import pytest

from course.grading.sandbox.inside import protocol


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_one_side_sends_the_other_receives(ends):
    ours, theirs = ends
    protocol.send(theirs, {"kind": "value", "value": [1, "é"]})
    protocol.send(theirs, {})
    assert protocol.receive(ours) == {"kind": "value", "value": [1, "é"]}
    assert protocol.receive(ours) == {}


def test_a_reply_that_is_too_long_is_refused_before_any_of_it_is_read(ends):
    ours, theirs = ends
    theirs.sendall(struct.pack("!I", protocol.FRAME + 1))
    with pytest.raises(ValueError, match="too long"):
        protocol.receive(ours)


@pytest.mark.parametrize(("said", "error"), [([1], TypeError), ("x", TypeError), (None, TypeError)])
def test_a_reply_that_is_no_table_is_refused(ends, said, error):
    ours, theirs = ends
    raw = json.dumps(said).encode()
    theirs.sendall(struct.pack("!I", len(raw)) + raw)
    with pytest.raises(error):
        protocol.receive(ours)


def test_a_reply_that_breaks_off_is_the_end_and_no_reply(ends):
    ours, theirs = ends
    theirs.sendall(struct.pack("!I", 10) + b'{"a"')
    theirs.close()
    with pytest.raises(EOFError):
        protocol.receive(ours)


def test_who_waits_for_a_reply_can_give_up(ends):
    ours, _ = ends
    ours.settimeout(0.01)

    def still():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        protocol.receive(ours, still)
