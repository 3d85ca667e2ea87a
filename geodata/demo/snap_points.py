"""Invented snap points: the only places where the demo's police reports can lie. BNG metres.

police.uk moves every report to the nearest of a fixed list of points. The demo has a list of its
own: points along an invented street pattern, along the main roads, and around the places people
go to. Water and the middle of parks have none.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd
import shapely

from geodata.crs import to_lonlat
from geodata.demo import borough, lattice
from geodata.demo.places import PARK_RADIUS_M, places, roads

COLLAR_M = 600.0
"""Metres around the borough within which points lie too."""

_ROAD_STEP_M = 60.0
_BUSY_SHARE = 0.39
_BUSY_SIGMA = 1.06
_QUIET_WEIGHT = 0.18
_SPREAD_OF_LUCK = 2.4

_AROUND = {
    "station": ("Parking Area", "Supermarket", "Shopping Area", "Bus/coach Station", "Nightclub"),
    "market": ("Shopping Area", "Supermarket", "Parking Area", "Shopping Area"),
    "park": ("Park/open Space", "Sports/recreation Area", "Park/open Space"),
    "street": ("Supermarket", "Petrol Station"),
    "landmark": ("Parking Area", "Pedestrian Subway"),
}
# Strength of the pull of a centre, and its reach in metres. Centres are where people are.
_PULL = {
    "site-whitechapel-station": (9.0, 320), "site-whitechapel-market": (6.0, 200),
    "site-brick-lane": (6.0, 260), "site-brick-lane-market": (5.0, 220),
    "site-aldgate-east-station": (6.0, 250), "site-shoreditch-high-street-station": (6.0, 260),
    "site-bethnal-green-station": (6.0, 280), "site-mile-end-station": (6.0, 260),
    "site-chrisp-street-market": (7.0, 260), "site-canary-wharf-station": (5.0, 300),
    "site-roman-road-market": (5.0, 240), "site-watney-market": (6.0, 240),
    "site-limehouse-station": (4.0, 260), "site-langdon-park-station": (3.0, 220),
    "site-stepney-green-station": (3.0, 220), "site-shadwell-station": (4.0, 200),
    "site-bow-road-station": (3.0, 220), "site-bow-church-station": (2.5, 200),
    "site-bromley-by-bow-station": (2.5, 200), "site-crossharbour-station": (3.0, 220),
    "site-tower-gateway-station": (3.5, 220), "site-cambridge-heath-station": (3.0, 220),
    "site-hackney-wick-station": (3.5, 260), "site-all-saints-station": (3.0, 200),
    "site-poplar-station": (2.0, 200), "site-westferry-station": (2.0, 200),
    "site-south-quay-station": (2.0, 220), "site-columbia-road-market": (2.5, 200),
    "site-devons-road-station": (2.0, 200), "site-salmon-lane": (1.8, 180),
    "site-weavers-fields": (2.0, 180), "site-bartlett-park": (1.5, 180),
}  # fmt: skip
_BASE_PULL = 0.35


def snap_points(rng: np.random.Generator) -> pd.DataFrame:
    """Invent the snap points of the borough and of the collar around it.

    Parameters
    ----------
    rng : numpy.random.Generator
        Where chance comes from.

    Returns
    -------
    pandas.DataFrame
        `easting`, `northing` (whole metres, BNG), `lon`, `lat` (degrees, six decimals as
        police.uk gives them), `location` ('On or near ...'), `kind` ('street', 'road' or the
        generic type), `block` (int; points of one block drift together), `pull` (how much the
        centres nearby draw people, from about 0.35), `asb` (expected share of the borough's ASB;
        sums to 1 inside), `inside` (bool), `city` (bool: City of London side of the edge).
        No two points share a place.

    Examples
    --------
    >>> import numpy as np
    >>> points = snap_points(np.random.default_rng(1))
    >>> bool(points.loc[points["inside"], "asb"].sum().round(9) == 1)
    True
    """
    points = pd.concat([_around_places(rng), _along_roads(rng), _side_streets(rng)])
    points = points.drop_duplicates(["easting", "northing"], ignore_index=True)
    points = _on_land_nearby(points)
    lon, lat = to_lonlat(points["easting"].to_numpy(), points["northing"].to_numpy())
    points["lon"], points["lat"] = lon.round(6), lat.round(6)
    points["pull"] = _pull(points)
    points["asb"] = _asb_shares(points, rng)
    return points


def station_points(points: pd.DataFrame) -> pd.DataFrame:
    """Pick the points that are stations themselves, where the transport police record."""
    return points[points["kind"] == "station"]


def _frame(
    x: np.ndarray, y: np.ndarray, location: list[str], kind: list[str] | str, block: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "easting": np.rint(x),
            "northing": np.rint(y),
            "location": [f"On or near {name}" for name in location],
            "kind": kind,
            "block": np.asarray(block, dtype="int64"),
        }
    )


def _around_places(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for number, place in enumerate(places().itertuples()):
        x, y = place.geometry.x, place.geometry.y
        block = 1_000 + number
        if place.kind == "station":
            name = place.name.removesuffix(" station")
            rows.append((x, y, f"{name} (Station)", "station", block))
        for generic in _AROUND[place.kind]:
            angle, away = rng.random() * 2 * np.pi, 40 + 180 * rng.random()
            at = (x + away * np.cos(angle), y + away * np.sin(angle))
            rows.append((*at, generic, generic, block))
    x, y, names, kinds, blocks = map(list, zip(*rows, strict=True))
    return _frame(np.array(x), np.array(y), names, kinds, np.array(blocks))


def _along_roads(rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for number, (name, line) in enumerate(zip(roads()["name"], roads().geometry, strict=True)):
        along = np.arange(_ROAD_STEP_M / 2, line.length, _ROAD_STEP_M)
        xy = shapely.get_coordinates(shapely.line_interpolate_point(line, along))
        xy += rng.random(xy.shape) * 24 - 12
        blocks = 2_000 + 100 * number + np.arange(len(along)) // lattice.BLOCK_STEPS
        parts.append(_frame(xy[:, 0], xy[:, 1], [name] * len(along), "road", blocks))
    return pd.concat(parts)


def _side_streets(rng: np.random.Generator) -> pd.DataFrame:
    """Lay a bent lattice over the map: its rows are streets, its columns points along them."""
    wide, high = lattice.COLUMNS, lattice.ROWS
    columns, rows = np.meshgrid(np.arange(-wide, wide + 1), np.arange(-high, high + 1))
    u, v = columns.ravel(), rows.ravel()
    jitter = rng.random((2, len(u))) * 22 - 11
    x, y = lattice.place_of(u * lattice.ALONG_M + jitter[0], v * lattice.ACROSS_M + jitter[1])
    street = lattice.street_number(u, v)
    names = [lattice.street_name(s) for s in street.tolist()]
    return _frame(x, y, names, "street", 20_000 + street)


def _on_land_nearby(points: pd.DataFrame) -> pd.DataFrame:
    at = shapely.points(points["easting"], points["northing"])
    land = shapely.union_all(borough.wards().geometry.to_numpy())
    wet = shapely.union_all(borough.water().geometry.to_numpy())
    parks = places().set_index("place_id").geometry[list(PARK_RADIUS_M)]
    green = shapely.union_all(shapely.buffer(parks.to_numpy(), list(PARK_RADIUS_M.values())))
    for shape in (land, wet, green):
        shapely.prepare(shape)
    generic = ~points["kind"].isin(["street", "road"]).to_numpy()
    keep = (
        shapely.dwithin(land, at, COLLAR_M)
        & (~shapely.intersects(wet, at) | (points["kind"] == "station").to_numpy())
        & (~shapely.intersects(green, at) | generic)
    )
    inside = shapely.intersects(land, at)
    east, north = points["easting"].to_numpy(), points["northing"].to_numpy()
    city = ~inside & (east < 533_900) & (north > 180_400) & (north < 182_000)
    return points.assign(inside=inside, city=city)[keep].reset_index(drop=True)


def _pull(points: pd.DataFrame) -> np.ndarray:
    x, y = points["easting"].to_numpy(), points["northing"].to_numpy()
    known = places().set_index("place_id").geometry
    pull = np.full(len(points), _BASE_PULL)
    for place, (strength, reach) in _PULL.items():
        squared = (x - known[place].x) ** 2 + (y - known[place].y) ** 2
        pull += strength / (1 + squared / reach**2) ** 2
    return pull


def _asb_shares(points: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    """Give every point its expected share of the borough's ASB.

    The shares follow a fixed curve (a lognormal body for the busier points, one small value for
    the quiet rest), so that concentration is the same whatever the seed; chance and the pull of
    the centres only decide which point gets which share.
    """
    luck = NormalDist()
    score = np.log(points["pull"].to_numpy())
    score += _SPREAD_OF_LUCK * np.array([luck.inv_cdf(p) for p in rng.random(len(points))])
    score += 0.5 * (points["kind"] != "street").to_numpy()
    order = np.argsort(score, kind="stable")
    busy = round(_BUSY_SHARE * len(points))
    curve = np.full(len(points), _QUIET_WEIGHT)
    steps = [luck.inv_cdf((i + 0.5) / busy) for i in range(busy)]
    curve[len(points) - busy :] = np.exp(_BUSY_SIGMA * np.array(steps))
    shares = np.empty(len(points))
    shares[order] = curve
    return shares / shares[points["inside"].to_numpy()].sum()
