"""A picture explains itself: its words are drawn in it, and stand in the file."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from analysis.report.pictures import Words, described, picture_png

DOT = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 90">'
    '<circle cx="9" cy="9" r="9"/></svg>'
)
HOSTILE = '#import "x" ${1} <b>é</b> \\'
WORDS = Words("Reports by ward", "May 2026", f"Most in West: 7. {HOSTILE}", ("Source: police.",))


def _opened(png: bytes) -> Image.Image:
    with Image.open(io.BytesIO(png)) as found:
        found.load()
        return found


def test_the_words_stand_in_the_file_as_they_are() -> None:
    found = _opened(picture_png(DOT, WORDS))
    assert found.text["Title"] == "Reports by ward"  # type: ignore[attr-defined]
    assert found.text["Description"] == WORDS.alt  # type: ignore[attr-defined]
    assert found.text["Copyright"] == "Source: police."  # type: ignore[attr-defined]
    assert found.width == 1_120


def test_every_word_is_drawn_and_grows_the_picture() -> None:
    plain = _opened(picture_png(DOT, WORDS))
    marked = Words(WORDS.title, WORDS.period, WORDS.alt, WORDS.sources, ("INTERNAL",))
    assert _opened(picture_png(DOT, marked)).height > plain.height
    longer = Words(WORDS.title, WORDS.period, WORDS.alt * 9, WORDS.sources)
    assert _opened(picture_png(DOT, longer)).height > plain.height


def test_the_same_picture_is_the_same_bytes() -> None:
    assert picture_png(DOT, WORDS) == picture_png(DOT, WORDS)


def test_only_a_png_is_described() -> None:
    with pytest.raises(ValueError, match="only a PNG"):
        described(b"GIF89a", {"Title": "x"})
