"""A month of the programme as a calendar: a table, so that it can be read and printed."""

from __future__ import annotations

import calendar
import datetime as dt

import pandas as pd
import streamlit as st

from analysis.report.escaping import html_text
from geodata import months as m
from pages.components import frame
from pages.server.clock import now

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def show(events: pd.DataFrame) -> None:
    """Offer the months that have an event, and draw one: this one or the next that has any."""
    dated = events.dropna(subset=["date"])
    if dated.empty:
        return
    st.header("Calendar", anchor=False)
    months = sorted(set(dated["date"].dt.strftime("%Y-%m")))
    ahead = [month for month in months if month >= now().strftime("%Y-%m")]
    month = st.selectbox(
        "Month", months, index=months.index(ahead[0]) if ahead else len(months) - 1,
        format_func=m.label, key="calendar-month",
    )  # fmt: skip
    here = dated[dated["date"].dt.strftime("%Y-%m").eq(month)]
    year, number = map(int, month.split("-"))
    weeks = calendar.Calendar().monthdatescalendar(year, number)
    rows = "".join(f"<tr>{''.join(_cell(d, number, here) for d in week)}</tr>" for week in weeks)
    head = "".join(f'<th scope="col">{day}</th>' for day in _DAYS)
    caption = html_text(f"Events in {m.label(month)}")
    st.html(
        f'<div class="sw-table" tabindex="0" role="region" aria-label="{caption}">'
        f'<table class="sw-month"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    if len(dated) < len(events):
        frame.small(f"{len(events) - len(dated)} events have no date yet and are not shown here.")


def _cell(day: dt.date, month: int, events: pd.DataFrame) -> str:
    if day.month != month:
        return "<td></td>"
    those = events[events["date"].dt.date.eq(day)]
    said = "".join(
        f"<li>{html_text(f'{time} {kind}, {place}'.strip())}</li>"
        for time, kind, place in zip(
            those["time"], those["type_name"], those["place_words"], strict=True
        )
    )
    return f"<td><b>{day.day}</b>{f'<ul>{said}</ul>' if said else ''}</td>"
