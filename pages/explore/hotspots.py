"""The Hotspots page: hexagons or wards on a map, and the numbers of the place a person picks."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import streamlit as st

from analysis.hotspot_words import OUTLINES, outlines
from analysis.jobs.choices import Choices
from analysis.report.classes import legend_for
from analysis.report.taken import MapParts
from geodata import months as m
from geodata.crs import BNG
from geodata.hexagons import DEFAULT_SIDE
from pages.components import (
    address,
    cached,
    charts,
    downloads,
    filters,
    frame,
    maps,
    messages,
    pictures,
    tables,
)
from pages.components.session import workspace
from pages.explore import certified, concentrated, count_in
from pages.explore.hotspot_labels import COLUMNS, LAYERS, MEASURES, TESTED

MOST_ROWS = 300
"""Rows of the table unless all are asked for."""


def choose_layer() -> str:
    """Offer hexagons or wards; each has a measure that suits it."""
    return address.choose(
        "Show", LAYERS, key="layer", default="hotspots", widget=st.segmented_control,
        on_change=lambda: st.session_state.pop("measure", None),
    )  # fmt: skip


def choose_measure(areas: gpd.GeoDataFrame, layer: str) -> str:
    """Offer the measures there are numbers for: rates for wards, which differ in size."""
    known = {code: words for code, words in MEASURES.items() if areas[code].notna().any()}
    usual = "per_km2" if layer == "wards" else "count"
    return address.choose("Colour by", known, key="measure", default=usual)


def choose_area(areas: gpd.GeoDataFrame, layer: str) -> str:
    """Offer the places of the map as a list, for people who do not use a mouse."""
    listed = in_order(areas, layer)
    names = listed["name"] + " (" + listed["count"].map(tables.said) + ")"
    options = {"": "None picked", **dict(zip(listed["area_id"], names, strict=True))}
    return address.choose("Pick a place on the map, or here", options, key="area", default="")


def in_order(areas: gpd.GeoDataFrame, layer: str) -> gpd.GeoDataFrame:
    """Put wards in order of name, which is no league table, and hexagons by their reports."""
    by, rising = (["name"], [True]) if layer == "wards" else (["count", "name"], [False, True])
    return areas.sort_values(by, ascending=rising, kind="stable")


def show_place(row: pd.Series, months: pd.DataFrame, span: tuple[str, str]) -> None:
    """Show one place's numbers, and what the test found there."""
    known = {label: row[name] for name, label in COLUMNS.items() if row[name] not in ("", None)}
    tested = certified.place_facts(hot, str(row.name)) if hot else {}
    tables.facts({k: value for k, value in {**known, **tested}.items() if value == value})
    at = pictures.of(f"Reports by month, {row['name']}", *span, stored.source)
    charts.by_month(months, caption="Reports at this place by month", of=at)


def show_table(areas: gpd.GeoDataFrame, layer: str, period: str) -> None:
    """List every place that has a report: the map's numbers as a table."""
    met = in_order(areas[areas["count"] > 0], layer)
    none = len(areas) - len(met)
    caption = f"Reports by place, {period}"
    # A browser takes longer over a table of 2,000 rows than over all the rest of the page.
    if len(met) > MOST_ROWS and not st.toggle(f"Show all {len(met):,} rows", key="every-row"):
        met, caption = met.head(MOST_ROWS), f"{caption}: the {MOST_ROWS} with most"
    tables.show(met, tables.known(met, COLUMNS), caption=caption, tall=True)
    if none:
        st.html(f'<p class="sw-text">{none:,} more places had none in these months.</p>')


def labels_of(stored: Choices, kinds: tuple[str, ...]) -> str:
    """Say what is counted, for titles."""
    named = [stored.categories.get(code, filters.EVERY_KIND.lower()) for code in kinds]
    return ", ".join(named) or "anti-social behaviour"


