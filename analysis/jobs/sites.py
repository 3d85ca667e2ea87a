"""Named places that people keep: add, find, change, rename, merge and take back, retire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.jobs.repair import find_place, locator, pinned, spot_at
from analysis.setting import VENUES
from geodata.crs import BNG
from geodata.errors import PinError, RecordError
from geodata.locating.gazetteer import Spot
from geodata.locating.words import name_key
from geodata.records import sites
from geodata.records.changes import Change, Record
from geodata.records.database import Records, open_records
from geodata.records.kinds import KINDS, links_to
from geodata.records.vocabularies import SITE_KINDS, SITE_STATUSES
from geodata.ward_join import assign_wards_xy
from geodata.workspace import Workspace

SAME_NAME_M = 300.0
"""Two places of one name closer than this, in metres, are taken for the same."""

MOST_SPOTS = 12
"""As many as a person reads through."""


def known_places(workspace: Workspace, *, find: str = "", unused: bool = False) -> pd.DataFrame:
    """List the places people keep.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    find : str, optional
        Only those whose name, a former name or id holds this.
    unused : bool
        With places that were merged into another or retired.

    Returns
    -------
    pandas.DataFrame
        Columns of a site, and `kind_name`, `status_name`, `ward_name`, `also` (former names),
        `used` (records that name it), `meets` (whether it is a sort of place where people can
        meet, see `analysis.setting.VENUES`), `merged_name`; by name.
    """
    records = open_records(workspace)
    frame = records.frame("sites")
    wards = workspace.wards()
    ward_names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True))
    names = dict(zip(frame["site_id"], frame["name"], strict=True))
    status = frame["status"].replace("", "current")
    used = _uses(records)
    full = frame.assign(
        status=status,
        kind_name=frame["kind"].map(SITE_KINDS).astype("str"),
        status_name=status.map(SITE_STATUSES).astype("str"),
        ward_name=frame["ward_code"].map(ward_names).fillna("").astype("str"),
        also=pd.Series([", ".join(n) for n in frame["former_names"]], dtype="str"),
        used=frame["site_id"].map(used).fillna(0).astype("int64"),
        meets=frame["kind"].isin(VENUES),
        merged_name=frame["merged_into"].map(names).fillna("").astype("str"),
    )
    kept = full if unused else full[full["status"].eq("current")]
    kept = kept[_matches(kept, find)] if find.strip() else kept
    order = kept["name"].str.casefold()
    return kept.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def _matches(frame: pd.DataFrame, find: str) -> pd.Series:
    key, plain = name_key(find), find.strip().casefold()

    def has(name: str) -> bool:
        return plain in name.casefold() or (bool(key) and key in name_key(name))

    hits = [
        row["site_id"].casefold() == plain or any(map(has, (row["name"], *row["former_names"])))
        for row in frame.to_dict("records")
    ]
    return pd.Series(hits, index=frame.index, dtype=bool)


def _uses(records: Records) -> dict[str, int]:
    """Count the records that name each place, other places left out."""
    links = links_to("sites")
    found = records.tally((kind, column) for kind, column in links if kind.name != "sites")
    for each in records.frame("priorities")["site_ids"]:
        for site in each:
            found[site] = found.get(site, 0) + 1
    return found


def place_shapes(frame: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give the places that lie somewhere: their outline where one was drawn, else their point.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `known_places` gives it.

    Returns
    -------
    geopandas.GeoDataFrame
        `site_id`, `name`, `kind_name`, in BNG; places without coordinates are left out.
    """
    has_shape = frame["outline"].ne("")
    drawn = shapely.from_wkt(np.array([text or None for text in frame["outline"]], dtype=object))
    points = shapely.points(frame["easting"].to_numpy(), frame["northing"].to_numpy())
    shapes = np.where(has_shape, drawn, points)
    placed = (has_shape | frame["easting"].notna()).to_numpy()
    columns = frame.loc[placed, ["site_id", "name", "kind_name"]].reset_index(drop=True)
    return gpd.GeoDataFrame(columns, geometry=shapes[placed], crs=BNG)


