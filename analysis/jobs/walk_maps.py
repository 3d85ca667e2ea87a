"""A small map of one walk for the phone: the ward's outline, streets near the stops, the stops.

Lines as numbers, drawn by the phone itself: no tiles, nobody asked, and small enough to be kept on
the phone for where there is no signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.jobs.walk_forms import Sender
from geodata import layers
from geodata.crs import to_lonlat
from geodata.errors import RecordError
from geodata.records.changes import Record
from geodata.records.database import Records, open_records
from geodata.workspace import Workspace

AROUND_M = 500.0
"""Streets this near to a stop, or to where the walk meets, are drawn."""
MOST_CORNERS = 6_000
"""Beyond this the smallest streets are left out: some 100 kB, a second on a phone."""
MOST_NAMES = 30
_TOLERANCE_M = 2.0
_MAIN = ("motorway", "trunk", "primary", "secondary", "tertiary", "residential", "unclassified")


def walk_map(workspace: Workspace, sender: Sender, event_id: str) -> dict[str, Any]:
    """Draw the surroundings of a walk as numbers.

    Parameters
    ----------
    workspace : Workspace
        Where the walk, the wards and the streets are.
    sender : Sender
        Who asks.
    event_id : str
        Which walk.

    Returns
    -------
    dict
        `bounds` (south, west, north, east, in degrees), `wards`, `main` and `streets` (lines of
        latitude and longitude), `names` (name, latitude, longitude), `stops` (the same), `credit`
        (whose data it is drawn from).

    Raises
    ------
    RecordError
        If there is no such walk, or somebody else leads it.
    """
    records = open_records(workspace)
    event = records.get("events", event_id)
    if not sender.may_record(event):
        raise RecordError("This walk is led by somebody else", got=event_id[:40])
    wards = workspace.wards()
    own = wards[wards["ward_code"].isin(event["ward_codes"])]
    own = own if len(own) else wards
    points = _points(records, event)
    area = _area(points, own)
    streets = _streets(workspace, area)
    main = streets["kind"].str.removesuffix("_link").isin(_MAIN[:5])
    west, south, east, north = area.bounds
    corners = _lonlat(np.array([[west, south], [east, north]]))
    return {
        "bounds": [*corners[0], *corners[1]],
        "wards": _lines(shapely.boundary(own.geometry.to_numpy())),
        "main": _lines(streets.geometry[main].to_numpy()),
        "streets": _lines(streets.geometry[~main].to_numpy()),
        "names": _names(streets),
        "stops": [[name, *_lonlat(np.array([[x, y]]))[0]] for name, x, y in points],
        "credit": _credit(workspace),
    }


def _credit(workspace: Workspace) -> str:
    origins = layers.origins(workspace)
    drawn = [origins.get(name, {}) for name in ("wards", "streets")]
    said = [str(one.get("attribution") or one.get("source_name") or "") for one in drawn]
    return ". ".join(text.rstrip(".") for text in dict.fromkeys(said) if text)


def _points(records: Records, event: Record) -> list[tuple[str, float, float]]:
    """List where the walk stops; where it meets, if no stop has a place."""
    stops = sorted(records.list("stops", event_id=event.id), key=lambda s: (s["seq"] or 0, s.id))
    placed = [(stop, _place(records, stop)) for stop in stops]
    found = [(str(stop["name"]), *at) for stop, at in placed if at is not None]
    at = None if found else _place(records, event)
    return found if at is None else [(str(event["location_name"]), *at)]


def _place(records: Records, of: Record) -> tuple[float, float] | None:
    if of["easting"] is not None and of["northing"] is not None:
        return float(of["easting"]), float(of["northing"])
    if of["site_id"] is None:
        return None
    site = records.get("sites", of["site_id"])
    if site["easting"] is None or site["northing"] is None:
        return None
    return float(site["easting"]), float(site["northing"])


def _area(points: Sequence[tuple[str, float, float]], wards: gpd.GeoDataFrame) -> Any:  # noqa: ANN401
    """Frame what the map shows: around the points, or the wards."""
    if not points:
        return shapely.box(*wards.total_bounds)
    around = shapely.buffer(shapely.points([(x, y) for _, x, y in points]), AROUND_M)
    return shapely.box(*shapely.total_bounds(around))


def _streets(workspace: Workspace, area: Any) -> gpd.GeoDataFrame:  # noqa: ANN401
    """Streets within the area, thin, the smallest left out where they are too many."""
    every = layers.streets(workspace)
    if every is None:
        none = pd.DataFrame({"name": [], "kind": []}, dtype="str")
        return gpd.GeoDataFrame(none, geometry=[], crs=workspace.wards().crs)
    near = every.iloc[every.sindex.query(area, predicate="intersects")]
    near = near[~near["tunnel"].astype(bool)]
    order = {kind: place for place, kind in enumerate(_MAIN)}
    rank = near["kind"].str.removesuffix("_link").map(order).fillna(len(_MAIN))
    near = near.assign(rank=rank).sort_values(["rank", "street_id"], kind="stable")
    thin = near.set_geometry(near.geometry.simplify(_TOLERANCE_M))
    corners = np.cumsum(shapely.get_num_coordinates(thin.geometry.to_numpy()))
    return thin[corners <= MOST_CORNERS][["name", "kind", "geometry"]]


def _names(streets: gpd.GeoDataFrame) -> list[list[Any]]:
    """Name the longest streets once each, at the middle of their longest piece."""
    named = streets[streets["name"].astype("str").ne("") & streets["name"].notna()]
    if named.empty:
        return []
    lengths = pd.Series(named.geometry.length, index=named.index)
    total = lengths.groupby(named["name"]).sum().sort_values(ascending=False, kind="stable")
    longest = named.loc[lengths.groupby(named["name"]).idxmax()].set_index("name")
    chosen = longest.loc[total.index[:MOST_NAMES]]
    middles = shapely.line_interpolate_point(chosen.geometry.to_numpy(), 0.5, normalized=True)
    places = _lonlat(shapely.get_coordinates(middles))
    return [[str(name), *at] for name, at in zip(chosen.index, places, strict=True)]


def _lines(shapes: Any) -> list[list[list[float]]]:  # noqa: ANN401 - an array of lines
    """Write lines as latitude and longitude, to about a metre."""
    parts = shapely.get_parts(np.asarray(shapes, dtype=object))
    return [_lonlat(shapely.get_coordinates(part)) for part in parts]


def _lonlat(corners: np.ndarray) -> list[list[float]]:
    lon, lat = to_lonlat(corners[:, 0], corners[:, 1])
    return [[round(float(y), 5), round(float(x), 5)] for x, y in zip(lon, lat, strict=True)]
