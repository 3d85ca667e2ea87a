"""When reports are of: by hand, on real times, and why not for a month alone."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analysis.aoristic import WEEKDAYS, day_by_hour
from analysis.jobs.hours import HELP_NOTE, POLICE_NOTE, hours
from geodata.workspace import Workspace
from tests.builders import EAST, batch, incidents, workspace_of


def _timed(rows: list[tuple[str, str, str]], x: int = 300) -> pd.DataFrame:
    """Build council reports from (from, to, precision); '' is no time."""
    frame = incidents(
        [(begun[:7], x, 500, "rowdy") for begun, *_ in rows], source="council_asb",
        record_level="case", force="tower-hamlets", geo_precision="exact",
    )  # fmt: skip
    for column, at in (("occurred_from", 0), ("occurred_to", 1)):
        when = pd.to_datetime(pd.Series([row[at] or None for row in rows]), format="ISO8601")
        frame[column] = when.dt.tz_localize("Europe/London").dt.as_unit("us")
    return frame.assign(time_precision=[row[2] for row in rows], date_basis="occurred")


ROWS = [
    ("2026-05-01T22:30:00", "2026-05-02T00:30:00", "exact"),  # Friday to Saturday, 2 hours
    ("2026-05-02T03:10:00", "", "exact"),
    ("2026-05-03T12:00:00", "", "hour"),
    ("2026-05-04T00:00:00", "", "day"),
]


@pytest.fixture
def made(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "w", batch("cases", _timed(ROWS)))


def test_weights_by_hand_add_up_to_what_was_used(made: Workspace) -> None:
    found = hours(made)
    assert found.hours.used == 3
    assert found.hours.table.loc["Friday", [22, 23]].tolist() == [0.25, 0.5]
    assert found.hours.table.loc["Saturday", [0, 3]].tolist() == [0.25, 1.0]
    assert found.hours.table.to_numpy().sum() == pytest.approx(3)
    assert found.blocks.table.shape == (7, 6)
    assert found.blocks.table.loc["Friday", 20] == 0.75
    assert found.weekdays.table.loc["Monday", "reports"] == pytest.approx(1)  # the day alone
    assert found.hours.left_out == {"only the day is known": 1}
    assert len(found.table()) == 7 * 24
    assert found.table()["reports"].sum() == pytest.approx(3)
    assert found.note == ""


def test_light_is_of_reports_precise_to_the_hour(made: Workspace) -> None:
    """03:10 in May is dark, noon is day; the two hours and the day are left out."""
    found = hours(made)
    assert dict(zip(found.light["light"], found.light["count"], strict=True)) == {
        "day": 1, "twilight": 0, "dark": 1,
    }  # fmt: skip
    assert sum(found.light_left_out.values()) == 2
    assert found.dark is None
    assert "whole years" in found.dark_note


def test_police_reports_have_no_hour_and_the_page_is_told_what_helps(tmp_path: Path) -> None:
    found = hours(workspace_of(tmp_path / "w", batch("s", incidents([("2026-05", 300, 500)]))))
    assert found.hours.used == 0
    assert found.note == f"{POLICE_NOTE} {HELP_NOTE}"
    answer = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert answer["message"].startswith("Police.uk publishes the month")


def test_one_ward(tmp_path: Path) -> None:
    west, east = batch("a", _timed(ROWS)), batch("b", _timed(ROWS[1:2], x=1300))
    made = workspace_of(tmp_path / "w", west, east)
    assert hours(made, ward=EAST).hours.used == 1
    assert hours(made).hours.used == 4


def test_a_year_of_evenings_tells_dark_from_light(tmp_path: Path) -> None:
    """One report at 18:30 every night, two when it is dark then: the odds ratio finds the two.

    Steady reports at 02:30 and 13:30 stand for the season.
    """
    rows = []
    for day in pd.date_range("2025-05-01", "2026-04-30"):
        evening = [18, 18] if day.month in (11, 12, 1, 2) else [18]
        rows += [(f"{day:%Y-%m-%d}T{h:02d}:30:00", "", "exact") for h in [2, 13, *evening]]
    found = hours(workspace_of(tmp_path / "w", batch("cases", _timed(rows))))
    assert found.dark is not None
    assert found.dark_note == "From May 2025 to April 2026."
    assert found.dark.low < 2 < found.dark.high or found.dark.odds_ratio == pytest.approx(
        2, abs=0.3
    )
    assert found.dark.low > 1
    assert json.loads(json.dumps(found.to_json()))["dark_odds_ratio"] > 1


def test_a_missing_month_leaves_no_whole_year(tmp_path: Path) -> None:
    rows = [
        (f"{day:%Y-%m-%d}T18:30:00", "", "exact")
        for day in pd.date_range("2025-05-01", "2026-04-30")
        if day.month != 11
    ]
    found = hours(workspace_of(tmp_path / "w", batch("cases", _timed(rows))))
    assert found.dark is None


def test_real_robberies_by_day_and_hour_beside_plain_counting(shared_data: Path) -> None:
    """2,245 robberies with exact times: the grid is that of a plain group by weekday and hour."""
    read = pd.read_csv(shared_data / "memphis" / "memphis_robberies.csv.gz")
    when = pd.to_datetime(read["date"])
    local = when.dt.tz_localize("Europe/London", ambiguous=True, nonexistent="shift_forward")
    rows = pd.DataFrame({"occurred_from": local, "occurred_to": local, "time_precision": "exact"})
    spread = day_by_hour(rows)
    plain = pd.crosstab(local.dt.day_name(), local.dt.hour).reindex(list(WEEKDAYS))
    assert spread.used == len(read) == 2245
    assert (
        spread.table.to_numpy().tolist()
        == plain.reindex(columns=range(24), fill_value=0).to_numpy().tolist()
    )
    assert spread.table.sum(axis=0).idxmax() in (20, 21, 22, 23, 0)
