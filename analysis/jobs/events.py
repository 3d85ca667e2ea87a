"""The programme: events with their wards, light and what is still to be confirmed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.daylight import light_condition
from geodata.crs import to_lonlat
from geodata.records.database import open_records
from geodata.records.events import is_to_be_confirmed
from geodata.records.programme_text import add_listed, read_programme
from geodata.records.text_files import read_text
from geodata.records.vocabularies import EVENT_STATUSES, EVENT_TYPES
from geodata.workspace import Workspace

LIGHT_CODES = {"day": "day", "twilight": "dusk", "dark": "dark"}


def programme(workspace: Workspace) -> pd.DataFrame:
    """List every event as people need it.

    Returns
    -------
    pandas.DataFrame
        Columns of an event, and `type_name`, `status_name`, `ward_names`, `place` (the site's name,
        or the words of the list), `place_to_be_confirmed`, `date` (planned or held), `start`
        (actual if known, else planned), `light` ('day', 'dusk', 'dark', '' where no time is
        known) and `light_basis` ('actual', 'planned', 'set by hand', ''). Dated ones first, by
        date, then the others by id.

    Notes
    -----
    Light is worked out from the sun's height at the middle of the wards: the sun stands at the
    same height all over a borough to a twentieth of a degree.
    """
    records = open_records(workspace)
    events = records.frame("events")
    sites = records.frame("sites").set_index("site_id")["name"].astype("object")
    wards = workspace.wards()
    names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    start = events["actual_start"].fillna(events["planned_start"])
    rows = events.to_dict("records")
    frame = events.assign(
        type_name=events["event_type"].map(EVENT_TYPES).astype("str"),
        status_name=events["status"].map(EVENT_STATUSES).astype("str"),
        ward_names=_texts([", ".join(names.get(c, c) for c in row["ward_codes"]) for row in rows]),
        place=events["site_id"]
        .map(sites.to_dict())
        .astype("object")
        .fillna(events["location_name"])
        .astype("str"),
        place_to_be_confirmed=pd.Series([_unplaced(row) for row in rows], dtype="bool"),
        date=start.dt.tz_localize(None).dt.normalize().fillna(events["planned_date"]),
        start=start,
    )
    light, basis = _light(events, start, wards.total_bounds)
    frame = frame.assign(light=light, light_basis=basis)
    return frame.sort_values(["date", "start", "event_id"], kind="stable", ignore_index=True)


def import_programme(
    workspace: Workspace, path: Path | str, *, by: str, at: dt.datetime
) -> dict[str, Any]:
    """Bring in the council's published list of events, a text file, as it stands.

    Returns
    -------
    dict
        `rows` of the list, `added`, `known` (there already), `to_be_confirmed` (without a place),
        `without_date`, `other_lines` (headings and sentences), `message`.

    Raises
    ------
    RecordError
        If the file cannot be read or holds no event.
    """
    text = read_text(path)
    found = read_programme(text, workspace.wards())
    with open_records(workspace).changing(by=by, at=at) as change:
        added, known = add_listed(change, found)
    unplaced = sum(row.values["location_name"] == "Location TBC" for row in found.rows)
    undated = sum(row.values["planned_date"] is None for row in found.rows)
    return {
        "rows": len(found.rows), "added": added, "known": known, "to_be_confirmed": unplaced,
        "without_date": undated, "other_lines": len(found.other),
        "message": f"{added:,} events added, {known:,} were there already; {unplaced:,} have no "
        f"place yet and {undated:,} no date.",
    }  # fmt: skip


def _unplaced(row: dict[Any, Any]) -> bool:
    site = row["site_id"] if isinstance(row["site_id"], str) else None
    easting = None if np.isnan(row["easting"]) else row["easting"]
    return is_to_be_confirmed(row | {"site_id": site, "easting": easting})


def _light(
    events: pd.DataFrame, start: pd.Series, bounds: np.ndarray
) -> tuple[pd.Series, pd.Series]:
    west, south, east, north = bounds
    lon, lat = to_lonlat(np.array([(west + east) / 2]), np.array([(south + north) / 2]))
    computed = (
        light_condition(start, float(lat[0]), float(lon[0])).astype("object").map(LIGHT_CODES)
    )
    by_hand = events["light_override"] != ""
    light = events["light_override"].where(by_hand, computed).fillna("").astype("str")
    basis = pd.Series(
        np.select(
            [by_hand, events["actual_start"].notna(), start.notna()],
            ["set by hand", "actual", "planned"], "",
        ),
        index=events.index, dtype="str",
    )  # fmt: skip
    return light, basis


def _texts(values: list[str]) -> pd.Series:
    return pd.Series(values, dtype="str")
