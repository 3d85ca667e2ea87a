"""Poisson z and the words beside it."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.change import change_words, poisson_z


def test_values_by_hand() -> None:
    z = poisson_z(pd.Series([49.0, 25.0, 0.0, 100.0]), pd.Series([25.0, 49.0, 0.0, 100.0]))
    assert z.tolist() == [4.0, -4.0, 0.0, 0.0]


def test_missing_gives_missing() -> None:
    assert pd.isna(poisson_z(pd.Series([1.0]), pd.Series([float("nan")]))[0])


@pytest.mark.parametrize(
    ("current", "before", "start"),
    [(49, 25, "more than"), (25, 49, "fewer than"), (30, 28, "about the same as")],
)
def test_words_only_claim_a_change_beyond_three(current: int, before: int, start: str) -> None:
    assert change_words(current, before).startswith(start)
