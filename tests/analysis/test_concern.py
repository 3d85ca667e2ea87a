"""What people said, worked out by hand; agreement beside an analysis of variance."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway

from analysis.concern import agreement, beside_record, by_place, dark_gap, named_most


def said(**columns: object) -> pd.DataFrame:
    usual = {
        "place": "a", "mode": "individual", "virtual": False, "n_people": 1, "light": "dark",
        "said_on": pd.Timestamp("2026-03-01"), "feel_now": None, "feel_day": None,
        "feel_dark": None, "feel_day_recalled": None, "feel_dark_recalled": None,
    }  # fmt: skip
    length = max(len(v) for v in columns.values() if isinstance(v, list))
    return pd.DataFrame(usual | columns, index=range(length))


def test_groups_and_pictures_are_never_averaged_with_people_who_were_there() -> None:
    heard = said(
        feel_now=[1, 6, 2], mode=["individual", "group_consensus", "individual"],
        n_people=[1, 8, 1], virtual=[False, False, True],
    )  # fmt: skip
    table = by_place(heard).set_index(["mode", "virtual"])
    assert table["people"].to_dict() == {
        ("group_consensus", False): 8, ("individual", False): 1, ("individual", True): 1
    }  # fmt: skip
    assert table.loc[("individual", False), "share"].item() == pytest.approx(3 / 5)
    assert table.loc[("group_consensus", False), "share"].item() == pytest.approx(2 / 12)


def test_the_dark_gap_is_of_those_who_answered_both() -> None:
    heard = said(feel_day=[6, 5, 4], feel_dark=[2, None, 4])
    assert dark_gap(heard).to_numpy().tolist() == [["a", 2, 2.0]]


def test_what_is_named_most_is_counted_once_a_response() -> None:
    heard = pd.DataFrame({"place": "a", "issues": [("noise", "noise"), ("graffiti", "noise"), ()]})
    assert named_most(heard, "issues", most=1).to_numpy().tolist() == [["a", "noise", 2]]


def test_agreement_is_that_of_an_analysis_of_variance() -> None:
    """F of the one-way analysis gives ICC(1) = (F - 1) / (F + n - 1) for equal groups."""
    rng = np.random.default_rng(7)
    groups = [rng.normal(level, 1, 4) for level in (1, 2, 4, 5, 2)]
    rated = pd.DataFrame({"stop": np.repeat(range(5), 4), "rating": np.concatenate(groups)})
    ratio = f_oneway(*groups).statistic
    found = agreement(rated)
    assert found is not None
    assert found.icc == pytest.approx((ratio - 1) / (ratio + 3))
    assert found.low < found.icc < found.high
    assert (found.stops, found.ratings) == (5, 20)


def test_agreement_needs_three_stops_that_several_rated() -> None:
    assert agreement(pd.DataFrame({"stop": [1, 1, 2, 2, 3], "rating": [1, 2, 3, 4, 5]})) is None
    assert agreement(pd.DataFrame({"stop": [1, 1, 2, 2, 3, 3], "rating": [4] * 6})) is None


def test_the_interval_covers_a_planted_agreement() -> None:
    """Half of the spread lies between stops: ICC .5; 200 sets of 15 stops of 4 ratings."""
    rng, covered = np.random.default_rng(1), 0
    for _ in range(200):
        level = np.repeat(rng.normal(size=15), 4)
        rated = pd.DataFrame(
            {"stop": np.repeat(range(15), 4), "rating": level + rng.normal(size=60)}
        )
        found = agreement(rated)
        covered += found is not None and found.low <= 0.5 <= found.high
    assert 0.91 <= covered / 200 <= 0.99


def test_a_place_nobody_was_asked_about_gets_no_tag() -> None:
    places = pd.DataFrame({"concern": [0.9, 0.2, None, None, None], "reports": [1, 50, 60, 70, 0]})
    assert beside_record(places).tolist() == ["few reports, much concern", "", "", "", ""]
