"""nbgrader's tables in a new database.

nbgrader makes them itself where there are none. For the number of its last migration, which it notes down, it
then starts the command `alembic`: two seconds for what stands in a folder.
"""

import sqlalchemy as sa


def make(engine: sa.Engine) -> None:
    """Make nbgrader's tables, as nbgrader does; a database that holds any stays as it is."""
    if sa.inspect(engine).get_table_names():
        return
    from alembic.runtime.migration import MigrationContext  # these take seconds to load
    from alembic.script import ScriptDirectory
    from nbgrader import api, dbutil

    api.Base.metadata.create_all(engine)
    with engine.begin() as connection:
        MigrationContext.configure(connection).stamp(ScriptDirectory(dbutil.ALEMBIC_DIR), "head")
