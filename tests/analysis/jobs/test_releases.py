"""Publishing: looked through, checked against what was published before, and written down."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from analysis.disclosure import Period, Table, protect
from analysis.jobs.releases import (
    known_words,
    persons_known,
    private_sites,
    publish,
    published,
    register,
)
from geodata import releases
from geodata.errors import SaferWalksError, StoreConflictError
from geodata.records.database import open_records
from geodata.workspace import Workspace
from tests.builders import batch, incidents, workspace_of

AT = "2026-07-01T09:00+00:00"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("met", incidents([("2026-04", 200, 200)])))


def _counts() -> pd.DataFrame:
    rows = [("2025-04", "A", 9), ("2025-07", "A", 12), ("2025-10", "A", 8), ("2026-01", "A", 2)]
    rows += [("2026-04", "A", 11), ("2025-04", "B", 30), ("2026-04", "B", 40)]
    return pd.DataFrame(rows, columns=["month", "ward", "count"])


def _protected(workspace: Workspace, *periods: Period):
    known = register(workspace)
    found = protect(
        _counts(), [Table(("ward",), periods)], measure="cases", sources=["council_asb"],
        rules=known.rules, earlier=known.numbers,
    )  # fmt: skip
    return found, known


def _publish(workspace: Workspace, name: str, *periods: Period, **files: bytes):
    found, known = _protected(workspace, *periods)
    release = publish(
        workspace, files or {f"{name}.csv": name.encode()}, [found.entries], title=name, at=AT,
        checked_against=known,
    )  # fmt: skip
    return found, release, workspace.reopen()


def test_a_later_release_does_not_give_an_earlier_number_away(workspace: Workspace) -> None:
    quarters = [Period("2025-04", "2025-06"), Period("2025-07", "2025-09")]
    quarters += [Period("2025-10", "2025-12"), Period("2026-01", "2026-03")]
    first, release, workspace = _publish(workspace, "quarters", *quarters)
    marks = first.tables[0].loc[first.tables[0]["ward"] == "A", "withheld"]
    assert marks.tolist() == ["", "", "", "1 to 4"]
    assert (release.numbers, release.withheld) == (8, 1)
    # The year less three quarters that were shown would be the 2: the year is withheld.
    then, _, workspace = _publish(workspace, "year", Period("2025-04", "2026-03"))
    year = then.tables[0].set_index("ward")
    assert year.loc["A", "withheld"] == "withheld"
    assert year.loc["B", "count"] == 30
    alone = protect(
        _counts(), [Table(("ward",), (Period("2025-04", "2026-03"),))], measure="cases",
        sources=["council_asb"],
    )  # fmt: skip
    assert alone.tables[0]["count"].tolist() == [31, 30]
    assert [r.title for r in published(workspace)] == ["quarters", "year"]


def test_two_releases_made_at_once_are_not_both_published(workspace: Workspace) -> None:
    found, known = _protected(workspace, Period("2025-04", "2026-03"))
    _publish(workspace, "first", Period("2025-04", "2025-06"))
    with pytest.raises(StoreConflictError, match="make it again"):
        publish(
            workspace, {"b.csv": b"b"}, [found.entries], title="b", at=AT, checked_against=known
        )


def test_the_same_files_again_are_no_new_release(workspace: Workspace) -> None:
    _, first, workspace = _publish(workspace, "one", Period("2025-04", "2025-06"))
    _, again, workspace = _publish(workspace, "one", Period("2025-04", "2025-06"))
    assert first == again
    assert len(published(workspace)) == 1


def test_what_identifies_a_person_stops_the_release(workspace: Workspace) -> None:
    files = {"pack.html": b"<p>ask ann@example.org</p>"}
    with pytest.raises(SaferWalksError, match="Nothing was handed out"):
        _publish(workspace, "bad", Period("2025-04", "2025-06"), **files)
    assert published(workspace.reopen()) == ()


def test_names_in_the_records_stop_a_release(workspace: Workspace) -> None:
    records = open_records(workspace)
    with records.changing(by="anna", at=dt.datetime(2026, 7, 1, tzinfo=dt.UTC)) as change:
        asked = change.create(
            "requests", {"received_on": dt.date(2026, 6, 30), "status": "received"}
        )
        contact = {"request_id": asked.id, "name": "Jo Sample", "delete_after": dt.date(2027, 1, 1)}
        change.create("contacts", contact)
    assert known_words(records) == {"Jo Sample"}
    with pytest.raises(SaferWalksError, match="name or reference"):
        publish(
            workspace, {"a.txt": b"Thanks to jo sample."}, [], title="a", at=AT,
            checked_against=register(workspace),
        )  # fmt: skip


def test_the_minimum_of_the_workspace_is_that_of_its_releases(workspace: Workspace) -> None:
    releases.set_minimum_cell(workspace.path, 10, by="anna", at=AT)
    found, known = _protected(workspace, Period("2025-04", "2025-06"))
    assert known.rules.threshold == 10
    assert found.tables[0]["withheld"].tolist() == ["1 to 9", ""]


def test_a_station_on_every_map_may_be_named_though_a_walk_and_talk_met_there(
    demo_folder: Path,
) -> None:
    here = Workspace.open(demo_folder)
    records = open_records(here)
    sites = records.frame("sites").set_index("site_id")["name"]
    met = set(sites[list(private_sites(records))])
    mapped = set(here.places()["name"])
    assert "Stepney Green station" in met & mapped
    known = set(persons_known(here).words)
    assert known & mapped == set()
    assert {name for name in met - mapped if " " in name} <= known
