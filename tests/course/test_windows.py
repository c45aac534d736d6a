"""Windows as far as Linux can play it: what only POSIX has is hidden from the project's own code."""

import subprocess
import sys
from pathlib import Path

import pytest

from course.cli import main
from tests.course.grading.classroom import FOLDER, answered, hand_in, make_course, released

# Other people's packages know on which system they are, so they are loaded before anything is hidden.
PRELUDE = """
import os, pkgutil, sys
from importlib import import_module
import course, helpers
NAMES = ["course", "helpers"]
for package in (course, helpers):
    NAMES += [module.name for module in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
# What runs in the sandbox, and the step into it, is Linux's own.
NAMES = [name for name in NAMES if ".sandbox.inside" not in name and name != "course.grading.sandbox.launch"]
for name in NAMES:
    import_module(name)
import nbgrader.apps, distributed, tqdm
for name in [name for name in sys.modules if name.split(".")[0] in ("course", "helpers")]:
    del sys.modules[name]

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name in ("fcntl", "grp", "pwd", "pty", "resource", "termios"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

for name in ("fcntl", "grp", "pwd", "pty", "resource", "termios"):
    sys.modules.pop(name, None)
sys.meta_path.insert(0, Hidden())
for name in ("fork", "getuid", "geteuid", "getgid", "killpg", "setsid", "O_DIRECTORY", "O_NOFOLLOW"):
    delattr(os, name)
sys.platform = "win32"
"""


def on_windows(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", PRELUDE + code], capture_output=True, text=True)


def test_every_module_can_be_imported() -> None:
    done = on_windows("for name in NAMES: import_module(name)\nprint(len(NAMES))")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100


@pytest.mark.sandbox
def test_instructors_commands_work_or_say_where_to_go(tmp_path: Path) -> None:
    course = make_course(tmp_path / "course")
    hand_in(course, "ada", answered(released(course)))
    assert main(["--root", str(course.root), "grade"]) == 0
    (course.root / "list.csv").write_text("id,lms_user_id\nada,7\n")
    (course.root / "new").mkdir()
    (course.root / "new" / "lovelaceada_7_1_structure.ipynb").write_bytes(b"{}")
    (course.classroom / ".grading.lock").unlink()  # as it is on a machine that the gradebook was copied to
    done = on_windows(
        "from course.cli import main\n"
        "for command in ('export', 'report', 'grade', 'doctor', 'extend', 'diff'):\n"
        f"    print(command, main(['--root', {str(course.root)!r}, command]))\n"
        f"for more in (['roster', {str(course.root / 'list.csv')!r}],"
        f" ['collect', {str(course.root / 'new')!r}, 'structure'],"
        " ['void', 'structure', 'layer_shapes', '--out', '--why', 'x'], ['rename', 'ada', 'ada2'],"
        f" ['feedback', 'structure', '--zip', 'canvas', '--like', {str(course.root / 'new')!r}]):\n"
        f"    print(more[0], main(['--root', {str(course.root)!r}, *more]))"
    )
    assert done.returncode == 0, done.stderr
    assert "1 scores are in" in done.stdout
    assert "the report is" in done.stdout
    assert "course grade: Windows cannot run students' code safely; grade in WSL" in done.stderr
    assert "win32 has no namespaces" in done.stdout
    codes = [line for line in done.stdout.splitlines() if line[-2:] in (" 0", " 1", " 2")]
    first = ["export 0", "report 0", "grade 2", "doctor 1", "extend 0", "diff 0"]
    assert "1 page is in " in done.stdout
    assert (course.classroom / "feedback-01-structure.zip").stat().st_size > 1000
    assert codes == [*first, "roster 0", "collect 0", "void 0", "rename 0", "feedback 0"]
    assert (course.classroom / "submitted" / "ada2" / FOLDER / "structure.ipynb").read_bytes() == b"{}"
