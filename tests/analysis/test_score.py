"""Contract 2: recomputable by hand, order-free, monotone, ties by id, missing is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.components import COMPONENT_CODES
from analysis.normalise import NORMALISERS, Normaliser
from analysis.score import PRESETS, ScoreWeights, can_rank, rank_by_total, score_locations

WALKABOUT, WOMENS = PRESETS["walkabout"], PRESETS["womens_walk"]
NAN = float("nan")


def test_by_hand() -> None:
    # volume ranks 100, 50, 0; persistence 0, 100, 50; weights 30 and 15.
    evidence = pd.DataFrame(
        {"volume": [9.0, 5.0, 1.0], "persistence": [0.0, 1.0, 0.5]}, index=["a", "b", "c"]
    )
    scored = score_locations(evidence, WALKABOUT)
    assert scored["total"].tolist() == pytest.approx([3000 / 45, 3000 / 45, 750 / 45])
    assert scored["rank"].tolist() == [1, 2, 3]
    assert scored["coverage"].tolist() == [45.0] * 3
    assert scored["mode"].unique().tolist() == ["reports_only"]
    assert scored.loc["a", ["volume_raw", "volume_score", "volume_weight"]].tolist() == [9, 100, 30]
    assert scored["concern_raw"].isna().all()
    assert scored["concern_weight"].unique().tolist() == [15.0]


def test_presets_weigh_100_and_reports_carry_55_and_30() -> None:
    assert {p.total for p in PRESETS.values()} == {100.0}
    assert (WALKABOUT.share_of_reports(), WOMENS.share_of_reports()) == (55.0, 30.0)


def test_the_womens_walk_declines_to_rank_on_reports_alone() -> None:
    evidence = pd.DataFrame({"volume": [9.0, 1.0], "trend": [1.0, 0.0]}, index=["a", "b"])
    scored = score_locations(evidence, WOMENS)
    assert scored["total"].isna().all()
    assert scored["rank"].isna().all()
    assert scored["volume_score"].tolist() == [100.0, 0.0]


def test_with_other_evidence_a_place_under_60_per_cent_is_not_ranked() -> None:
    # a: volume 15 + concern 30 + vawg 20 = 65 of 100; b lacks vawg: 45; c lacks all but volume.
    evidence = pd.DataFrame(
        {"volume": [1.0, 2.0, 3.0], "concern": [0.5, 0.7, NAN], "vawg": [1.0, NAN, NAN]},
        index=["a", "b", "c"],
    )
    scored = score_locations(evidence, WOMENS)
    assert scored["mode"].unique().tolist() == ["all_evidence"]
    assert scored["coverage"].tolist() == [65.0, 45.0, 15.0]
    assert scored["rank"].tolist() == [1, pd.NA, pd.NA]


def test_missing_evidence_is_not_zero() -> None:
    with_gap = pd.DataFrame(
        {"volume": [5.0, 5.0], "persistence": [1.0, 1.0], "concern": [NAN, 0.0],
         "requests": [1.0, 1.0], "trend": [0.0, 0.0]}, index=["a", "b"],
    )  # fmt: skip
    scored = score_locations(with_gap, WALKABOUT)
    assert pd.isna(scored.loc["a", "concern_score"])
    assert scored.loc["a", "total"] == pytest.approx(50.0)
    assert scored.loc["b", "total"] == pytest.approx(50.0)
    assert scored.loc["a", "coverage"] < scored.loc["b", "coverage"]


def test_in_reports_only_the_rule_counts_components_that_some_place_has() -> None:
    # Some place has volume (30) and persistence (15): 60 % of 45 is 27, so volume alone suffices,
    # and persistence alone (15) does not.
    evidence = pd.DataFrame(
        {"volume": [1.0, NAN, 2.0], "persistence": [NAN, 0.5, 0.5]}, index=["a", "b", "c"]
    )
    assert score_locations(evidence, WALKABOUT)["rank"].notna().tolist() == [True, False, True]


def test_a_first_action_does_not_empty_the_list() -> None:
    # A year of reports and an action: 30 + 15 + 5 = 50 of 100. The first walk's feedback, at one
    # place of three, asks nothing more of the other two; the register of requests makes it 65.
    year = pd.DataFrame(
        {"volume": [5.0, 1.0, 3.0], "persistence": [1.0, 0.0, 0.5]}, index=["a", "b", "c"]
    )
    before = score_locations(year, WALKABOUT)
    acted = score_locations(year.assign(unresolved=[0.0, 1.0, 0.0]), WALKABOUT)
    heard = year.assign(unresolved=[0.0, 1.0, 0.0], concern=[NAN, 0.5, NAN])
    walked = score_locations(heard, WALKABOUT)
    asked = score_locations(heard.assign(requests=[0.0, 0.0, 1.0]), WALKABOUT)
    assert [scored["mode"].iloc[0] for scored in (before, acted, walked, asked)] == [
        "reports_only", "some_evidence", "some_evidence", "all_evidence",
    ]  # fmt: skip
    assert all(scored["rank"].notna().all() for scored in (before, acted, walked, asked))
    assert acted["coverage"].eq(50).all()


def test_some_evidence_does_not_rank_what_reports_alone_could_not() -> None:
    acted = pd.DataFrame(
        {"volume": [1.0, 2.0], "persistence": [0.0, 1.0], "unresolved": [0.0, 1.0]},
        index=["a", "b"],
    )
    scored = score_locations(acted, WOMENS)
    assert scored["mode"].unique().tolist() == ["all_evidence"]
    assert scored["rank"].isna().all()


def test_no_evidence_at_all_ranks_nothing() -> None:
    scored = score_locations(pd.DataFrame(index=["a", "b"]), WALKABOUT)
    assert scored["total"].isna().all()
    assert scored["coverage"].tolist() == [0.0, 0.0]


def test_no_locations_at_all() -> None:
    assert score_locations(pd.DataFrame({"volume": []}, dtype="float64"), WALKABOUT).empty


def test_a_location_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="'a'"):
        score_locations(pd.DataFrame({"volume": [1.0, 2.0]}, index=["a", "a"]), WALKABOUT)


@pytest.mark.parametrize(
    "weights", [{"volume": -1.0}, {"volume": 0.0}, {"sightings": 1.0}, {"volume": NAN}]
)
def test_nonsense_weights_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="weight|component"):
        ScoreWeights("x", "X", weights)


def test_own_weights_rank_on_reports_when_reports_carry_half() -> None:
    assert can_rank(ScoreWeights("x", "X", {"volume": 1.0, "concern": 1.0}), "reports_only")
    assert not can_rank(ScoreWeights("x", "X", {"volume": 1.0, "concern": 1.1}), "reports_only")


def test_equal_totals_go_by_id_and_leave_no_hole() -> None:
    total = pd.Series([50.0, 80.0, 50.0, NAN], index=["h2", "h9", "h1", "h0"])
    assert rank_by_total(total).tolist() == [3, 1, 2, pd.NA]


values = st.one_of(st.just(NAN), st.integers(0, 20).map(float))


@st.composite
def evidence_frames(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(1, 12))
    codes = draw(st.lists(st.sampled_from(COMPONENT_CODES), min_size=1, unique=True))
    data = {c: draw(st.lists(values, min_size=n, max_size=n)) for c in codes}
    return pd.DataFrame(data, index=[f"h{i:02d}" for i in range(n)])


SCALES = st.sampled_from(NORMALISERS)


@given(evidence_frames(), st.sampled_from(sorted(PRESETS)), SCALES)
def test_every_total_is_recomputable_from_its_row(
    evidence: pd.DataFrame, preset: str, how: Normaliser
) -> None:
    scored = score_locations(evidence, replace(PRESETS[preset], normaliser=how))
    assert scored.index.equals(evidence.index)
    for _, row in scored[scored["total"].notna()].iterrows():
        have = [c for c in COMPONENT_CODES if pd.notna(row[f"{c}_score"])]
        weight = sum(row[f"{c}_weight"] for c in have)
        by_hand = sum(row[f"{c}_weight"] * row[f"{c}_score"] for c in have) / weight
        assert row["total"] == pytest.approx(by_hand)
        assert row["coverage"] == pytest.approx(weight)
    ranks = scored["rank"].dropna().astype(int)
    assert sorted(ranks) == list(range(1, len(ranks) + 1))


@given(evidence_frames(), SCALES)
def test_coverage_and_who_is_ranked_do_not_turn_on_the_scale(
    evidence: pd.DataFrame, how: Normaliser
) -> None:
    usual, other = (
        score_locations(evidence, replace(WALKABOUT, normaliser=n)) for n in ("rank", how)
    )
    pd.testing.assert_series_equal(usual["coverage"], other["coverage"])
    assert usual["rank"].isna().equals(other["rank"].isna())


@given(evidence_frames(), st.randoms(), SCALES)
def test_the_order_of_rows_does_not_matter(
    evidence: pd.DataFrame, random: object, how: Normaliser
) -> None:
    order, weights = list(evidence.index), replace(WALKABOUT, normaliser=how)
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = score_locations(evidence.loc[order], weights).loc[evidence.index]
    pd.testing.assert_frame_equal(shuffled, score_locations(evidence, weights))


@given(evidence_frames(), st.data(), SCALES)
def test_raising_a_value_never_lowers_the_place(
    evidence: pd.DataFrame, data: st.DataObject, how: Normaliser
) -> None:
    code = data.draw(st.sampled_from(list(evidence.columns)))
    place = data.draw(st.sampled_from(list(evidence.index)))
    if np.isnan(evidence.loc[place, code]):
        return
    raised, weights = evidence.copy(), replace(WALKABOUT, normaliser=how)
    raised.loc[place, code] += data.draw(st.integers(1, 30))
    before, after = score_locations(evidence, weights), score_locations(raised, weights)
    if pd.notna(before.loc[place, "total"]):
        assert after.loc[place, "total"] >= before.loc[place, "total"] - 1e-9
        # A z score is measured in the spread of all: less of it may lift another place further.
        if how != "z":
            assert after.loc[place, "rank"] <= before.loc[place, "rank"]


@given(evidence_frames(), st.sampled_from([2, 8, 1024]), SCALES)
def test_counts_times_ten_change_no_rank(
    evidence: pd.DataFrame, factor: int, how: Normaliser
) -> None:
    """Powers of two scale without rounding; ten itself is tried on the scores' percentile rank."""
    weights = replace(WALKABOUT, normaliser=how)
    pd.testing.assert_series_equal(
        score_locations(evidence, weights)["rank"],
        score_locations(evidence * factor, weights)["rank"],
    )
    pd.testing.assert_series_equal(
        score_locations(evidence, WALKABOUT)["total"],
        score_locations(evidence * 10, WALKABOUT)["total"],
    )


