"""A new gradebook is the one that nbgrader would have made."""

import sqlalchemy as sa
from nbgrader.api import Gradebook

from course.nbgrader import settings, tables
from tests.course import small_course


def held(address: str) -> tuple[dict[str, set[str]], list[str]]:
    """The columns of every table, and the numbers of the migrations that are noted down."""
    engine = sa.create_engine(address)
    found = sa.inspect(engine)
    columns = {table: {one["name"] for one in found.get_columns(table)} for table in found.get_table_names()}
    with engine.connect() as connection:
        noted = list(connection.scalars(sa.text("select version_num from alembic_version")))
    engine.dispose()
    return columns, noted


def test_the_tables_are_nbgraders_own_and_are_made_once(tmp_path):
    settings.prepare(small_course.make(tmp_path))  # so that nbgrader finds its command
    ours, theirs = (f"sqlite:///{tmp_path / name}.db" for name in ("ours", "theirs"))
    engine = sa.create_engine(ours)
    for _ in range(2):
        tables.make(engine)
    engine.dispose()
    with Gradebook(theirs):
        pass
    assert held(ours) == held(theirs)
