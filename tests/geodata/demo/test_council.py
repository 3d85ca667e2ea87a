import pandas as pd
import pytest

from geodata import months
from geodata.demo import LAST_MONTH
from geodata.demo.council import COMPLAINTS, WORDINGS, _local
from geodata.incidents import TIMEZONE
from geodata.vocabularies import CATEGORY_BY_CODE


@pytest.fixture(scope="module")
def cases(reports):
    return reports[reports["source"] == "council_asb"]


def test_about_120_cases_a_month(cases):
    by_month = cases.groupby("month", observed=True).size()
    assert by_month.index.tolist() == months.window(LAST_MONTH, 36)
    assert by_month.mean() == pytest.approx(120)
    assert set(cases["record_level"]) == {"case"}
    assert cases["source_ref"].is_unique


def test_kinds_are_on_the_list_and_all_occur(cases):
    assert {c.code for c in COMPLAINTS} <= set(CATEGORY_BY_CODE)
    assert sum(c.share for c in COMPLAINTS) == 100
    assert set(cases["category"]) == {c.code for c in COMPLAINTS}


def test_intervals_lie_in_their_month_and_fit_their_precision(cases):
    start, end = cases["occurred_from"], cases["occurred_to"]
    assert str(start.dt.tz) == TIMEZONE
    assert (start.dt.strftime("%Y-%m") == cases["month"].astype(str)).all()
    span = (end - start).dt.total_seconds() / 60
    limits = {"exact": (5, 15), "hour": (60, 180), "part_of_day": (300, 420), "day": (1380, 1500)}
    for precision, (low, high) in limits.items():
        mine = span[cases["time_precision"] == precision]
        assert len(mine) > 200
        assert mine.between(low, high).all(), precision


def test_evenings_and_weekends_are_busier(cases):
    timed = cases[cases["time_precision"].isin(["exact", "hour"])]
    hour = timed["occurred_from"].dt.hour
    assert hour.between(18, 23).mean() > 0.4
    assert hour.between(4, 9).mean() < 0.12
    weekday = timed["occurred_from"].dt.day_of_week
    assert (weekday == 5).mean() > 1.3 * (weekday == 0).mean()
    midnight = (timed["occurred_from"].dt.strftime("%H:%M") == "00:00").mean()
    assert midnight < 0.05  # more would read as 'no time given'


def test_one_in_eight_has_no_place(cases):
    assert cases["easting"].isna().mean() == pytest.approx(0.12, abs=0.015)
    assert set(cases["geo_precision"]) == {"exact", "street", "none"}
    lost = cases["geo_precision"] == "none"
    said = cases.loc[lost, "location"]
    assert said.isna().mean() == pytest.approx(0.6, abs=0.06)
    assert set(said.dropna()) == set(WORDINGS)
    assert cases.loc[~lost, "location"].notna().all()


def test_kinds_gather_where_they_are_known_for(cases):
    def share_within(kind: str, easting: int, northing: int) -> float:
        rows = cases[(cases["category"] == kind) & cases["easting"].notna()]
        away = (rows["easting"] - easting) ** 2 + (rows["northing"] - northing) ** 2
        return (away < 700**2).mean()

    assert share_within("nitrous_oxide", 536_100, 181_100) > 0.4
    assert share_within("noise_street_commercial", 533_900, 181_900) > 0.4
    assert share_within("noise_domestic", 533_900, 181_900) < 0.25


def test_clock_changes():
    day = pd.DatetimeIndex(["2026-03-29", "2026-10-25", "2026-10-25"]).to_numpy()
    day = day.astype("datetime64[D]")
    clock = _local(day, pd.Index([90, 90, 1440]).to_numpy())
    assert clock.dt.strftime("%Y-%m-%d %H:%M %z").tolist() == [
        "2026-03-29 02:00 +0100",  # 01:30 did not exist
        "2026-10-25 01:30 +0000",  # the second 01:30
        "2026-10-26 00:00 +0000",
    ]
