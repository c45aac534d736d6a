"""The cells of a graded notebook: what is the student's made inert, the judge's report at the checks."""

from typing import Any

from course.grading.judging import sanitize
from course.grading.judging.judge import Judgement
from course.grading.submissions.intake import Cell


def shown_cell(
    place: int, cell: Cell, outputs: list[dict[str, Any]], judged: dict[str, Judgement]
) -> dict[str, Any]:
    """One cell of the graded notebook, everything of the student's in it made inert."""
    released = cell.released
    metadata: dict[str, Any] = {}
    if released is not None:
        metadata = {"nbgrader": dict(released.marks), "deletable": False}
        if released.tags:
            metadata["tags"] = list(released.tags)
        if released.fixed:
            metadata["editable"] = False
    fixed = released is not None and released.fixed
    if cell.cell_type != "code":
        source = cell.source if fixed else sanitize.markdown(cell.source)
        made = {"cell_type": cell.cell_type, "metadata": metadata, "source": source}
        return made | ({"attachments": cell.attachments} if cell.attachments else {})
    if released is not None and released.grade_id in judged:
        shown = _judged(judged[released.grade_id])
    else:
        shown = [inert for one in outputs if (inert := sanitize.output(one))]
    return {
        "cell_type": "code", "metadata": metadata, "source": cell.source, "outputs": shown,
        "execution_count": None,
    }  # fmt: skip


def _judged(judgement: Judgement) -> list[dict[str, Any]]:
    """The output of a check cell: the judge's report, and the points as nbgrader reads them."""
    if judgement.points is None:
        sentence = f"Not judged: {judgement.problem}. A person will look at it.\n"
        return [{"output_type": "stream", "name": "stdout", "text": sentence}]
    report = {"text/html": judgement.html, "text/plain": sanitize.text(judgement.text)}
    points = {"text/plain": f"{judgement.points:.10g}"}
    return [
        {"output_type": "display_data", "data": report, "metadata": {}},
        {"output_type": "execute_result", "data": points, "metadata": {}, "execution_count": None},
    ]
