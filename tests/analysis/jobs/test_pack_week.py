"""The week of a pack: expected counts for colleagues, whole ones that pass the gate for others."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.jobs.pack_week import (
    UNTIMED,
    WEEKEND,
    WHEN,
    WORKING,
    nothing,
    shown_weeks,
    spread_weeks,
    when_known,
)


def _rows(*times: tuple[str, str | None, str]) -> pd.DataFrame:
    """One report each, in ward W: from, to, how precise; 1 May 2026 is a Friday."""
    frame = pd.DataFrame(times, columns=["occurred_from", "occurred_to", "time_precision"])
    for name in ("occurred_from", "occurred_to"):
        moments = pd.to_datetime(frame[name])
        frame[name] = moments.dt.tz_localize("Europe/London")
    return frame.assign(ward_code="W")


ROWS = _rows(
    ("2026-05-01 22:30", None, "exact"),
    ("2026-05-02 10:00", "2026-05-02 12:00", "exact"),  # ends where the next block begins
    ("2026-05-03 23:00", "2026-05-04 01:00", "exact"),  # half on Sunday, half on Monday
    ("2026-05-05 00:00", None, "day"),
)


def test_who_may_gets_expected_counts_and_the_number_left_out() -> None:
    cells = spread_weeks(ROWS, ["V", "W"])
    mine = cells[cells["ward_code"].eq("W")].set_index(["day", "hour"])["count"]
    assert mine["Friday", 20] == 1.0
    assert mine["Saturday", 8] == 1.0
    assert (mine["Sunday", 20], mine["Monday", 0]) == (0.5, 0.5)
    assert mine["", -1] == 1.0
    assert mine.sum() == len(ROWS)
    assert not cells.loc[cells["ward_code"].eq("V"), "count"].any()
    assert len(cells) == 2 * (7 * 6 + 1)


def test_for_the_gate_a_report_counts_whole_and_only_where_it_is_certain() -> None:
    assert when_known(ROWS).tolist() == [f"{WORKING},20", f"{WEEKEND},8", UNTIMED, UNTIMED]


def test_what_passed_the_gate_keeps_its_words_and_what_never_occurred_is_none() -> None:
    passed = pd.DataFrame(
        {
            "ward_code": ["W"] * 3, WHEN: [f"{WORKING},20", f"{WEEKEND},8", UNTIMED],
            "count": [7.0, None, 12.0], "withheld": ["", "1 to 4", ""],
        }
    )  # fmt: skip
    cells = shown_weeks(passed, ["W"]).set_index(["day", "hour"])
    assert cells.loc[(WORKING, 20), "count"] == 7
    assert cells["count"].isna().sum() == 1
    assert cells.loc[(WEEKEND, 8), "withheld"] == "1 to 4"
    assert cells.loc[(WEEKEND, 20), "count"] == 0
    assert cells.loc[("", -1), "count"] == 12
    assert len(cells) == 2 * 6 + 1


@pytest.mark.parametrize("rows", [ROWS[3:], ROWS[:0]])
def test_without_any_time_there_is_no_week(rows: pd.DataFrame) -> None:
    assert spread_weeks(rows, ["W"]).empty
    alone = pd.DataFrame({"ward_code": ["W"], WHEN: [UNTIMED], "count": [1.0], "withheld": [""]})
    assert shown_weeks(alone, ["W"]).equals(nothing())
