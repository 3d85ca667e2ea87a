"""Knox against Burkitt's lymphoma in Uganda, pointpats, and pairs counted one by one."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from analysis.near_repeat import knox, near_repeats
from geodata.errors import NotEnoughDataError


def _incidents(n: int, seed: int = 1, **columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    began = pd.Timestamp("2026-01-01", tz="Europe/London") + pd.to_timedelta(
        rng.integers(0, 120, n), unit="D"
    )
    rows = pd.DataFrame(
        {
            "occurred_from": began,
            "occurred_to": began + pd.Timedelta(hours=1),
            "easting": rng.uniform(530_000, 534_000, n),
            "northing": rng.uniform(180_000, 184_000, n),
            "time_precision": "exact",
            "geo_precision": "uprn",
        }
    )
    return rows.assign(**columns)


def test_published_counts_by_formula() -> None:
    # Burkitt's lymphoma, 20 km and 5 days: 188 cases, 3,429 and 52 near pairs, 13 near in both.
    pairs = 188 * 187 // 2
    assert pairs == 17_578
    expected = 3_429 * 52 / pairs
    assert expected == pytest.approx(10.1438, abs=5e-5)
    assert special.pdtrc(12, expected) == pytest.approx(0.2223, abs=5e-5)


def test_burkitt_from_the_cases_themselves() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        examples = pytest.importorskip("libpysal.examples", reason="libpysal is not installed")
        pointpats = pytest.importorskip(
            "pointpats.spacetime", reason="pointpats, which reads the cases, is not installed"
        )
        cases = pointpats.SpaceTimeEvents(examples.get_path("burkitt.shp"), "T")
    xy, when = np.column_stack([cases.x, cases.y]).astype("float64"), cases.t.ravel()
    found = knox(xy, when.astype("float64"), seed=1, metres=20, days=5)
    assert (found.reports, found.pairs) == (188, 17_578)
    assert (found.near_space, found.near_time, found.both) == (3_429, 52, 13)
    assert found.expected == pytest.approx(10.1438, abs=5e-5)
    assert found.p_poisson == pytest.approx(0.2223, abs=5e-5)
    assert 0.1 < found.p < 0.3  # pointpats' own dealing of the times gives about .18 to .21


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(0, 30)),
        min_size=2,
        max_size=25,
    ),
    st.integers(1, 30),
    st.integers(0, 20),
)
@settings(max_examples=50)
def test_pairs_one_by_one(events: list[tuple[int, int, int]], metres: int, days: int) -> None:
    x, y, t = np.array(events, dtype="float64").T
    one, other = np.triu_indices(len(t), 1)
    space = (x[one] - x[other]) ** 2 + (y[one] - y[other]) ** 2 <= metres**2
    time = np.abs(t[one] - t[other]) <= days
    found = knox(np.column_stack([x, y]), t, seed=1, metres=metres, days=days, permutations=9)
    assert (found.near_space, found.near_time) == (space.sum(), time.sum())
    assert found.both == (space & time).sum()
    assert found.expected == pytest.approx(space.sum() * time.sum() / len(one))
    assert 0.1 <= found.p <= 1.0


def test_p_is_never_zero_and_is_right_where_nothing_repeats() -> None:
    p = [
        near_repeats(_incidents(60, seed), seed=seed, metres=600, permutations=99).p
        for seed in range(150)
    ]
    assert min(p) >= 0.01
    assert stats.binomtest(sum(x <= 0.1 for x in p), 150, 0.1, "greater").pvalue > 0.001


def test_planted_repeats_are_found() -> None:
    rows = _incidents(80)
    again = rows.iloc[:25].assign(
        easting=rows["easting"] + 20, occurred_from=rows["occurred_from"] + pd.Timedelta(days=3)
    )
    again["occurred_to"] = again["occurred_from"]
    found = near_repeats(pd.concat([rows, again], ignore_index=True), seed=1)
    assert found.p == 0.001
    assert found.both >= 25
    assert found.ratio > 2
    assert "more than chance gives" in found.sentence()


def test_the_mean_of_the_dealings_is_what_the_formula_expects() -> None:
    rng = np.random.default_rng(2)
    xy, when = rng.uniform(0, 1000, (90, 2)), rng.integers(0, 60, 90).astype("float64")
    found = knox(xy, when, seed=3, metres=150, days=4, permutations=1999)
    assert found.both / found.ratio == pytest.approx(found.expected, rel=0.03)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"time_precision": "month"}, "60 are not known to the day"),
        ({"geo_precision": "snap_point"}, "60 not closer than a snap point"),
        ({"occurred_to": pd.Timestamp("2027-01-01", tz="Europe/London")}, "60 are not known to"),
    ],
)
def test_months_and_snap_points_are_declined(columns: dict[str, object], said: str) -> None:
    with pytest.raises(NotEnoughDataError, match=said):
        near_repeats(_incidents(60, **columns), seed=1)


def test_rows_that_are_not_exact_are_left_out_and_counted() -> None:
    mixed = pd.concat([_incidents(40), _incidents(15, 2, time_precision="month")])
    found = near_repeats(mixed.reset_index(drop=True), seed=1, permutations=19)
    assert (found.reports, found.left_out) == (40, 15)


def test_an_hour_across_midnight_is_a_day_apart_on_the_local_calendar() -> None:
    rows = _incidents(20)
    rows.loc[:, "occurred_from"] = pd.Timestamp("2026-07-01 23:30", tz="Europe/London")
    rows.loc[10:, "occurred_from"] = pd.Timestamp("2026-07-02 00:30", tz="Europe/London")
    rows["occurred_to"] = rows["occurred_from"]
    found = near_repeats(rows, seed=1, days=0, permutations=9)
    assert found.near_time == 2 * (10 * 9 // 2)


def test_too_many_near_pairs_are_declined() -> None:
    xy = np.zeros((7000, 2))
    with pytest.raises(NotEnoughDataError, match="shorter distance"):
        knox(xy, np.zeros(7000), seed=1, metres=10, days=1)
