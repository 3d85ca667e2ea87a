"""Components made from what people said, asked and were promised, worked out by hand."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.score import PRESETS, score_locations
from analysis.voices import concern, requests, unresolved

DAY = dt.date(2026, 6, 30)
PLACES = pd.Index(["a", "b", "c"])


def said(*rows: tuple[str | None, int | None, int | None], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["place", "feel_now", "feel_dark"]).astype(
        {"feel_now": "Int64", "feel_dark": "Int64"}
    )
    usual = {"mode": "individual", "experience": "today_on_site", "said_on": pd.Timestamp(DAY)}
    return frame.assign(**(usual | columns))


def test_the_share_is_pulled_towards_a_half_and_nobody_asked_is_missing() -> None:
    heard = said(("a", 1, None), ("a", 2, None), ("a", 3, None), ("b", 6, None))
    reading = concern(heard, PLACES, DAY)
    assert reading.raw.tolist()[:2] == pytest.approx([(2 + 2) / (3 + 4), (0 + 2) / (1 + 4)])
    assert math.isnan(reading.raw["c"])
    assert reading.note == "4 answers at 2 places, of people who were there"


def test_an_answer_of_a_year_ago_counts_half() -> None:
    old = pd.Timestamp(DAY) - pd.Timedelta(days=365.25)
    heard = said(("a", 1, None), ("a", 6, None), said_on=[old, pd.Timestamp(DAY)])
    age = (pd.Timestamp(DAY) - old).days
    half = 0.5 ** (age / 365.25)
    assert concern(heard, PLACES, DAY).raw["a"] == pytest.approx((half + 2) / (half + 1 + 4))


def test_groups_pictures_and_later_answers_are_not_averaged_in() -> None:
    later = pd.Timestamp(DAY) + pd.Timedelta(days=1)
    for other in (
        {"mode": "group_consensus"}, {"mode": "facilitator_observed"},
        {"experience": "image_only"}, {"experience": "hearsay"}, {"said_on": later},
    ):  # fmt: skip
        assert concern(said(("a", 1, None), **other), PLACES, DAY).is_missing, other


def test_the_feeling_after_dark_stands_in_where_none_was_given_on_the_spot() -> None:
    heard = said(("a", None, 1), ("b", 5, 1), (None, 1, 1))
    assert concern(heard, PLACES, DAY).raw.tolist()[:2] == pytest.approx([3 / 5, 2 / 5])


def test_requests_are_capped_and_zero_once_the_register_is_kept() -> None:
    asked = pd.DataFrame({"place": ["a", "a", "b"], "people": [4, 4, 1]})
    named = pd.Series(["c", "b"])
    reading = requests(asked, named, PLACES, in_use=True)
    assert reading.raw.tolist() == [5.0, 4.0, 3.0]
    assert requests(asked, named, PLACES, in_use=False).is_missing
    assert unresolved(pd.Series(dtype=object), PLACES, in_use=True).raw.tolist() == [0.0] * 3
    assert unresolved(pd.Series(dtype=object), PLACES, in_use=False).is_missing


def test_actions_without_a_place_are_counted_in_the_note() -> None:
    reading = unresolved(pd.Series(["a", "z", None]), PLACES, in_use=True)
    assert (reading.raw.tolist(), reading.note) == (
        [1.0, 0.0, 0.0],
        "1 open actions at 1 places; 2 have no place here",
    )


@given(st.lists(st.integers(0, 50), min_size=3, max_size=6), st.integers(0, 5), st.data())
def test_a_first_request_can_only_raise_a_place(
    counts: list[int], which: int, data: st.DataObject
) -> None:
    """The register is kept already, for another place or none: one more request lifts its place."""
    places = pd.Index([f"p{n}" for n in range(len(counts))])
    place = places[which % len(places)]
    others = data.draw(st.lists(st.sampled_from(list(places)), max_size=3))
    volume = pd.Series(counts, places, dtype="float64")

    def total(askers: list[str]) -> float:
        asked = pd.DataFrame({"place": askers, "people": [1] * len(askers)})
        made = requests(asked, pd.Series(dtype=object), places, in_use=True)
        evidence = pd.DataFrame(
            {"volume": volume, "persistence": volume, "trend": volume, "requests": made.raw}
        )
        return float(score_locations(evidence, PRESETS["walkabout"])["total"][place])

    assert total([*others, place]) >= total(others) - 1e-9
