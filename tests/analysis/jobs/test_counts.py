"""Counts: every total reconciles to the ward join; missing months have no row."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.jobs.counts import counts
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.store import commit
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, batch, incidents, workspace_of

ROWS = [
    ("2026-01", 100, 100),
    ("2026-01", 100, 100),
    ("2026-03", 1500, 500),
    ("2026-03", 1500, 500, "burglary"),
    ("2026-03", 2300, 500),
    ("2026-01", None, None),
]


@pytest.fixture
def workspace(tmp_path: Path) -> object:
    return workspace_of(tmp_path / "w", batch("met", incidents(ROWS)))


def test_wards_are_zero_filled_and_named(workspace: object) -> None:
    result = counts(workspace, ["ward"])
    table = pd.DataFrame(result.table.drop(columns="geometry"))
    assert table.to_dict("records") == [
        {"ward": WEST, "ward_name": "West", "count": 2},
        {"ward": EAST, "ward_name": "East", "count": 1},
    ]
    assert (result.inside, result.outside, result.no_location) == (3, 1, 1)
    assert result.to_json()["counted"] == 3


def test_two_identical_rows_are_two_incidents(workspace: object) -> None:
    assert counts(workspace, ["ward"]).table["count"].iloc[0] == 2


def test_a_month_that_no_file_covers_has_no_row(workspace: object) -> None:
    result = counts(workspace, ["month"])
    assert result.table["month"].tolist() == ["2026-01", "2026-03"]
    assert result.to_json()["months_missing"] == ["2026-02"]


def test_months_are_crossed_with_wards(workspace: object) -> None:
    table = counts(workspace, ["ward", "month"]).table
    assert table[["ward", "month", "count"]].to_numpy().tolist() == [
        [WEST, "2026-01", 2], [WEST, "2026-03", 0], [EAST, "2026-01", 0], [EAST, "2026-03", 1],
    ]  # fmt: skip


def test_by_category_counts_everything_the_source_tells_apart(workspace: object) -> None:
    table = counts(workspace, ["category"]).table
    assert table[["category", "count"]].to_numpy().tolist() == [
        ["burglary", 1], ["police_uk_unspecified", 3],
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["burglary", "Burglary", "BURGLARY"])
def test_a_category_is_found_by_code_and_by_its_police_uk_name(
    workspace: object, name: str
) -> None:
    assert counts(workspace, ["ward"], categories=[name]).table["count"].tolist() == [0, 1]


def test_from_and_to_include_both_months(workspace: object) -> None:
    table = counts(workspace, ["ward"], first="2026-02", last="2026-03").table
    assert table["count"].tolist() == [0, 1]


def test_hexagons_cover_both_wards_and_add_up(workspace: object) -> None:
    table = counts(workspace, ["hexagon"]).table
    assert table["count"].sum() == 3
    assert table["hexagon"].is_unique
    assert (table["count"] == 0).any()


def test_a_header_only_month_is_a_zero(tmp_path: Path) -> None:
    made = workspace_of(
        tmp_path / "w",
        batch("met", incidents(ROWS[:3])),
        batch("empty", incidents([]), empty_months=[("metropolitan", "2026-02")]),
    )
    table = counts(made, ["month"]).table
    assert dict(zip(table["month"], table["count"], strict=True)) == {
        "2026-01": 2, "2026-02": 0, "2026-03": 1,
    }  # fmt: skip


def test_sources_are_never_added_up(tmp_path: Path) -> None:
    made = workspace_of(
        tmp_path / "w",
        batch("met", incidents(ROWS)),
        batch("council", incidents([("2026-01", 100, 100, "rowdy")], source="council_asb")),
    )
    police, council = counts(made, ["ward"]), counts(made, ["ward"], source="council_asb")
    assert police.table["count"].tolist() == [2, 1]
    assert council.table["count"].tolist() == [1, 0]
    assert police.to_json()["sources_not_counted"] == ["council_asb"]


@pytest.mark.parametrize("by", [[], ["ward", "ward"], ["street"]])
def test_keys_that_are_none_are_refused(workspace: object, by: list[str]) -> None:
    with pytest.raises(SaferWalksError, match="ward, hexagon, month and category"):
        counts(workspace, by)


def test_nothing_stored_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughDataError, match="import files first"):
        counts(workspace_of(tmp_path / "w"), ["ward"])


def test_months_outside_the_store_name_what_is_stored(workspace: object) -> None:
    with pytest.raises(NotEnoughDataError, match="from 2026-01 to 2026-03"):
        counts(workspace, ["ward"], first="2027-01")


class TestRecordLevels:
    """A council's complaints and cases of one month: three complaints make one case."""

    @pytest.fixture
    def workspace(self, tmp_path: Path) -> Workspace:
        def of(level: str, rows: list[tuple[str, int, int]]) -> pd.DataFrame:
            given = {"source": "council_asb", "force": "borough", "category": "rowdy"}
            return incidents(rows, record_level=level, **given)

        april = of(
            "complaint", [("2026-04", 500, 500), ("2026-04", 510, 500), ("2026-04", 1500, 5)]
        )
        cases = of("case", [("2026-04", 500, 500), ("2026-05", 500, 500)])
        return workspace_of(tmp_path / "w", batch("complaints", april), batch("cases", cases))

    def test_one_level_is_counted_and_the_others_named(self, workspace: Workspace) -> None:
        found = counts(workspace, ["ward"])
        assert found.table["count"].tolist() == [2, 1]
        said = found.to_json()
        assert (said["record_level"], said["record_levels_not_counted"]) == (
            "complaint",
            {"case": 2},
        )
        assert said["months"] == ["2026-04"]  # of May only cases are known, so it is not covered
        assert found.selection.what == "ASB complaints"

    def test_another_level_can_be_asked_for(self, workspace: Workspace) -> None:
        found = counts(workspace, ["month"], record_level="case")
        assert found.table["count"].tolist() == [1, 1]
        assert found.to_json()["record_levels_not_counted"] == {"complaint": 3}
        assert counts(workspace, ["category"], record_level="case").table["count"].sum() == 2
        with pytest.raises(NotEnoughDataError, match="No reports are stored as such.*2 rows that"):
            counts(workspace, ["ward"], record_level="incident")
        with pytest.raises(SaferWalksError, match="an incident, a complaint or a case"):
            counts(workspace, ["ward"], record_level="person")

    def test_a_workspace_of_format_1_is_asked_row_by_row(self, workspace: Workspace) -> None:
        manifest = json.loads((workspace.path / "manifest.json").read_text())
        for partition in manifest["partitions"]:
            for name in ("levels", "merged", "duplicates", "replaced", "aside_path"):
                del partition[name]
        manifest["format"] = 1
        (workspace.path / "manifest.json").write_text(json.dumps(manifest))
        found = counts(workspace.reopen(), ["ward"])
        assert found.table["count"].tolist() == [2, 1]
        assert found.to_json()["record_levels_not_counted"] == {"case": 2}
        commit(workspace.reopen(), [batch("p", incidents([("2026-04", 1, 1)]))])
        assert json.loads((workspace.path / "manifest.json").read_text())["format"] == 2