def look_up(workspace: Workspace, typed: str) -> list[Spot]:
    """Find where something that a person typed could be.

    Parameters
    ----------
    workspace : Workspace
        Its gazetteer, streets, places and pins are looked through.
    typed : str
        A grid reference, two coordinates, a postcode, or (part of) a name.

    Returns
    -------
    list of Spot
        At most `MOST_SPOTS`: the one place of coordinates; else names that are just so, then names
        that hold it, then what was pinned by hand under such words.

    Raises
    ------
    PinError
        If it is neither coordinates nor a name that is known here.
    """
    try:
        return [find_place(workspace, typed)]
    except PinError as fault:
        found = _named(workspace, typed)
        if not found:
            raise PinError(
                "Nothing here goes by this name, and it is no place on the grid",
                got=repr(typed[:60]), todo=fault.todo,
            ) from fault  # fmt: skip
        return found[:MOST_SPOTS]


def _named(workspace: Workspace, typed: str) -> list[Spot]:
    key = name_key(typed)
    if not key:
        return []
    known = locator(workspace).gazetteer.known_names()
    holding = sorted((name for name in known if key in name), key=lambda n: (n != key, len(n), n))
    spots = [spot for name in holding[:MOST_SPOTS] for spot in known[name]]
    pins = [
        spot_at(pin.easting, pin.northing, pin.radius_m, f"{pin.wording.shown} (pinned)")
        for pin in pinned(workspace)
        if pin.verdict == "here" and key in name_key(pin.wording.shown)
    ]
    return [*spots, *pins]


def add_place(
    workspace: Workspace, values: Mapping[str, Any], *, by: str, at: dt.datetime
) -> Record:
    """Add a place; where it lies says its ward.

    Parameters
    ----------
    workspace : Workspace
        Whose.
    values : mapping
        Columns of a site. An `outline` without coordinates gives them: a point inside it.
    by, at
        Who adds it, and when.

    Raises
    ------
    RecordError
        If it cannot be stored, or a place of this name is close by.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        full = _located(workspace, {"status": "current"} | dict(values))
        _refuse_twice(change, full)
        return change.create("sites", full)


def change_place(
    workspace: Workspace,
    site_id: str,
    values: Mapping[str, Any],
    *,
    version: int,
    by: str,
    at: dt.datetime,
) -> Record:
    """Change a place; a new name keeps the old one among its former names.

    Raises
    ------
    StaleRecordError
        If somebody else changed it since `version`, with both versions.
    RecordError
        If it is not there, or cannot be so.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        before = change.get("sites", site_id)
        full = dict(values)
        if {"easting", "northing", "outline"} & set(values):
            full = _located(workspace, dict(before.values) | full, moved=True)
            full = {name: full[name] for name in (*values, "ward_code", "easting", "northing")}
        name = str(full.get("name", before["name"]) or "").strip()
        if name and name != before["name"]:
            former = (*before["former_names"], before["name"])
            full["former_names"] = tuple(n for n in dict.fromkeys(former) if n != name)
        return change.update("sites", site_id, full, version=version)


def _located(
    workspace: Workspace, values: Mapping[str, Any], *, moved: bool = False
) -> dict[str, Any]:
    """Fill in a point from an outline, and the ward from the point."""
    full = dict(values)
    if full.get("outline") and (moved or full.get("easting") in (None, "")):
        shape = shapely.from_wkt(str(full["outline"]), on_invalid="ignore")
        if shape is not None and not shape.is_empty:
            inside = shape.representative_point()
            full["easting"], full["northing"] = round(inside.x, 1), round(inside.y, 1)
    given = [full.get("easting"), full.get("northing")]
    if all(value not in (None, "") for value in given) and (moved or not full.get("ward_code")):
        x, y = (pd.Series([float(str(value))]) for value in given)
        ward = assign_wards_xy(x, y, workspace.wards())["ward_code"].iloc[0]
        full["ward_code"] = ward if isinstance(ward, str) else ""
    return full


