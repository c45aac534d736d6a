"""The class list: who is in the class, by which id, and under which other names platforms know them.

The names stand in nbgrader's table of students. A table of ours says who is on the list: grading adds
everybody whose work it finds to nbgrader's.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import PurePath

import sqlalchemy as sa

from course.errors import CourseError
from course.grading.gradebook import schema
from course.grading.gradebook.schema import NUMBERS, ROSTER
from course.grading.submissions.collect import unfit
from course.grading.submissions.tables import Row, Table, plain, tidy

# The headings (in `plain` form) of Canvas, Moodle, Gradescope, GitHub Classroom, registrars.
_HEADINGS = {
    "id": ("id", "username", "user name", "login", "login id", "sis login id", "identifier", "user", "netid",
           "benutzername", "anmeldename"),
    "registered": ("id number", "student number", "student id", "sid", "sis user id", "registration number",
                   "matrikelnummer", "matriculation number"),
    "lms_user_id": ("lms user id", "canvas user id", "canvas id"),
    "name": ("name", "full name", "student", "student name"),
    "first_name": ("first name", "firstname", "given name", "vorname"),
    "last_name": ("last name", "lastname", "surname", "family name", "nachname", "familienname"),
    "email": ("email", "email address", "e mail", "e mail address", "e mail adresse", "mail"),
    "github": ("github username", "github"),
}  # fmt: skip
_CANVAS = "sis login id"  # beside it, "ID" is Canvas' own number
_NOBODY = ("points possible", "student, test")  # rows of a Canvas gradebook that are no people


@dataclass(frozen=True)
class Person:
    """Somebody on the class list. `id` is the name of the folder, `lms_user_id` the platform's number."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    github: str = ""

    @property
    def name(self) -> str:
        """The name as people write it, or the id."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.id


_OWN = tuple(one.name for one in fields(Person) if one.name not in ("id", "github"))


@dataclass
class Outcome:
    """What a list adds and changes, and what could not be taken, with the row."""

    added: list[Person] = field(default_factory=list)
    changed: list[tuple[Person, str]] = field(default_factory=list)
    unchanged: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # on the class list, not in the file


def same(identity: str) -> str:
    """What two spellings of one person's id have in common."""
    return tidy(identity).casefold()


def people(connection: sa.Connection) -> dict[str, Person]:
    """The class list by id; empty if there is none."""
    if not sa.inspect(connection).has_table(ROSTER.name):
        return {}
    joined = ROSTER.outerjoin(schema.STUDENT, schema.STUDENT.c.id == ROSTER.c.student)
    columns = (ROSTER.c.student, *(schema.STUDENT.c[name] for name in _OWN), ROSTER.c.github)
    rows = connection.execute(sa.select(*columns).select_from(joined).order_by(ROSTER.c.student))
    return {row[0]: Person(row[0], *(value or "" for value in row[1:])) for row in rows}


def names(connection: sa.Connection) -> Callable[[str], str]:
    """A function from a folder's name to the id of the person: one person in two spellings is one person."""
    known = {same(identity): identity for identity in people(connection)}
    return lambda folder: known.get(same(folder), folder)


def known_as(new: str, old: str, called: Callable[[str], str]) -> str:
    """The id that `new` stands for, where `old` gets it: somebody else's on the class list, or a new one."""
    return new if called(new) == old else called(new)


def first_ids(connection: sa.Connection) -> Callable[[str], str]:
    """A function from a student's id to the one that their own numbers follow from: the first they had."""
    if not sa.inspect(connection).has_table(NUMBERS.name):
        return lambda student: student
    renamed = {row.student: row.first for row in connection.execute(sa.select(NUMBERS))}
    return lambda student: renamed.get(student, student)


def graded(connection: sa.Connection) -> list[str]:
    """The ids of everybody whom nbgrader's table of students holds, on the list or not."""
    return list(connection.scalars(sa.select(schema.STUDENT.c.id).order_by(schema.STUDENT.c.id)))


def strangers(connection: sa.Connection, students: Iterable[str]) -> list[str]:
    """Who of these is not on the class list; nobody if there is no list."""
    listed = people(connection)
    return sorted({one for one in students if listed and one not in listed})


def compare(table: Table, listed: Mapping[str, Person], folders: Iterable[str] = ()) -> Outcome:
    """What this table would add to the class list and change in it.

    `folders` are the ids that already have work or grades: a new row in another spelling is that person.

    Raises:
        CourseError: if no column holds ids.
    """
    columns = _columns(table)
    known = {same(identity): identity for identity in [*folders, *listed]}
    numbers = {person.lms_user_id: person.id for person in listed.values() if person.lms_user_id}
    found: dict[str, tuple[int, Person]] = {}
    outcome = Outcome()
    for row in table.rows:
        person = _person(row, columns)
        shown = f"{table.name}, row {row.number}"
        if any(row.cells.get(key, "").casefold() in _NOBODY for key in columns.values()):
            outcome.notes.append(f"{shown} is Canvas' own and no person")
            continue
        if not person.id:
            outcome.problems.append(f"{shown} ({person.name or 'no name'}) has no id; write one into the row")
            continue
        reason = unfit_id(person.id)
        if reason:
            outcome.problems.append(f"{shown}: id {person.id!r} {reason}")
            continue
        person = replace(person, id=_spelled(person.id, known, f"{shown}: ", outcome.notes))
        before = found.get(person.id)
        if before is not None:
            if before[1] != person:
                outcome.problems.append(
                    f"{shown}: {person.id} stands in row {before[0]} with other values; take one of them away"
                )
            else:
                outcome.notes.append(f"{shown} repeats row {before[0]}")
            continue
        owner = numbers.setdefault(person.lms_user_id, person.id) if person.lms_user_id else person.id
        if owner != person.id:
            one = f", or if it is one person with a new id, call `course rename {owner} {person.id}` first"
            outcome.problems.append(
                f"{shown}: {person.id} has the number {person.lms_user_id}, which is {owner}'s; mend one"
                f"{one if owner in listed else ''}"
            )
            continue
        old = listed.get(person.id)
        if old is not None and _are_two(old, person):
            outcome.problems.append(
                f"{shown}: {person.id} is {old.name} on the class list and {person.name} here, and nothing "
                "else of them is the same; give one another id, or if both are one person, change the name "
                "first and the rest with a second list"
            )
            continue
        found[person.id] = (row.number, person)
        _sort(person, old, outcome)
    outcome.missing = [identity for identity in listed if identity not in found]
    return outcome


