"""Classes through time against vectors worked out from the published definitions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from analysis.emerging import PATTERN_WORDS, PATTERNS, Reading, classify, hot_bins
from analysis.neighbours import square_neighbourhoods
from geodata.errors import NotEnoughDataError

SYMBOLS = {"H": 1, "C": -1, ".": 0}
FLAT = [0.0] * 12
RISING = [float(i) for i in range(12)]


def _classify(
    pattern: str, score: list[float] | None = None, reading: Reading = "current"
) -> pd.Series:
    state = pd.DataFrame([[SYMBOLS[s] for s in pattern]])
    return classify(state, pd.DataFrame([score or [0.0] * len(pattern)]), reading=reading).loc[0]


@pytest.mark.parametrize(
    ("pattern", "current", "older"),
    [
        ("...........H", "new", "new"),
        (".........HHH", "consecutive", "consecutive"),
        ("H.H..H.....H", "sporadic", "sporadic"),
        ("H.H..H......", "none", "sporadic"),
        ("C....H.....H", "oscillating", "oscillating"),
        ("HHHHHHHHHHH.", "historical", "historical"),
        ("HHHHHHHHHHHH", "persistent", "persistent"),
        (".HHHHHHHHHHH", "persistent", "persistent"),
        ("..HHHHHHHHHH", "consecutive", "consecutive"),
        ("............", "none", "none"),
        ("....H.......", "none", "sporadic"),
        # The published words leave room: hot at the end only and once cold is both.
        ("C..........H", "new", "new"),
        ("C.......HHHH", "consecutive", "consecutive"),
        ("C..H........", "none", "none"),
    ],
)
def test_published_classes(pattern: str, current: str, older: str) -> None:
    assert _classify(pattern)["class"] == current
    assert _classify(pattern, reading="older")["class"] == older


@pytest.mark.parametrize(
    ("score", "expected"),
    [(RISING, "intensifying"), (FLAT, "persistent"), (RISING[::-1], "diminishing")],
)
def test_the_trend_of_a_lasting_hot_spot(score: list[float], expected: str) -> None:
    assert _classify("H" * 12, score)["class"] == expected


def test_an_old_trend_does_not_revive_what_is_over() -> None:
    assert _classify("HHHHHHHHHHH.", RISING)["class"] == "historical"


@given(st.text("HC.", min_size=2, max_size=14), st.sampled_from(["current", "older"]))
def test_cold_mirrors_hot(pattern: str, reading: Reading) -> None:
    score = [float(i % 5) for i in range(len(pattern))]
    here = _classify(pattern, score, reading)
    swapped = pattern.translate(str.maketrans("HC", "CH"))
    there = _classify(swapped, [-x for x in score], reading)
    sides = {"hot": "cold", "cold": "hot", "": ""}
    # Where both sides have a claim (hot at the end after cold), the hot side is named first.
    if here["side"] == sides[there["side"]]:
        assert here["class"] == there["class"]
    else:
        assert here["side"] == there["side"] == "hot"


@given(st.text("HC.", min_size=2, max_size=14))
def test_every_history_has_one_class_and_the_current_reading_is_the_narrower(pattern: str) -> None:
    current, older = _classify(pattern)["class"], _classify(pattern, reading="older")["class"]
    assert current in PATTERNS
    assert current == older or (current, older) == ("none", "sporadic")


def test_every_class_is_said_in_words() -> None:
    assert set(PATTERN_WORDS) == set(PATTERNS)


def test_one_period_has_no_history() -> None:
    with pytest.raises(NotEnoughDataError, match="two periods"):
        _classify("H")


NEAR = square_neighbourhoods(9, 9)


def test_windows_that_overlap_are_no_trend() -> None:
    rng = np.random.default_rng(2)
    steps = rng.normal(size=(2000, 26))
    overlapping = pd.DataFrame(steps[:, 2:] + steps[:, 1:-1] + steps[:, :-2])
    always = pd.DataFrame(np.ones(overlapping.shape, dtype=int))
    share = {
        memory: classify(always, overlapping, memory=memory)["class"].ne("persistent").mean()
        for memory in (0, 2)
    }
    assert share[0] > 0.12
    assert share[2] < 0.065
    assert classify(always, overlapping, memory=2)["trend_z"].notna().all()


def test_cubes_with_no_structure_rarely_show_a_hot_bin() -> None:
    rng = np.random.default_rng(4)
    found = 0
    for seed in range(80):
        lasting = rng.gamma(1.0, 1.0, (81, 1))
        season = 1 + 0.5 * np.sin(np.arange(6))
        cube = pd.DataFrame(rng.poisson(6 * lasting * season))
        found += bool((hot_bins(cube, NEAR, seed=seed, permutations=59).state == 1).any(axis=None))
    assert found <= stats.binom.isf(0.001, 80, 0.05)


def test_a_place_that_turns_hot_and_one_that_stops() -> None:
    rng = np.random.default_rng(5)
    cube = pd.DataFrame(rng.poisson(3.0, (81, 8)))
    rows, columns = np.divmod(np.arange(81), 9)
    near_a = (abs(rows - 2) <= 1) & (abs(columns - 2) <= 1)
    near_b = (abs(rows - 6) <= 1) & (abs(columns - 6) <= 1)
    cube.loc[near_a, 6:] += 25
    cube.loc[near_b, :3] += 25
    bins = hot_bins(cube, NEAR, seed=1)
    assert classify(bins.state, bins.score)["class"][2 * 9 + 2] == "consecutive"
    assert classify(bins.state, bins.score, reading="older")["class"][6 * 9 + 6] == "sporadic"
    assert bins.state.loc[2 * 9 + 2].tolist() == [0, 0, 0, 0, 0, 0, 1, 1]


def test_a_borough_that_gets_busier_throughout_has_no_hot_bin() -> None:
    cube = pd.DataFrame(np.random.default_rng(6).poisson([1, 2, 4, 8, 16, 32], (81, 6)))
    assert not (hot_bins(cube, NEAR, seed=2, permutations=199).state == 1).any(axis=None)


def test_bins_come_back_on_the_index_of_the_cube() -> None:
    cube = pd.DataFrame(np.random.default_rng(7).poisson(2.0, (81, 3)), columns=["a", "b", "c"])
    mixed = cube.sample(frac=1, random_state=1)
    plain = hot_bins(cube, NEAR, seed=1, permutations=19)
    again = hot_bins(mixed, NEAR, seed=1, permutations=19)
    assert again.state.index.equals(mixed.index)
    pd.testing.assert_frame_equal(again.score.loc[cube.index], plain.score)


def test_exposure_is_allowed_for() -> None:
    # Twice the street, twice the reports: hot only if nobody says so.
    share = pd.Series(np.where(np.arange(81) % 9 < 4, 4.0, 1.0))
    cube = pd.DataFrame(np.random.default_rng(8).poisson(10 * share.to_numpy()[:, None], (81, 3)))
    told = hot_bins(cube, NEAR, seed=1, exposure=share, permutations=99)
    untold = hot_bins(cube, NEAR, seed=1, permutations=99)
    assert (told.state == 1).sum(axis=None) == 0
    assert (untold.state == 1).sum(axis=None) > 0


def test_what_cannot_be_tested_is_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="2 periods"):
        hot_bins(pd.DataFrame(np.ones((81, 1))), NEAR, seed=1)
    with pytest.raises(ValueError, match="differs from the places"):
        hot_bins(pd.DataFrame(np.ones((80, 3))), NEAR, seed=1)
    with pytest.raises(ValueError, match="missing or negative"):
        hot_bins(pd.DataFrame(np.full((81, 3), np.nan)), NEAR, seed=1)
