"""The week as a grid: every cell says its number or its word, and can be read on its shade."""

from __future__ import annotations

import re

import pandas as pd

from analysis.report.palette import LIGHT, contrast
from analysis.report.pdf import svg_png
from analysis.report.week_charts import shade_of, week_grid, week_words

CELLS = pd.DataFrame(
    {
        "day": ["Monday to <Friday>"] * 6 + ["Saturday and Sunday"] * 6,
        "hour": [0, 4, 8, 12, 16, 20] * 2,
        "count": [None, 5.0, 6, 9, 21, 20, 0, None, 5, 5, 7, 6],
        "withheld": ["1 to 4", *[""] * 6, "withheld", *[""] * 4],
    }
)


def test_every_cell_holds_its_number_or_its_word_on_a_shade_it_can_be_read_on() -> None:
    drawn = week_grid(CELLS, what="ASB cases")
    cells = re.findall(r'fill="(#\w+)" stroke[^>]*/><text[^>]*fill="(#\w+)"[^>]*>([^<]*)', drawn)
    said = ["1 to 4", "5", "6", "9", "21", "20", "0", "withheld", "5", "5", "7", "6"]
    assert [words for _, _, words in cells] == said
    assert all(contrast(fill, ink) >= 4.5 for fill, ink, _ in cells)
    assert cells[4][0] == LIGHT.shades[5]
    assert cells[6][0] == LIGHT.shades[0]
    assert drawn.count("stroke-dasharray") == 2
    assert "<Friday>" not in drawn
    assert svg_png(drawn, width_px=300).startswith(b"\x89PNG")


def test_more_is_never_drawn_lighter() -> None:
    shades = [shade_of(n / 10, 50.0) for n in range(501)]
    assert shades == sorted(shades)
    assert set(shades) == set(range(6))


def test_the_words_name_the_fullest_cell_and_how_many_are_held_back() -> None:
    words = week_words(CELLS, what="ASB cases")
    assert "from 16:00 to 20:00 (21)" in words
    assert words.endswith("2 of 12 cells hold numbers too small to show.")
    none = CELLS.assign(count=0.0)
    assert week_words(none, what="Cases") == "Cases by day and hours: there is no number to show."
