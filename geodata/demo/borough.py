"""A schematic Tower Hamlets of our own making: wards, water and residents. BNG metres.

The names and codes of the wards are real. Their boundaries are not: they are drawn by hand along
roads, canals and rivers that everybody in the borough knows, from public facts (where a station, a
bridge or a park is) rounded to 100 m, and then rounded off a little. Nothing is copied or traced
from published boundaries, so these shapes carry nobody's licence and answer no question about
the real wards. Residents are invented.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import BNG
from geodata.ward_names import TOWER_HAMLETS_NAMES

SOURCE_NAME = "Demo borough: schematic boundaries drawn for this project, not the real wards"
RESIDENTS_YEAR = 2025

_GRID_M = 100
_SMOOTH, _STREET = 2, 1  # corner-cutting passes: rivers and parks bend, streets turn

WARDS: tuple[tuple[str, tuple[int, int], int], ...] = (
    ("E05009317", (5355, 1826), 21_500),
    ("E05009318", (5384, 1799), 21_000),
    ("E05009319", (5371, 1836), 20_500),
    ("E05009320", (5363, 1832), 13_500),
    ("E05009321", (5377, 1826), 12_500),
    ("E05009322", (5376, 1821), 12_000),
    ("E05009323", (5374, 1799), 16_500),
    ("E05009324", (5379, 1786), 15_500),
    ("E05009325", (5381, 1815), 19_500),
    ("E05009326", (5365, 1809), 7_500),
    ("E05009327", (5368, 1818), 20_000),
    ("E05009328", (5380, 1808), 9_500),
    ("E05009329", (5361, 1818), 13_500),
    ("E05009330", (5346, 1804), 14_500),
    ("E05009331", (5348, 1830), 17_500),
    ("E05009332", (5354, 1809), 14_500),
    ("E05009333", (5340, 1819), 13_000),
    ("E05009334", (5354, 1816), 14_000),
    ("E05009335", (5340, 1827), 14_500),
    ("E05009336", (5344, 1813), 18_500),
)
"""Code, a point inside (hundreds of metres), residents (invented, to the nearest 500)."""

_OUTER_LINES: dict[str, str] = {
    "the Thames, Tower to Limehouse": """
        5335,1805 5337,1804 5339,1803 5342,1802 5344,1800 5347,1800 5350,1801 5352,1803 5355,1805
        5357,1806 5359,1807 5361,1807 5364,1807 5366,1806 5368,1806 5369,1805""",
    "the Thames, round the Isle of Dogs": """
        5369,1805 5369,1803 5369,1800 5370,1797 5370,1794 5370,1792 5370,1789 5371,1787 5373,1784
        5376,1782 5379,1781 5382,1782 5385,1783 5387,1785 5388,1787 5387,1790 5386,1793 5386,1796
        5386,1799 5387,1802 5388,1804 5390,1806 5393,1806 5396,1806""",
    "the Lea, Bow Creek to Hackney Wick": """
        5396,1806 5395,1808 5396,1810 5394,1812 5393,1811 5392,1809 5390,1810 5389,1812 5390,1814
        5391,1816 5389,1817 5386,1817 5385,1819 5384,1822 5383,1824 5382,1826 5381,1828 5379,1830
        5378,1832 5378,1835 5377,1837 5375,1840 5374,1842 5373,1845 5372,1848""",
    "Victoria Park and the canal": """
        5372,1848 5370,1847 5368,1845 5366,1844 5363,1843 5360,1842 5358,1841 5355,1840 5353,1838
        5353,1836 5349,1836 5345,1836 5344,1834 5343,1832""",
    "Hackney Road, Shoreditch, Middlesex Street, the Tower": """
        5343,1832 5341,1830 5338,1828 5335,1827 5334,1825 5335,1823 5334,1821 5334,1818 5336,1815
        5337,1813 5337,1811 5337,1809 5335,1808 5334,1807 5335,1805""",
}

_INNER_LINES: dict[str, str] = {
    "the railway from Shoreditch, and north": """
        5335,1823 5338,1822 5341,1823 5343,1823 5345,1823 5346,1826 5345,1829 5343,1832""",
    "Vallance Road": "5343,1823 5343,1821 5344,1819 5345,1818",
    "Whitechapel, Mile End and Bow Roads": """
        5337,1813 5340,1814 5342,1816 5345,1818 5349,1820 5351,1821 5355,1822 5358,1823 5362,1823
        5364,1825 5367,1826 5369,1826 5372,1827 5375,1828 5379,1830""",
    "Cambridge Heath Road, Old Ford Road": """
        5349,1820 5348,1823 5349,1826 5350,1829 5353,1831 5357,1834""",
    "the Regent's Canal": """
        5353,1836 5357,1834 5359,1831 5360,1828 5361,1825 5362,1823 5363,1820
        5364,1817 5364,1813""",
    "Victoria Park to Bow Road": """
        5358,1841 5359,1838 5362,1836 5366,1836 5367,1833 5368,1830 5369,1826""",
    "Bow Road to Limehouse Cut": """
        5372,1827 5372,1825 5371,1823 5371,1819 5372,1817 5373,1815""",
    "Devons Road": "5371,1823 5374,1823 5377,1824 5380,1824 5383,1824",
    "Limehouse Cut": "5369,1812 5371,1813 5373,1815 5376,1818 5380,1820 5384,1822",
    "Commercial Road": """
        5348,1812 5352,1812 5357,1812 5359,1812 5362,1812 5364,1813 5367,1812 5369,1812""",
    "Sidney Street": "5348,1812 5349,1815 5351,1818 5351,1821",
    "White Horse Lane": "5358,1823 5357,1820 5358,1817 5357,1814 5357,1812",
    "Cable Street": "5337,1809 5341,1810 5345,1809 5348,1810 5348,1812",
    "The Highway": "5348,1810 5349,1808 5352,1807 5355,1805",
    "Butcher Row": "5359,1812 5360,1810 5361,1807",
    "West India Dock Road": "5369,1812 5370,1810 5370,1808 5370,1806 5369,1805",
    "East India Dock Road": "5370,1810 5374,1810 5377,1811 5382,1811 5386,1811 5389,1812",
    "Aspen Way": """
        5370,1806 5373,1806 5376,1805 5380,1804 5382,1806 5384,1808 5386,1809 5386,1811""",
    "Preston's Road": "5380,1804 5379,1801 5380,1798 5380,1794",
    "Millwall Docks": "5370,1792 5374,1792 5377,1793 5380,1794",
    "Mudchute": "5380,1794 5381,1791 5384,1789 5388,1787",
}
"""Where wards meet, as chains of hand-typed points (hundreds of metres) along what lies there."""

_SOUTH_BANK = """
    5325,1804 5330,1802 5335,1802 5339,1800 5342,1798 5345,1797 5349,1798 5352,1799 5354,1801
    5357,1803 5360,1804 5364,1804 5366,1803 5367,1800 5367,1796 5367,1791 5368,1787 5370,1783
    5373,1780 5377,1778 5381,1778 5385,1780 5389,1782 5391,1785 5391,1788 5390,1791 5389,1794
    5389,1798 5390,1801 5391,1803 5393,1803 5396,1803 5400,1800"""

_DOCKS: tuple[str, ...] = (
    "5373,1803 5373,1804 5381,1804 5381,1803",
    "5373,1798 5373,1799 5384,1799 5384,1798",
    "5378,1790 5378,1797 5379,1797 5379,1790",
    "5373,1789 5373,1790 5379,1790 5379,1789",
    "5353,1805 5353,1806 5354,1806 5354,1805",
    "5362,1809 5362,1810 5363,1811 5364,1809",
    "5338,1804 5338,1805 5340,1805 5340,1804",
)


@cache
def _shapes() -> dict[str, shapely.Polygon]:
    outer = [_drawn(chain, _SMOOTH) for chain in _outer()]
    inner = [_drawn(chain, _STREET) for chain in _inner()]
    lines = [shapely.LineString(piece) for chain in (*outer, *inner) for piece in chain]
    faces = shapely.get_parts(shapely.polygonize(lines))
    tree = shapely.STRtree(faces)
    centres = shapely.points([np.multiply(centre, _GRID_M) for _, centre, _ in WARDS])
    ward, face = tree.query(centres, predicate="within")
    return {WARDS[w][0]: shapely.normalize(faces[f]) for w, f in zip(ward, face, strict=True)}


def wards() -> gpd.GeoDataFrame:
    """Draw the twenty wards.

    The lines between them are one chain each, shared by both sides, so the wards meet without
    overlap or gap. They end at the river bank, not in mid-stream.

    Returns
    -------
    geopandas.GeoDataFrame
        `ward_code`, `ward_name`, `area_km2`, polygon geometry with whole-metre corners, BNG,
        ordered by code.

    Examples
    --------
    >>> drawn = wards()
    >>> len(drawn), drawn["ward_name"].iloc[15]
    (20, 'Shadwell')
    >>> bool(19 < drawn["area_km2"].sum() < 22)
    True
    """
    shapes = _shapes()
    codes = [code for code, _, _ in WARDS]
    frame = gpd.GeoDataFrame(
        {"ward_code": codes, "ward_name": [TOWER_HAMLETS_NAMES[code] for code in codes]},
        geometry=[shapes[code] for code in codes],
        crs=BNG,
    )
    frame.insert(2, "area_km2", frame.area / 1e6)
    return frame


def water() -> gpd.GeoDataFrame:
    """Draw the Thames and the larger docks: something to find one's way by, not data.

    Returns
    -------
    geopandas.GeoDataFrame
        `name`, polygon geometry, BNG. The Thames runs along the wards' own edge.

    Examples
    --------
    >>> water()["name"].unique().tolist()
    ['River Thames', 'Docks']
    """
    north = [
        point
        for name, text in _OUTER_LINES.items()
        if "Thames" in name
        for piece in _drawn(_parse(text), _SMOOTH)
        for point in piece
    ]
    upstream, downstream = [(532_500, 180_700)], [(540_000, 180_500)]
    south = _round_off(_parse(_SOUTH_BANK), _SMOOTH)
    thames = shapely.Polygon([*upstream, *north, *downstream, *south[::-1]])
    docks = shapely.multipolygons([shapely.Polygon(_parse(dock)) for dock in _DOCKS])
    return gpd.GeoDataFrame({"name": ["River Thames", "Docks"]}, geometry=[thames, docks], crs=BNG)


def canals() -> gpd.GeoDataFrame:
    """List the canals and the Lea as lines: to walk beside, and a barrier between their banks.

    Returns
    -------
    geopandas.GeoDataFrame
        `name`, line geometry, BNG.

    Examples
    --------
    >>> canals()["name"].tolist()
    ["Regent's Canal", 'Limehouse Cut', 'River Lea']
    """
    texts = {
        "Regent's Canal": _INNER_LINES["the Regent's Canal"],
        "Limehouse Cut": _INNER_LINES["Limehouse Cut"],
        "River Lea": _OUTER_LINES["the Lea, Bow Creek to Hackney Wick"],
    }
    passes = {"River Lea": _SMOOTH}
    lines = []
    for name, text in texts.items():
        pieces = _drawn(_parse(text), passes.get(name, _STREET))
        lines.append(shapely.LineString(list(dict.fromkeys(p for piece in pieces for p in piece))))
    return gpd.GeoDataFrame({"name": list(texts)}, geometry=lines, crs=BNG)


def population() -> pd.DataFrame:
    """List the invented residents of each ward.

    Returns
    -------
    pandas.DataFrame
        `ward_code`, `residents` (to the nearest 500), `source` ('demo'), `year`.

    Examples
    --------
    >>> population().astype(str).iloc[0].tolist()
    ['E05009317', '21500', 'demo', '2025']
    """
    return pd.DataFrame(
        {
            "ward_code": [w[0] for w in WARDS],
            "residents": np.array([w[2] for w in WARDS], dtype="int64"),
            "source": "demo",
            "year": np.full(len(WARDS), RESIDENTS_YEAR, dtype="int64"),
        }
    )


Point = tuple[int, int]


def _parse(text: str) -> list[Point]:
    pairs = (pair.split(",") for pair in text.split())
    return [(int(e) * _GRID_M, int(n) * _GRID_M) for e, n in pairs]


def _outer() -> list[list[Point]]:
    return [_parse(text) for text in _OUTER_LINES.values()]


def _inner() -> list[list[Point]]:
    return [_parse(text) for text in _INNER_LINES.values()]


def _drawn(chain: list[Point], passes: int) -> list[list[Point]]:
    return [_round_off(piece, passes) for piece in _split(chain, _nodes())]


@cache
def _nodes() -> frozenset[Point]:
    """Find the points that more than one chain passes through or ends at."""
    used = Counter(point for chain in (*_outer(), *_inner()) for point in chain)
    return frozenset(point for point, times in used.items() if times > 1)


def _split(chain: list[Point], nodes: frozenset[Point]) -> list[list[Point]]:
    cuts = [i for i, point in enumerate(chain) if 0 < i < len(chain) - 1 and point in nodes]
    bounds = [0, *cuts, len(chain) - 1]
    return [chain[a : b + 1] for a, b in zip(bounds[:-1], bounds[1:], strict=True)]


def _round_off(chain: list[Point], passes: int) -> list[Point]:
    """Cut the corners of a chain (Chaikin), keeping its ends.

    Done once for each piece between two nodes, so both wards beside it get the same points. The
    arithmetic is on whole metres and so the same on every machine.
    """
    for _ in range(passes):
        inner = [
            ((3 * ax + bx) // 4, (3 * ay + by) // 4, (ax + 3 * bx) // 4, (ay + 3 * by) // 4)
            for (ax, ay), (bx, by) in zip(chain[:-1], chain[1:], strict=True)
        ]
        cut = [point for x0, y0, x1, y1 in inner for point in ((x0, y0), (x1, y1))]
        chain = [chain[0], *cut[1:-1], chain[-1]] if len(chain) > 2 else chain
    return chain
