"""A kernel whose port another process has taken: nobody's notebook is to blame, so another one is started."""

import socket
from collections.abc import Callable

import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from course.authoring.kernels import STARTS, start_again
from course.nbgrader.fixes import ExecuteWithinLimits


def by_course_run(notebook: NotebookNode, manager: type) -> None:
    client = NotebookClient(notebook, startup_timeout=12, kernel_manager_class=manager)
    start_again(client.execute)


def by_nbgrader(notebook: NotebookNode, manager: type) -> None:
    step = ExecuteWithinLimits(startup_timeout=12, kernel_manager_class=manager)
    step.preprocess(notebook, {"unique_key": "anna", "metadata": {"path": "."}})


@pytest.mark.parametrize(
    ("which", "run"),
    [("iopub_port", by_nbgrader), ("shell_port", by_course_run)],
    ids=["a kernel that hangs", "a kernel that dies"],
)
def test_a_port_that_is_taken_for_a_while_costs_nothing(which: str, run: Callable) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    managers = []

    class OnThatPort(AsyncKernelManager):
        """Its kernel wants the port, which is free from the second kernel on."""

        def __init__(self, *arguments, **names) -> None:
            super().__init__(*arguments, **names)
            managers.append(self)
            self.cache_ports = False  # else all five are chosen anew
            setattr(self, which, port)
            if len(managers) == 2:
                taken.close()

    notebook = new_notebook(cells=[new_code_cell("6 * 7")])
    run(notebook, OnThatPort)
    assert notebook.cells[0].outputs[0].data["text/plain"] == "42"
    assert len(managers) >= 2  # the port was in the way


def test_a_kernel_that_never_comes_up_is_an_error_in_the_end() -> None:
    starts = []

    def execute() -> None:
        starts.append(1)
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    with pytest.raises(RuntimeError, match="didn't respond"):
        start_again(execute)
    assert len(starts) == STARTS


def test_a_kernel_that_dies_at_work_is_not_started_again() -> None:
    notebook = new_notebook(cells=[new_code_cell("import os; os._exit(1)")])
    client = NotebookClient(notebook)
    with pytest.raises(DeadKernelError):
        start_again(client.execute)
