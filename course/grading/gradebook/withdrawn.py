"""Takes out of the gradebook what could not be graded and was taken away, say to its right lesson."""

from collections.abc import Sequence

import sqlalchemy as sa

from course.grading.gradebook import schema
from course.grading.gradebook.batch import RESULTS


def withdraw(connection: sa.Connection, lesson: str, students: Sequence[str]) -> list[str]:
    """Delete these students' entries of a lesson, except where a person has entered something.

    Returns:
        The students whose entries were deleted. The caller's transaction commits it.
    """
    submitted, notebook = schema.SUBMITTED_ASSIGNMENT, schema.SUBMITTED_NOTEBOOK
    grade, comment = schema.GRADE, schema.COMMENT
    assignment = sa.select(schema.ASSIGNMENT.c.id).where(schema.ASSIGNMENT.c.name == lesson).scalar_subquery()
    gone = []
    for student in students:
        mine = (submitted.c.assignment_id == assignment, submitted.c.student_id == student)
        notebooks = sa.select(notebook.c.id).where(
            notebook.c.assignment_id.in_(sa.select(submitted.c.id).where(*mine))
        )
        ids = list(connection.scalars(notebooks))
        by_hand = (
            sa.select(grade.c.id).where(
                grade.c.notebook_id.in_(ids),
                sa.or_(grade.c.manual_score.is_not(None), grade.c.extra_credit.is_not(None)),
            ),
            sa.select(comment.c.id).where(
                comment.c.notebook_id.in_(ids), comment.c.manual_comment.is_not(None)
            ),
        )
        if any(connection.execute(query).first() for query in by_hand):
            continue
        for table, conditions in (
            (grade, (grade.c.notebook_id.in_(ids),)),
            (comment, (comment.c.notebook_id.in_(ids),)),
            (notebook, (notebook.c.id.in_(ids),)),
            (submitted, mine),
            (RESULTS, (RESULTS.c.assignment == lesson, RESULTS.c.student == student)),
        ):
            connection.execute(sa.delete(table).where(*conditions))
        gone.append(student)
    return gone
