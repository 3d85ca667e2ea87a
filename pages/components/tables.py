"""Tables as HTML: read by screen readers, copied by people, printed as they are.

Streamlit's own data grid is drawn on a canvas and says nothing to assistive technology.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from analysis.report.escaping import html_text
from geodata import months as m

Words = Callable[[object], str]

MISSING = "–"


def text(value: object) -> str:
    """Write a value as it is; a dash where there is none."""
    return MISSING if _is_missing(value) or value == "" else str(value)


def whole(value: object) -> str:
    """Write a count with thousands separated; a dash where there is none."""
    return MISSING if _is_missing(value) else f"{float(value):,.0f}"  # type: ignore[arg-type]


def one_decimal(value: object) -> str:
    """Write a number to one decimal; a dash where there is none."""
    return MISSING if _is_missing(value) else f"{float(value):,.1f}"  # type: ignore[arg-type]


def percent(value: object) -> str:
    """Write a share (0-1) as a percentage; a dash where there is none."""
    return MISSING if _is_missing(value) else f"{float(value):.1%}"  # type: ignore[arg-type]


def month(value: object) -> str:
    """Write YYYY-MM for people."""
    return m.label(str(value)) if m.is_month(value) else text(value)


NUMBERS: tuple[Words, ...] = (whole, one_decimal, percent)


def html_table(
    frame: pd.DataFrame,
    columns: Mapping[str, tuple[str, Words]],
    *,
    caption: str,
    tall: bool = False,
) -> str:
    """Write a table as HTML.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows, in the order to show.
    columns : mapping of str to (str, callable)
        Column of the frame to its heading and how its values are written. The first column heads
        its row.
    caption : str
        What the table shows; also the name of the area that scrolls.
    tall : bool, default False
        Let a long table scroll within a fixed height.

    Returns
    -------
    str
        HTML, everything in it escaped.
    """
    cells = {name: [html_text(words(v)) for v in frame[name]] for name, (_, words) in columns.items()}
    sides = {name: ' class="sw-num"' if w in NUMBERS else "" for name, (_, w) in columns.items()}
    head = "".join(
        f'<th scope="col"{sides[name]}>{html_text(label)}</th>'
        for name, (label, _) in columns.items()
    )
    first, *rest = columns
    rows = "".join(
        f'<tr><th scope="row"{sides[first]}>{cells[first][i]}</th>'
        + "".join(f"<td{sides[name]}>{cells[name][i]}</td>" for name in rest)
        + "</tr>"
        for i in range(len(frame))
    )
    name = html_text(caption)
    height = " sw-tall" if tall else ""
    return (
        f'<div class="sw-scroll{height}" tabindex="0" role="region" aria-label="{name}">'
        f'<table class="sw-table"><caption>{name}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def show(
    frame: pd.DataFrame,
    columns: Mapping[str, tuple[str, Words]],
    *,
    caption: str,
    tall: bool = False,
) -> None:
    """Draw a table; see `html_table`."""
    st.html(html_table(frame, columns, caption=caption, tall=tall))


def facts(pairs: Mapping[str, str]) -> None:
    """Draw a short list of names and values."""
    rows = "".join(f"<dt>{html_text(k)}</dt><dd>{html_text(v)}</dd>" for k, v in pairs.items())
    st.html(f'<dl class="sw-pairs">{rows}</dl>')


def _is_missing(value: object) -> bool:
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]
