"""Every colour the app, the files and the forms use can be read and told apart, computed."""

from __future__ import annotations

import re
import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from analysis.report.charts import SERIES
from analysis.report.html_export import _PAGE
from analysis.report.map_lines import LINE
from analysis.report.palette import LIGHT, PALETTES, contrast, difference, ink_on

ROOT = Path(__file__).resolve().parents[3]
SIGHTS = ("full", "protan", "deutan", "tritan")
STYLES = sorted(
    [*ROOT.glob("pages/**/*.css"), *ROOT.glob("analysis/report/templates/*.css")]
    + [*ROOT.glob("analysis/report/templates/*.html")]
)
HEX = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b")
INK, PAPER = "#0B0C0C", "#FFFFFF"


def _theme() -> dict[str, dict[str, str]]:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    return {name: {**theme, **theme[name]} for name in ("light", "dark")}


@pytest.mark.parametrize("name", ["light", "dark"])
def test_words_and_links_of_the_app_can_be_read(name: str) -> None:
    theme = _theme()[name]
    for ground in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["textColor"], ground) >= 7
        assert contrast(theme["linkColor"], ground) >= 4.5
        # What is chosen, or has the focus, is told by this colour.
        assert contrast(theme["primaryColor"], ground) >= 4.5
    # pages/assets/app.css: white words on the main button by day, dark ones in the dark.
    words = {"light": PAPER, "dark": INK}[name]
    assert contrast(words, theme["primaryColor"]) >= 4.5


@pytest.mark.parametrize("sight", SIGHTS)
def test_series_of_a_chart_can_be_told_apart_whoever_looks(sight: str) -> None:
    named = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
    for a, b in combinations(named["chartCategoricalColors"], 2):
        assert difference(a, b, sight) >= 8, (a, b)  # type: ignore[arg-type]
    for now, before in SERIES.values():
        assert difference(now, before, sight) >= 15  # type: ignore[arg-type]


@pytest.mark.parametrize("theme", sorted(PALETTES))
@pytest.mark.parametrize("sight", SIGHTS)
def test_the_outline_of_hot_spots_stands_out_from_every_class(theme: str, sight: str) -> None:
    palette, line = PALETTES[theme], LINE[theme]  # type: ignore[index]
    assert contrast(line, palette.land) >= 3
    for other in (*palette.shades, palette.land, palette.accent, palette.outline):
        assert difference(line, other, sight) >= 15, other  # type: ignore[arg-type]


def _pairs(css: str) -> list[tuple[str, str]]:
    """List colours of words with the ground they stand on, where one rule says both."""
    found = []
    for block in re.findall(r"\{([^{}]*)\}", css):
        said = dict(re.findall(r"(?:^|;)\s*([a-z-]+)\s*:\s*([^;]+)", block))
        ground = HEX.search(said.get("background", said.get("background-color", "")))
        words = HEX.search(said.get("color", ""))
        if ground and words:
            found.append((words[0], ground[0]))
    return found


def _long(colour: str) -> str:
    return colour if len(colour) == 7 else "#" + "".join(2 * c for c in colour[1:])


def test_words_of_every_style_sheet_can_be_read_on_their_ground() -> None:
    pairs = {(f.name, *pair) for f in STYLES for pair in _pairs(f.read_text("utf-8"))}
    faint = [(n, a, b) for n, a, b in pairs if contrast(_long(a), _long(b)) < 4.5]
    assert faint == []
    assert len(pairs) >= 3


def test_a_rule_with_faint_words_is_found() -> None:
    (pair,) = _pairs("a { color: #FFFFFF; background: #7FBCEB }")
    assert contrast(*pair) < 4.5


def test_edges_that_tell_a_state_stand_out_from_the_page() -> None:
    css = (ROOT / "pages" / "assets" / "app.css").read_text("utf-8")
    edges = re.findall(r"border-left-color: (#[0-9A-Fa-f]{6})", css)
    for theme in _theme().values():
        assert all(contrast(edge, theme["backgroundColor"]) >= 3 for edge in edges), edges


def test_numbers_of_classes_are_read_on_paper_and_screen() -> None:
    for palette in PALETTES.values():
        assert all(contrast(ink_on(shade), shade) >= 4.5 for shade in palette.shades)
    assert contrast(LIGHT.text, _PAGE["light"]["page"]) >= 7
