"""Releases a lesson again whose exercises have changed after hand-ins, and keeps every other grade.

nbgrader refuses to add or remove a cell once there are submissions. Here a cell that is gone takes its own
grades with it, a renamed one (`renamed` in course.toml) keeps them, and a new one waits for `course grade`.
"""

from typing import Any

import sqlalchemy as sa
from nbformat import NotebookNode
from nbgrader.api import MissingEntry
from nbgrader.preprocessors import SaveCells
from traitlets import Dict

from course.grading.gradebook import schema

_SOURCE = sa.table("source_cell", sa.column("id"), sa.column("name"), sa.column("notebook_id"))
_KINDS = ("grade", "solution", "task", "source")


class SaveChangedCells(SaveCells):
    """nbgrader's step, for a notebook that has been handed in already."""

    renamed = Dict(help="For each lesson, the new name of every cell that was renamed.").tag(config=True)

    def _create_notebook(self, nb: NotebookNode) -> None:
        try:
            notebook: Any = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        except MissingEntry:
            notebook = None
        if notebook is not None and notebook.submissions:
            self._follow(notebook)
        super()._create_notebook(nb)

    def _follow(self, notebook: Any) -> None:
        """Give the gradebook the cells that the lesson has now."""
        database = self.gradebook.db
        new = {kind: getattr(self, f"new_{kind}_cells") for kind in _KINDS}
        names = {kind: {cell.name for cell in getattr(notebook, f"{kind}_cells")} for kind in _KINDS}
        for old, now in self.renamed.get(self.assignment_id, {}).items():
            if any(now in new[kind] and old in names[kind] and now not in names[kind] for kind in _KINDS):
                for table in (schema.CELL, _SOURCE):
                    cells = sa.and_(table.c.notebook_id == notebook.id, table.c.name == old)
                    database.execute(table.update().where(cells).values(name=now))
                names = {kind: {now if one == old else one for one in names[kind]} for kind in _KINDS}
        database.flush()
        database.expire_all()
        for kind in _KINDS:
            for cell in list(getattr(notebook, f"{kind}_cells")):
                if cell.name not in new[kind]:
                    self._drop(cell.id)
        database.commit()
        database.expire_all()
        for kind in _KINDS:
            create = getattr(self.gradebook, f"update_or_create_{kind}_cell")
            for name, about in new[kind].items():
                if name not in names[kind]:
                    create(name, self.notebook_id, self.assignment_id, **about)

    def _drop(self, cell: str) -> None:
        """Delete a cell with its grades and comments."""
        database = self.gradebook.db
        database.execute(schema.GRADE.delete().where(schema.GRADE.c.cell_id == cell))
        database.execute(schema.COMMENT.delete().where(schema.COMMENT.c.cell_id == cell))
        for table in ("grade_cells", "solution_cells", "task_cells", "source_cell", "base_cell"):
            one = sa.table(table, sa.column("id"))
            database.execute(one.delete().where(one.c.id == cell))