def test_the_scale_by_hand() -> None:
    # volume 9, 5, 1: min-max 100, 50, 0; persistence 0, 1, .8: 0, 100, 80; weights 30 and 15.
    evidence = pd.DataFrame(
        {"volume": [9.0, 5.0, 1.0], "persistence": [0.0, 1.0, 0.8]}, index=["a", "b", "c"]
    )
    scored = score_locations(evidence, replace(WALKABOUT, normaliser="min-max"))
    assert scored["total"].tolist() == pytest.approx([3000 / 45, 3000 / 45, 1200 / 45])
    # Averages 5 and .6: of 100, volume 180, 100, 20; persistence 0, 166.7, 133.3.
    scored = score_locations(evidence, replace(WALKABOUT, normaliser="index"))
    assert scored["total"].tolist() == pytest.approx([120.0, 5500 / 45, 2600 / 45])


@pytest.mark.parametrize(
    ("what", "said"),
    [({"normaliser": "log"}, "no such normaliser: log"), ({"window": 9}, "over 6, 12 or 24")],
)
def test_other_scales_and_windows_are_refused(what: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        replace(WALKABOUT, **what)  # type: ignore[arg-type]


@given(evidence_frames(), st.data())
def test_a_first_request_can_only_raise_the_place_it_is_for(
    evidence: pd.DataFrame, data: st.DataObject
) -> None:
    """It brings the register into use: every other place becomes a true zero, and none passes."""
    place = data.draw(st.sampled_from(list(evidence.index)))
    silent = evidence.assign(requests=NAN, unresolved=NAN)
    asked = silent.assign(requests=0.0, unresolved=0.0)
    asked.loc[place, "requests"] = 1.0
    before, after = (score_locations(e, WALKABOUT)["total"] for e in (silent, asked))
    if pd.isna(before[place]) or pd.isna(after[place]):
        return
    behind = before.notna() & after.notna() & before.le(before[place] + 1e-9)
    assert after[behind].le(after[place] + 1e-9).all()
