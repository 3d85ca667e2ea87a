"""The streets as a network to walk on: ways by length and, after dark, by light.

A way is chosen by its cost, which is its length, weighted after dark: unlit streets and those that
nobody overlooks count as longer than they are. How long it takes goes by its true length. What the
map does not know is said, never guessed: a street without a tag for lamps is neither lit nor dark.
Everything is in BNG metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from geodata.crs import require_bng

WEIGHT_UNLIT, WEIGHT_UNKNOWN = 2.0, 1.3
"""How much longer a street counts after dark if the map says it is unlit, or says nothing."""

EXTRA_HIDDEN, EXTRA_COVERED = 0.7, 1.0
"""Added after dark where nobody overlooks the way, and in tunnels and passages."""

BACK_WAYS = frozenset({"footway", "path", "steps", "track", "bridleway", "cycleway"})
"""Kinds of way along which no homes or shops face, unless they run beside a street."""

BESIDE_M = 15.0
"""A footway this close to a street is its pavement."""

LAMP_M, LAMP_EVERY_M = 15.0, 60.0
"""A street is lit if lamps this close to it stand at least so often, whatever its tag lacks."""

SNAP_M = 175.0
"""A point farther than this from every usable street is out of reach: half a hexagon's width."""

SMALLEST_PART_M = 500.0
"""A piece of the network with less street than this is no place to set out from, if others are."""

DETOUR = 1.3
"""How much longer than the straight line a way is taken to be where there are no streets."""

_STEP_M, _LEAST_M = 0.01, 1e-6


@dataclass(frozen=True)
class Walkable:
    """Streets, with what is known of walking along them; the same for every wish.

    Attributes
    ----------
    streets : geopandas.GeoDataFrame
        As `geodata.street_network.STREET_FRAME`.
    lit : numpy.ndarray
        'yes', 'no' or 'unknown' by row: the map's tag, or lamps where it has none.
    is_hidden : numpy.ndarray
        Whether nobody overlooks the way: paths away from streets, tunnels.
    """

    streets: gpd.GeoDataFrame
    lit: np.ndarray
    is_hidden: np.ndarray


@dataclass(frozen=True)
class Rules:
    """What a way is chosen by.

    Attributes
    ----------
    prefer_lit : bool
        Weigh unlit and hidden ways as longer than they are.
    step_free : bool
        Leave steps out.
    avoid_streets : frozenset of str
        Names of streets left out, in any case of letters.
    avoid_area : shapely.Geometry, optional
        Streets that meet it are left out.
    """

    prefer_lit: bool = False
    step_free: bool = False
    avoid_streets: frozenset[str] = frozenset()
    avoid_area: shapely.Geometry | None = None


@dataclass(frozen=True)
class Way:
    """The way from one point to the next.

    Attributes
    ----------
    line : shapely.LineString
        Where it runs, from the one point to the other.
    metres : float
        Its length.
    lit_m, unlit_m, hidden_m : float
        Metres that are lit, that are not, and that nobody overlooks; of the rest nothing is known.
    streets : tuple of str
        Names of the streets in the order they are walked, those without a name left out.
    """

    line: shapely.LineString
    metres: float
    lit_m: float = 0.0
    unlit_m: float = 0.0
    hidden_m: float = 0.0
    streets: tuple[str, ...] = ()


class Ground(Protocol):
    """What one walks on between given points: streets, or straight lines where there are none."""

    @property
    def spots(self) -> np.ndarray:
        """Where each point meets the ground, easting and northing."""
        ...

    @property
    def away_m(self) -> np.ndarray:
        """Metres from each point to there."""
        ...

    @property
    def street(self) -> tuple[str, ...]:
        """Name of the street there; '' where it has none."""
        ...

    @property
    def lit(self) -> tuple[str, ...]:
        """'yes', 'no' or 'unknown' there."""
        ...

    @property
    def metres(self) -> np.ndarray:
        """Metres between any two points; infinite where there is no way."""
        ...

    def way(self, start: int, end: int) -> Way:
        """Give the way between two points, by their numbers."""
        ...


