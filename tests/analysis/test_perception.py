"""Feeling safe before and after: the same light, enough people, and a second implementation."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep

from analysis.perception import before_and_after, felt

ON = "2026-03-01"


def answers(before: tuple[int, int], after: tuple[int, int], light: str = "dark") -> pd.DataFrame:
    """So many unsafe of so many people, before and after."""
    rows = [
        {"on": day, "light": light, "feel": 1 if i < unsafe else 5, "people": 1}
        for day, (unsafe, every) in (("2026-02-01", before), ("2026-04-01", after))
        for i in range(every)
    ]
    return pd.DataFrame(rows, columns=["on", "light", "feel", "people"])


@settings(max_examples=30)
@given(
    n=st.tuples(st.integers(5, 60), st.integers(5, 60)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_the_range_is_newcombes(n: tuple[int, int], shares: tuple[float, float]) -> None:
    before, after = (round(s * k) for s, k in zip(shares, n, strict=True))
    row = (
        before_and_after(answers((before, n[0]), (after, n[1])), ON).set_index("light").loc["dark"]
    )
    low, high = confint_proportions_2indep(after, n[1], before, n[0], method="newcomb")
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=1e-9)
    assert row["change"] == pytest.approx(after / n[1] - before / n[0])


def test_light_is_never_compared_with_dark() -> None:
    both = pd.concat([answers((0, 0), (1, 9), "day"), answers((8, 9), (0, 0), "dark")])
    found = before_and_after(both, ON).set_index("light")
    assert found["reading"].tolist() == ["too_few"] * 3
    assert found.loc["day", ["n_before", "n_after"]].tolist() == [0, 9]
    assert found.loc["dark", ["n_before", "unsafe_before"]].tolist() == [9, 8]


def test_fewer_than_five_people_say_nothing() -> None:
    found = before_and_after(answers((4, 4), (0, 40)), ON).set_index("light").loc["dark"]
    assert found["reading"] == "too_few"
    assert pd.isna(found["change"])


@pytest.mark.parametrize(
    ("before", "after", "reading"),
    [((9, 10), (1, 10), "fewer"), ((1, 10), (9, 10), "more"), ((5, 10), (4, 10), "no_sign")],
)
def test_readings(before: tuple[int, int], after: tuple[int, int], reading: str) -> None:
    found = before_and_after(answers(before, after), ON).set_index("light")
    assert found.loc["dark", "reading"] == reading


def test_the_day_itself_is_before() -> None:
    given_on = answers((1, 6), (0, 0)).assign(on=ON)
    assert before_and_after(given_on, ON).set_index("light").loc["dark", "n_before"] == 6


def test_what_was_said_on_the_spot_counts_once_and_memories_do_not() -> None:
    said = pd.DataFrame(
        {
            "said_on": ["2026-02-01"] * 3, "n_people": [1, 3, 1], "light": ["dark", "", "day"],
            "feel_now": [2, 3, pd.NA], "feel_day": [6, 4, 5], "feel_dark": [1, pd.NA, 2],
            "feel_day_recalled": [True, False, pd.NA],
            "feel_dark_recalled": [False, pd.NA, True],
        }
    )  # fmt: skip
    found = felt(said)
    # On the spot after dark: 2 (not 1). No light known: no 3. By day: 4 of three people, and 5.
    assert sorted(map(tuple, found[["light", "feel", "people"]].to_numpy().tolist())) == [
        ("dark", 2, 1), ("day", 4, 3), ("day", 5, 1),
    ]  # fmt: skip
