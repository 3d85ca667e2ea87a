"""The back-test: published vectors, what it may know, and cases worked out by hand."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import backtest as b
from analysis.coverage import MonthCover
from analysis.score import PRESETS
from geodata import months as m

MONTHS = m.span("2024-01", "2025-12")
COVER = MonthCover(tuple(MONTHS), ())


def matrix_of(rows: list[list[int]]) -> pd.DataFrame:
    """Places a, b, c ... by the months of two years."""
    return pd.DataFrame(rows, index=list("abcdefgh")[: len(rows)], columns=MONTHS)


def hits(observed: list[float], predicted: list[float], places: int) -> float:
    area = np.ones(len(observed))
    share = b.taken(
        np.array(predicted, dtype="float64"), area, places / len(observed),
        worst_for=np.array(observed, dtype="float64"),
    )  # fmt: skip
    return float(share @ observed)


@pytest.mark.parametrize(("places", "expected"), [(1, 2.0), (2, 1.5), (3, 1.0)])
def test_the_index_of_three_equal_areas(places: int, expected: float) -> None:
    observed = [6.0, 3.0, 0.0]
    assert b.pai(hits(observed, observed, places), 9, places, 3) == pytest.approx(expected)


def test_the_published_vector_with_ties_in_the_worst_order() -> None:
    observed, predicted = [6.0, 7, 3, 2, 1, 0], [8.0, 4, 4, 2, 1, 0]
    got = [hits(observed, predicted, k) for k in range(1, 7)]
    best = [hits(observed, observed, k) for k in range(1, 7)]
    pai = [b.pai(n, 19, k, 6) for k, n in enumerate(got, 1)]
    assert pai == pytest.approx([1.8947, 1.4211, 1.6842, 1.4211, 1.2, 1], abs=5e-5)
    pei = [n / top for n, top in zip(got, best, strict=True)]
    assert pei == pytest.approx([0.857, 0.692, 1, 1, 1, 1], abs=5e-4)


@given(
    score=st.lists(st.integers(0, 2), min_size=4, max_size=4),
    after=st.lists(st.integers(0, 9), min_size=4, max_size=4),
    quarters=st.integers(1, 4),
)
def test_shared_ties_are_what_a_lot_gives_on_average(
    score: list[int], after: list[int], quarters: int
) -> None:
    share = b.taken(np.array(score, dtype="float64"), np.ones(4), quarters / 4)
    every = []
    for order in itertools.permutations(range(4)):
        chosen = sorted(order, key=lambda i: -score[i])[:quarters]
        every.append(sum(after[i] for i in chosen))
    assert share @ np.array(after) == pytest.approx(np.mean(every))


@given(
    score=st.lists(st.floats(-5, 5) | st.just(math.nan), min_size=6, max_size=6),
    area=st.lists(st.floats(0.1, 3), min_size=6, max_size=6),
    coverage=st.floats(0.01, 1),
)
def test_every_list_takes_the_very_same_area(
    score: list[float], area: list[float], coverage: float
) -> None:
    share = b.taken(np.array(score), np.array(area), coverage)
    assert share @ np.array(area) == pytest.approx(coverage * sum(area))
    assert ((share >= 0) & (share <= 1)).all()


def test_origins_need_history_and_whole_months_after() -> None:
    cover = MonthCover(tuple(x for x in MONTHS if x != "2025-06"), ("2025-09",))
    found = b.origins(cover, horizon=2, as_at="2025-12", history=12)
    # 2025-04 would need June, which is absent; July and August need September, which is partial.
    assert found == ["2024-12", "2025-01", "2025-02", "2025-03", "2025-09", "2025-10"]
    assert b.origins(MonthCover((), ()), horizon=1, as_at="2025-12", history=6) == []


def test_a_case_worked_out_by_hand() -> None:
    """a has 2 a month, b 1, c none; in the last month all 6 reports come from b."""
    rows = matrix_of([[2] * 23 + [0], [1] * 23 + [6], [0] * 24])
    areas = pd.DataFrame({"area_km2": [1.0, 1, 1], "street_km": [4.0, 1, 1]}, index=rows.index)
    table = b.backtest(
        rows, COVER, areas, b.methods(None), ["2025-10", "2025-11"], horizon=1,
        coverages=[1 / 3], seed=1,
    ).set_index("method")  # fmt: skip
    count = table.loc["count_12"]
    # a comes first both times: 2 of 3 in November, none of 6 in December.
    assert (count["periods"], count["reports"]) == (2, 9)
    assert count["hit_rate"] == pytest.approx(2 / 9)
    assert count["pai"] == pytest.approx(2 / 3)
    # The best third of the area held 2 and 6.
    assert count["pei"] == pytest.approx(2 / 8)
    # a has 4 of the 6 km of street.
    assert count["pai_street"] == pytest.approx((2 / 9) / (4 / 6))
    chance = table.loc["chance"]
    assert chance[["hit_rate", "pai", "pai_street"]].tolist() == pytest.approx([1 / 3, 1, 1])
    assert math.isnan(count["hit_low"])  # two periods say nothing about how periods differ
    assert (table["verdict"] == "").all()


@settings(max_examples=6)
@given(seed=st.integers(0, 2**32), origin=st.sampled_from(MONTHS[12:21]))
def test_what_comes_after_an_origin_cannot_change_its_list(seed: int, origin: str) -> None:
    """The lists of an origin are the same, whatever the later months hold or lack."""
    rng = np.random.default_rng(seed)
    rows, after = rng.poisson(2, (5, 24)).tolist(), MONTHS.index(origin) + 1
    other = [row[:after] + rng.poisson(9, 24 - after).tolist() for row in rows]
    assert lists_of(matrix_of(rows), origin) == lists_of(matrix_of(other), origin)


def lists_of(rows: pd.DataFrame, origin: str) -> dict[str, list[float]]:
    seen: dict[str, list[float]] = {}

    def spied(method: b.Method) -> b.Method:
        def rank(matrix: pd.DataFrame, cover: MonthCover, at: str) -> pd.Series:
            assert max(matrix.columns) <= at
            assert max(cover.present) <= at
            found = method.rank(matrix, cover, at)
            seen[method.code] = found.fillna(-1).tolist()
            return found

        return b.Method(method.code, method.label, rank)

    areas = pd.DataFrame({"area_km2": 1.0}, index=rows.index)
    compared = [spied(x) for x in b.methods(PRESETS["walkabout"])]
    b.backtest(rows, COVER, areas, compared, [origin], horizon=3, coverages=[0.4], seed=1)
    return seen


def test_the_score_takes_part_only_where_reports_alone_can_rank() -> None:
    assert [x.code for x in b.methods(PRESETS["walkabout"])][0] == "score"
    assert "score" not in [x.code for x in b.methods(PRESETS["womens_walk"])]


def test_a_list_that_knows_better_beats_the_count_and_a_poor_one_loses() -> None:
    """c is busy in odd months and d in even ones; a and b hold the 12-month count."""
    month = np.arange(24)
    rows = matrix_of(
        [[5] * 24, [5] * 24, (9 * (month % 2)).tolist(), (9 * (1 - month % 2)).tolist()]
    )
    areas = pd.DataFrame({"area_km2": 1.0}, index=rows.index)

    def knows(matrix: pd.DataFrame, _cover: MonthCover, at: str) -> pd.Series:
        odd = m.number(at) % 2
        return pd.Series([5.0, 5, 9.0 * (1 - odd), 9.0 * odd], matrix.index)

    def wrong(matrix: pd.DataFrame, cover: MonthCover, at: str) -> pd.Series:
        return -knows(matrix, cover, at)

    compared = [
        b.Method("count_12", "", b.count_12), b.Method("knows", "", knows),
        b.Method("wrong", "", wrong),
    ]  # fmt: skip
    starts = b.origins(COVER, horizon=1, as_at=MONTHS[-1], history=12)
    table = b.backtest(
        rows, COVER, areas, compared, starts, horizon=1, coverages=[0.25], seed=1
    ).set_index("method")
    assert table.loc["knows", "pei"] == 1
    assert table["verdict"].to_dict() == {
        "count_12": "", "knows": "better", "wrong": "worse", "chance": "worse",
    }  # fmt: skip


def test_ranges_hold_the_estimate_and_follow_the_seed() -> None:
    rng = np.random.default_rng(3)
    rows = matrix_of(rng.poisson(rng.gamma(1, 5, (8, 1)), (8, 24)).tolist())
    areas = pd.DataFrame({"area_km2": 1.0}, index=rows.index)
    starts = b.origins(COVER, horizon=2, as_at=MONTHS[-1], history=12)
    assert len(starts) >= b.LEAST_BLOCKS * 2

    def run(seed: int) -> pd.DataFrame:
        return b.backtest(
            rows, COVER, areas, b.methods(None), starts, horizon=2, coverages=[0.25], seed=seed
        )

    table = run(1)
    assert (
        (table["hit_low"] <= table["hit_rate"]) & (table["hit_rate"] <= table["hit_high"])
    ).all()
    pd.testing.assert_frame_equal(table, run(1))
    assert not table.equals(run(2))
