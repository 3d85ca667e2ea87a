"""What is typed from paper: read exactly, or said with its box."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import paper_codes
from analysis.report.forms import numbers
from geodata.errors import RecordError
from geodata.records.vocabularies import RATINGS
from geodata.wording import wording

NUMBERS = numbers(wording())["issue"]


@given(st.sets(st.sampled_from(sorted(NUMBERS))), st.sampled_from([" ", ", ", ";", "/", " . "]))
def test_any_ticks_typed_in_any_order_come_back(ticked: set[str], between: str) -> None:
    text = between.join(str(NUMBERS[code]) for code in sorted(ticked, reverse=True))
    assert set(paper_codes.codes(text, NUMBERS, box="Issues")) == ticked


@given(st.text(max_size=12))
def test_nothing_is_guessed(text: str) -> None:
    """Whatever is typed is read as numbers of the list, whole, or refused."""
    found: tuple[str, ...] = ()
    with contextlib.suppress(RecordError):
        found = paper_codes.codes(text, NUMBERS, box="Issues")
    assert {NUMBERS[code] for code in found} <= {int(n) for n in re.findall(r"\d+", text)}


@given(st.lists(st.sampled_from("0123n-"), min_size=len(RATINGS), max_size=len(RATINGS)))
def test_ratings_come_back_sign_by_sign(signs: list[str]) -> None:
    found = paper_codes.ratings(" ".join(signs))
    for name, sign in zip(RATINGS, signs, strict=True):
        assert found[name] == (int(sign) if sign.isdigit() else None)
        assert (name in found["not_applicable"]) == (sign == "n")


@pytest.mark.parametrize("text", ["7", "0", "-1", "four", "4.5", "99999"])
def test_a_feeling_is_one_to_six(text: str) -> None:
    with pytest.raises(RecordError, match="type a number from 1 to 6"):
        paper_codes.number(text, 1, 6, box="Feels now")


@pytest.mark.parametrize(
    ("text", "meant"), [("y", True), (" YES ", True), ("1", True), ("", False), ("no", False)]
)
def test_agreement_is_yes_or_no(text: str, meant: bool) -> None:
    assert paper_codes.yes(text, box="Agrees") is meant
