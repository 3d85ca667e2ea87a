"""The invented police reports behave as real ones were measured to."""

import numpy as np
import pandas as pd
import pytest

from geodata import hexagons, months
from geodata.demo import LAST_MONTH
from geodata.demo.patterns import SEASON, days_in
from geodata.demo.police import FORCES, MISSING_MONTHS_BACK

ASB = "police_uk_unspecified"
WINDOW = months.window(LAST_MONTH, 36)
YEARS = [WINDOW[:12], WINDOW[12:24], WINDOW[24:]]


@pytest.fixture(scope="module")
def police(reports):
    return reports[reports["source"] == "police_uk"]


@pytest.fixture(scope="module")
def asb(police):
    return police[(police["category"] == ASB) & (police["ward_match"] == "inside")]


def test_levels_a_month(police, asb):
    by_month = police.groupby("month", observed=True).size()
    assert by_month.index.tolist() == WINDOW
    assert 3_700 < by_month.mean() < 4_300
    assert 850 < asb.groupby("month", observed=True).size().mean() < 950


def test_asb_follows_the_season(asb):
    by_month = asb.groupby("month", observed=True).size()
    daily = by_month / [days_in(month) for month in by_month.index]
    season = daily.groupby([int(month[5:]) for month in daily.index]).mean()
    expected = np.array(SEASON) / np.mean(SEASON)
    assert np.abs(season.to_numpy() / season.mean() - expected).max() < 0.06


@pytest.mark.parametrize("year", YEARS, ids=lambda year: year[-1])
def test_few_points_hold_much_of_a_year(asb, year):
    rows = asb[asb["month"].isin(year)]
    counts = np.sort(rows.groupby(["easting", "northing"]).size().to_numpy())[::-1]

    def top(share: float) -> float:
        return counts[: round(len(counts) * share)].sum() / counts.sum()

    assert 0.095 < top(0.01) < 0.115
    assert 0.265 < top(0.05) < 0.30
    assert 0.395 < top(0.10) < 0.435
    assert 0.55 < top(0.20) < 0.61
    assert 0.44 < (counts == 1).mean() < 0.48


@pytest.mark.parametrize("year", YEARS, ids=lambda year: year[-1])
def test_hexagons_are_over_dispersed(made, asb, year):
    rows = asb[asb["month"].isin(year)]
    ids = pd.Series(hexagons.hexagon_ids_of(rows["easting"], rows["northing"], 200))
    cells = hexagons.cover(made.wards, 200)["hexagon"]
    counts = ids.value_counts().reindex(cells, fill_value=0)
    assert 35 < counts.mean() < 50
    assert 30 < counts.var() / counts.mean() < 60
    assert counts.eq(0).any()


def _last_against_year_before(asb, easting, northing, reach):
    away = np.hypot(asb["easting"] - easting, asb["northing"] - northing)
    near = asb.loc[away < reach, "month"].astype(str)
    return near.isin(WINDOW[-3:]).sum(), near.isin(WINDOW[-15:-12]).sum()


def test_two_places_rise_and_one_fades(asb):
    limehouse = _last_against_year_before(asb, 536_100, 181_100, 300)
    langdon = _last_against_year_before(asb, 537_900, 181_400, 250)
    watney = _last_against_year_before(asb, 534_900, 181_100, 250)
    assert limehouse[0] > 1.3 * limehouse[1]
    assert langdon[0] > 1.5 * langdon[1]
    assert watney[0] < 0.8 * watney[1]


def test_some_places_are_busy_nearly_every_month(asb):
    ids = hexagons.hexagon_ids_of(asb["easting"], asb["northing"], 200)
    counts = pd.crosstab(np.asarray(ids), asb["month"].astype(str).to_numpy())
    top = counts.rank(ascending=False).le(counts.shape[0] * 0.1)
    assert (top.mean(axis=1) > 0.9).sum() >= 3


def test_three_forces_and_one_month_missing(police):
    stored = police.groupby("force", observed=True)["month"].agg(lambda m: set(m.astype(str)))
    assert set(stored.index) == set(FORCES)
    assert stored["metropolitan"] == stored["city-of-london"] == set(WINDOW)
    assert set(WINDOW) - stored["btp"] == {WINDOW[-1 - MISSING_MONTHS_BACK]}


def test_city_police_are_mostly_over_the_edge(police):
    city = police[police["force"] == "city-of-london"]
    assert (city["ward_match"] == "outside").mean() > 0.5
    assert (city["ward_match"] == "inside").any()


def test_some_rows_have_no_place(police):
    lost = police["easting"].isna()
    assert lost.mean() == pytest.approx(0.015, abs=0.002)
    assert police.loc[lost, ["lon", "lat", "northing"]].isna().all(axis=None)
    assert set(police.loc[lost, "geo_precision"]) == {"none"}
    assert set(police.loc[lost, "location"]) == {"No Location"}
    assert set(police.loc[~lost, "geo_precision"]) == {"snap_point"}


def test_there_is_a_collar_and_something_beyond_it(police):
    outside = police[police["ward_match"] == "outside"]
    assert 0.05 < len(outside) / len(police) < 0.15
    assert outside["in_collar"].mean() > 0.6
    assert not outside["in_collar"].all()


def test_nothing_is_said_about_hours_or_people(police):
    assert police["occurred_from"].isna().all()
    assert set(police["time_precision"]) == {"month"}
    assert police["source_ref"].isna().all()
    assert police["lsoa_code"].isna().all()


def test_identical_rows_are_there_as_in_real_files(police):
    assert police.drop(columns="incident_uid").duplicated().mean() > 0.05
