"""Colours can be told apart: computed, for every theme and kind of sight."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from analysis.report.charts import SERIES
from analysis.report.html_export import _CONTROLS, _PAGE
from analysis.report.palette import (
    PALETTES,
    SPREAD,
    contrast,
    difference,
    ink_on,
    luminance,
)

THEMES = sorted(PALETTES)
SIGHTS = ["full", "protan", "deutan", "tritan", "none"]


@pytest.mark.parametrize(
    ("a", "b", "ratio"),
    # The first is WCAG's own example of the least grey that passes; the others by hand.
    [("#767676", "#FFFFFF", 4.54), ("#000000", "#FFFFFF", 21.0), ("#FF0000", "#FFFFFF", 4.0)],
)
def test_contrast_is_that_of_wcag(a, b, ratio):
    assert contrast(a, b) == pytest.approx(ratio, abs=0.005)
    assert contrast(b, a) == contrast(a, b)


@pytest.mark.parametrize("theme", THEMES)
def test_more_always_stands_out_more_from_the_ground(theme):
    palette = PALETTES[theme]
    steps = [abs(luminance(shade) - luminance(palette.shades[0])) for shade in palette.shades]
    assert steps == sorted(steps)
    assert all(contrast(a, b) >= 1.3 for a, b in pairwise(palette.shades))


@pytest.mark.parametrize("theme", THEMES)
def test_the_outline_parts_any_two_classes_three_to_one(theme):
    palette = PALETTES[theme]
    for a, b in combinations(palette.shades, 2):
        lighter = max(a, b, key=luminance)
        assert contrast(palette.outline, lighter) >= 3 or contrast(a, b) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_neighbouring_classes_differ_for_every_kind_of_sight(theme, sight):
    # About 2 is the least that can be seen side by side; a map needs more, across a legend.
    assert all(difference(a, b, sight) >= 8 for a, b in pairwise(PALETTES[theme].shades))


@pytest.mark.parametrize("theme", THEMES)
def test_class_numbers_can_be_read_on_their_class(theme):
    assert all(contrast(ink_on(shade), shade) >= 4.5 for shade in PALETTES[theme].shades)


@pytest.mark.parametrize("theme", THEMES)
def test_text_and_hatching_can_be_seen(theme):
    palette = PALETTES[theme]
    assert contrast(palette.text, palette.halo) >= 7
    assert contrast(palette.text, palette.land) >= 7
    assert contrast(palette.muted, palette.land) >= 4.5
    assert contrast(palette.text, palette.ground) >= 7


@pytest.mark.parametrize("theme", THEMES)
def test_the_page_of_an_export_can_be_read(theme):
    colours = {**_PAGE[theme], **_CONTROLS[theme], "ground": PALETTES[theme].ground}
    for ground in (colours["page"], colours["ground"]):
        assert all(contrast(colours[c], ground) >= 4.5 for c in ("text", "soft", "link"))
        assert all(contrast(colours[c], ground) >= 3 for c in ("edge", "focus"))
    assert contrast("#0B0C0C", "#F46A25") >= 4.5  # the marks


@pytest.mark.parametrize("theme", THEMES)
def test_lines_of_a_chart_differ_from_each_other_and_from_the_ground(theme):
    now, before = SERIES[theme]
    for ground in (_PAGE[theme]["page"], {"light": "#F2F5F8", "dark": "#12181E"}[theme]):
        assert min(contrast(now, ground), contrast(before, ground)) >= 3
    # Without any colour the dashes remain, so only sight with colour is asked for more.
    assert all(difference(now, before, sight) >= 15 for sight in SIGHTS[:-1])


def test_red_and_green_of_one_lightness_collapse_for_colour_blind_eyes():
    # A check of the check: a pair known to fail must fail.
    assert difference("#C05000", "#708000", "deutan") < 8 < difference("#C05000", "#708000")


def test_fewer_classes_spread_over_the_whole_ramp():
    for count, shades in SPREAD.items():
        assert len(shades) == count
        assert list(shades) == sorted(set(shades))
    assert SPREAD[3] == (1, 3, 5)
