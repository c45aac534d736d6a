"""Ports for the servers that tests start."""

import contextlib
import random
import socket


def free_port() -> int:
    """A port of this machine, from below those that the system gives to anybody who asks for any.

    So nobody is likely to take it between now and the moment when the server binds it.
    """
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
