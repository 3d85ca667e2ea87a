"""Known breaks: the country's, a team's own, and which counts they touch."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.breaks import (
    FILE,
    SETTINGS,
    KnownBreak,
    add_break,
    national_breaks,
    own_breaks,
    remove_break,
)
from geodata.errors import SaferWalksError
from geodata.vocabularies import ASB_CATEGORIES, CATEGORY_BY_CODE


def test_nitrous_oxide_moves_reports_between_asb_and_drugs_of_the_police() -> None:
    (gas,) = national_breaks()
    assert gas.month == "2023-11"
    assert "nitrous oxide" in gas.label
    assert gas.touches("police_uk", ASB_CATEGORIES)
    assert gas.touches("police_uk", ["drugs"])
    assert not gas.touches("police_uk", [*ASB_CATEGORIES, "drugs"])
    assert not gas.touches("police_uk", CATEGORY_BY_CODE)
    assert not gas.touches("police_uk", ["burglary"])
    assert not gas.touches("council_asb", ASB_CATEGORIES)


def test_a_teams_own_are_kept_in_order_and_taken_out_again(tmp_path: Path) -> None:
    assert own_breaks(tmp_path) == ()
    add_break(tmp_path, "2025-04", 'A "new" form \\ way')
    kept = add_break(tmp_path, "2024-01", "  Wards   redrawn ")
    assert kept == (
        KnownBreak("2024-01", "Wards redrawn"),
        KnownBreak("2025-04", 'A "new" form \\ way'),
    )
    assert add_break(tmp_path, "2024-01", "Wards redrawn") == kept
    assert own_breaks(tmp_path) == kept
    assert all(each.touches("police_uk", ["burglary"]) for each in kept)
    assert remove_break(tmp_path, "2024-01") == kept[1:]
    with pytest.raises(SaferWalksError, match="no such break"):
        remove_break(tmp_path, "2024-01")


@pytest.mark.parametrize(
    ("month", "words"), [("2024-13", "x"), ("2024-01", "  "), ("2024-01", "x" * 201)]
)
def test_what_is_no_break_is_refused(tmp_path: Path, month: str, words: str) -> None:
    with pytest.raises(SaferWalksError, match="a month and a few words"):
        add_break(tmp_path, month, words)
    assert own_breaks(tmp_path) == ()


@pytest.mark.parametrize("text", ["[[break", "[[break]]\nmonth = 3\nlabel = 'x'", "break = 3"])
def test_a_file_edited_by_hand_into_nonsense_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / SETTINGS).mkdir()
    (tmp_path / SETTINGS / FILE).write_text(text)
    with pytest.raises(SaferWalksError, match="cannot be read") as caught:
        own_breaks(tmp_path)
    assert FILE in str(caught.value)


@given(words=st.text(min_size=1, max_size=80).filter(lambda t: t.split()))
def test_any_words_come_back_as_they_went(
    words: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("w")
    (kept,) = add_break(folder, "2024-01", words)
    assert own_breaks(folder) == (kept,)
    assert kept.label == " ".join(words.split())
