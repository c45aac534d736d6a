"""Makes whatever a student handed in gradable, or says in a sentence why it is not; it never raises.

Only the student's own words are taken from a submission: the sources of cells, in their order. What nbgrader
must be able to rely on (which cell is which, points, locked sources, tags) comes from the release.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from course.grading.assignment import ANSWER, CHECK, SOLUTION, Assignment, Released, defined
from course.grading.submissions.beside import answered_beside
from course.grading.submissions.notebook_parser import printable, raw_cells
from helpers.exercises import bringing
from helpers.exercises.variants import keys_in

MISSING_ANSWER = "The answer's cell was missing from the submission. Look for the answer elsewhere in it."
_EDITED = "locked but had been edited; it is as released again"
MISSING_CODE = "# This cell was missing from the submission."


@dataclass
class Cell:
    """One cell to run and to show; `released` if the release knows it."""

    cell_type: str
    source: str
    released: Released | None = None
    attachments: dict[str, Any] = field(default_factory=dict)
    ran_at: str = ""  # when the student last ran it, if the notebook says so
    own: bool = False  # is it a cell that the student has made?
    beside: str = ""  # for an untouched answer: where else the student may have answered

    @property
    def untouched(self) -> bool:
        """Is it as it was released, but for what editors and Git change by themselves?"""
        return self.released is not None and bare(self.source) == bare(self.released.source)


@dataclass
class Intake:
    """A submission as it will be graded: its cells and what was mended; or why it cannot be."""

    cells: list[Cell] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    refused: str = ""
    used: str = ""  # the file that was taken


def take_in(files: Sequence[tuple[str, bytes]], assignment: Assignment) -> Intake:
    """Choose the notebook among the files of a submission and make it gradable.

    `files` are (name, content). Of several notebooks of the lesson the one that holds work is taken, the one
    with the expected name first; if two hold different work, a person has to say which one counts.
    """
    expected = f"{assignment.notebook}.ipynb"
    ordered = sorted(files, key=lambda file: file[0] != expected)
    refusals: list[str] = []
    readable: list[Intake] = []
    for name, content in ordered:
        taken = _one(content, assignment)
        taken.used = name
        if taken.refused:
            refusals.append(f"{printable(name)} {taken.refused}")
        else:
            readable.append(taken)
    if not readable:
        return Intake(refused="; ".join(refusals) or f"there is no notebook; {expected} was expected")
    worked = [taken for taken in readable if _work(taken)]
    different = [taken for taken in worked if _work(taken) != _work(worked[0])]
    if different:
        names = f"{printable(worked[0].used)} and {printable(different[0].used)}"
        return Intake(
            refused=f"{names} hold different work; keep the one that counts and take the other away"
        )
    chosen = (worked or readable)[0]
    if refusals:
        chosen.repairs.insert(0, refusals[0])
    if chosen.used != expected:
        chosen.repairs.insert(0, f"{printable(chosen.used)} was taken for {expected}")
    unworked = [printable(taken.used) for taken in readable if taken is not chosen and not _work(taken)]
    if worked and unworked:
        chosen.repairs.append(f"{', '.join(unworked)}, beside it, held no work")
    return chosen


def _work(taken: Intake) -> dict[str, list[str]]:
    """What a student has written into the cells that were released to be filled, by their names."""
    return {
        cell.released.grade_id: cell.source.split()  # blanks and line ends are no work
        for cell in taken.cells
        if cell.released
        and not cell.released.fixed
        and cell.source not in (MISSING_ANSWER, MISSING_CODE)
        and cell.source.split() != cell.released.source.split()
    }


def _one(content: bytes, assignment: Assignment) -> Intake:
    repairs: list[str] = []
    try:
        raw = raw_cells(content, repairs)
    except ValueError as error:
        return Intake(refused=str(error))
    known = {cell.grade_id: cell for cell in assignment.cells}
    for cell in raw:  # a notebook of an older release calls some cells by their names of then
        cell["grade_id"] = assignment.renamed.get(cell["grade_id"], cell["grade_id"])
    placed = _identified(raw, known, repairs)
    if not any(released for _, released in placed):
        return Intake(refused=_foreign(raw, assignment))
    cells = _assembled(placed, assignment, repairs)
    return Intake(cells, repairs)


def _identified(
    raw: list[dict[str, Any]], known: Mapping[str, Released], repairs: list[str]
) -> list[tuple[dict[str, Any], Released | None]]:
    """Say of every cell which one of the release it is: by name, by cell id, or by what it defines."""
    owner: dict[str, int] = {}
    for place, cell in enumerate(raw):
        name = cell["grade_id"]
        if name in known:
            if name in owner:
                repairs.append(f"{name} occurred more than once; the last one counts")
            owner[name] = place
    taken = set(owner.values())
    for name, released in known.items():
        if name in owner or released.fixed:
            continue
        free = [place for place in range(len(raw)) if place not in taken]
        found = [p for p in free if released.cell_id and raw[p]["id"] == released.cell_id]
        if not found and released.defines:
            found = [
                p
                for p in free
                if raw[p]["cell_type"] == "code" and set(released.defines) <= set(defined(raw[p]["source"]))
            ]
        if found:
            owner[name] = found[-1]
            taken.add(found[-1])
            repairs.append(f"{name} had lost its name and was recognised")
    named = {place: known[name] for name, place in owner.items()}
    return [(cell, named.get(place)) for place, cell in enumerate(raw)]


def _assembled(
    placed: list[tuple[dict[str, Any], Released | None]], assignment: Assignment, repairs: list[str]
) -> list[Cell]:
    """The cells in the student's order, the release's own restored, missing ones back in their places."""
    cells: list[Cell] = []
    for cell, released in placed:
        if released is None:
            own = not assignment.is_prose(cell["id"], bare(cell["source"])) and (
                cell["cell_type"] != "code" or cell["source"] not in assignment.own
            )
            cells.append(
                Cell(cell["cell_type"], cell["source"], None, cell["attachments"], cell["ran_at"], own)
            )
            continue
        repairs.extend(_differences(cell, released))
        source = released.source if released.fixed else cell["source"]
        attachments = cell["attachments"] if released.cell_type == "markdown" else {}
        cells.append(Cell(released.cell_type, source, released, attachments, cell["ran_at"]))
    present = {cell.released.grade_id for cell in cells if cell.released}
    for number, released in enumerate(assignment.cells):
        if released.grade_id not in present:
            repairs.append(f"{released.grade_id} was missing and was put back")
            source = released.source
            if released.kind == ANSWER:
                source = MISSING_ANSWER if released.cell_type == "markdown" else MISSING_CODE
            elif released.kind == SOLUTION:
                source = MISSING_CODE if released.cell_type == "code" else ""
            place = _after(cells, assignment.cells[:number])
            if released.kind == CHECK and not _stands_there(cells, assignment.cells[:number]):
                place = max(place, _mentioned(cells, released.exercise))
            cells.insert(place, Cell(released.cell_type, source, released))
    _checks_after_their_solutions(cells, assignment, repairs)
    _bring(cells, assignment, repairs)
    for place, one in enumerate(cells):
        if one.released and one.released.kind == ANSWER and one.untouched:
            one.beside = answered_beside(cells, place)
    return cells


def _bring(cells: Sequence[Cell], assignment: Assignment, repairs: list[str]) -> None:
    """Where a cell still says `bring(...)`, put the course's code of earlier lessons in its place.

    It is what the lesson offers to whoever runs the cell, and never an exercise of the lesson itself.
    """
    for cell in cells:
        if cell.cell_type == "code" and "bring(" in cell.source and assignment.brought:
            source = bringing.replaced(cell.source, dict(assignment.brought))
            if source != cell.source:
                cell.source = source
                repairs.append(
                    "a cell that brings earlier functions had not been run; the course's own stand in it"
                )


def _differences(cell: Mapping[str, Any], released: Released) -> list[str]:
    """What the submission claims about a cell that the release knows better, in words."""
    found = []
    name = released.grade_id
    if cell["cell_type"] != released.cell_type:
        found.append(f"{name} had become {cell['cell_type']} and is {released.cell_type} again")
    if released.fixed and bare(cell["source"]) != bare(released.source):
        found.append(_other_numbers(cell["source"], released) or f"{name} is {_EDITED}")
    for key in ("schema_version", "grade", "solution", "locked"):  # points are mended after a release
        if key in released.marks and cell["grade_id"] and cell["marks"].get(key) != released.marks[key]:
            found.append(f"{name} claimed another value for {key}; ignored")
    if cell["tags"] not in (None, list(released.tags)) and cell["tags"] != []:
        found.append(f"{name} had other tags; ignored")
    return found


def _other_numbers(source: str, released: Released) -> str:
    """What is different in a check that was released with the numbers of another student, or of none."""
    key = keys_in(source).get(released.exercise)
    if not released.variant or key is None or key == released.variant:
        return ""
    whose = f"of the variant {key}" if key else "that the lesson prints for all"
    return f"{released.grade_id} came with the numbers {whose}; the student's own count"


def bare(source: str) -> str:
    """A cell without what editors and Git change by themselves: line ends, blanks around it."""
    return "\n".join(source.splitlines()).strip()


def _after(cells: list[Cell], before: Sequence[Released]) -> int:
    """Where a missing cell goes: behind the last cell that stands before it in the release."""
    names = {released.grade_id for released in before}
    places = [place for place, cell in enumerate(cells) if cell.released and cell.released.grade_id in names]
    return max(places) + 1 if places else 0


def _stands_there(cells: Sequence[Cell], before: Sequence[Released]) -> bool:
    """Was the solution that stands before a check recognised?"""
    names = [released.grade_id for released in before if released.kind == SOLUTION][-1:]
    return any(
        cell.released and cell.released.grade_id in names and cell.source != MISSING_CODE for cell in cells
    )


def _mentioned(cells: Sequence[Cell], name: str) -> int:
    """The place behind the last of the student's own code cells that might define a name."""
    says = re.compile(rf"\b{re.escape(name)}\b|import \*")
    places = [
        place for place, cell in enumerate(cells)
        if cell.cell_type == "code" and cell.own and says.search(cell.source)
    ]  # fmt: skip
    return max(places) + 1 if places else 0


