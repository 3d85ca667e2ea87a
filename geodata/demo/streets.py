"""Streets of our own making for the demo borough: a connected network to walk on. BNG metres.

Main roads are the rough lines of `geodata.demo.places`, side streets the rows and columns of the
lattice that the invented reports lie on. Paths lead round and across the parks, towpaths along the
canals, underpasses under two wide roads that nobody walks along. Water, parks and those two roads
are barriers, crossed by main roads and underpasses alone. Nothing is copied from any map.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from geodata.crs import BNG
from geodata.demo import borough, lattice
from geodata.demo.places import PARK_RADIUS_M, places, roads
from geodata.street_network import WAY_FRAME, network_of

PRIMARY = frozenset(
    {"Whitechapel High Street", "Whitechapel Road", "Mile End Road", "Bow Road", "Commercial Road",
     "East India Dock Road", "Cambridge Heath Road", "Commercial Street", "The Highway"}
)  # fmt: skip
SECONDARY = frozenset(
    {"Bethnal Green Road", "Burdett Road", "Grove Road", "Hackney Road", "Leman Street",
     "Manchester Road", "Prestons Road", "Roman Road", "Vallance Road", "West India Dock Road",
     "Westferry Road"}
)  # fmt: skip
LAMPLIT = ("Brick Lane", "Roman Road", "Whitechapel Road")

_ROUND_M = 150.0
"""Streets reach this far beyond the borough."""

_COLUMN_STEP = 3
_CANAL_HALF_M, _TOWPATH_M = 9.0, 14.0
_ROAD_ROOM_M = 22.0
_WIDE_HALF_M, _JOIN_M = 12.0, 180.0
_LAMP_STEP_M, _CROSSING_STEP_M = 35.0, 260.0
_GAPS = 0.12
"""Share of the stretches between rows that are left out, as if a block were long."""

_WIDE_ROADS = {
    "Aspen Way": [(5370, 1806), (5373, 1806), (5376, 1805), (5380, 1804), (5384, 1808)],
    "the tunnel approach": [(5384, 1808), (5383, 1812), (5382, 1816), (5380, 1821), (5378, 1829)],
}
_UNDERPASSES = [
    [(537_450, 180_660), (537_480, 180_440)], [(537_900, 180_620), (537_870, 180_380)],
    [(538_120, 181_300), (538_420, 181_350)], [(538_020, 181_760), (538_280, 181_840)],
    [(537_880, 182_420), (538_130, 182_470)],
]  # fmt: skip


@dataclass(frozen=True)
class DemoStreets:
    """What one can walk along, and what lies there; as a fetch would give it."""

    streets: gpd.GeoDataFrame
    lamps: gpd.GeoDataFrame
    crossings: gpd.GeoDataFrame
    water: gpd.GeoDataFrame


@dataclass(frozen=True)
class _Drawn:
    """A line as drawn, before lines are cut where they cross."""

    name: str
    kind: str
    line: shapely.LineString
    tunnel: bool = False


def draw_streets(seed: int) -> DemoStreets:
    """Draw the streets.

    Parameters
    ----------
    seed : int
        The same seed gives the same streets; what is drawn depends on it in small things only:
        which block is long, which street is lit.

    Returns
    -------
    DemoStreets
        Layers in BNG, whole metres. All streets hang together.

    Examples
    --------
    >>> drawn = draw_streets(1)
    >>> bool(350 < drawn.streets["length_m"].sum() / 1000 < 500)  # kilometres
    True
    """
    rng = np.random.default_rng([seed, 40])
    water = _water()
    land = borough.wards().union_all().buffer(_ROUND_M)
    wet = water.union_all()
    drawn = [*_main_roads(land), *_side_streets(rng, land, wet), *_park_paths(land, wet)]
    drawn += [*_towpaths(land), *_underpasses()]
    network = _largest_part(network_of(_cut(drawn, rng)))
    return DemoStreets(network, _lamps(network), _crossings(network), water)


def _water() -> gpd.GeoDataFrame:
    """List the Thames and the docks, and give the canals a width."""
    lines, open_water = borough.canals(), borough.water()
    shapes = [*open_water.geometry, *lines.buffer(_CANAL_HALF_M, quad_segs=2)]
    shapes = list(shapely.set_precision(shapes, 1.0))
    names = [*open_water["name"], *lines["name"]]
    return gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=BNG)


def _main_roads(land: shapely.Geometry) -> Iterator[_Drawn]:
    known = roads()
    lines = known.geometry.to_numpy()
    for number, name in enumerate(known["name"]):
        kind = "primary" if name in PRIMARY else "secondary" if name in SECONDARY else "tertiary"
        others = shapely.union_all(np.delete(lines, number))
        for part in _lines(_joined_up(lines[number], others).intersection(land)):
            yield _Drawn(name, kind, part)


def _joined_up(line: shapely.LineString, others: shapely.Geometry) -> shapely.LineString:
    """Lead a road that ends just short of another one on to it: they are good to 100 m only."""
    corners = list(line.coords)
    for end, place in ((0, shapely.Point(corners[0])), (len(corners), shapely.Point(corners[-1]))):
        if 0 < place.distance(others) <= _JOIN_M:
            nearest = shapely.shortest_line(place, others).coords[1]
            corners.insert(end + (len(corners) - len(line.coords)) * bool(end), nearest)
    return shapely.LineString(np.rint(corners))


def _side_streets(
    rng: np.random.Generator, land: shapely.Geometry, wet: shapely.Geometry
) -> Iterator[_Drawn]:
    u, v = np.meshgrid(
        np.arange(-lattice.COLUMNS, lattice.COLUMNS + 1), np.arange(-lattice.ROWS, lattice.ROWS + 1)
    )
    x, y = lattice.place_of(u * lattice.ALONG_M, v * lattice.ACROSS_M)
    at = np.rint(np.dstack([x, y]))
    gaps = rng.random(u.shape) < _GAPS
    number = lattice.street_number(u, v)
    along = shapely.linestrings(np.stack([at[:, :-1], at[:, 1:]], axis=2))
    across = shapely.linestrings(np.stack([at[:-1], at[1:]], axis=2))[:, ::_COLUMN_STEP]
    blocked = _blocked(land, wet)
    along_ok = ~blocked(along)
    across_ok = ~blocked(across) & ~gaps[:-1, ::_COLUMN_STEP]
    for row in range(along.shape[0]):
        for part in _runs(along[row], along_ok[row], number[row, :-1]):
            yield _Drawn(lattice.street_name(part[0]), "residential", part[1])
    for column in range(across.shape[1]):
        numbers = np.full(across.shape[0], 7 * column + 3)
        for part in _runs(across[:, column], across_ok[:, column], numbers):
            kind = "footway" if column % 5 == 2 else "residential"
            name = "" if kind == "footway" else lattice.street_name(part[0])
            yield _Drawn(name, kind, part[1])


def _blocked(land: shapely.Geometry, wet: shapely.Geometry) -> Callable[[np.ndarray], np.ndarray]:
    """Tell which stretches of side street may not be: in water, a park, a wide road, off the map.

    A stretch that runs along a main road at its side is left out too.
    """
    parks = places().set_index("place_id").geometry[list(PARK_RADIUS_M)]
    green = shapely.union_all(shapely.buffer(parks.to_numpy(), list(PARK_RADIUS_M.values())))
    barrier = shapely.union_all([wet, green, _wide_roads()])
    beside = shapely.union_all(shapely.buffer(roads().geometry.to_numpy(), _ROAD_ROOM_M))
    for shape in (land, barrier, beside):
        shapely.prepare(shape)

    def test(stretches: np.ndarray) -> np.ndarray:
        off = ~shapely.contains(land, stretches) | shapely.intersects(barrier, stretches)
        return off | shapely.contains(beside, stretches)

    return test


def _wide_roads() -> shapely.Geometry:
    lines = [shapely.LineString(np.multiply(ends, 100)) for ends in _WIDE_ROADS.values()]
    return shapely.union_all(shapely.buffer(lines, _WIDE_HALF_M))


def _runs(
    stretches: np.ndarray, wanted: np.ndarray, numbers: np.ndarray
) -> Iterator[tuple[int, shapely.LineString]]:
    """Join stretches that follow one another under one name."""
    run: list[tuple[float, float]] = []
    name = -1
    for line, ok, number in zip(stretches, wanted, numbers.tolist(), strict=True):
        if run and (not ok or number != name):
            yield name, shapely.LineString(run)
            run = []
        if ok:
            run, name = (run or [line.coords[0]]) + [line.coords[1]], number
    if run:
        yield name, shapely.LineString(run)


def _park_paths(land: shapely.Geometry, wet: shapely.Geometry) -> Iterator[_Drawn]:
    """Lay a ring inside each large park, and two ways across it and out to the streets."""
    known = places().set_index("place_id")
    dry = land.difference(wet)
    for place, radius in PARK_RADIUS_M.items():
        middle, name = known.geometry[place], f"{known.loc[place, 'name']} path"
        turns = np.linspace(0, 2 * np.pi, 13)
        ring = np.column_stack([np.cos(turns), np.sin(turns)]) * 0.62 * radius
        lines = [shapely.LineString(np.rint(ring + (middle.x, middle.y)))]
        reach = radius + 110
        for dx, dy in ((0.966, 0.259), (-0.259, 0.966)):
            ends = np.array([[-dx, -dy], [0, 0], [dx, dy]]) * reach + (middle.x, middle.y)
            lines.append(shapely.LineString(np.rint(ends)))
        for line in lines:
            for part in _lines(line.intersection(dry)):
                yield _Drawn(name, "footway", part)


def _towpaths(land: shapely.Geometry) -> Iterator[_Drawn]:
    canals = borough.canals()
    for name, line in zip(canals["name"], canals.geometry, strict=True):
        beside = line.offset_curve(_TOWPATH_M, join_style="mitre")
        for part in _lines(beside.intersection(land)):
            yield _Drawn(f"{name} towpath", "path", part)


def _underpasses() -> Iterator[_Drawn]:
    for ends in _UNDERPASSES:
        yield _Drawn("", "footway", shapely.LineString(ends), tunnel=True)


def _cut(drawn: list[_Drawn], rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Cut every line where it crosses another, on whole metres, and say what each piece is."""
    lines = np.array([d.line for d in drawn])
    pieces = shapely.get_parts(shapely.line_merge(shapely.union_all(lines, grid_size=1.0)))
    pieces = pieces[shapely.length(pieces) > 0]
    pieces = pieces[np.lexsort(shapely.get_coordinates(shapely.point_on_surface(pieces)).T)]
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    parent = shapely.STRtree(lines).nearest(middles)
    is_lit = _lit_by_line(drawn, rng)
    under = shapely.intersects(_wide_roads(), pieces)
    rows = []
    for number, (piece, at) in enumerate(zip(pieces, parent.tolist(), strict=True)):
        of = drawn[at]
        is_steps = of.kind == "footway" and not of.name and not of.tunnel and number % 9 == 0
        kind = "steps" if is_steps else of.kind
        is_tunnel = of.tunnel and bool(under[number])
        rows.append((f"demo/{number:05d}", of.name, kind, is_lit[at], is_steps, is_tunnel, piece))
    content = {name: [row[n] for row in rows] for n, name in enumerate(WAY_FRAME[:-1])}
    return gpd.GeoDataFrame(content, geometry=[row[-1] for row in rows], crs=BNG)


