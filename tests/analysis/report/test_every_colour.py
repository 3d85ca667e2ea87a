"""No colour without a reason: each one written anywhere is listed here with what it must do.

Words need 4.5 to 1 on their ground and signs 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11); what two colours
tell apart must be told apart by people without one kind of cone, too. A colour that is not listed
fails: say what it is for, and on what it stands.
"""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from analysis.report.map_lines import LINE
from analysis.report.palette import DARK, LIGHT, PALETTES, Sight, contrast, difference

ROOT = Path(__file__).resolve().parents[3]
HEX = re.compile(r"#[0-9A-Fa-f]{6}\b")
KINDS = ("py", "css", "js", "typ", "html", "svg", "toml")
SIGHTS: tuple[Sight, ...] = ("full", "protan", "deutan", "tritan")

PAPER, INK = "#FFFFFF", "#0B0C0C"
PAGE, PAGE_DARK = ("#FFFFFF", "#F2F5F8"), ("#12181E", "#1C252D")
FILE_DARK = ("#161C22", "#1F2932")
FORM, FORM_DARK = ("#FFFFFF", "#F2F5F8"), ("#0B0F13", "#18212A")

WORDS: dict[str, tuple[str, ...]] = {
    "#0B0C0C": (PAPER, "#EEF3F8", "#F46A25"), "#1D2731": PAGE, "#E8EDF1": PAGE_DARK,
    "#12436D": (*PAGE, "#EEF3F8"), "#9CCDF3": PAGE_DARK, "#7FBCEB": PAGE_DARK,
    "#4A545E": (PAPER, "#EEF3F8"), "#942514": (PAPER,), "#1A5A96": (PAPER, "#EEF3F8"),
    "#F0F3F5": FILE_DARK, "#B4BEC8": FILE_DARK, "#9FCDF5": FILE_DARK, "#8FC4F2": FILE_DARK,
    "#FFB199": FILE_DARK,
    "#44535F": FORM, "#14683F": FORM, "#A81E1E": FORM,
    "#C3CDD6": FORM_DARK, "#8CC5F2": FORM_DARK, "#7FD9A8": FORM_DARK, "#FF9C94": FORM_DARK,
    "#3D4852": (PAPER,), "#000000": (PAPER,), "#F2F5F8": FORM_DARK,
}  # fmt: skip
"""Colour of words -> the grounds they stand on."""

SIGNS: dict[str, tuple[str, ...]] = {
    "#B3450B": (PAPER, "#EEF3F8"), "#F79A66": FILE_DARK, "#98A4B0": ("#161C22",),
    "#14212E": (PAPER, *LIGHT.shades[:4]), "#2E7D4F": (PAPER, LIGHT.land), "#3D3D3D": (PAPER,),
    "#A63E00": (PAPER, LIGHT.land), "#CC4C00": (DARK.land,), "#6B7A87": FORM,
    "#8C9BA8": FORM_DARK, "#B5651D": (*PAGE, *PAGE_DARK), "#C62D2D": (*PAGE, PAGE_DARK[0]),
    "#1E7B4D": (*PAGE, PAGE_DARK[0]), "#6B7280": (*PAGE, PAGE_DARK[0]),
    "#2073BC": (*PAGE, PAGE_DARK[0]), "#7C8792": (LIGHT.land,), "#D4501A": PAGE,
    "#6BACE6": PAGE_DARK, "#2A8A3C": (PAPER, LIGHT.land, DARK.land),
    "#F4A15D": ("#12436D",), "#5A6672": (PAPER, LIGHT.land),
}  # fmt: skip
"""Colour of a line, an edge or a mark -> the grounds it stands on."""

GROUNDS = {
    PAPER, "#F2F5F8", "#12181E", "#1C252D", "#161C22", "#1F2932", "#EEF3F8", "#EEF1F4", "#0B0F13",
    "#18212A", "#F46A25",
}  # fmt: skip
"""What words and signs stand on; the orange only ever under dark words, or round a focus."""

QUIET = {
    "#B8C1CA", "#45515C", "#C3CDD6", "#46545F", "#C4CBD2", "#98A4B0", "#12436D",
    # Further series of Streamlit's own charts, which no page draws.
    "#28A197", "#A285D1",
}  # fmt: skip
"""Lines that part and tell nothing: a table is read without them, a lane is no sign."""

MAPS = {
    colour.upper()
    for p in PALETTES.values()
    for colour in (
        *p.shades,
        p.outline,
        p.ground,
        p.land,
        p.text,
        p.halo,
        p.muted,
        p.accent,
        p.water,
    )
}
"""Of `analysis.report.palette`: its own tests check them."""


def _written() -> dict[str, str]:
    """Give every colour that is written anywhere, with a file it stands in."""
    files = [ROOT / ".streamlit" / "config.toml"]
    for part in ("analysis", "pages"):
        files += [file for kind in KINDS for file in (ROOT / part).rglob(f"*.{kind}")]
    found: dict[str, str] = {}
    for file in files:
        text = file.read_text("utf-8")
        # What a docstring's example compares is drawn nowhere.
        text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">>>"))
        found |= {colour.upper(): file.name for colour in HEX.findall(text)}
    return found


def test_every_colour_that_is_written_has_a_reason() -> None:
    known = {*WORDS, *SIGNS, *GROUNDS, *QUIET, *MAPS}
    assert {c: f for c, f in _written().items() if c not in known and f != "palette.py"} == {}


def test_no_reason_outlives_its_colour() -> None:
    assert {*WORDS, *SIGNS} - {*_written()} == set()


@pytest.mark.parametrize("colour", sorted(WORDS))
def test_words_can_be_read(colour: str) -> None:
    assert {g: contrast(colour, g) for g in WORDS[colour] if contrast(colour, g) < 4.5} == {}


@pytest.mark.parametrize("colour", sorted(SIGNS))
def test_signs_can_be_seen(colour: str) -> None:
    assert {g: contrast(colour, g) for g in SIGNS[colour] if contrast(colour, g) < 3} == {}


@pytest.mark.parametrize("sight", SIGHTS)
def test_what_outlines_say_is_told_from_every_shade_under_them(sight: Sight) -> None:
    for theme, palette in PALETTES.items():
        # The rim parts the line from what lies under it; the line itself differs from the rim.
        assert difference(LINE[theme], palette.halo, sight) >= 15
        for shade in palette.shades:
            told = max(
                difference(LINE[theme], shade, sight), difference(palette.halo, shade, sight)
            )
            assert told >= 15, (theme, shade)


@pytest.mark.parametrize("sight", SIGHTS)
def test_signs_that_stand_side_by_side_are_told_apart(sight: Sight) -> None:
    # A road, the ward's boundary, the route and a park; states of an action also have their word.
    for a, b in combinations(("#7C8792", "#14212E", "#2E7D4F"), 2):
        assert difference(a, b, sight) >= 8, (a, b)
    assert difference("#12436D", "#7C8792", sight) >= 8