def _checks_after_their_solutions(cells: list[Cell], assignment: Assignment, repairs: list[str]) -> None:
    """Move a check behind the solution that it checks, where a student has moved it before."""
    solution = ""
    for released in assignment.cells:
        if released.kind == SOLUTION:
            solution = released.grade_id
        elif released.kind == CHECK and solution:
            at = {cell.released.grade_id: place for place, cell in enumerate(cells) if cell.released}
            if at[released.grade_id] < at[solution]:
                cells.insert(at[solution], cells.pop(at[released.grade_id]))
                repairs.append(f"{released.grade_id} stood before {solution} and was moved behind it")


def _foreign(raw: list[dict[str, Any]], assignment: Assignment) -> str:
    """Why a notebook without any cell of this lesson is not taken."""
    lessons = [assignment.elsewhere[c["grade_id"]] for c in raw if c["grade_id"] in assignment.elsewhere]
    if lessons:
        most = max(sorted(set(lessons)), key=lessons.count)
        return f"is the notebook of {most}, not of {assignment.lesson}"
    return f"holds none of the graded cells of {assignment.lesson}"


def digest(files: Sequence[tuple[str, bytes]]) -> str:
    """What tells one submission from another: a digest of its files."""
    total = hashlib.sha256()
    for name, content in sorted(files):
        total.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()[:32]