def walkable(streets: gpd.GeoDataFrame, lamps: gpd.GeoDataFrame | None = None) -> Walkable:
    """Work out which streets are lit and overlooked.

    Parameters
    ----------
    streets : geopandas.GeoDataFrame
        As `geodata.street_network.STREET_FRAME`, BNG.
    lamps : geopandas.GeoDataFrame, optional
        Points in BNG. They can say that a street is lit, never that one is not: maps miss most.

    Raises
    ------
    CrsError
        If a frame is not in BNG.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> streets = gpd.GeoDataFrame(
    ...     {"kind": ["residential", "footway", "footway"], "lit": ["unknown", "no", "yes"],
    ...      "tunnel": False},
    ...     geometry=[shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(0, 9), (99, 9)]),
    ...               shapely.LineString([(0, 90), (99, 90)])], crs=BNG)
    >>> known = walkable(streets, gpd.GeoDataFrame(geometry=gpd.points_from_xy([20, 70], [5, 5]),
    ...                                            crs=BNG))
    >>> known.lit.tolist(), known.is_hidden.tolist()
    (['yes', 'no', 'yes'], [False, False, True])
    """
    require_bng(streets, "The streets")
    lines = streets.geometry.to_numpy()
    kind = streets["kind"].astype(str).to_numpy(dtype=object)
    lit = streets["lit"].astype(str).to_numpy(dtype=object).copy()
    if lamps is not None and len(lamps):
        require_bng(lamps, "The lamps")
        found = shapely.STRtree(lamps.geometry.to_numpy()).query(
            lines, predicate="dwithin", distance=LAMP_M
        )[0]
        count = np.bincount(found, minlength=len(lines))
        enough = (count > 0) & (count * LAMP_EVERY_M >= shapely.length(lines))
        lit[(lit == "unknown") & enough] = "yes"
    covered = streets["tunnel"].to_numpy(dtype=bool)
    back = np.isin(kind, list(BACK_WAYS))
    roads = lines[~back & ~covered]
    beside = np.zeros(len(lines), dtype=bool)
    if len(roads) and back.any():
        middles = shapely.line_interpolate_point(lines[back], 0.5, normalized=True)
        near = shapely.STRtree(roads).query(middles, predicate="dwithin", distance=BESIDE_M)[0]
        beside[np.flatnonzero(back)[np.unique(near)]] = True
    return Walkable(streets, lit, covered | (back & ~beside))


def usable(known: Walkable, rules: Rules) -> np.ndarray:
    """Tell which streets may be walked under the rules.

    Returns
    -------
    numpy.ndarray
        Of bool, by row.
    """
    streets = known.streets
    kept = np.ones(len(streets), dtype=bool)
    if rules.step_free:
        kept &= ~(streets["steps"].to_numpy(dtype=bool) | streets["kind"].eq("steps").to_numpy())
    if rules.avoid_streets:
        off = {name.casefold() for name in rules.avoid_streets}
        kept &= ~streets["name"].fillna("").str.casefold().isin(off).to_numpy()
    if rules.avoid_area is not None:
        kept &= ~shapely.intersects(streets.geometry.to_numpy(), rules.avoid_area)
    return kept


def weights(known: Walkable, rules: Rules) -> np.ndarray:
    """Say how many times its length each street counts.

    Returns
    -------
    numpy.ndarray
        1 throughout unless lit streets are preferred; then 1 for a street that is lit and
        overlooked, up to 3.7 for an unlit tunnel.
    """
    if not rules.prefer_lit:
        return np.ones(len(known.streets))
    lit = np.select([known.lit == "yes", known.lit == "no"], [1.0, WEIGHT_UNLIT], WEIGHT_UNKNOWN)
    covered = known.streets["tunnel"].to_numpy(dtype=bool)
    return lit + EXTRA_HIDDEN * known.is_hidden + EXTRA_COVERED * covered


