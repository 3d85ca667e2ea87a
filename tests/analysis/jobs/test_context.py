"""Ward context: beside the reports, with dates and numbers; missing stays missing."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import shapely

from analysis import cli
from analysis.jobs.context import add_context, names, remove_context, ward_context
from geodata import layers
from geodata.errors import WorkspaceError
from geodata.store import change_wards
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, two_wards, workspace_of

AT = "2026-11-22T10:00:00+00:00"
TITLE = "Violence against women and girls"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """West: 1 a month in 2025, 2 a month in 2026 to March; East is not in it."""
    rows = [f"West,{y}-{n:02d},{y - 2024}" for y, n in
            [(2025, n) for n in range(1, 13)] + [(2026, n) for n in range(1, 4)]]  # fmt: skip
    path = tmp_path / "vawg.csv"
    path.write_text("ward,month,count\n" + "\n".join(rows))
    return path


@pytest.fixture
def folder(tmp_path: Path, table: Path) -> Path:
    made = workspace_of(tmp_path / "w").path
    add_context(made, table, title=TITLE, at=AT)
    return made


def counts(folder: Path, **words: object) -> dict[str, object]:
    (found,) = ward_context(Workspace.open(folder), **words)
    table = found.by_ward
    return dict(zip(table["ward_code"], table["count"].astype("object"), strict=True))


def test_twelve_months_are_counted_and_an_unknown_ward_is_missing(folder: Path) -> None:
    (found,) = ward_context(Workspace.open(folder), as_at="2026-02")
    assert (found.first, found.last, found.months, found.total) == ("2025-03", "2026-02", 12, 14)
    assert counts(folder, as_at="2026-02") == {EAST: pd.NA, WEST: 14}
    assert "14 in the wards over 12 months, March 2025 to February 2026" in found.message


def test_a_table_that_ends_sooner_says_its_own_dates(folder: Path) -> None:
    (found,) = ward_context(Workspace.open(folder), as_at="2026-06")
    assert (found.first, found.last, found.total) == ("2025-04", "2026-03", 15)


def test_before_the_table_begins_there_is_nothing_and_no_zero(folder: Path) -> None:
    (found,) = ward_context(Workspace.open(folder), as_at="2024-06")
    assert (found.months, found.first) == (0, "")
    assert found.by_ward["count"].isna().all()


def test_source_licence_and_period_are_kept(folder: Path) -> None:
    known = layers.origins(Workspace.open(folder))["context-violence-against-women-and-girls"]
    assert known["source_name"] == "Metropolitan Police"
    assert known["licence"] == "Open Government Licence v3.0"
    assert (known["address"], known["fetched_at"]) == ("vawg.csv", AT)
    assert (known["first"], known["last"]) == ("2025-01", "2026-03")


def test_the_same_again_changes_nothing_and_another_replaces(folder: Path, table: Path) -> None:
    version = Workspace.open(folder).version
    assert add_context(folder, table, title=TITLE, at="2027-01-01T00:00:00+00:00")["unchanged"]
    assert Workspace.open(folder).version == version
    table.write_text("ward,month,count\nEast,2026-03,7\n")
    assert not add_context(folder, table, title=TITLE)["unchanged"]
    assert names(Workspace.open(folder)) == ["violence-against-women-and-girls"]
    assert counts(folder) == {EAST: 7, WEST: pd.NA}


def test_names_are_matched_anew_when_the_wards_change(folder: Path) -> None:
    other = two_wards().assign(ward_code=["E05999981", "E05999982"])
    other.geometry = [shapely.affinity.translate(g, 5, 0) for g in other.geometry]
    change_wards(Workspace.open(folder), other, {})
    assert counts(folder, as_at="2026-02") == {"E05999982": pd.NA, "E05999981": 14}


def test_the_commands_answer(folder: Path, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*words: object) -> dict:
        assert cli.main(["--workspace", str(folder), "context", *map(str, words), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    assert run("add", table, "--title", "Again")["total"] == 18
    assert [t["name"] for t in run("list")["tables"]] == [
        "again", "violence-against-women-and-girls",
    ]  # fmt: skip
    shown = run("show", "--as-at", "2026-02")["tables"][0]
    assert shown["by_ward"][0] == {"ward_code": EAST, "ward_name": "East", "count": None}
    run("remove", "again")
    assert len(run("list")["tables"]) == 1
    assert cli.main(["--workspace", str(folder), "context", "remove", "again"]) == cli.DATA_AT_FAULT


def test_a_demo_takes_none(tmp_path: Path, table: Path) -> None:
    demo = Workspace.create(tmp_path / "d", kind="demo", wards=two_wards(), ward_info={})
    with pytest.raises(WorkspaceError, match="not possible in a demo"):
        add_context(demo.path, table, title=TITLE)
    with pytest.raises(WorkspaceError, match="no table called"):
        remove_context(workspace_of(tmp_path / "x").path, "y")
