"""Day by hour against intervals cut by hand and minute by minute."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.aoristic import (
    BACKWARDS,
    NO_END,
    NO_TIME,
    ONLY_DAY,
    ONLY_MONTH,
    WEEKDAYS,
    by_weekday,
    day_by_hour,
)

ZONE = "Europe/London"
Row = tuple[str | None, str | None, str]


def _rows(*rows: Row) -> pd.DataFrame:
    began, ended, precision = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "occurred_from": _times(began),
            "occurred_to": _times(ended),
            "time_precision": precision,
        }
    )


def _times(texts: tuple[str | None, ...]) -> pd.Series:
    stamps = [pd.NaT if text is None else pd.Timestamp(text, tz=ZONE) for text in texts]
    return pd.Series(pd.DatetimeIndex(stamps, tz=ZONE))


def test_an_interval_is_shared_out_by_minutes() -> None:
    # Friday 22:45 to Saturday 00:15: 15 + 60 + 15 of 90 minutes.
    result = day_by_hour(_rows(("2026-05-01 22:45", "2026-05-02 00:15", "exact")))
    assert result.table.loc["Friday", [22, 23]].tolist() == pytest.approx([1 / 6, 2 / 3])
    assert result.table.loc["Saturday", 0] == pytest.approx(1 / 6)
    assert result.table.to_numpy().sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("row", "day", "hour"),
    [
        (("2026-05-04 09:59", None, "exact"), "Monday", 9),
        (("2026-05-04 09:00", "2026-05-04 09:00", "exact"), "Monday", 9),
        (("2026-05-04 09:00", "2026-05-04 10:00", "exact"), "Monday", 9),
        (("2026-05-10 23:00", None, "hour"), "Sunday", 23),
        # British summer time: 00:30 local is 23:30 UTC of the day before.
        (("2026-07-01 00:30", None, "exact"), "Wednesday", 0),
    ],
)
def test_a_single_hour_takes_all(row: Row, day: str, hour: int) -> None:
    table = day_by_hour(_rows(row)).table
    assert table.loc[day, hour] == 1.0
    assert table.to_numpy().sum() == 1.0


def test_an_hour_given_at_half_past_reaches_into_the_next() -> None:
    table = day_by_hour(_rows(("2026-05-04 09:30", None, "hour"))).table
    assert table.loc["Monday", [9, 10]].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("2026-05-01 00:00", None, "month"), ONLY_MONTH),
        (("2026-05-01 00:00", None, "unknown"), ONLY_MONTH),
        ((None, None, "exact"), NO_TIME),
        ((None, "2026-05-01 10:00", "exact"), NO_TIME),
        (("2026-05-01 00:00", None, "day"), ONLY_DAY),
        (("2026-05-01 18:00", None, "part_of_day"), NO_END),
        (("2026-05-01 10:00", "2026-05-01 09:00", "exact"), BACKWARDS),
        (("2026-05-01 10:00", "2026-05-02 10:01", "exact"), "it spans more than 24 hours"),
    ],
)
def test_what_cannot_be_used_is_counted_by_reason(row: Row, reason: str) -> None:
    good = ("2026-05-01 10:00", "2026-05-02 10:00", "part_of_day")
    result = day_by_hour(_rows(row, good, row))
    assert result.left_out == {reason: 2}
    assert result.used == 1
    assert result.table.to_numpy().sum() == pytest.approx(1)
    assert result.sentence() == f"1 of 3 reports have a time. Left out: 2 because {reason}."


def test_nothing_usable_is_an_empty_table_not_an_error() -> None:
    result = day_by_hour(_rows(("2026-05-01 00:00", None, "month")))
    assert (result.used, result.table.shape) == (0, (7, 24))
    assert not result.table.to_numpy().any()


def test_the_hour_repeated_in_autumn_and_the_one_skipped_in_spring() -> None:
    # 25 October 2026: 00:00 to 03:00 local lasts four hours, two of them called 01:00.
    autumn = day_by_hour(_rows(("2026-10-25 00:00", "2026-10-25 03:00", "exact"))).table
    assert autumn.loc["Sunday", [0, 1, 2]].tolist() == [0.25, 0.5, 0.25]
    # 29 March 2026: 00:00 to 03:00 local lasts two hours, and 01:00 does not happen.
    spring = day_by_hour(_rows(("2026-03-29 00:00", "2026-03-29 03:00", "exact"))).table
    assert spring.loc["Sunday", [0, 1, 2]].tolist() == [0.5, 0.0, 0.5]


def test_weekdays_take_days_and_intervals_up_to_a_week() -> None:
    result = by_weekday(
        _rows(
            ("2026-05-04 13:00", None, "day"),
            ("2026-05-08 00:00", "2026-05-10 00:00", "exact"),
            ("2026-05-04 00:00", "2026-05-12 00:00", "exact"),
            ("2026-10-25 00:00", None, "day"),
        )
    )
    expected = [1, 0, 0, 0, 0.5, 0.5, 1]
    assert result.table["reports"].tolist() == pytest.approx(expected)
    assert result.left_out == {"it spans more than 7 days": 1}
    assert result.used == 3


MINUTES = st.integers(0, 60 * 24 * 400)


@given(
    st.lists(st.tuples(MINUTES, st.integers(0, 2000)), min_size=1, max_size=12),
    st.sampled_from([1, 4]),
)
@settings(max_examples=40)
def test_minute_by_minute(spans: list[tuple[int, int]], block: int) -> None:
    start = pd.Timestamp("2026-01-01", tz=ZONE)
    began = pd.Series([start + pd.Timedelta(minutes=at) for at, _ in spans]).dt.as_unit("us")
    ended = pd.Series([start + pd.Timedelta(minutes=at + n) for at, n in spans]).dt.as_unit("us")
    rows = pd.DataFrame({"occurred_from": began, "occurred_to": ended, "time_precision": "exact"})
    result = day_by_hour(rows, block=block)  # type: ignore[arg-type]
    by_hand = np.zeros((7, 24))
    used = 0
    for (_, length), first in zip(spans, began, strict=True):
        if length > 24 * 60:
            continue
        used += 1
        minutes = pd.date_range(first, periods=max(length, 1), freq="min")
        np.add.at(by_hand, (minutes.day_of_week, minutes.hour), 1 / max(length, 1))
    expected = by_hand.reshape(7, 24 // block, block).sum(axis=2)
    np.testing.assert_allclose(result.table.to_numpy(), expected, atol=1e-9)
    assert result.used == used
    assert result.table.to_numpy().sum() == pytest.approx(used)
    assert sum(result.left_out.values()) == len(spans) - used


def test_six_blocks_add_up_the_hours() -> None:
    rows = _rows(("2026-05-01 21:00", "2026-05-02 05:00", "part_of_day"))
    hours, blocks = day_by_hour(rows).table, day_by_hour(rows, block=4).table
    assert blocks.columns.tolist() == [0, 4, 8, 12, 16, 20]
    assert blocks.index.tolist() == list(WEEKDAYS)
    assert blocks.loc["Friday", 20] == pytest.approx(hours.loc["Friday", 20:23].sum())


def test_times_without_a_zone_are_refused() -> None:
    rows = _rows(("2026-05-01 21:00", None, "exact"))
    naive = rows.assign(occurred_from=rows["occurred_from"].dt.tz_localize(None))
    with pytest.raises(ValueError, match="zone"):
        day_by_hour(naive)


def test_real_robberies_keep_their_number(shared_data: Path) -> None:
    with gzip.open(shared_data / "memphis" / "memphis_robberies.csv.gz", "rt") as file:
        table = pd.read_csv(file)
    when = next(c for c in table.columns if "date" in c.lower())
    times = pd.to_datetime(table[when], utc=True).dt.tz_convert(ZONE)
    rows = pd.DataFrame({"occurred_from": times, "occurred_to": times, "time_precision": "exact"})
    result = day_by_hour(rows)
    assert result.used == len(table) == 2_245
    direct = pd.crosstab(times.dt.day_of_week, times.dt.hour).reindex(
        index=range(7), columns=range(24), fill_value=0
    )
    assert (result.table.to_numpy() == direct.to_numpy()).all()