@dataclass(frozen=True)
class StraightLines:
    """Ground without streets: straight lines, taken to be `DETOUR` times as long.

    Attributes
    ----------
    points : numpy.ndarray
        Easting and northing, BNG.

    Examples
    --------
    >>> StraightLines(np.array([[0.0, 0.0], [30.0, 40.0]])).metres.round(6).tolist()
    [[0.0, 65.0], [65.0, 0.0]]
    """

    points: np.ndarray

    @property
    def spots(self) -> np.ndarray:
        """Every point where it is."""
        return self.points

    @property
    def away_m(self) -> np.ndarray:
        """No distance."""
        return np.zeros(len(self.points))

    @property
    def street(self) -> tuple[str, ...]:
        """No names."""
        return ("",) * len(self.points)

    @property
    def lit(self) -> tuple[str, ...]:
        """Nothing is known."""
        return ("unknown",) * len(self.points)

    @property
    def metres(self) -> np.ndarray:
        """Straight distances, made longer."""
        apart = self.points[:, None, :] - self.points[None, :, :]
        return DETOUR * np.hypot(apart[..., 0], apart[..., 1])

    def way(self, start: int, end: int) -> Way:
        """Give the straight line."""
        line = shapely.LineString(self.points[[start, end]])
        return Way(line, DETOUR * float(line.length))