_LIT = {
    "primary": (1.0, 0.0), "secondary": (1.0, 0.0), "tertiary": (0.95, 0.0),
    "residential": (0.7, 0.04), "footway": (0.35, 0.3), "path": (0.1, 0.6),
}  # fmt: skip
"""Shares of each kind that are lit and that are not; of the rest it is not known."""


def _lit_by_line(drawn: list[_Drawn], rng: np.random.Generator) -> list[str]:
    luck = rng.random(len(drawn))
    said = []
    for chance, d in zip(luck.tolist(), drawn, strict=True):
        yes, no = _LIT[d.kind]
        said.append("yes" if chance < yes else "no" if chance < yes + no else "unknown")
    return said


def _largest_part(network: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep the streets that hang together, and number their ends anew."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    start, end = network["from_node"].to_numpy(), network["to_node"].to_numpy()
    size = int(max(start.max(), end.max())) + 1
    graph = coo_array((np.ones(len(network)), (start, end)), shape=(size, size))
    part = connected_components(graph, directed=False)[1]
    kept = network[part[start] == np.bincount(part).argmax()].reset_index(drop=True)
    nodes = np.unique(kept[["from_node", "to_node"]].to_numpy())
    ends = {c: np.searchsorted(nodes, kept[c].to_numpy()) for c in ("from_node", "to_node")}
    return kept.assign(**ends)


def _lamps(network: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put lamps along a few streets: the map shows few of those there are."""
    chosen = network[network["name"].isin(LAMPLIT)]
    spots = [
        shapely.Point(np.rint(line.interpolate(away).coords[0]) + (0, side))
        for line in chosen.geometry
        for away, side in zip(np.arange(_LAMP_STEP_M / 2, line.length, _LAMP_STEP_M),
                              np.tile([5, -5], 40), strict=False)
    ]  # fmt: skip
    names = [f"demo/lamp/{n:04d}" for n in range(len(spots))]
    return gpd.GeoDataFrame({"lamp_id": names}, geometry=spots, crs=BNG)


def _crossings(network: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put crossings on the main roads: signals where two meet, marked ones in between."""
    main = network[network["kind"].isin(["primary", "secondary"])]
    starts = gpd.GeoDataFrame(
        {"node": main["from_node"].to_numpy(), "name": main["name"].to_numpy()},
        geometry=shapely.points([line.coords[0] for line in main.geometry]), crs=BNG,
    )  # fmt: skip
    ends = starts.assign(node=main["to_node"].to_numpy()).set_geometry(
        shapely.points([line.coords[-1] for line in main.geometry]), crs=BNG
    )
    met = gpd.GeoDataFrame(np.concatenate([starts, ends]), columns=starts.columns)
    names = met.groupby("node")["name"].nunique()
    nodes = met.drop_duplicates("node").sort_values("node").set_geometry("geometry", crs=BNG)
    is_meeting = nodes["node"].map(names).to_numpy() > 1
    taken: list[tuple[str, shapely.Point]] = [("signals", p) for p in nodes.geometry[is_meeting]]
    for spot in nodes.geometry[~is_meeting]:
        if all(spot.distance(other) > _CROSSING_STEP_M for _, other in taken):
            taken.append(("marked" if len(taken) % 4 else "unmarked", spot))
    content = {"crossing_id": [f"demo/crossing/{n:04d}" for n in range(len(taken))],
               "kind": [kind for kind, _ in taken]}  # fmt: skip
    return gpd.GeoDataFrame(content, geometry=[spot for _, spot in taken], crs=BNG)


def _lines(shape: shapely.Geometry) -> list[shapely.LineString]:
    return [p for p in shapely.get_parts(shape) if p.geom_type == "LineString" and p.length > 0]