def _refuse_twice(change: Change, values: Mapping[str, Any]) -> None:
    key = name_key(str(values.get("name", "")))
    table = KINDS["sites"].table
    for row in change.connection.execute(table.select()).mappings():
        same = key and key in {name_key(n) for n in (row["name"], *row["former_names"])}
        if same and row["status"] != "merged" and _near(row, values):
            raise RecordError(
                "There is a place of this name close by already",
                got=f"{row['name']} ({row['site_id']})",
                todo="use that one, or give this one a name that tells them apart",
            )


def _near(row: Mapping[Any, Any], values: Mapping[str, Any]) -> bool:
    x, y = values.get("easting"), values.get("northing")
    if row["easting"] is None or x in (None, "") or y in (None, ""):
        return True  # nobody can say that they are apart
    away = np.hypot(row["easting"] - float(str(x)), row["northing"] - float(str(y)))
    return bool(away < SAME_NAME_M)


def merge_places(
    workspace: Workspace, site_id: str, into: str, *, version: int, by: str, at: dt.datetime
) -> dict[str, Any]:
    """Say that one place is the same as another: everything that named it names the other.

    Returns
    -------
    dict
        `into` (the place that stays), `name` (what it is called), `moved` (records by kind),
        `message`.

    Raises
    ------
    RecordError
        If one is not there, both are the same, or either was merged before.
    StaleRecordError
        If somebody else changed the place that goes since `version`.
    """
    records = open_records(workspace)
    before = {kind.name: _naming(records, kind.name, site_id) for kind, _ in links_to("sites")}
    before["priorities"] = sum(site_id in each for each in records.frame("priorities")["site_ids"])
    with records.changing(by=by, at=at) as change:
        kept = sites.merge(change, site_id, into, version=version)
    moved = {kind: count for kind, count in before.items() if count}
    return {
        "into": into, "name": kept["name"], "moved": moved,
        "message": f"{_counted(moved)} now name {kept['name']}. Its former names say what it was "
        "called, and the merge can be taken back.",
    }  # fmt: skip


def undo_merge(
    workspace: Workspace, site_id: str, *, version: int, by: str, at: dt.datetime
) -> dict[str, Any]:
    """Take a merge back (`geodata.records.sites.undo_merge`).

    Returns
    -------
    dict
        `into`, `moved` (records by kind that name their own place again), `left` (ids of records
        that somebody moved on since), `message`.

    Raises
    ------
    RecordError
        If the place was not merged here.
    StaleRecordError
        If somebody else changed it since `version`.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        undone = sites.undo_merge(change, site_id, version=version)
    left = f" {len(undone.left)} stay where they were put since: {', '.join(undone.left)}."
    return {
        "into": undone.into, "moved": undone.moved, "left": list(undone.left),
        "message": f"{site_id} is a place of its own again, and {_counted(undone.moved)} name it."
        + (left if undone.left else ""),
    }  # fmt: skip


def retire_place(
    workspace: Workspace,
    site_id: str,
    *,
    version: int,
    by: str,
    at: dt.datetime,
    again: bool = False,
) -> Record:
    """Say that a place is used no more, or again; what names it stays as it is.

    Raises
    ------
    RecordError
        If there is no such place, or it was merged into another.
    StaleRecordError
        If somebody else changed it since `version`.
    """
    with open_records(workspace).changing(by=by, at=at) as change:
        return sites.retire(change, site_id, version=version, again=again)


def _naming(records: Records, kind: str, site_id: str) -> int:
    columns = [column for each, column in links_to("sites") if each.name == kind]
    frame = records.frame(kind)
    return int(sum(frame[column].eq(site_id).sum() for column in columns))


def _counted(moved: Mapping[str, int]) -> str:
    """Write counts of records by kind as people read them.

    Examples
    --------
    >>> _counted({"events": 2, "actions": 1}), _counted({})
    ('2 events, 1 action', 'no records')
    """
    parts = [
        f"{count} {KINDS[kind].label if count == 1 else kind.replace('_', ' ')}"
        for kind, count in moved.items()
    ]
    return ", ".join(parts) or "no records"
