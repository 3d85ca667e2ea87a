"""Read a list of events from a file without storing it: what is fixed of each, and what is blank.

A `.txt` or `.md` is the council's published list as copied from its page; a `.csv` or `.xlsx` has
the columns of the event table. Every line becomes an event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from geodata.errors import RecordError, SaferWalksError
from geodata.records.fields import clean
from geodata.records.kinds import kind_of
from geodata.records.programme_text import read_programme
from geodata.records.tabular import Sheet, read_sheets
from geodata.records.text_files import read_text
from geodata.ward_names import ward_code_for

COLUMNS: tuple[str, ...] = (
    *("event_id", "event_type", "status", "ward_codes", "location_name", "meeting_point"),
    *("easting", "northing", "planned_date", "planned_start", "planned_end"),
    "repeat_of_event_id",
)
_WARD_NAMES = ("ward", "ward_name", "ward_code")
_USUAL = {"status": "planned_tbc"}


def read_events(path: Path | str, wards: pd.DataFrame) -> pd.DataFrame:
    """Read a list of events.

    Parameters
    ----------
    path : pathlib.Path or str
        `.txt`, `.md`, `.csv` or `.xlsx`.
    wards : pandas.DataFrame
        `ward_code`, `ward_name`: a ward may be named in any spelling.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, one row an event, in the order of the file: `ward_codes` tuples, dates
        datetime64, moments in Europe/London, blank where nothing was said. A line without an id is
        called after its line.

    Raises
    ------
    RecordError
        If the file cannot be read, holds no event, or a line says what no event can be; every
        fault is told with its line.
    """
    file = Path(path)
    if file.suffix.lower() in (".txt", ".md"):
        listed = read_programme(read_text(file), wards).rows
        rows = [dict(row.values) | {"event_id": f"line {row.line}"} for row in listed]
    else:
        rows = _table_rows(file, wards)
    if not rows:
        raise RecordError(
            "The file holds no event", got=file.name,
            todo="give a list with the columns of the event table, or the published list as text",
        )  # fmt: skip
    return _frame(rows)


def read_calendar(path: Path | str) -> tuple[tuple[dt.date, dt.date, str], ...]:
    """Read a calendar of dates to keep off: `first`, `last` (blank for one day) and `name`.

    Raises
    ------
    RecordError
        If the file cannot be read, or a line has no day or ends before it begins.
    """
    rows, faults = [], []
    day = kind_of("events").fields["planned_date"]
    for sheet in read_sheets(path)[:1]:
        for line, cells in sheet.rows:
            said = _lowered(cells, sheet)
            try:
                first = clean(day, said.get("first", ""))
                last = clean(day, said.get("last", "")) or first
            except ValueError as fault:
                faults.append(f"line {line}: a day {fault}")
                continue
            if first is None or last < first:
                faults.append(f"line {line}: a first day, and none before it, must be given")
            else:
                rows.append((first, last, said.get("name", "") or "a date to avoid"))
    if faults or not rows:
        raise RecordError(
            "The calendar cannot be used", got="; ".join(faults[:10]) or "no line",
            todo="give the columns first, last and name, days as 2026-04-30 or 30/4/2026",
        )  # fmt: skip
    return tuple(rows)


def _table_rows(file: Path, wards: pd.DataFrame) -> list[dict[str, Any]]:
    sheets = read_sheets(file)
    named = [sheet for sheet in sheets if sheet.name == "events"] or sheets[:1]
    rows, faults = [], []
    for sheet in named:
        for line, cells in sheet.rows:
            try:
                rows.append(_event(line, _lowered(cells, sheet), wards))
            except (ValueError, SaferWalksError) as fault:
                faults.append(f"line {line}: {fault}")
    if faults:
        raise RecordError(
            f"{len(faults)} lines of the list have a fault", got="; ".join(faults[:10]),
            todo="correct these lines and try again; nothing was planned",
        )  # fmt: skip
    return rows


def _lowered(cells: Mapping[str, str], sheet: Sheet) -> dict[str, str]:
    return {c.strip().casefold().replace(" ", "_"): cells.get(c, "") for c in sheet.columns}


def _event(line: int, cells: Mapping[str, str], wards: pd.DataFrame) -> dict[str, Any]:
    fields = kind_of("events").fields
    row: dict[str, Any] = {}
    for name in COLUMNS[1:]:
        try:
            row[name] = clean(fields[name], cells.get(name, "") or _USUAL.get(name, ""))
        except ValueError as fault:
            raise ValueError(f"{name} {fault}") from fault
    said = next((cells[c].strip() for c in _WARD_NAMES if cells.get(c, "").strip()), "")
    if said and not row["ward_codes"]:
        row["ward_codes"] = (ward_code_for(said, wards),)
    if row["planned_start"] is not None and row["planned_date"] is None:
        row["planned_date"] = row["planned_start"].date()
    return row | {"event_id": cells.get("event_id", "").strip() or f"line {line}"}


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    twice = frame["event_id"][frame["event_id"].duplicated()]
    if len(twice):
        raise RecordError(
            "An event is listed twice", got=str(twice.iloc[0]), todo="give every event its own id"
        )
    for name in ("planned_start", "planned_end"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.tz_convert("Europe/London")
    return frame.assign(
        planned_date=pd.to_datetime(frame["planned_date"]),
        easting=frame["easting"].astype("float64"), northing=frame["northing"].astype("float64"),
        location_name=frame["location_name"].astype("object").fillna("").astype("str"),
        meeting_point=frame["meeting_point"].astype("object").fillna("").astype("str"),
    )  # fmt: skip