@dataclass(frozen=True)
class Streets:
    """Ground of streets, with points put on it; made by `on_streets`."""

    spots: np.ndarray
    away_m: np.ndarray
    street: tuple[str, ...]
    lit: tuple[str, ...]
    known: Walkable = field(repr=False)
    points: np.ndarray = field(repr=False)
    nodes: np.ndarray = field(repr=False)
    """Node of each point; -1 where it is out of reach."""
    ends: np.ndarray = field(repr=False)
    """Two nodes of each piece of street, the lower first."""
    row: np.ndarray = field(repr=False)
    """Street each piece is of."""
    along: np.ndarray = field(repr=False)
    """Where on its street a piece begins and ends, metres, in the order of `ends`."""
    length: np.ndarray = field(repr=False)
    graph: csr_array = field(repr=False)

    @cached_property
    def _key(self) -> np.ndarray:
        return self.ends[:, 0] * self.graph.shape[0] + self.ends[:, 1]

    def _piece(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Find the pieces between nodes."""
        keys = np.minimum(a, b) * self.graph.shape[0] + np.maximum(a, b)
        return np.searchsorted(self._key, keys)

    @cached_property
    def metres(self) -> np.ndarray:
        """True lengths of the ways that cost least, the bits off the streets included."""
        count = len(self.nodes)
        found = np.full((count, count), np.inf)
        there = np.flatnonzero(self.nodes >= 0)
        for chunk in np.array_split(there, max(1, -(-len(there) // 16))):
            if len(chunk):
                found[np.ix_(chunk, there)] = self._lengths(self.nodes[chunk], self.nodes[there])
        found += self.away_m[:, None] + self.away_m[None, :]
        np.fill_diagonal(found, 0.0)
        return np.minimum(found, found.T)

    def _lengths(self, sources: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Follow the cheapest ways back from every target at once, adding up their lengths."""
        before = dijkstra(self.graph, directed=False, indices=sources, return_predecessors=True)[1]
        at = np.tile(targets, (len(sources), 1))
        rows = np.arange(len(sources))[:, None]
        total = np.zeros(at.shape)
        while True:
            back = before[rows, at]
            going = back >= 0
            if not going.any():
                break
            piece = self._piece(at[going], back[going])
            total[going] += self.length[piece]
            at = np.where(going, back, at)
        return np.where(at == sources[:, None], total, np.inf)

    def way(self, start: int, end: int) -> Way:
        """Give the way that costs least.

        Raises
        ------
        ValueError
            If there is none.
        """
        if not np.isfinite(self.metres[start, end]):
            raise ValueError(f"there is no way from point {start} to point {end}")
        before = dijkstra(
            self.graph, directed=False, indices=self.nodes[start], return_predecessors=True
        )[1]
        nodes = [int(self.nodes[end])]
        while nodes[-1] != self.nodes[start]:
            nodes.append(int(before[nodes[-1]]))
        path = np.array(nodes[::-1])
        return self._way(path, start, end)

    def _way(self, path: np.ndarray, start: int, end: int) -> Way:
        pieces = self._piece(path[:-1], path[1:])
        forward = path[:-1] == self.ends[pieces, 0]
        begin, stop = self.along[pieces].T
        corners = [self.points[[start]], self.spots[[start]]]
        lines = self.known.streets.geometry.to_numpy()
        for piece, a, b, on in zip(pieces, begin, stop, forward, strict=True):
            part = _cut(lines[self.row[piece]], *((a, b) if on else (b, a)))
            corners.append(part)
        corners += [self.spots[[end]], self.points[[end]]]
        line = _line(np.vstack(corners))
        rows, length = self.row[pieces], self.length[pieces]
        walked = rows[length > _STEP_M]
        names = self.known.streets["name"].fillna("").to_numpy()[walked]
        lit = self.known.lit[rows]
        return Way(
            line, float(length.sum() + self.away_m[start] + self.away_m[end]),
            float(length[lit == "yes"].sum()), float(length[lit == "no"].sum()),
            float(length[self.known.is_hidden[rows]].sum()),
            tuple(dict.fromkeys(str(name) for name in names if name)),
        )  # fmt: skip


def _cut(line: shapely.LineString, begin: float, end: float) -> np.ndarray:
    """Give the corners of a line between two distances along it, backwards if the first is more."""
    from shapely.ops import substring

    return shapely.get_coordinates(substring(line, begin, end))


def _line(corners: np.ndarray) -> shapely.LineString:
    """Join corners, those that repeat the one before left out; a way of no length keeps two."""
    moved = np.hypot(*np.diff(corners, axis=0).T) > _STEP_M
    kept = corners[np.concatenate([[True], moved])]
    return shapely.LineString(kept if len(kept) > 1 else corners[:2])


def on_streets(known: Walkable, points: np.ndarray, rules: Rules) -> Streets | None:
    """Put points on the streets and link them to the network.

    The first point settles which part of the network counts, where it hangs together in parts: the
    one nearest to it of at least 500 m of street. The others go to the nearest street of that part
    within 175 m; those without one are out of reach.

    Parameters
    ----------
    known : Walkable
        The streets.
    points : numpy.ndarray
        Easting and northing, BNG; the first is where the walk sets out.
    rules : Rules
        What is left out and what counts longer.

    Returns
    -------
    Streets or None
        None where no usable street is within reach of the first point.

    Examples
    --------
    >>> from geodata.crs import BNG
    >>> from geodata.street_network import network_of
    >>> ways = gpd.GeoDataFrame(
    ...     {"way_id": ["a"], "name": "High Street", "kind": "residential", "lit": "yes",
    ...      "steps": False, "tunnel": False},
    ...     geometry=[shapely.LineString([(0, 0), (600, 0)])], crs=BNG)
    >>> ground = on_streets(walkable(network_of(ways)), np.array([[100.0, 5.0], [400.0, 20.0]]),
    ...                     Rules())
    >>> ground.away_m.tolist(), ground.metres[0, 1].item(), ground.way(0, 1).lit_m
    ([5.0, 20.0], 325.0, 300.0)
    """
    kept = np.flatnonzero(usable(known, rules))
    if not len(kept):
        return None
    streets = known.streets
    ends = streets[["from_node", "to_node"]].to_numpy()[kept]
    lines = streets.geometry.to_numpy()[kept]
    shapes = shapely.points(points)
    part = _part_of(shapes[0], lines, ends)
    if part is None:
        return None
    kept, ends, lines = kept[part], ends[part], lines[part]
    street, spots, away = _snapped(shapes, lines)
    if street[0] < 0:
        return None
    nodes, inverse = np.unique(ends, return_inverse=True)
    pieces = _split(inverse.reshape(-1, 2), lines, street, shapes, len(nodes))
    two, row, along, own = pieces
    length = np.abs(along[:, 1] - along[:, 0])
    # A graph takes a cost of nothing for no street.
    cost = np.maximum(length, _LEAST_M) * weights(known, rules)[kept[row]]
    two, row, along, length, cost = _cheapest(two, kept[row], along, length, cost)
    size = len(nodes) + int((street >= 0).sum())
    graph = csr_array(coo_array((cost, (two[:, 0], two[:, 1])), shape=(size, size)))
    on = np.where(street >= 0, kept[np.maximum(street, 0)], -1)
    names = streets["name"].fillna("").to_numpy()
    return Streets(
        spots, away, tuple(str(names[n]) if n >= 0 else "" for n in on),
        tuple(str(known.lit[n]) if n >= 0 else "unknown" for n in on),
        known, points, own, two, row, along, length, graph,
    )  # fmt: skip


def _part_of(start: shapely.Point, lines: np.ndarray, ends: np.ndarray) -> np.ndarray | None:
    """Find the part of the network, large enough if any is, that lies nearest to the start."""
    size = int(ends.max()) + 1
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    part = connected_components(graph, directed=False)[1][ends[:, 0]]
    total = np.bincount(part, weights=shapely.length(lines))
    fits = total >= min(SMALLEST_PART_M, total.max())
    candidates = np.flatnonzero(fits[part])
    apart = shapely.distance(lines[candidates], start)
    if apart.min() > SNAP_M:
        return None
    return np.flatnonzero(part == part[candidates[apart.argmin()]])


def _snapped(shapes: np.ndarray, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the nearest line of each point, -1 beyond reach, where on it, and how far away."""
    street = shapely.STRtree(lines).nearest(shapes)
    away = shapely.distance(lines[street], shapes)
    at = shapely.line_locate_point(lines[street], shapes)
    spots = shapely.get_coordinates(shapely.line_interpolate_point(lines[street], at))
    far = away > SNAP_M
    here = shapely.get_coordinates(shapes)
    return (
        np.where(far, -1, street), np.where(far[:, None], here, spots),
        np.where(far, 0.0, away),
    )  # fmt: skip


def _split(
    ends: np.ndarray, lines: np.ndarray, street: np.ndarray, shapes: np.ndarray, first_new: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cut the streets at the points, which become nodes of their own.

    Gives, for every piece, its two nodes (the lower first), its street, and where on the street
    they lie; and the node of every point.
    """
    held = np.flatnonzero(street >= 0)
    own = np.full(len(street), -1, dtype="int64")
    own[held] = first_new + np.arange(len(held))
    on = street[held]
    at = shapely.line_locate_point(lines[on], shapes[held])
    numbers = np.arange(len(lines))
    row = np.concatenate([numbers, numbers, on])
    where = np.concatenate([np.zeros(len(lines)), shapely.length(lines), at])
    node = np.concatenate([ends[:, 0], ends[:, 1], own[held]])
    rank = np.concatenate([np.zeros(len(lines)), np.full(len(lines), 2), np.ones(len(on))])
    order = np.lexsort((node, rank, where, row))
    row, where, node = row[order], where[order], node[order]
    same = row[:-1] == row[1:]
    two = np.column_stack([node[:-1], node[1:]])[same]
    along = np.column_stack([where[:-1], where[1:]])[same]
    turned = two[:, 0] > two[:, 1]
    two[turned], along[turned] = two[turned][:, ::-1], along[turned][:, ::-1]
    return two, row[:-1][same], along, own


def _cheapest(
    two: np.ndarray, row: np.ndarray, along: np.ndarray, length: np.ndarray, cost: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of several pieces between the same nodes keep the cheapest; drop those that go nowhere."""
    order = np.lexsort((row, cost, two[:, 1], two[:, 0]))
    order = order[two[order, 0] != two[order, 1]]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(two[order], axis=0) != 0).any(axis=1)
    kept = order[new]
    return two[kept], row[kept], along[kept], length[kept], cost[kept]


def area_of(circles: Sequence[tuple[float, float, float]]) -> shapely.Geometry | None:
    """Join circles (easting, northing, radius) to one area to keep out of; None without any.

    Examples
    --------
    >>> area_of([(0, 0, 10)]).bounds
    (-10.0, -10.0, 10.0, 10.0)
    """
    if not circles:
        return None
    return shapely.union_all([shapely.Point(x, y).buffer(radius) for x, y, radius in circles])
