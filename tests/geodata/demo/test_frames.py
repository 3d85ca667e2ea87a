import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.demo.frames import coded, constant, digest_of, draw, no_times


def test_coded_and_constant_columns():
    assert coded(np.array([1, -1, 0]), ["a", "b"]).tolist()[::2] == ["b", "a"]
    assert coded(np.array([1, -1, 0]), ["a", "b"]).isna().tolist() == [False, True, False]
    assert constant("x", 2).tolist() == ["x", "x"]
    assert constant("", 2).isna().all()
    assert no_times(2).isna().all()


def test_draw_follows_the_weights():
    drawn = draw(np.random.default_rng(1), np.array([1.0, 0.0, 3.0]), 40_000)
    shares = np.bincount(drawn, minlength=3) / 40_000
    assert shares[1] == 0
    assert shares[2] == pytest.approx(0.75, abs=0.01)


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=20).filter(lambda w: sum(w) > 0),
    st.integers(0, 2**32),
)
def test_draw_never_picks_what_has_no_weight(weights, seed):
    drawn = draw(np.random.default_rng(seed), np.array(weights), 50)
    assert all(weights[position] > 0 for position in drawn)


@pytest.mark.parametrize(
    "change",
    [
        {"number": [1.0, np.nan]},
        {"count": [1, 3]},
        {"text": ["a", "c"]},
        {"code": pd.Categorical(["y", "y"])},
        {"when": pd.to_datetime(["2026-01-01", "2026-01-03"]).tz_localize("Europe/London")},
    ],
)
def test_digest_sees_every_column(change):
    frame = pd.DataFrame(
        {
            "number": [1.0, 2.0],
            "count": [1, 2],
            "text": ["a", "b"],
            "code": pd.Categorical(["x", "y"]),
            "when": pd.to_datetime(["2026-01-01", "2026-01-02"]).tz_localize("Europe/London"),
        }
    )
    assert digest_of(frame) == digest_of(frame.copy())
    assert digest_of(frame) != digest_of(frame.assign(**change))
