"""Rank intervals: drawn by the rules of the score, fair to ties, blind to the order of rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import components, robustness
from analysis.coverage import MonthCover
from analysis.evidence import report_evidence
from analysis.normalise import NORMALISERS, Normaliser
from analysis.posterior import draw_rates, fit_counts
from analysis.robustness import (
    ComponentDraws,
    draw_components,
    leave_one_out,
    leave_out,
    rank_intervals,
    rank_words,
    ranks_by_lot,
    weight_band,
)
from analysis.score import PRESETS, ScoreWeights, score_locations
from geodata import months as m

WALKABOUT = PRESETS["walkabout"]
LAST = "2026-04"
INTERVAL = ["rank_low", "rank_high", "p_top10"]


def _cover(matrix: pd.DataFrame, *missing: str) -> MonthCover:
    return MonthCover(tuple(matrix.columns), missing)


def _counts(seed: int = 1, places: int = 60, months: int = 26, scale: float = 1) -> pd.DataFrame:
    """Gamma rates, 3.6 reports a month on average; negative binomial months, variance 1.5 means."""
    rng = np.random.default_rng(seed)
    rates = rng.gamma(1.0, 3.6 * scale, places)[:, None] + np.zeros(months)
    counts = rng.poisson(rng.gamma(rates / 0.5) * 0.5)
    return pd.DataFrame(counts, [f"h{i:03d}" for i in range(places)], m.window(LAST, months))


def _evidence(matrix: pd.DataFrame) -> pd.DataFrame:
    return report_evidence(matrix, _cover(matrix), LAST).table()


def _intervals(matrix: pd.DataFrame, **how: int) -> pd.DataFrame:
    how = {"draws": 300, "seed": 7, **how}
    drawn = draw_components(matrix, _cover(matrix), LAST, **how)
    return rank_intervals(_evidence(matrix), WALKABOUT, drawn)


# The draws follow the rules of the score.


def test_drawn_components_are_those_of_the_score_at_the_drawn_rates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second implementation: each draw as a matrix of its own through `analysis.components`."""
    counts = _counts(places=30)
    kept = []

    def keep(*args: object) -> object:
        for rates in draw_rates(*args):  # type: ignore[arg-type]
            kept.append(rates.copy())
            yield rates

    monkeypatch.setattr(robustness, "draw_rates", keep)
    drawn = draw_components(counts, _cover(counts), LAST, draws=60)
    rates = np.concatenate(kept, axis=1)
    for draw in range(0, 60, 7):
        matrix = pd.DataFrame(rates[:, draw], counts.index, counts.columns)
        for code, rule in (("persistence", components.persistence), ("trend", components.trend)):
            expected = rule(matrix, _cover(counts), LAST).raw
            assert drawn.values[code][draw] == pytest.approx(expected.to_numpy(), abs=1e-9)
        assert drawn.values["volume"][draw] == pytest.approx(
            matrix.iloc[:, -12:].sum(axis=1).to_numpy()
        )


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (2, []),
        (3, ["volume"]),
        (8, ["volume", "persistence"]),
        (14, ["volume", "persistence"]),
        (15, ["volume", "persistence", "trend"]),
    ],
)
def test_what_the_months_cannot_carry_is_missing_in_every_draw(
    months: int, expected: list[str]
) -> None:
    counts = _counts(places=12, months=months)
    drawn = draw_components(counts, _cover(counts), LAST, draws=20)
    assert list(drawn.values) == expected
    known = _evidence(counts).notna().any()
    assert list(known[known].index) == expected


def test_a_gap_in_the_months_is_no_month_of_zeros() -> None:
    whole = _counts(places=20)
    gap = whole.drop(columns="2025-06")
    cover = _cover(gap, "2025-06")
    drawn = draw_components(gap, cover, LAST, draws=400)
    year = gap[components.volume_months(cover, LAST)].sum(axis=1)
    assert drawn.values["volume"].mean() == pytest.approx(year.mean(), rel=0.05)
    assert "trend" in drawn.values  # 2025-06 is not among its months
    gap = whole.drop(columns="2025-03")
    assert "trend" not in draw_components(gap, _cover(gap, "2025-03"), LAST, draws=5).values


