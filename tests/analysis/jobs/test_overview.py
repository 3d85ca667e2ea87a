"""The first screen: totals, the same months a year before, changes that stand out."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from analysis.jobs.overview import overview
from geodata import months as m
from tests.builders import batch, incidents, workspace_of


def _rows(last: str, length: int, each: int = 2) -> list[tuple[str, float, float]]:
    return [(month, 200, 200) for month in m.window(last, length) for _ in range(each)]


def test_twelve_months_cannot_be_compared_and_it_is_said(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("met", incidents(_rows("2026-04", 12))))
    seen = overview(made)
    assert (seen.total, seen.months_counted, seen.as_at) == (24, 12, "2026-04")
    assert pd.isna(seen.year_before)
    assert seen.change.startswith("cannot be compared with the year before")
    assert seen.changes.empty
    assert "2025-02" in seen.changes_note


def test_two_years_compare_and_a_new_cluster_stands_out(tmp_path: Path) -> None:
    rows = _rows("2026-04", 24) + [("2026-04", 1800, 800)] * 20
    made = workspace_of(tmp_path / "w", batch("met", incidents(rows)))
    seen = overview(made)
    assert (seen.total, seen.year_before) == (44, 24.0)
    # z = 2 (sqrt(44) - sqrt(24)) = 3.47: beyond 3.
    assert seen.change.startswith("more than in the same months a year before (44, was 24)")
    assert len(seen.changes) == 1
    assert seen.changes[["recent", "before"]].to_numpy().tolist() == [[20, 0]]
    assert seen.changes["z"][0] == pytest.approx(2 * 20**0.5)


def test_a_month_that_one_force_lacks_is_left_out_of_the_comparison(tmp_path: Path) -> None:
    """BTP lacks November 2025: the other eleven months are still compared, and it is said."""
    btp = [row for row in _rows("2026-04", 24, each=1) if row[0] != "2025-11"]
    made = workspace_of(
        tmp_path / "w",
        batch("met", incidents(_rows("2026-04", 24))),
        batch("btp", incidents(btp, force="btp")),
    )
    seen = overview(made)
    assert (seen.total, seen.months_counted) == (12 * 2 + 11, 12)
    assert "2025-11" not in seen.compared
    assert (len(seen.compared), seen.compared_total, seen.year_before) == (11, 33.0, 33.0)
    assert seen.change == (
        "about the same as in the same months a year before (33, was 33); November 2025 left out, "
        "since a file is missing for it or for the year before"
    )


def test_two_months_of_both_years_are_too_few_to_compare(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("met", incidents(_rows("2026-04", 14))))
    seen = overview(made)
    assert seen.compared == ()
    assert seen.change.startswith("cannot be compared with the year before")
    more = workspace_of(tmp_path / "more", batch("met", incidents(_rows("2026-04", 15))))
    assert overview(more).compared == ("2026-02", "2026-03", "2026-04")


def test_wards_are_in_order_of_name_with_their_uncertain_share(tmp_path: Path) -> None:
    # 10 m from the western edge is near it; 200 m is not.
    rows = [("2026-04", 10, 500), ("2026-04", 200, 500), ("2026-04", 1500, 500)]
    seen = overview(workspace_of(tmp_path / "w", batch("met", incidents(rows))))
    assert seen.by_ward["ward_name"].tolist() == ["East", "West"]
    assert seen.by_ward["near_boundary_share"].tolist() == [0.0, 0.5]


def test_categories_show_everything_and_the_total_only_asb(tmp_path: Path) -> None:
    rows = [("2026-04", 200, 200), ("2026-04", 200, 200, "burglary")]
    seen = overview(workspace_of(tmp_path / "w", batch("met", incidents(rows))))
    assert seen.total == 1
    assert seen.by_category.set_index("category")["count"].to_dict() == {
        "burglary": 1, "police_uk_unspecified": 1,
    }  # fmt: skip


def test_sources_stand_side_by_side(tmp_path: Path) -> None:
    council = incidents([("2026-03", 100, 100, "rowdy")], source="council_asb", force="council")
    made = workspace_of(
        tmp_path / "w", batch("met", incidents(_rows("2026-04", 2))), batch("council", council)
    )
    seen = overview(made)
    assert seen.total == 4
    assert seen.sources.set_index("source")["reports"].to_dict() == {
        "council_asb": 1, "police_uk": 4,
    }  # fmt: skip
