"""Trends: counts, gaps, the year before, breaks and marks, worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from analysis.change import poisson_z
from analysis.jobs.counts import counts
from analysis.jobs.trends import WITH_DRUGS, trends
from geodata import months as m
from geodata.breaks import KnownBreak
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, batch, incidents, two_wards, workspace_of

MONTHS = m.span("2023-07", "2026-06")


def _rows(missing: str = "", busy: str = "") -> list[tuple[str, int, int]]:
    """20 a month in West (60 in one), 10 in East; 2 more outside, which are not counted."""
    rows: list[tuple[str, int, int]] = []
    for month in MONTHS:
        if month != missing:
            rows += [(month, 300, 500)] * (60 if month == busy else 20)
            rows += [(month, 1300, 500)] * 10 + [(month, 300, 1300)] * 2
    return rows


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    rows = incidents(_rows(missing="2024-08", busy="2026-03"))
    return workspace_of(tmp_path / "w", batch("street", rows))


def test_the_borough_month_by_month(made: Workspace) -> None:
    found = trends(made)
    table = found.table.set_index("month")
    assert list(table.index) == MONTHS
    assert pd.isna(table.loc["2024-08", "count"])
    assert table.loc["2026-03", "count"] == 70
    assert table.loc["2026-02", ["count", "year_before"]].tolist() == [30, 30]
    assert pd.isna(table.loc["2025-08", "year_before"])
    assert "beyond" in table.loc["2026-03", "signals"]
    assert "beyond the limits: March 2026" in found.summary["stands_out"].iloc[0]
    assert any("No file covers August 2024" in note for note in found.notes)


def test_the_same_months_of_both_years_are_compared(made: Workspace) -> None:
    """July 2025 to June 2026 less August, whose year before is missing: 10 x 30 + 70 v 11 x 30."""
    (row,) = trends(made).summary.to_dict("records")
    assert (row["months_compared"], row["count"], row["year_before"]) == (11, 370, 330)
    assert row["z"] == pytest.approx(poisson_z(370.0, 330.0))
    assert row["words"].startswith("about the same as")


def test_wards_add_up_to_every_other_table_in_order_of_name(made: Workspace) -> None:
    found = trends(made, by="ward", months=12)
    assert found.summary["name"].tolist() == ["East", "West"]
    told = found.table.groupby("series")["count"].sum()
    other = counts(made, ["ward"], first="2025-07", last="2026-06").table.set_index("ward")["count"]
    assert told.to_dict() == {EAST: other[EAST], WEST: other[WEST]} == {EAST: 120, WEST: 280}


def test_a_month_one_force_lacks_is_shown_and_not_judged(tmp_path: Path) -> None:
    met = batch("met", incidents(_rows()))
    btp = incidents([(x, 300, 500) for x in MONTHS if x != "2026-05"], force="btp")
    table = trends(workspace_of(tmp_path / "w", met, batch("btp", btp))).table.set_index("month")
    assert table.loc["2026-05", "count"] == 30
    assert bool(table.loc["2026-05", "is_partial"])
    assert table.loc["2026-05", "signals"] == ""
    assert pd.isna(table.loc["2026-05", "z"])
    assert pd.notna(table.loc["2026-04", "z"])


def test_breaks_start_the_limits_anew(made: Workspace) -> None:
    own = KnownBreak("2025-07", "A new form")
    found = trends(made, own_breaks=[own, KnownBreak("2019-01", "Long ago")])
    assert [each.month for each in found.breaks] == ["2023-11", "2025-07"]
    table = found.table.set_index("month")
    assert table.loc["2023-08", "centre"] != table.loc["2023-08", "centre"]  # 4 months: too few
    before, after = table.loc["2025-06", "centre"], table.loc["2025-07", "centre"]
    assert after > before  # the busy March is in the later stretch only


def test_asb_and_drugs_together_have_no_break(tmp_path: Path) -> None:
    rows = [(x, 300, 500, kind) for x in MONTHS for kind in ("drugs", "police_uk_unspecified")]
    made = workspace_of(tmp_path / "w", batch("street", incidents(rows)))
    assert [b.month for b in trends(made).breaks] == ["2023-11"]
    both = trends(made, categories=WITH_DRUGS)
    assert both.breaks == ()
    assert both.table["count"].tolist() == [2.0] * 36


def test_kinds_of_report_are_series(tmp_path: Path) -> None:
    rows = [(x, 300, 500, "drugs") for x in MONTHS] + [(x, 300, 500) for x in MONTHS * 2]
    found = trends(workspace_of(tmp_path / "w", batch("s", incidents(rows))), by="category")
    assert found.summary.set_index("series")["count"].to_dict() == {
        "police_uk_unspecified": 24, "drugs": 12,
    }  # fmt: skip


def test_seasons_are_taken_out_where_three_years_are_stored(tmp_path: Path) -> None:
    """Every August has four times the reports: with the season out, no August stands out."""
    rows = [(x, 300, 500) for x in MONTHS for _ in range(80 if x.endswith("-08") else 20)]
    found = trends(workspace_of(tmp_path / "w", batch("s", incidents(rows))))
    assert found.season is not None
    assert found.season_out
    assert found.season.loc[8, "index"] == pytest.approx(80 / 25 / 1.0, rel=0.05)
    assert found.table.loc[found.table["month"].str.endswith("-08"), "signals"].eq("").all()
    short = trends(
        workspace_of(tmp_path / "v", batch("s", incidents([r for r in rows if r[0] >= "2024-07"])))
    )
    assert not short.season_out
    assert "beyond" in short.table.set_index("month").loc["2025-08", "signals"]


def test_named_places_may_overlap(made: Workspace) -> None:
    x, y = ORIGIN
    places = gpd.GeoDataFrame(
        {"place_id": ["b", "a"], "name": ["Alpha", "Beta"], "kind": ["park", "station"]},
        geometry=gpd.points_from_xy([x + 350, x + 300], [y + 500, y + 600]), crs=two_wards().crs,
    )  # fmt: skip
    again = Workspace.create(made.path, kind="real", wards=two_wards(), ward_info={}, places=places)
    found = trends(again, by="site")
    assert found.summary["name"].tolist() == ["Alpha", "Beta"]
    assert found.table.set_index(["series", "month"]).loc[("a", "2026-03"), "count"] == 60
    assert found.table.set_index(["series", "month"]).loc[("b", "2026-03"), "count"] == 60


def test_what_cannot_be_followed(made: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="no named places"):
        trends(made, by="site")
    with pytest.raises(SaferWalksError, match="Trends go by one thing"):
        trends(made, by="street")  # type: ignore[arg-type]


def test_the_answer_is_json(made: Workspace) -> None:
    short = trends(made, by="ward", as_at="2023-12", months=12)
    answer = json.loads(json.dumps(short.to_json(), allow_nan=False))
    assert answer["series"][0]["year_before"] is None
    assert answer["series"][0]["words"] == "cannot be compared with the year before"
    assert answer["first"] == "2023-07"
