"""Kernels that come up although another process has taken a port of theirs.

Jupyter chooses five ports, and the kernel binds them a second later. If anything on the machine takes one
of them in between (another kernel, a browser), the kernel dies, or hangs if it was the port of its outputs.
Both are chance, and nobody's notebook is to blame.
"""

import logging
from collections.abc import Callable
from typing import TypeVar

from nbclient.exceptions import DeadKernelError

STARTS = 3

Result = TypeVar("Result")


def start_again(execute: Callable[[], Result]) -> Result:
    """Call `execute`, which starts a kernel on new ports and runs a notebook; again if no kernel came up.

    Raises:
        RuntimeError: of the last try, when no kernel came up `STARTS` times.
    """
    for _ in range(STARTS - 1):
        try:
            return execute()
        except DeadKernelError:  # a RuntimeError too, but of a kernel that had come up
            raise
        except RuntimeError as error:
            logging.getLogger(__name__).warning("%s: starting another kernel.", error)
    return execute()
