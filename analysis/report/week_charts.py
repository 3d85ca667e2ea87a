"""The week as a grid of days by blocks of hours, with a number or a word in every cell."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.report.classes import number_text
from analysis.report.escaping import html_text
from analysis.report.palette import LIGHT, ink_on
from analysis.report.pdf import FONT

SHADES = 5
_WIDTH, _DAYS, _HEAD, _ROW, _SIZE = 640, 150, 30, 32, 15


def shade_of(value: float, top: float) -> int:
    """Give the shade of a cell, 1 to 5 in equal steps up to the fullest; 0 for none at all.

    Examples
    --------
    >>> [shade_of(v, 10.0) for v in (0.0, 0.1, 2.0, 2.1, 10.0)]
    [0, 1, 1, 2, 5]
    """
    if value <= 0 or top <= 0:
        return 0
    return min(SHADES, 1 + int(SHADES * (value - 1e-9) / top))


def week_grid(frame: pd.DataFrame, *, what: str) -> str:
    """Draw days by blocks of hours for white paper, darker for more, a number in every cell.

    Parameters
    ----------
    frame : pandas.DataFrame
        `day`, `hour` (the first of a block), `count`, `withheld`: a row a cell, in order. Pass
        numbers about people through `analysis.disclosure` first.
    what : str
        What is counted.

    Returns
    -------
    str
        `<svg>`. What is withheld has no shade, a dashed edge and its word.

    Examples
    --------
    >>> cells = pd.DataFrame({"day": ["Monday"] * 2, "hour": [0, 12], "count": [3.0, None],
    ...     "withheld": ["", "1 to 4"]})
    >>> drawn = week_grid(cells, what="Cases")
    >>> [words in drawn for words in ("Monday", "00 to 12", ">3<", "1 to 4", "dasharray")]
    [True, True, True, True, True]
    """
    days, hours = list(dict.fromkeys(frame["day"])), sorted({int(h) for h in frame["hour"]})
    length, wide = _length(frame["hour"]), (_WIDTH - _DAYS) / len(hours)
    known = frame["count"].dropna()
    top = float(known.max()) if len(known) else 0.0
    parts = [_text(0, _HEAD / 2, "Hours", anchor="start", weight=' font-weight="600"')]
    for n, hour in enumerate(hours):
        parts.append(_text(_DAYS + (n + 0.5) * wide, _HEAD / 2, hours_words(hour, length)))
    for n, day in enumerate(days):
        parts.append(_text(0, _HEAD + (n + 0.5) * _ROW, day, anchor="start"))
    for row in frame.to_dict("records"):
        x, y = _DAYS + hours.index(int(row["hour"])) * wide, _HEAD + days.index(row["day"]) * _ROW
        parts.append(_cell(x, y, wide, row["count"], str(row["withheld"]), top))
    height = _HEAD + len(days) * _ROW + 2
    said = html_text(week_words(frame, what=what))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="{FONT}" role="img" aria-label="{said}">{"".join(parts)}</svg>'
    )


def _cell(x: float, y: float, wide: float, count: float, held: str, top: float) -> str:
    known = count == count and count is not None
    fill = LIGHT.shades[shade_of(count, top)] if known else LIGHT.land
    dash = "" if known else ' stroke-dasharray="4 3"'
    words = number_text(float(count)) if known else held
    return (
        f'<rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{wide - 2:.1f}" height="{_ROW - 2}" '
        f'fill="{fill}" stroke="{LIGHT.muted}"{dash}/>'
        + _text(x + wide / 2, y + _ROW / 2, words, ink=ink_on(fill))
    )


def _text(
    x: float, y: float, words: str, *, anchor: str = "middle", ink: str = "", weight: str = ""
) -> str:
    # Lowered by a third of its height: not every reader of SVG knows dominant-baseline.
    return (
        f'<text x="{x:.1f}" y="{y + 0.35 * _SIZE:.1f}" font-size="{_SIZE}" text-anchor="{anchor}" '
        f'fill="{ink or LIGHT.text}"{weight}>{html_text(words)}</text>'
    )


def week_words(frame: pd.DataFrame, *, what: str) -> str:
    """Say what the grid shows.

    Examples
    --------
    >>> cells = pd.DataFrame({"day": ["Monday to Friday"] * 2, "hour": [16, 20],
    ...     "count": [21.0, None], "withheld": ["", "1 to 4"]})
    >>> print(week_words(cells, what="ASB cases"))
    ASB cases by day and hours: most on Monday to Friday from 16:00 to 20:00 (21). 1 of 2 cells \
holds a number too small to show.
    """
    known = frame[frame["count"].notna()]
    if known.empty or not known["count"].sum():
        return f"{what} by day and hours: there is no number to show."
    most = known.iloc[int(known["count"].to_numpy().argmax())]
    length = _length(frame["hour"])
    start = int(most["hour"])
    text = (
        f"{what} by day and hours: most on {most['day']} from {start:02d}:00 to "
        f"{start + length:02d}:00 ({number_text(float(most['count']))})."
    )
    held = int(frame["count"].isna().sum())
    if held:
        holds = "holds a number" if held == 1 else "hold numbers"
        text += f" {held} of {len(frame)} cells {holds} too small to show."
    return text


def hours_words(hour: int, length: int) -> str:
    """Name a block of hours.

    Examples
    --------
    >>> hours_words(20, 4)
    '20 to 24'
    """
    return f"{hour:02d} to {hour + length:02d}"


def _length(hours: Sequence[int] | pd.Series) -> int:
    steps = sorted({int(hour) for hour in hours})
    return min((b - a for a, b in zip(steps, steps[1:], strict=False)), default=24)