def test_posterior_draws_centre_on_the_shrunk_rates() -> None:
    """Steady Poisson places: the gamma-Poisson mean, worked out by its textbook formula."""
    rng = np.random.default_rng(3)
    counts = rng.poisson(rng.gamma(2.0, 3.0, 300)[:, None] + np.zeros(12)).astype(float)
    model = fit_counts(counts, np.arange(12.0))
    assert model.mean == pytest.approx(6.0, rel=0.15)
    assert model.between == pytest.approx(18.0, rel=0.3)
    assert model.scatter.mean() == pytest.approx(1.0, abs=0.1)
    drawn = np.concatenate(list(draw_rates(counts, model, 400, rng)), axis=1)
    a, b = model.mean**2 / model.between, model.mean / model.between
    expected = (a + counts.sum(axis=1) / model.scatter) / (b + 12 / model.scatter)
    assert drawn.mean(axis=(1, 2)) == pytest.approx(expected, rel=0.1, abs=0.05)


def test_scatter_and_change_are_told_apart() -> None:
    rng = np.random.default_rng(5)
    level = rng.gamma(1.5, 6.0, 400)[:, None]
    walk = np.exp(np.cumsum(rng.normal(0, 0.08, (400, 26)), axis=1))
    months = np.arange(26.0)
    noisy = rng.poisson(rng.gamma(level + 0 * walk)).astype(float)  # variance twice the mean
    moving = rng.poisson(level * walk).astype(float)
    scattered, changing = fit_counts(noisy, months), fit_counts(moving, months)
    assert scattered.scatter.mean() == pytest.approx(2.0, abs=0.2)
    assert scattered.drift**0.5 < 0.04
    assert changing.scatter.mean() < 1.3
    assert changing.drift**0.5 == pytest.approx(0.08, abs=0.025)


# Intervals.


def test_places_far_apart_keep_their_ranks_and_close_ones_share_a_range() -> None:
    rows = {"a": [200] * 12, "b": [10] * 12, "c": [10] * 11 + [11], "d": [0] * 12}
    counts = pd.DataFrame(rows, m.window(LAST, 12)).T
    found = _intervals(counts)
    assert found.loc["a", ["rank_low", "rank_high"]].tolist() == [1, 1]
    assert found.loc["d", ["rank_low", "rank_high"]].tolist() == [4, 4]
    assert found.loc[["b", "c"], "rank_low"].tolist() == [2, 2]
    assert found.loc[["b", "c"], "rank_high"].tolist() == [3, 3]


def test_intervals_hold_the_true_rank_nine_times_in_ten() -> None:
    """The claim, on 12 small maps; benchmarks/rank_intervals.py measures it closely."""
    held = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        rates = rng.gamma(1.0, 3.6, 100)
        chance = rng.gamma(np.maximum(rates[:, None] + np.zeros(12), 1e-9) / 0.5) * 0.5
        names = [f"h{i:03d}" for i in range(100)]
        counts = pd.DataFrame(rng.poisson(chance), names, m.window(LAST, 12))
        true = pd.Series(rates, names).rank(ascending=False)
        found = _intervals(counts)
        held.append(((found["rank_low"] <= true) & (true <= found["rank_high"])).mean())
    assert 0.86 <= np.mean(held) <= 0.94


def test_the_order_of_rows_does_not_matter() -> None:
    counts = _counts()
    shuffled = counts.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(_intervals(shuffled).loc[counts.index], _intervals(counts))
    pd.testing.assert_frame_equal(
        weight_band(_evidence(shuffled), WALKABOUT).loc[counts.index],
        weight_band(_evidence(counts), WALKABOUT),
    )


def test_the_same_seed_gives_the_same_and_another_gives_others() -> None:
    counts = _counts()
    pd.testing.assert_frame_equal(_intervals(counts), _intervals(counts))
    assert not _intervals(counts, seed=8).equals(_intervals(counts))


def test_places_equal_in_everything_have_the_same_interval() -> None:
    counts = _counts(places=40)
    counts.iloc[30:] = counts.iloc[7].to_numpy()
    counts.iloc[20:25] = 0
    for found in (_intervals(counts)[INTERVAL], weight_band(_evidence(counts), WALKABOUT)):
        assert len(found.iloc[[7, *range(30, 40)]].drop_duplicates()) == 1
        assert len(found.iloc[20:25].drop_duplicates()) == 1


def test_where_no_place_has_a_report_nothing_is_known_of_the_order() -> None:
    counts = _counts(places=100) * 0
    found = _intervals(counts, draws=1000)
    assert found["rank_low"].unique().tolist() == [6]
    assert found["rank_high"].unique().tolist() == [95]
    assert found["p_top10"].unique().tolist() == [0.1]


