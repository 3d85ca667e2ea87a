"""The tables are what the steps make; an upgrade backs up first, and happens whole or not."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from geodata import backup
from geodata.errors import WorkspaceError
from geodata.records.database import Records, open_records, records_at
from geodata.records.tables import Base
from geodata.records.upgrades import (
    HEAD,
    MIGRATIONS,
    bring_up_to_date,
    known_layouts,
    migrate,
    revision,
)
from geodata.workspace import Workspace
from tests.databases import AT

WALK = {"event_type": "walkabout", "status": "planned_tbc"}
PRESET = {
    "name": "Dark evenings", "status": "current", "base": "womens_walk",
    "weights": {"volume": 30, "concern": 20.5}, "normaliser": "rank", "window": 12,
    "reason": "Agreed by the panel",
}  # fmt: skip
STEP = """
import sqlalchemy as sa
from alembic import op
revision = "next"
down_revision = "{before}"
def upgrade():
    op.add_column("events", sa.Column("colour", sa.String(), nullable=False, server_default="red"))
    {then}
"""


def next_version(folder: Path, then: str = "pass") -> Path:
    """Copy the steps and add one, as the next version of the program would bring."""
    (folder / "versions").mkdir(parents=True)
    for step in (MIGRATIONS / "versions").glob("*.py"):
        (folder / "versions" / step.name).write_text(step.read_text(encoding="utf-8"))
    later = STEP.format(before=HEAD, then=then)
    (folder / "versions" / "a_colour.py").write_text(later)
    return folder


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_the_tables_are_what_the_steps_make(records: Records) -> None:
    def is_ours(name: str, kind: str, *_: object) -> bool:
        ours = ("spatial_ref_sys",)
        is_shape = kind == "column" and name in ("point", "outline_shape", "route_shape")
        return name not in ours and not is_shape and not name.endswith("_point")

    with records.reading() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda o, name, kind, *_: is_ours(name or "", kind)},
        )
        assert compare_metadata(context, Base.metadata) == []


def test_the_last_step_is_the_one_the_program_asks_for() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]
    assert "0001" in known_layouts()


def test_records_of_the_first_release_are_upgraded_after_a_backup(
    workspace: Workspace, database_url: str, request: pytest.FixtureRequest
) -> None:
    """Made at the first layout by plain SQL, as that release left them."""
    server = request.getfixturevalue("postgres") if database_url else None
    url = server.database(empty=True) if server else ""
    engine = records_at(workspace.path, "real", url=url).engine
    migrate(engine, "0001")
    with engine.connect() as raw, raw.execution_options(writing=True).begin():
        raw.execute(
            sa.text(
                "INSERT INTO events (event_id, event_type, status, location_name, version,"
                " created_at, created_by, updated_at, updated_by) VALUES ('EVT-2024-0001',"
                " 'walkabout', 'held', 'Here', 4, '2024-10-02 16:00:00', 'anna',"
                " '2024-10-02 16:00:00', 'anna')"
            )
        )
        raw.execute(
            sa.text(
                "INSERT INTO sites (site_id, name, kind, version, created_at, created_by,"
                " updated_at, updated_by) VALUES ('SIT-2024-0001', 'A park', 'park', 1,"
                " '2024-10-02 16:00:00', 'anna', '2024-10-02 16:00:00', 'anna')"
            )
        )
    records = open_records(workspace, url=url)  # today's layout, whatever it is
    stored = records.get("events", "EVT-2024-0001")
    assert (stored["location_name"], stored.version, stored["selection_reasons"]) == ("Here", 4, ())
    assert stored.created_at.isoformat() == "2024-10-02T17:00:00+01:00"
    site = records.get("sites", "SIT-2024-0001")  # what nobody has said stays unknown
    assert (site["name"], site["step_free"], site["kerb_space"]) == ("A park", None, None)
    with records.changing(by="anna", at=AT) as change:
        made = change.create("presets", PRESET)
        off = {"name": "Eid", "first_on": "2026-03-20"}
        assert change.create("avoid", off).id == "AVD-2026-0001"
    assert records.get("presets", made.id)["weights"] == {"volume": 30, "concern": 20.5}
    if server:
        server.drop(url)


def test_an_upgrade_backs_up_first_and_keeps_every_row(
    records: Records, workspace: Workspace, tmp_path: Path, database_url: str
) -> None:
    with records.changing(by="anna", at=AT) as change:
        change.create("events", WALK)
    steps = next_version(tmp_path / "steps")
    for _ in range(2):  # the second time there is nothing to do
        bring_up_to_date(records.engine, workspace.path, kind="real", migrations=steps, head="next")
    assert revision(records.engine) == "next"
    with records.reading() as connection:
        rows = connection.execute(sa.text("SELECT event_id, colour FROM events")).all()
    assert [tuple(row) for row in rows] == [("EVT-2026-0001", "red")]
    kept = list((workspace.path / backup.FOLDER).iterdir())
    assert [p.name for p in kept] == [f"records-before-next-from-{HEAD}.zip"]
    held = backup.read_backup(kept[0])
    assert (held.records["layout"], held.records["rows"]["events"]) == (HEAD, 1)
    backup.restore(
        kept[0], workspace.path, at=AT.replace(year=2020), replace=True, url=database_url
    )
    assert revision(records.engine) == HEAD
    assert len(records.list("events")) == 1


def test_an_upgrade_that_fails_leaves_what_was(
    records: Records, workspace: Workspace, tmp_path: Path
) -> None:
    with records.changing(by="anna", at=AT) as change:
        change.create("events", WALK)
    steps = next_version(tmp_path / "steps", then="raise RuntimeError('half way')")
    with pytest.raises(RuntimeError, match="half way"):
        bring_up_to_date(records.engine, workspace.path, kind="real", migrations=steps, head="next")
    assert revision(records.engine) == HEAD
    assert len(open_records(workspace, url=_url(records)).list("events")) == 1


def test_records_of_a_newer_version_are_left_alone(records: Records, workspace: Workspace) -> None:
    with records.engine.connect() as raw, raw.execution_options(writing=True).begin():
        raw.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(WorkspaceError, match="newer version"):
        open_records(workspace, url=_url(records))


def test_a_map_shows_where_things_are(records: Records) -> None:
    """QGIS opens views with coordinates, and real geometry where the database has it."""
    with records.changing(by="anna", at=AT) as change:
        here = {"easting": 530_100, "northing": 180_200}
        site = change.create("sites", {"name": "A", "kind": "park", "outline":
                                       "POLYGON ((0 0, 0 2, 2 2, 2 0, 0 0))"} | here)  # fmt: skip
        event = change.create("events", WALK | {"site_id": site.id})
        change.create("events", WALK)
        action = {"origin": "walkabout", "status": "proposed", "action_text": "x"}
        change.create("actions", action | {"event_id": event.id, "site_id": site.id})
    with records.reading() as connection:
        for view in ("map_sites", "map_events", "map_actions"):
            rows = connection.execute(
                sa.text(f"SELECT easting, northing FROM {view} WHERE easting IS NOT NULL")  # noqa: S608
            ).all()
            assert [tuple(row) for row in rows] == [(530_100, 180_200)], view
        if connection.dialect.name != "sqlite":
            found = connection.execute(
                sa.text(
                    "SELECT ST_AsText(point), ST_SRID(point), ST_Area(outline_shape) FROM sites"
                )
            ).one()
            assert tuple(found) == ("POINT(530100 180200)", 27700, 4)
            shown = connection.execute(sa.text("SELECT count(point) FROM map_events")).scalar()
            assert shown == 1


def _url(records: Records) -> str:
    if records.engine.dialect.name == "sqlite":
        return ""
    return records.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