def show_map(areas: gpd.GeoDataFrame, measure: str, layer: str, title: str) -> None:
    """Draw the map; it names each place's numbers as the mouse passes."""
    words = MEASURES[measure]
    over, lines = marks()
    maps.show(
        here, areas, value=measure, are=LAYERS[layer].lower(), title=f"{words} {title}",
        legend=legend_for(areas[measure], title=words, adds_up=measure == "count"), key="area",
        tip=[("count", "Reports"), ("per_km2", "Per km²")], over=over, lines=lines,
        corners=count_in.CORNERS if count_in.drawing() else "",
    )  # fmt: skip
    parts = MapParts(areas, measure, words, LAYERS[layer].lower(), over, lines)
    counted = f"{words} ({labels_of(stored, kinds)})"
    pictures.offer_map(parts, pictures.of(counted, first, last, stored.source))


def marks() -> tuple[gpd.GeoDataFrame, dict[str, str]]:
    """Gather the lines over the areas: certified hot spots, and what a person is drawing."""
    parts = [outlines(hot.table)] if hot else []
    drawn = count_in.drawn_outline()
    lines = {kind: OUTLINES[kind] for part in parts for kind in part["kind"]}
    if drawn is not None:
        parts.append(drawn)
        lines["drawn"] = "Drawn by you"
    empty = gpd.GeoDataFrame({"kind": []}, geometry=[], crs=BNG)
    return pd.concat([empty, *parts], ignore_index=True) if parts else empty, lines


def offer_files(areas: gpd.GeoDataFrame, period: str, last: str, asked: dict[str, Any]) -> None:
    """Offer the table and the map as files; hexagons carry what the test found."""
    st.header("Take it with you", anchor=False)
    who, what = downloads.audience(), LAYERS[asked["layer"]]
    if hot:
        found = hot.table[["hexagon", *TESTED]].rename(columns={"hexagon": "area_id"})
        areas = areas.merge(found, on="area_id", how="left", validate="one_to_one")
    if downloads.is_guarded(asked["source"], who) and asked["layer"] == "wards":
        downloads.wards_for_all(
            here, name=f"{what} for anybody to {last}", source=asked["source"],
            categories=asked["categories"], as_at=last,
        )  # fmt: skip
        return
    with downloads.row():
        downloads.table(here, areas, name=f"{what} {period}", source=asked["source"], who=who)
        if not downloads.is_guarded(asked["source"], who):
            downloads.page(here, name=f"{what} 12 months to {last}", who=who, as_at=last, **asked)


here = workspace()
frame.heading(
    "Hotspots",
    "Where reports were received, and how many. A place with many reports is a place from which "
    "much was reported; that says nothing about the people there.",
)
with messages.faults_in_a_box():
    bar = filters.bar()
    with bar:
        stored = filters.source(here)
        layer = choose_layer()
        kinds = filters.kinds(stored)
        first, last = filters.period(stored)
        side = filters.side() if layer == "hotspots" else DEFAULT_SIDE
    asked = {"layer": layer, "source": stored.source, "categories": kinds, "side": side}
    table = cached.area_table(here, first=first, last=last, **asked)
    with bar:
        by = choose_measure(table, layer)
    notices = st.container()
    period = f"{m.label(first)} to {m.label(last)}"
    counted = {"source": stored.source, "categories": kinds, "first": first, "last": last}
    tested = {"source": stored.source, "categories": kinds, "as_at": last, "side": side}
    key = certified.asked(here, **tested)
    hot = certified.ready(key) if layer == "hotspots" else None
    st.header("On the map", anchor=False)
    left, right = st.columns([5, 3], gap="medium")
    with right:
        area = choose_area(table, layer)
    with left:
        show_map(table, by, layer, f"({labels_of(stored, kinds)}), {period}")
    with right:
        if area:
            row = table.set_index("area_id").loc[area]
            show_place(row, cached.area_months(here, area, **asked), (first, last))
        else:
            messages.box("note", "Click a place on the map, or pick one from the list, to see it.")
        if hot:
            certified.beside_map(hot)
    count_in.show(here, area, layer, **counted)
    with notices:
        address.show_faults()
    slot = certified.show(key, hot) if layer == "hotspots" else None
    concentrated.show(here, side=side, **counted)
    st.header("As a table", anchor=False)
    show_table(table, layer, period)
    offer_files(table, f"{first} to {last}", last, asked)
    if slot is not None:
        certified.work_out(here, key, slot, **tested)