def test_a_map_with_no_more_spread_than_chance_gives_wide_intervals() -> None:
    counts = _counts(places=100, months=12) * 0 + np.random.default_rng(0).poisson(3, (100, 12))
    found = _intervals(counts)
    assert (found["rank_high"] - found["rank_low"]).mean() > 60


def test_fewer_months_give_wider_intervals() -> None:
    def width(months: int) -> float:
        found = [_intervals(_counts(seed, months=12).iloc[:, -months:]) for seed in range(4)]
        return float(np.mean([(f["rank_high"] - f["rank_low"]).mean() for f in found]))

    widths = [width(months) for months in (3, 6, 12)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 1.3 * widths[2]


def test_ten_times_the_counts_give_narrower_intervals() -> None:
    few, many = (_intervals(_counts(months=12, scale=scale)) for scale in (1, 10))
    narrow = (many["rank_high"] - many["rank_low"]).mean()
    assert narrow < 0.6 * (few["rank_high"] - few["rank_low"]).mean()


def test_places_without_a_rank_have_no_interval() -> None:
    counts = _counts(places=20)
    womens = rank_intervals(
        _evidence(counts), PRESETS["womens_walk"],
        draw_components(counts, _cover(counts), LAST, draws=20),
    )  # fmt: skip
    assert womens[INTERVAL].isna().all(axis=None)
    assert womens["pick"].unique().tolist() == [""]
    some = _evidence(counts).assign(concern=1.0)
    some.iloc[3:] = some.iloc[3:].assign(concern=np.nan)
    found = rank_intervals(some, WALKABOUT, draw_components(counts, _cover(counts), LAST, draws=50))
    ranked = score_locations(some, WALKABOUT)["rank"]
    assert found["rank_low"].isna().tolist() == ranked.isna().tolist()
    assert found["rank_high"].max() <= ranked.max()


def test_a_component_without_draws_keeps_its_values() -> None:
    """One that outweighs all others decides every draw."""
    counts = _counts(places=12)
    evidence = _evidence(counts).assign(requests=np.arange(12.0))
    heavy = ScoreWeights("x", "X", {"volume": 1, "requests": 1000})
    drawn = draw_components(counts, _cover(counts), LAST, draws=50)
    found = rank_intervals(evidence, heavy, drawn)
    assert found["rank_low"].tolist() == found["rank_high"].tolist() == list(range(12, 0, -1))


def test_a_place_without_draws_is_refused() -> None:
    counts = _counts(places=12)
    drawn = draw_components(counts.iloc[1:], _cover(counts), LAST, draws=5)
    with pytest.raises(ValueError, match="no draws: 'h000'"):
        rank_intervals(_evidence(counts), WALKABOUT, drawn)


def test_picks_follow_the_share_of_draws() -> None:
    places = pd.Index(list("abcd"))
    values = np.array([[4.0, 3, 2, 1]] * 5 + [[4.0, 2, 3, 1]] * 3 + [[4.0, 2, 1, 3]] * 2)
    drawn = ComponentDraws(places, {"volume": values}, 10, 0)
    evidence = pd.DataFrame({"volume": [4.0, 3, 2, 1]}, places)
    found = rank_intervals(evidence, WALKABOUT, drawn, top=2)
    assert found["p_top10"].tolist() == [1.0, 0.5, 0.3, 0.2]
    assert found["pick"].tolist() == ["robust", "sensitive", "sensitive", "sensitive"]
    assert rank_intervals(evidence, WALKABOUT, drawn, top=1)["pick"].tolist() == [
        "robust", "", "", "",
    ]  # fmt: skip


# The parts.


def test_equal_totals_are_put_in_order_by_lot() -> None:
    ranks = ranks_by_lot(np.array([[50.0, 50.0, 80.0]] * 4000), np.random.default_rng(1))
    assert (ranks[:, 2] == 1).all()
    assert np.unique(ranks.sum(axis=1)).tolist() == [6.0]
    assert ranks[:, 0].mean() == pytest.approx(2.5, abs=0.03)


def test_a_rank_outside_its_interval_is_said_otherwise() -> None:
    assert rank_words(2, 2, 2) == "2 (no other likely)"
    assert rank_words(2, 4, 4) == "2 (more likely 4)"


@pytest.mark.parametrize("how", NORMALISERS)
def test_the_intervals_follow_the_scale_that_was_chosen(how: Normaliser) -> None:
    """A second way: every draw scored by the contract itself."""
    counts = _counts(places=15)
    weights = replace(WALKABOUT, normaliser=how)
    drawn = draw_components(counts, _cover(counts), LAST, draws=60)
    found = rank_intervals(_evidence(counts), weights, drawn, top=3)
    ranks = [
        score_locations(
            pd.DataFrame({code: values[draw] for code, values in drawn.values.items()},
                         drawn.places), weights)["rank"]
        for draw in range(60)
    ]  # fmt: skip
    first = (pd.concat(ranks, axis=1) <= 3).mean(axis=1)
    assert found["p_top10"].to_numpy() == pytest.approx(first.to_numpy(), abs=1e-9)


def test_a_longer_window_is_read_in_every_draw() -> None:
    counts = _counts(places=20)
    year, two = (
        draw_components(counts, _cover(counts), LAST, draws=50, window=months).values["volume"]
        for months in (12, 24)
    )
    assert two.mean() == pytest.approx(2 * year.mean(), rel=0.1)


# Weights and components.


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_the_band_of_weights_holds_the_rank_of_a_place_that_leads_in_all(seed: int) -> None:
    rng = np.random.default_rng(seed)
    evidence = pd.DataFrame(
        {"volume": rng.random(8), "persistence": rng.random(8)}, index=list("abcdefgh")
    )
    evidence.loc["c"] = 2.0
    band = weight_band(evidence, WALKABOUT, draws=90, seed=seed)
    assert band.loc["c"].tolist() == [1, 1]
    assert (band["weight_low"] <= band["weight_high"]).all()


def test_the_band_narrows_as_weights_stay_closer_to_the_chosen() -> None:
    counts = _counts()
    loose, close = (
        weight_band(_evidence(counts), WALKABOUT, concentration=c) for c in (5.0, 500.0)
    )
    width = [float((b["weight_high"] - b["weight_low"]).mean()) for b in (loose, close)]
    assert width[1] < width[0]


def test_the_band_says_nothing_of_chance() -> None:
    """Counts x 10 say ten times as much, but the percentile ranks and z scores stay."""
    evidence = pd.DataFrame({"volume": [9.0, 4, 2, 1], "persistence": [0.0, 1, 0, 0.5]})
    pd.testing.assert_frame_equal(
        weight_band(evidence, WALKABOUT), weight_band(evidence * 10, WALKABOUT)
    )


def test_the_band_tries_other_windows_too() -> None:
    """The order turns round where volume is counted over longer: the band must hold both."""
    evidence = pd.DataFrame({"volume": [9.0, 5.0, 1.0]}, index=["a", "b", "c"])
    turned = pd.Series([1.0, 5.0, 9.0], evidence.index)
    alone = weight_band(evidence, WALKABOUT, draws=90)
    both = weight_band(evidence, WALKABOUT, draws=90, volumes=[turned])
    assert alone.loc["a"].tolist() == [1, 1]
    assert both.loc["a"].tolist() == both.loc["c"].tolist() == [1, 3]
    assert both.loc["b"].tolist() == [2, 2]


def test_leaving_a_source_out_leaves_all_it_feeds() -> None:
    # Walkabout weights 30, 15, 15 of the three that are known. a 100, 0, 0; b 0, 100, 100: 50, 50.
    # Without reports b leads; without records a leads persistence-less: a 100, b 0.
    weights = ScoreWeights("x", "X", {"volume": 30, "persistence": 15, "requests": 15})
    evidence = pd.DataFrame(
        {"volume": [9.0, 5.0], "persistence": [0.0, 1.0], "requests": [0.0, 1.0]}, index=["a", "b"]
    )
    sources = {"police_uk": ("volume", "persistence"), "records": ("requests", "concern")}
    found = leave_out(evidence, weights, sources)
    assert found["without_police_uk"].tolist() == [1, -1]
    assert found["without_records"].tolist() == [0, 0]
    every = leave_out(evidence, weights, {"all": tuple(evidence)})
    assert every["without_all"].isna().all()


def test_leaving_a_component_out_by_hand() -> None:
    # With both: a (30*100 + 15*0)/45 = 66.7, b (30*50 + 15*100)/45 = 66.7, c 16.7: ranks 1 2 3.
    # Without volume: persistence alone, b 100, c 50, a 0: ranks 3 1 2. Without persistence: 1 2 3.
    evidence = pd.DataFrame(
        {"volume": [9.0, 5.0, 1.0], "persistence": [0.0, 1.0, 0.5], "trend": np.nan},
        index=["a", "b", "c"],
    )
    found = leave_one_out(evidence, WALKABOUT)
    assert found["without_volume"].tolist() == [2, -1, -1]
    assert found["without_persistence"].tolist() == [0, 0, 0]
    assert "without_trend" not in found
