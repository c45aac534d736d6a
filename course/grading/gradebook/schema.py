"""The columns of nbgrader's tables that grading reads and writes: nbgrader itself takes seconds to load.

nbgrader makes the tables. A test compares these columns with its own.
"""

import sqlalchemy as sa

_KEY, _NAME = sa.String(32), sa.String(128)

COURSE = sa.table("course", sa.column("id", _NAME))
ASSIGNMENT = sa.table(
    "assignment", sa.column("id", _KEY), sa.column("name", _NAME), sa.column("duedate", sa.DateTime)
)
NOTEBOOK = sa.table(
    "notebook", sa.column("id", _KEY), sa.column("name", _NAME), sa.column("assignment_id", _KEY)
)
CELL = sa.table(
    "base_cell",
    sa.column("id", _KEY),
    sa.column("name", _NAME),
    sa.column("notebook_id", _KEY),
    sa.column("type", sa.String(50)),
)
GRADE_CELL = sa.table("grade_cells", sa.column("id", _KEY), sa.column("max_score", sa.Float))
TASK_CELL = sa.table("task_cells", sa.column("id", _KEY), sa.column("max_score", sa.Float))
STUDENT = sa.table("student", sa.column("id", _NAME))
SUBMITTED_ASSIGNMENT = sa.table(
    "submitted_assignment",
    sa.column("id", _KEY),
    sa.column("assignment_id", _KEY),
    sa.column("student_id", _NAME),
    sa.column("timestamp", sa.DateTime),
    sa.column("extension", sa.Interval),
)
SUBMITTED_NOTEBOOK = sa.table(
    "submitted_notebook",
    sa.column("id", _KEY),
    sa.column("assignment_id", _KEY),
    sa.column("notebook_id", _KEY),
    sa.column("flagged", sa.Boolean),
    sa.column("late_submission_penalty", sa.Float),
)
GRADE = sa.table(
    "grade",
    sa.column("id", _KEY),
    sa.column("notebook_id", _KEY),
    sa.column("cell_id", _KEY),
    sa.column("auto_score", sa.Float),
    sa.column("manual_score", sa.Float),
    sa.column("extra_credit", sa.Float),
    sa.column("needs_manual_grade", sa.Boolean),
)
COMMENT = sa.table(
    "comment",
    sa.column("id", _KEY),
    sa.column("notebook_id", _KEY),
    sa.column("cell_id", _KEY),
    sa.column("auto_comment", sa.Text),
    sa.column("manual_comment", sa.Text),
)
ALL = (
    COURSE, ASSIGNMENT, NOTEBOOK, CELL, GRADE_CELL, TASK_CELL, STUDENT, SUBMITTED_ASSIGNMENT,
    SUBMITTED_NOTEBOOK, GRADE, COMMENT,
)  # fmt: skip