def enter(connection: sa.Connection, outcome: Outcome, remove: bool) -> None:
    """Write what `compare` found; with `remove`, take off the list who is not in the file (grades stay)."""
    taken = [*outcome.added, *(person for person, _ in outcome.changed)]
    students = set(connection.scalars(sa.select(schema.STUDENT.c.id)))
    for person in taken:
        values = {key: getattr(person, key) for key in _OWN if getattr(person, key)}
        table = schema.STUDENT
        if person.id in students:
            if values:
                connection.execute(table.update().where(table.c.id == person.id).values(values))
        else:
            connection.execute(table.insert().values(id=person.id, **values))
        connection.execute(ROSTER.delete().where(ROSTER.c.student == person.id))
        connection.execute(ROSTER.insert().values(student=person.id, github=person.github))
    if remove and outcome.missing:
        connection.execute(ROSTER.delete().where(ROSTER.c.student.in_(outcome.missing)))


def _columns(table: Table) -> dict[str, str]:
    """Which heading holds which field."""
    found: dict[str, str] = {}
    for name, choices in _HEADINGS.items():
        for heading in choices:
            if heading in table.headings and name not in found:
                found[name] = heading
    if _CANVAS in table.headings:
        found |= {"id": _CANVAS} | ({"lms_user_id": "id"} if "id" in table.headings else {})
    if "id" not in found:
        if "registered" not in found:
            raise CourseError(
                f"{table.name}: no heading is a student's id; call one column `id`: it is the name of the "
                f"student's folder (the headings are {', '.join(filter(None, table.headings)) or 'empty'})"
            )
        found["id"] = found.pop("registered")
    return found


def _person(row: Row, columns: Mapping[str, str]) -> Person:
    values = {name: row.cells.get(heading, "") for name, heading in columns.items()}
    registered, name = values.pop("registered", ""), values.pop("name", "")
    if name and not values.get("last_name"):
        first, _, last = name.rpartition(" ")
        if "," in name:
            last, _, first = (part.strip() for part in name.partition(","))
        values |= {"first_name": first, "last_name": last}
    values["lms_user_id"] = values.get("lms_user_id") or registered
    return Person(**values)


def near(identity: str, known: Iterable[str]) -> str:
    """A question that names the id which is meant, perhaps."""
    return "".join(f"; did you mean {one!r}?" for one in get_close_matches(identity, list(known), 1))


def unfit_id(identity: str) -> str:
    """Why this cannot be an id; empty if it can."""
    if PurePath(identity).name != identity or "\\" in identity or identity in (".", ".."):
        return "cannot be the name of a folder; change it"
    return unfit(identity).replace("its name", "").replace("rename the folder", "change it").strip()


def _spelled(identity: str, known: dict[str, str], where: str, notes: list[str]) -> str:
    """The id as it is known already, where this is the same in another spelling."""
    before = known.get(same(identity))
    if before is None and identity.isdigit():
        bare = [one for one in known.values() if one.isdigit() and one.lstrip("0") == identity.lstrip("0")]
        before = bare[0] if len(bare) == 1 else None
    if before is None:
        known[same(identity)] = identity
        return identity
    if before != identity:
        notes.append(f"{where}{identity} is taken for {before}, whom the course knows already")
    return before


def _are_two(one: Person, other: Person) -> bool:
    """Are these two people with one id? Two classes were merged, each with an id `ada`."""
    keys = ("email", "lms_user_id", "github")
    both = [(getattr(one, key), getattr(other, key)) for key in keys]
    known = [plain(a) == plain(b) for a, b in both if a and b]
    named = one.name != one.id and other.name != other.id
    return named and plain(one.name) != plain(other.name) and bool(known) and not any(known)


def _sort(person: Person, before: Person | None, outcome: Outcome) -> None:
    """Put a person among the added, the changed or the unchanged; an empty cell wipes nothing."""
    if before is None:
        outcome.added.append(person)
        return
    values = {key: getattr(person, key) or getattr(before, key) for key in (*_OWN, "github")}
    said = [
        f"{key.replace('_', ' ')} {getattr(before, key) or 'empty'} -> {value}"
        for key, value in values.items()
        if value != getattr(before, key)
    ]
    if said:
        outcome.changed.append((Person(person.id, **values), ", ".join(said)))
    else:
        outcome.unchanged += 1
