"""The gradebook's tables: the columns of nbgrader's that are read and written here, and one table of our own.

nbgrader makes its tables, and takes seconds to load; a test compares these columns with its own.
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
STUDENT = sa.table(
    "student",
    sa.column("id", _NAME),
    sa.column("first_name", _NAME),
    sa.column("last_name", _NAME),
    sa.column("email", _NAME),
    sa.column("lms_user_id", _NAME),
)
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

# Ours: what was graded, by what, its state, and what is worth knowing about it.
METADATA = sa.MetaData()
RESULTS = sa.Table(
    "course_result",
    METADATA,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("submission", sa.String(32), nullable=False),  # digests of what was graded, for what, by what
    sa.Column("lesson", sa.String(16), nullable=False),
    sa.Column("grader", sa.String(16), nullable=False),
    sa.Column("state", sa.String(32), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("details", sa.Text, nullable=False),  # JSON: repairs, diagnoses, times, prints, seconds
)
# Until when a student may hand in a lesson, decided with `course extend`: it outlives whatever is handed in.
EXTENSIONS = sa.Table(
    "course_extension",
    METADATA,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("until", sa.DateTime, nullable=False),  # in UTC
    sa.Column("why", sa.Text, nullable=False),
)
# Who is on the class list that `course roster` read; their names stand in nbgrader's table of students.
ROSTER = sa.Table(
    "course_roster",
    METADATA,
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("github", sa.String(128), nullable=False),
)
# From which id a student's own numbers follow, after `course rename`: the first.
NUMBERS = sa.Table(
    "course_numbers",
    METADATA,
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("first", sa.String(128), nullable=False),
)
# Who gave the points by hand that stand in nbgrader's table of grades.
GRADERS = sa.Table(
    "course_grader",
    METADATA,
    sa.Column("grade", sa.String(32), primary_key=True),
    sa.Column("grader", sa.String(128), nullable=False),
)
# What somebody else had given before, for the same grade.
OVERRULED = sa.Table(
    "course_overruled",
    METADATA,
    sa.Column("grade", sa.String(32), primary_key=True),
    sa.Column("grader", sa.String(128), nullable=False),
    sa.Column("points", sa.Float, nullable=False),
)
# Graded cells that were wrong, withdrawn with `course void`.
VOIDS = sa.Table(
    "course_void",
    METADATA,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("cell", sa.String(128), primary_key=True),
    sa.Column("how", sa.String(8), nullable=False),  # full points for all, or out of the total
    sa.Column("why", sa.Text, nullable=False),
)
# Everybody's points before something changed them, for `course diff`.
SNAPSHOTS = sa.Table(
    "course_snapshot",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("taken", sa.DateTime, nullable=False),  # in UTC
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),  # JSON
)
# Which cell's points are whose, for what: every reader of points joins them so.
POINTS = (
    GRADE.join(SUBMITTED_NOTEBOOK, GRADE.c.notebook_id == SUBMITTED_NOTEBOOK.c.id)
    .join(SUBMITTED_ASSIGNMENT, SUBMITTED_NOTEBOOK.c.assignment_id == SUBMITTED_ASSIGNMENT.c.id)
    .join(ASSIGNMENT, SUBMITTED_ASSIGNMENT.c.assignment_id == ASSIGNMENT.c.id)
    .join(CELL, GRADE.c.cell_id == CELL.c.id)
)


def worth(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> dict[str, float]:
    """What the graded cells of the released notebooks that meet the conditions are worth, by name."""
    cells = CELL.join(NOTEBOOK, CELL.c.notebook_id == NOTEBOOK.c.id).join(
        ASSIGNMENT, NOTEBOOK.c.assignment_id == ASSIGNMENT.c.id
    )
    points: dict[str, float] = {}
    for graded in (GRADE_CELL, TASK_CELL):
        joined = cells.join(graded, graded.c.id == CELL.c.id)
        rows = connection.execute(
            sa.select(CELL.c.name, graded.c.max_score).select_from(joined).where(*conditions)
        )
        points |= {row.name: float(row.max_score) for row in rows}
    return points
