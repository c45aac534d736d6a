"""A small course in a folder of its own, for tests that release, hand in and grade."""

import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

from course import config
from course.authoring import pairs
from course.config import Course

REPOSITORY = Path(__file__).parents[2]

HEADER = """---
jupyter:
  kernelspec:
    display_name: Python 3 (ipykernel)
    language: python
    name: python3
---

"""

WELCOME = """# Welcome

```python
print("ready")
```
"""


def marks(grade_id: str, grade: bool = False, solution: bool = False, points: int | None = None) -> str:
    """A cell's nbgrader metadata as they stand in the text."""
    values = {"grade": grade, "grade_id": grade_id, "locked": not solution, "schema_version": 3}
    values |= {"solution": solution, "task": False} | ({"points": points} if grade else {})
    return f"nbgrader={json.dumps(values, sort_keys=True)}"


# Two functions with visible and hidden tests, one of them with partial credit, and one answer in words.
STRUCTURE = f"""# Structure

```python {marks("parameter_count", solution=True)}
def parameter_count(sizes):
    \"\"\"The number of weights and biases.\"\"\"
    ### BEGIN SOLUTION
    pairs = zip(sizes[:-1], sizes[1:])
    return sum(n_in * n_out + n_out for n_in, n_out in pairs)
    ### END SOLUTION
```

```python {marks("parameter_count_check", grade=True, points=3)}
points = 1 if parameter_count([2, 3, 1]) == 13 else 0
### BEGIN HIDDEN TESTS
points += 2 * (parameter_count([4, 5, 5, 2]) == 67)
### END HIDDEN TESTS
points
```

Why is a deep linear network not deep?

<!-- #region {marks("why", grade=True, solution=True, points=2)} -->
A product of matrices is one matrix, so all the layers together compute what a single one can.
<!-- #endregion -->

```python {marks("doubled", solution=True)}
def doubled(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```python {marks("doubled_check", grade=True, points=1)}
assert doubled(2) == 4
### BEGIN HIDDEN TESTS
hidden_seed = 48213
assert doubled(8.5) == 17.0
### END HIDDEN TESTS
```
"""

COURSE = """
title = "Small course"
[[lesson]]
folder = "00-welcome"
title = "Welcome"
minutes = 10
[[lesson]]
folder = "01-structure"
title = "Structure"
minutes = 60
graded = true
due = 2027-01-31T23:59:00+00:00
[limits]
cell_seconds = 2
submission_seconds = 60
[late]
grace_minutes = 15
percent_per_day = 10
maximum_percent = 50
"""


def make(root: Path, structure: str = STRUCTURE) -> Course:
    """Write the course into `root`, with the project's own nbgrader_config.py, and read it."""
    shutil.copytree(_made(structure).name, root, dirs_exist_ok=True)
    return config.load(root)


@cache
def _made(structure: str) -> tempfile.TemporaryDirectory[str]:
    """A folder that holds the course, to be copied: pairing text and notebook takes longer."""
    folder = tempfile.TemporaryDirectory()
    root = Path(folder.name)
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    (root / "course.toml").write_text(COURSE)
    for name, text in (("00-welcome", WELCOME), ("01-structure", structure)):
        directory = root / "lessons" / name
        directory.mkdir(parents=True)
        (directory / f"{name[3:]}.md").write_text(HEADER + text)
    shutil.copy(REPOSITORY / "lessons" / "jupytext.toml", root / "lessons")
    course = config.load(root)
    done, refused = pairs.sync(course, course.lessons)
    assert done, refused
    assert not refused
    return folder
