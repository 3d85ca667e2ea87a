"""The filters that several pages share, each kept in the address."""

from __future__ import annotations

import streamlit as st

from analysis.disclosure import OPEN_SOURCES
from analysis.jobs.choices import Choices
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.hexagons import DEFAULT_SIDE, SIDES
from geodata.vocabularies import ALL_GROUP
from geodata.workspace import Workspace
from pages.components import address, cached, sign_in

SIDE_WORDS = {str(side): f"{side} m" for side in SIDES}
EVERY_KIND = "Every kind of report, crime included"


def source(workspace: Workspace) -> Choices:
    """Offer the sources where there are several, and list what the chosen one holds.

    Small counts of sources that are not open data could point to a person: whose roles do not
    include them is offered open data alone.

    Raises
    ------
    SaferWalksError
        If nothing that is stored may be shown to whoever is looking.
    """
    default = cached.choices(workspace)
    may_see_all = sign_in.allowed("field", "small counts")
    offered = {
        code: words
        for code, words in default.sources.items()
        if may_see_all or code in OPEN_SOURCES
    }
    if not offered:
        raise SaferWalksError(
            "Nothing that is stored here is open data", todo="ask an analyst for a public version"
        )
    first = default.source if default.source in offered else next(iter(offered))
    code = first
    if len(offered) > 1:
        code = address.choose("Source", offered, key="source", default=first)
    return default if code == default.source else cached.choices(workspace, source=code)


def kinds(choices: Choices) -> tuple[str, ...]:
    """Offer the kinds of report the source tells apart; none chosen means anti-social behaviour."""
    options = {**choices.categories, ALL_GROUP: EVERY_KIND}
    return address.choose_several(
        "Kind of report", options, key="category", placeholder="All anti-social behaviour"
    )


def as_at(choices: Choices, label: str = "Up to and including") -> str:
    """Offer the stored months; the newest by default."""
    options = {month: m.label(month) for month in reversed(choices.months)}
    return address.choose(label, options, key="as-at", default=choices.months[-1])


def period(choices: Choices) -> tuple[str, str]:
    """Offer a first and a last month; the 12 months to the newest by default."""
    months = choices.months
    start = max(m.shift(months[-1], -11), months[0])
    start = next(month for month in months if month >= start)
    options = {month: m.label(month) for month in months}
    first = address.choose("From", options, key="first", default=start)
    later = {month: words for month, words in options.items() if month >= first}
    last = address.choose("To", later, key="last", default=months[-1])
    return first, last


def side(label: str = "Size of hexagon") -> int:
    """Offer the sizes of hexagon."""
    chosen = address.choose(
        label, SIDE_WORDS, key="side", default=str(DEFAULT_SIDE),
        help="Length of one side. 200 m suits most questions; smaller cells hold few reports.",
    )  # fmt: skip
    return int(chosen)


def bar() -> st.delta_generator.DeltaGenerator:
    """Make room for filters: side by side where there is room, else one under the other."""
    return st.container(border=True, key="filters", horizontal=True, vertical_alignment="bottom")
