"""Tables as HTML: read by screen readers, copied by people, printed as they are.

Streamlit's own data grid is drawn on a canvas and says nothing to assistive technology.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from analysis.report.classes import number_text
from analysis.report.escaping import html_text
from analysis.report.tables import html_table
from geodata import months as m
from pages.components import cached

NO_DATA = "no data"
MONTHS = {"month": "Month", "count": "Reports"}


def show(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    caption: str,
    months: Collection[str] = (),
    percent: Collection[str] = (),
    tall: bool = False,
) -> None:
    """Draw a table that scrolls by itself where it does not fit.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows, in the order to show.
    columns : mapping of str to str
        Column to its heading, in order; the first names its row.
    caption : str
        What the table shows; also names the area that scrolls.
    months, percent : collection of str
        Columns to write as months, and shares (0-1) to write as percentages.
    tall : bool, default False
        Let a long table scroll within a fixed height.
    """
    table = cached.written(
        _written, pd.DataFrame(frame[list(columns)]), dict(columns), caption, sorted(months),
        sorted(percent),
    )  # fmt: skip
    # The caption is as wide as the table, so what is seen of it stands above what scrolls.
    seen, height = html_text(caption), " sw-tall" if tall else ""
    st.html(
        f'<p class="sw-caption" aria-hidden="true">{seen}</p>'
        f'<div class="sw-table{height}" tabindex="0" role="region" aria-label="{seen}">'
        f"{table}</div>"
    )


def _written(
    frame: pd.DataFrame,
    columns: dict[str, str],
    caption: str,
    months: list[str],
    percent: list[str],
) -> str:
    written = {name: frame[name].map(_month) for name in months}
    written |= {name: (100 * frame[name]).round(1) for name in percent}
    return html_table(
        frame.assign(**written), caption, columns=list(columns.items()), missing=NO_DATA
    )


def known(frame: pd.DataFrame, columns: Mapping[str, str]) -> dict[str, str]:
    """Leave out the columns that hold nothing: where residents are not known, no rate by them."""
    return {
        name: heading
        for name, heading in columns.items()
        if frame[name].notna().any() and frame[name].astype(str).ne("").any()
    }


def facts(pairs: Mapping[str, object]) -> None:
    """Draw a short list of names and values; numbers are written for people."""
    rows = "".join(
        f"<dt>{html_text(k)}</dt><dd>{html_text(said(v))}</dd>" for k, v in pairs.items()
    )
    st.html(f'<dl class="sw-pairs">{rows}</dl>')


def said(value: object) -> str:
    """Write a value for people."""
    if value is None or value != value:
        return NO_DATA
    return number_text(float(value)) if isinstance(value, int | float) else str(value)


def day(moment: str) -> str:
    """Write the day of a time (ISO 8601) for people; '' where there is none.

    Examples
    --------
    >>> day("2026-11-22T10:00:00+00:00"), day("")
    ('22 November 2026', '')
    """
    if not moment:
        return ""
    stamp = datetime.fromisoformat(moment)
    return f"{stamp.day} {stamp:%B %Y}"


def _month(value: object) -> object:
    return m.label(str(value)) if m.is_month(value) else value
