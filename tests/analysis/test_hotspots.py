"""Local statistics against published vectors and esda; certification against what it promises."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.hotspots import Certified, adjusted_p, certified, certify, gi, gi_star, shuffles
from analysis.neighbours import (
    Neighbourhoods,
    hexagon_neighbourhoods,
    point_neighbourhoods,
    square_neighbourhoods,
)
from geodata.errors import NotEnoughDataError
from geodata.hexagons import hexagon_ids

# Six points and their values: the worked example of Ord and Getis's statistics in esda's manual.
POINTS = np.array([(10, 10), (20, 10), (40, 10), (15, 20), (30, 20), (30, 30)], dtype="float64")
VALUES = np.array([2, 3, 3.2, 5, 8, 7])
GI_STAR = [-1.39727626, -0.28917762, 0.65064964, -0.28917762, 1.23452088, 2.02424331]
GI = [-1.0136729, -0.04361589, 1.31558703, -0.31412676, 1.15373986, 1.77833941]


def _hexagons(columns: int, rows: int) -> Neighbourhoods:
    q, row = np.divmod(np.arange(columns * rows), rows)
    return hexagon_neighbourhoods(hexagon_ids(q, row - q // 2, 200).tolist())


GRID = _hexagons(14, 14)


def _counts(values: np.ndarray, near: Neighbourhoods = GRID) -> pd.Series:
    return pd.Series(values.astype("int64"), index=near.places)


def _uneven(rng: np.random.Generator, mean: np.ndarray | float, k: float, n: int) -> np.ndarray:
    return rng.poisson(rng.gamma(k, np.broadcast_to(mean, n) / k))


def test_published_vectors_of_gi_star_and_gi() -> None:
    near = point_neighbourhoods(*POINTS.T, 15.0).sizes[0]
    assert gi_star(VALUES, near).tolist() == pytest.approx(GI_STAR, abs=5e-9)
    assert gi(VALUES, near).tolist() == pytest.approx(GI, abs=5e-9)


@pytest.mark.parametrize("star", [True, False])
def test_esda_agrees(star: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        esda = pytest.importorskip("esda", reason="esda is not installed")
        libpysal = pytest.importorskip("libpysal", reason="libpysal is not installed")
        values = np.random.default_rng(3).poisson(2.0, 90).astype("float64")
        weights = libpysal.weights.lat2W(9, 10, rook=False)
        theirs = esda.G_Local(
            values, weights, transform="B", permutations=0, star=1.0 if star else None
        ).Zs
    near = square_neighbourhoods(9, 10, rings=(1,)).sizes[0]
    ours = gi_star(values, near) if star else gi(values, near)
    assert ours.tolist() == pytest.approx(theirs.tolist(), abs=1e-9)


def test_a_flat_map_has_no_local_statistic() -> None:
    near = square_neighbourhoods(4, 4, rings=(1,)).sizes[0]
    assert np.isnan(gi_star(np.full(16, 3.0), near)).all()
    assert not certify(_counts(np.full(196, 3)), GRID, seed=1)["hot"].any()


@given(st.integers(0, 2**32 - 1), st.floats(0.1, 50), st.floats(-20, 20))
@settings(max_examples=30)
def test_gi_star_does_not_depend_on_scale_or_origin(seed: int, scale: float, by: float) -> None:
    near = square_neighbourhoods(5, 6, rings=(1,)).sizes[0]
    values = np.random.default_rng(seed).uniform(0, 10, 30)
    moved = gi_star(values * scale + by, near)
    assert moved.tolist() == pytest.approx(gi_star(values, near).tolist(), abs=1e-6)


@pytest.mark.parametrize(
    ("mean", "k"), [(0.05, np.inf), (1.0, np.inf), (43.0, 43 / 42), (0.2, 0.4)]
)
def test_maps_with_no_structure_rarely_show_a_hot_spot(mean: float, k: float) -> None:
    # 80 maps: more than 11 with a hot spot has a chance of about 1 in 1,000 at a true rate of 5 %.
    # The full simulation, thousands of maps a line, is benchmarks/hotspot_calibration.py.
    rng = np.random.default_rng(11)
    found = 0
    for seed in range(80):
        n = len(GRID.places)
        values = rng.poisson(mean, n) if np.isinf(k) else _uneven(rng, mean, k, n)
        found += bool(certify(_counts(values), GRID, seed=seed, permutations=99)["hot"].any())
    assert found <= stats.binom.isf(0.001, 80, 0.05)


def test_half_hexagons_are_no_hot_spot_once_their_share_is_known() -> None:
    # The left half of the map holds half hexagons: exposure says so, and nothing is certified.
    n = len(GRID.places)
    share = np.where(np.arange(n) < n // 2, 0.5, 1.0)
    rng = np.random.default_rng(5)
    exposure = pd.Series(share, index=GRID.places)
    told = untold = 0
    for seed in range(30):
        counts = _counts(rng.poisson(20 * share))
        told += certify(counts, GRID, seed=seed, exposure=exposure, permutations=99)["hot"].any()
        untold += certify(counts, GRID, seed=seed, permutations=99)["hot"].any()
    assert told <= stats.binom.isf(0.001, 30, 0.05)
    assert untold == 30


def test_a_planted_cluster_is_found_and_little_else() -> None:
    near = GRID.sizes[0]
    middle = 7 * 14 + 7
    planted = np.flatnonzero(near[[middle]].toarray()[0])
    rng = np.random.default_rng(2)
    rate = np.full(len(GRID.places), 2.0)
    rate[planted] *= 6
    table = certify(_counts(rng.poisson(rate)), GRID, seed=3)
    ring = np.flatnonzero(GRID.sizes[1][[middle]].toarray()[0])
    assert table["hot"].iloc[middle]
    assert table["hot"].iloc[planted].sum() >= 5
    assert set(np.flatnonzero(table["hot"])) <= set(ring)
    assert table["p"].min() == 0.001


def test_a_second_cluster_is_looked_for_once_the_first_is_set_aside() -> None:
    # The first cluster fills every shuffled map with giants; only without it the second stands out.
    rng = np.random.default_rng(8)
    rate = np.full(len(GRID.places), 3.0)
    near = GRID.sizes[0]
    first, second = (np.flatnonzero(near[[at]].toarray()[0]) for at in (3 * 14 + 3, 10 * 14 + 10))
    rate[first], rate[second] = 90.0, 8.0
    table = certify(_counts(rng.poisson(rate)), GRID, seed=1)
    assert table["hot"].iloc[10 * 14 + 10]
    assert table["p"].iloc[10 * 14 + 10] >= table["p"].iloc[3 * 14 + 3]


def test_one_huge_hexagon_alone_is_not_an_arrangement() -> None:
    values = np.random.default_rng(1).poisson(2.0, len(GRID.places))
    values[100] = 5_000
    assert not certify(_counts(values), GRID, seed=1)["hot"].any()


def test_a_quiet_middle_of_a_busy_neighbourhood_is_counted_apart() -> None:
    near = GRID.sizes[0]
    middle = 7 * 14 + 7
    values = np.random.default_rng(1).poisson(1.0, len(GRID.places))
    values[near[[middle]].toarray()[0] > 0] = 30
    values[middle] = 0
    table = certify(_counts(values), GRID, seed=1)
    assert table["hot"].iloc[middle]
    assert certified(table).quiet == (table["hot"] & (table["count"] < table["expected"])).sum()
    assert certified(table).quiet >= 1
    assert "fewer reports than expected" in certified(table).sentence()
    assert "1 of them has fewer" in Certified(50, 3, 10, 9, 1, 0.05).sentence()


def test_rows_come_back_on_the_index_given_and_the_order_changes_nothing() -> None:
    values = _counts(_uneven(np.random.default_rng(4), 5.0, 0.5, len(GRID.places)))
    table = certify(values, GRID, seed=9, permutations=199)
    mixed = values.sample(frac=1, random_state=1)
    again = certify(mixed, GRID, seed=9, permutations=199)
    assert again.index.equals(mixed.index)
    pd.testing.assert_frame_equal(again.loc[table.index], table)
    assert table.columns.tolist() == ["count", "expected", "statistic", "p", "hot"]
    assert table["expected"].sum() == pytest.approx(values.sum())


def test_places_without_exposure_take_no_part() -> None:
    rng = np.random.default_rng(6)
    exposure = pd.Series(rng.uniform(0.5, 2, len(GRID.places)), index=GRID.places)
    exposure.iloc[:10] = [0.0, np.nan] * 5
    table = certify(_counts(rng.poisson(3, 196)), GRID, seed=1, exposure=exposure)
    assert table["p"].isna().tolist() == [True] * 10 + [False] * 186
    assert not table["hot"].iloc[:10].any()
    assert certified(table).hexagons == 186


def test_the_collar_lends_its_reports_but_is_not_judged() -> None:
    # The cluster straddles the line between the borough and its collar.
    rng = np.random.default_rng(7)
    column = np.arange(196) // 14
    rate = np.where(np.isin(column, [3, 4, 5]) & (np.arange(196) % 14 < 4), 12.0, 1.5)
    judged = pd.Series(column >= 4, index=GRID.places)
    counts = _counts(rng.poisson(rate))
    table = certify(counts, GRID, seed=1, judged=judged)
    assert table["p"].isna().tolist() == (~judged).tolist()
    assert table["hot"].any()
    assert not table["hot"][~judged].any()


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_more_reports_in_a_neighbourhood_never_lower_its_standing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.poisson(2.0, len(GRID.places))
    members = np.flatnonzero(GRID.sizes[0][[105]].toarray()[0])
    more = values.copy()
    more[members] += 3
    before, after = (
        certify(_counts(v), GRID, seed=1, permutations=19)["statistic"].iloc[105]
        for v in (values, more)
    )
    assert after > before or np.isnan(after)


def test_what_cannot_be_tested_is_refused() -> None:
    small = square_neighbourhoods(5, 5)
    with pytest.raises(NotEnoughDataError, match="at least 30"):
        certify(pd.Series(np.ones(25)), small, seed=1)
    with pytest.raises(ValueError, match="index of counts differs"):
        certify(pd.Series(np.ones(30)), GRID, seed=1)
    with pytest.raises(ValueError, match="index of exposure differs"):
        certify(_counts(np.ones(196)), GRID, seed=1, exposure=pd.Series([1.0]))
    for bad in (-1.0, 0.5):
        with pytest.raises(ValueError, match="whole and not negative"):
            certify(pd.Series(bad, index=GRID.places), GRID, seed=1)


def test_ties_count_against_the_place() -> None:
    assert adjusted_p(np.array([2.0, 2.00005, 2.1]), np.array([2.0, 1.0, 3.0])).tolist() == [
        0.75,
        0.75,
        0.5,
    ]


def test_shuffling_keeps_to_its_groups_and_reaches_every_arrangement() -> None:
    groups = [np.array([0, 2, 4]), np.array([1, 3])]
    orders = np.hstack(list(shuffles(groups, np.random.default_rng(1), 600))).T
    seen, times = np.unique(orders, axis=0, return_counts=True)
    assert len(seen) == 12
    assert stats.chisquare(times).pvalue > 0.001
    for group in groups:
        assert (np.sort(orders[:, group], axis=1) == group).all()


def test_the_share_certified_in_words() -> None:
    assert (
        "is a certified hot spot; it holds 9 of 10" in Certified(100, 1, 10, 9, 0, 0.05).sentence()
    )
    assert Certified(0, 0, 0, 0, 0, 0.05).report_share == 0.0
    assert Certified(50, 0, 10, 0, 0, 0.05).sentence().startswith("None of the 50 hexagons")
