"""The words of the mapping step: what each field is for, and what was read, in plain sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.jobs.mapping import Look, Preview
from geodata import months as m
from geodata.council import Profile
from geodata.vocabularies import SOURCES, RecordLevel

GROUPS: dict[str, tuple[str, ...]] = {
    "When": (
        *("occurred_from", "occurred_from_time", "reported_at", "occurred_to", "occurred_to_time"),
    ),
    "What": ("category", "category_detail", "nsir_qualifier"),
    "Where": (
        *("easting", "northing", "lon", "lat", "grid_reference", "coordinates", "geometry"),
        *("street", "postcode", "uprn", "usrn", "setting", "ward_code_source", "lsoa_code"),
    ),
    "Which report, and what became of it": (
        *("source_ref", "case_ref", "status", "merged_into", "record_level"),
    ),
}
"""Every field, in the groups and the order in which people see them."""

ALWAYS = ("occurred_from", "reported_at", "category", "easting", "northing", "street", "source_ref")
"""Fields shown even where no column was found for them."""

HELP: dict[str, str] = {
    "occurred_from": "The date, with or without a time, on which it happened or began.",
    "occurred_from_time": "The time, where it stands in a column of its own.",
    "reported_at": "The date on which somebody told you. Used where it is not known when it "
    "happened.",
    "occurred_to": "The date, with or without a time, on which it ended.",
    "occurred_to_time": "The time it ended, where it stands in a column of its own.",
    "category": "What was reported, in your own words; they are matched to our list below.",
    "category_detail": "A finer kind, where the file has two columns for it.",
    "nsir_qualifier": "The police's qualifier of anti-social behaviour.",
    "easting": "Metres east on the British National Grid, for example 533700.",
    "northing": "Metres north on the British National Grid, for example 181600.",
    "lon": "Degrees east; in London a small number near 0.",
    "lat": "Degrees north; in London near 51.5.",
    "grid_reference": "Letters and digits such as TQ 337 816.",
    "coordinates": "Latitude and longitude, or easting and northing, in one cell.",
    "geometry": "A shape, as map files hold it.",
    "street": "The name of the street or place. House numbers are taken off.",
    "postcode": "The postcode of where it happened, never that of a complainant.",
    "uprn": "The unique number of a property.",
    "usrn": "The unique number of a street.",
    "setting": "Such as street, estate, park or station.",
    "ward_code_source": "Only compared with the ward that the place lies in.",
    "lsoa_code": "The census area, where the file gives it.",
    "source_ref": "The number of the report in your system. Two rows with the same one count once.",
    "case_ref": "The number of the case that several reports may belong to.",
    "status": "Open, closed, merged and so on.",
    "merged_into": "The case that this one was merged into. Merged cases are not counted.",
    "record_level": "Where it differs by row: incident, complaint or case.",
}
"""One sentence on each field."""

LEVELS: dict[RecordLevel, str] = {
    "incident": "An incident: something that happened",
    "complaint": "A complaint: several may be about one incident",
    "case": "A case: may gather several complaints",
}

COUNCIL_SOURCES: dict[str, str] = {code: words for code, words in SOURCES.items()
                                   if code not in ("police_uk", "btp", "mps_cad")}  # fmt: skip
"""Sources whose files are tables of their own making: code to words."""

STATES = {"usable": "Comes in", "rejected": "Rejected", "repeat": "Repeats a row"}
PRECISIONS = {
    "exact": "exact point", "uprn": "property", "street": "street", "postcode": "postcode",
    "snap_point": "anonymised point", "ward_only": "ward only", "none": "no place yet",
}  # fmt: skip
_PARTS_OF_DAY = ((6, "night"), (12, "morning"), (18, "afternoon"), (24, "evening"))


def when(row: Mapping[Any, Any]) -> str:
    """Write the time of a row as exactly as it is known."""
    start, end, precision = row["start"], row["end"], row["time_precision"]
    if precision == "month" or pd.isna(start):
        return m.label(str(row["month"])) if m.is_month(str(row["month"])) else ""
    day = f"{start.day} {m.label(f'{start:%Y-%m}')}"
    if precision in ("day", "unknown"):
        return day
    if precision == "part_of_day":
        return f"{day}, {next(name for hour, name in _PARTS_OF_DAY if start.hour < hour)}"
    if not pd.isna(end):
        last = f"{end:%H:%M}" if end.date() == start.date() else f"{end.day} {end:%B %H:%M}"
        return f"{day}, {start:%H:%M} to {last}"
    return f"{day}, {'about ' if precision == 'hour' else ''}{start:%H:%M}"


def summary(shown: Preview) -> str:
    """Say what becomes of the first rows, in a sentence."""
    n = shown.counts()
    parts = [f"{n['usable']:,} come in"]
    parts += [f"{n['rejected']:,} are rejected"] if n["rejected"] else []
    parts += [f"{n['repeat']:,} repeat another row"] if n["repeat"] else []
    place = f"{n['placed']:,} have a place on the map, {n['inside']:,} of them inside the wards"
    return f"Of the first {n['rows']:,} rows {', '.join(parts)}. {place}."


def how_read(found: Look, profile: Profile, shown: Preview) -> list[str]:
    """Say how dates, places and rows are understood, with the first usable row as the example."""
    return [_dates(found, profile, shown), _places(profile), _rows(profile)]


def _dates(found: Look, profile: Profile, shown: Preview) -> str:
    column = profile.columns.get("occurred_from") or profile.columns.get("reported_at", "")
    usable = shown.rows[shown.rows["state"].eq("usable")]
    head = found.head
    read = "Dates are read day first"
    if column in head.columns:
        for row in usable.to_dict("records"):
            text = str(head[column].get(row["line"], "")).strip()
            if text and not pd.isna(row["start"]):
                return f"{read}: “{text[:40]}” in the column “{column}” is {when(row)}."
    return f"{read}: 03/04/2026 is 3 April 2026."


def _places(profile: Profile) -> str:
    columns = profile.columns
    quoted = {field: f"“{column}”" for field, column in columns.items()}
    if "easting" in columns and "northing" in columns:
        where = f"{quoted['easting']} and {quoted['northing']}, metres of the British National Grid"
    elif "lon" in columns and "lat" in columns:
        where = f"{quoted['lon']} (longitude) and {quoted['lat']} (latitude), degrees"
    else:
        single = ("geometry", "coordinates", "grid_reference")
        where = next((quoted[f] for f in single if f in columns), "")
    if where:
        return f"Places are taken from {where}."
    text = [quoted[f] for f in ("uprn", "usrn", "postcode", "street") if f in columns]
    if text:
        return (
            f"The file has no coordinates. Rows are placed by {' and '.join(text)}, looked up in "
            "the postcodes and streets that were brought in as open data; what is not found there "
            "waits under Repair places."
        )
    return "No column says where it happened: the rows are kept, but are in no ward."


def _rows(profile: Profile) -> str:
    level = {"incident": "an incident", "complaint": "a complaint", "case": "a case"}
    counted = f"A row counts as {level[profile.record_level]}"
    if "source_ref" in profile.columns:
        return f"{counted}; rows with the same “{profile.columns['source_ref']}” count once."
    return f"{counted}. No column tells one report from another, so rows may repeat each other."
