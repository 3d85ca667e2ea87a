"""Bring the database of the records to the layout this version knows, with a backup first.

The steps lie in `geodata/records/migrations` and are run from here, each inside one transaction
with all the others: an upgrade happens whole or not at all. They never import the tables of
today, so that what was released stays what it was.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa

from geodata import durable
from geodata.errors import WorkspaceError
from geodata.manifest import Kind

HEAD = "0002"
"""The layout that `geodata.records.tables` describes."""

MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_NUMBER = 7_205_116
"""Names our lock among those of the same PostgreSQL server; any number would do."""


def bring_up_to_date(
    engine: sa.Engine, folder: Path, *, kind: Kind, migrations: Path = MIGRATIONS, head: str = HEAD
) -> None:
    """Make the tables, or upgrade them after a backup; do nothing if they are as they should be.

    Parameters
    ----------
    engine : sqlalchemy.Engine
        The database.
    folder : Path
        The workspace: its lock is held meanwhile, and the backup goes to its `backups`.
    kind : {'real', 'demo'}
        What the records belong to.
    migrations, head : optional
        Where the steps are and which is the last.

    Raises
    ------
    WorkspaceError
        If a newer version wrote the database, or it holds records of the other kind.
    """
    if _is_current(engine, kind, head):
        return
    from geodata.backup import back_up_records

    with durable.locked(folder):
        if _is_current(engine, kind, head):
            return
        now = revision(engine)
        if now is not None:
            if now not in known_layouts(migrations):
                raise _newer(now)
            back_up_records(engine, folder, label=f"before-{head}-from-{now}", kind=kind)
        migrate(engine, head, kind=kind, migrations=migrations)


def migrate(
    engine: sa.Engine, to: str, *, kind: Kind = "real", migrations: Path = MIGRATIONS
) -> None:
    """Run the steps from the database's layout to another, all in one transaction."""
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as raw:
        if is_sqlite:
            # Both only take effect outside a transaction.
            cursor = raw.connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA foreign_keys=OFF")
        connection = raw.execution_options(writing=True)
        with connection.begin():
            if not is_sqlite:
                connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})"))
            run_steps(connection, to, migrations=migrations)
            _sign(connection, kind)
            if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise WorkspaceError("The upgrade would have left links that lead nowhere")


def run_steps(connection: sa.Connection, to: str, *, migrations: Path = MIGRATIONS) -> None:
    """Run the steps inside a transaction that somebody else began."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(migrations))
    context = MigrationContext.configure(connection)
    now = context.get_current_revision()
    steps = script.iterate_revisions(to, now or "base") if now != to else ()
    with Operations.context(context):
        for step in reversed(list(steps)):
            step.module.upgrade()
            context.stamp(script, step.revision)


def revision(engine: sa.Engine) -> str | None:
    """Tell the layout of a database; None if it has none of our tables."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
        return found.scalar_one_or_none()


def _is_current(engine: sa.Engine, kind: Kind, head: str) -> bool:
    """Tell whether nothing is to do; one short query where that is so, which is nearly always."""
    try:
        with engine.connect() as connection:
            found = connection.execute(
                sa.text("SELECT version_num, value FROM alembic_version, about WHERE name = 'kind'")
            ).first()
    except sa.exc.DatabaseError as fault:
        if "no such table" in str(fault.orig) or "does not exist" in str(fault.orig):
            return False
        raise
    if found is not None and found.value != kind:
        raise WorkspaceError(
            "This database holds the records of another kind of workspace",
            got=f"{found.value} records for a {kind} workspace",
            todo="give each workspace a database of its own",
        )
    return found is not None and found.version_num == head


def _sign(connection: sa.Connection, kind: Kind) -> None:
    known = connection.execute(sa.text("SELECT value FROM about WHERE name = 'kind'")).first()
    if known is None:
        statement = sa.text("INSERT INTO about (name, value) VALUES ('kind', :kind)")
        connection.execute(statement, {"kind": kind})


@cache
def known_layouts(migrations: Path = MIGRATIONS) -> frozenset[str]:
    """List the layouts that this version can read, the present one among them."""
    from alembic.script import ScriptDirectory

    return frozenset(step.revision for step in ScriptDirectory(str(migrations)).walk_revisions())


def _newer(now: str) -> WorkspaceError:
    return WorkspaceError(
        "A newer version of Safer Walks wrote these records",
        got=f"layout {now}; this version knows {HEAD}",
        todo="use the newer version, or restore a backup that was made before the upgrade",
    )  # fmt: skip
