"""Four scales: by hand, by a second way, and what each must hold whatever the numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.components import percentile_rank
from analysis.normalise import NORMALISERS, Normaliser, normalise, normalise_rows, percentile_rows

every_way = pytest.mark.parametrize("how", NORMALISERS)
columns = st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=8)
full_rows = st.lists(
    st.lists(st.integers(0, 4).map(float), min_size=5, max_size=5), min_size=1, max_size=6
)


def put(values: list[float | None], how: Normaliser) -> list[float]:
    return normalise(pd.DataFrame({"x": values}, dtype="float64"), how)["x"].tolist()


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        # 1, 3, 3, 9: ranks 1, 2.5, 2.5, 4 of 4; mean 4; squares 9 + 1 + 1 + 25 = 36, s = 3.
        ("rank", [0, 50, 50, 100]),
        ("min-max", [0, 25, 25, 100]),
        ("z", [50 - 50 / 3, 50 - 50 / 9, 50 - 50 / 9, 50 + 250 / 9]),
        ("index", [25, 75, 75, 225]),
    ],
)
def test_by_hand(how: Normaliser, expected: list[float]) -> None:
    found = put([1, 3, None, 3, 9], how)
    assert found.pop(2) != found[0]  # missing stays missing
    assert found == pytest.approx(expected)


def test_z_is_cut_at_three() -> None:
    # 19 zeros and one 1: mean .05, s = sqrt(.05 * .95) = .2179; z of the one is 4.36.
    found = put([0.0] * 19 + [1.0], "z")
    assert found[-1] == 100
    assert found[0] == pytest.approx(50 - 50 / 3 * 0.05 / (0.05 * 0.95) ** 0.5)


@every_way
def test_where_all_are_equal_nothing_tells_them_apart(how: Normaliser) -> None:
    middle = 100 if how == "index" else 50
    seven = put([0.1] * 7, how)  # the mean of seven tenths is not quite a tenth
    assert seven == pytest.approx([middle] * 7)
    assert len(set(seven)) == 1
    assert put([4], how) == put([0], how) == [middle]
    assert np.isnan(put([None, None], how)).all()


@every_way
@given(values=columns, order=st.randoms(use_true_random=False))
def test_equal_stays_equal_higher_is_never_lower_and_order_is_nothing(
    how: Normaliser, values: list[int | None], order: object
) -> None:
    found = pd.Series(put(list(values), how))
    raw = pd.Series(values, dtype="float64")
    assert found.isna().equals(raw.isna())
    pairs = pd.DataFrame({"raw": raw, "put": found}).dropna().sort_values("raw")
    assert pairs["put"].is_monotonic_increasing
    assert pairs.groupby("raw")["put"].nunique().le(1).all()
    shuffled = raw.sample(frac=1, random_state=1)
    again = pd.Series(put(shuffled.tolist(), how), shuffled.index).sort_index()
    assert again.to_numpy() == pytest.approx(found.to_numpy(), nan_ok=True)


@every_way
@given(values=st.lists(st.integers(0, 9), min_size=1, max_size=8), by=st.integers(1, 20))
def test_a_place_with_more_never_gets_less(how: Normaliser, values: list[int], by: int) -> None:
    more = [values[0] + by, *values[1:]]
    assert put(list(more), how)[0] >= put(list(values), how)[0] - 1e-9


@every_way
@given(rows=full_rows)
def test_row_by_row_is_what_columns_give(how: Normaliser, rows: list[list[float]]) -> None:
    expected = normalise(pd.DataFrame(rows).T, how).to_numpy().T
    assert normalise_rows(np.array(rows), how) == pytest.approx(expected)


@given(rows=full_rows)
def test_percentiles_by_row_are_those_of_the_components(rows: list[list[float]]) -> None:
    expected = percentile_rank(pd.DataFrame(rows).T).to_numpy().T
    assert percentile_rows(np.array(rows)) == pytest.approx(expected)


@given(values=st.lists(st.integers(0, 99), min_size=1, max_size=8))
def test_ten_times_the_values_change_no_scale(values: list[int]) -> None:
    for how in NORMALISERS:
        ten = put([10.0 * v for v in values], how)
        assert ten == pytest.approx(put([float(v) for v in values], how))


def test_another_word_is_refused() -> None:
    with pytest.raises(ValueError, match="no such normaliser: 'log'"):
        normalise(pd.DataFrame({"x": [1.0]}), "log")  # type: ignore[arg-type]
