"""Places that people in the borough know by name, and the roads between them. BNG metres.

Where a station, a park or a market is, is a public fact; each was typed in by hand to 100 m, so
that it can be found on a map and not more than that. A few lie just outside the borough.
"""

from __future__ import annotations

import re

import geopandas as gpd
import shapely

from geodata.crs import BNG

_GRID_M = 100

_STATIONS = """
    Aldgate East station 5338,1814; All Saints station 5380,1809; Bethnal Green station 5350,1827;
    Bethnal Green Overground station 5347,1824; Blackwall station 5384,1807;
    Bow Church station 5374,1827; Bow Road station 5371,1826; Bromley-by-Bow station 5380,1825;
    Cambridge Heath station 5348,1833; Canary Wharf station 5376,1801;
    Canary Wharf Elizabeth line station 5378,1804; Canary Wharf DLR station 5375,1802;
    Crossharbour station 5379,1792; Devons Road station 5376,1822; East India station 5387,1808;
    Hackney Wick station 5370,1846; Heron Quays station 5374,1800; Island Gardens station 5383,1784;
    Langdon Park station 5379,1814; Limehouse station 5361,1811; Mile End station 5365,1824;
    Mudchute station 5379,1787; Poplar station 5377,1806; Pudding Mill Lane station 5379,1836;
    Shadwell station 5350,1810; Shoreditch High Street station 5336,1823;
    South Quay station 5378,1797; Stepney Green station 5356,1821; Tower Gateway station 5337,1808;
    Tower Hill station 5336,1807; Wapping station 5350,1802; West India Quay station 5375,1805;
    Westferry station 5371,1808; Whitechapel station 5346,1818
"""
_PARKS = """
    Allen Gardens 5340,1821; Altab Ali Park 5341,1814; Bartlett Park 5375,1814;
    Bethnal Green Gardens 5350,1828; Island Gardens 5383,1783; King Edward Memorial Park 5356,1807;
    Langdon Park 5381,1815; Meath Gardens 5356,1829; Mile End Park 5363,1821;
    Millwall Park 5381,1785; Mudchute Park and Farm 5382,1789; Poplar Recreation Ground 5382,1809;
    Ropemakers Fields 5367,1808; Ropewalk Gardens 5344,1812; Stepney Green Gardens 5356,1818;
    Swedenborg Gardens 5346,1808; Tower Hamlets Cemetery Park 5370,1822; Victoria Park 5361,1838;
    Wapping Gardens 5348,1803; Weavers Fields 5344,1825
"""
_MARKETS = """
    Brick Lane Market 5339,1821; Chrisp Street Market 5379,1812; Columbia Road Market 5341,1829;
    Petticoat Lane Market 5336,1816; Roman Road Market 5368,1835; Watney Market 5349,1811;
    Whitechapel Market 5345,1817
"""
_STREETS = """
    Bethnal Green Road 5343,1827; Bow Road 5373,1827; Brick Lane 5339,1819; Burdett Road 5369,1817;
    Cable Street 5347,1809; Cambridge Heath Road 5349,1824; Clinton Road 5363,1827;
    Commercial Road 5352,1811; Devons Road 5375,1822; Gowers Walk 5341,1812;
    Manchester Road 5385,1794; Mile End Road 5358,1822; Salmon Lane 5366,1814;
    Wapping High Street 5347,1801; Westferry Road 5371,1793; Whitechapel Road 5344,1816
"""
_LANDMARKS = """
    Billingsgate Market 5381,1803; Idea Store Bow 5369,1834; Limehouse Basin 5363,1810;
    Queen Mary University 5361,1824; Royal London Hospital 5348,1817; St Dunstan's Church 5360,1816;
    St Katharine Docks 5340,1804; Three Mills 5382,1827; Tower Hamlets Town Hall 5347,1817;
    Tower of London 5336,1805; Trinity Buoy Wharf 5394,1807; V&A Young 5350,1826
"""
_KINDS = {
    "landmark": _LANDMARKS, "market": _MARKETS, "park": _PARKS, "station": _STATIONS,
    "street": _STREETS,
}  # fmt: skip

PARK_RADIUS_M = {
    "site-victoria-park": 380, "site-mudchute-park-and-farm": 200, "site-millwall-park": 140,
    "site-mile-end-park": 110, "site-tower-hamlets-cemetery-park": 150, "site-weavers-fields": 110,
    "site-bartlett-park": 90, "site-meath-gardens": 90,
}  # fmt: skip
"""How far the larger parks reach from their middle, roughly."""

_ROADS = """
    Bethnal Green Road: 5335,1825 5339,1826 5343,1827 5349,1827
    Ben Jonson Road: 5358,1816 5361,1817 5365,1817
    Bow Road: 5366,1825 5370,1826 5374,1827 5379,1829
    Brick Lane: 5339,1815 5339,1819 5338,1823 5337,1825
    Burdett Road: 5366,1824 5368,1819 5370,1814 5371,1811
    Cable Street: 5338,1808 5343,1809 5348,1809 5353,1809 5358,1809
    Cambridge Heath Road: 5348,1820 5348,1824 5349,1829 5348,1835
    Chrisp Street: 5379,1810 5379,1813 5380,1816
    Columbia Road: 5336,1827 5340,1829 5343,1831
    Commercial Road: 5339,1813 5344,1812 5350,1811 5356,1811 5362,1811 5369,1811
    Commercial Street: 5339,1814 5337,1818 5335,1822
    Devons Road: 5372,1820 5375,1822 5378,1824
    East Ferry Road: 5378,1796 5379,1791 5380,1786
    East India Dock Road: 5370,1809 5376,1810 5382,1810 5388,1811
    Fairfield Road: 5374,1828 5374,1832 5372,1836
    Globe Road: 5354,1822 5354,1827 5352,1831
    Grove Road: 5365,1825 5363,1830 5362,1835 5360,1840
    Hackney Road: 5335,1827 5339,1829 5343,1832 5348,1833
    Jubilee Street: 5350,1812 5351,1816 5352,1820
    Leman Street: 5339,1813 5339,1809
    Manchester Road: 5380,1785 5384,1785 5386,1788 5385,1793 5385,1799 5384,1804
    Marsh Wall: 5372,1799 5376,1797 5381,1798
    Mile End Road: 5349,1819 5353,1821 5358,1822 5365,1824
    Narrow Street: 5361,1808 5364,1808 5368,1808
    New Road: 5344,1812 5344,1816
    Old Ford Road: 5351,1830 5356,1833 5361,1835 5367,1837 5371,1837
    Parnell Road: 5371,1832 5371,1838
    Poplar High Street: 5373,1808 5378,1808 5384,1808
    Prestons Road: 5384,1798 5384,1803 5383,1807
    Roman Road: 5351,1828 5357,1830 5362,1832 5367,1834 5371,1836
    Salmon Lane: 5363,1812 5366,1814 5368,1815
    Sidney Street: 5348,1813 5349,1816 5350,1820
    St Leonards Road: 5380,1811 5381,1815 5382,1819
    St Pauls Way: 5368,1817 5373,1817 5377,1818
    Stepney Green: 5356,1821 5356,1818 5358,1816
    Tredegar Road: 5367,1831 5371,1832 5375,1832
    The Highway: 5340,1807 5345,1807 5351,1808 5357,1808
    Vallance Road: 5345,1817 5344,1820 5344,1825
    Wapping High Street: 5341,1803 5344,1801 5347,1801 5351,1803
    Wapping Lane: 5348,1807 5349,1802
    Watney Street: 5349,1812 5349,1808
    West India Dock Road: 5370,1811 5371,1808 5373,1806
    Westferry Road: 5370,1804 5371,1798 5371,1792 5373,1787 5378,1784
    White Horse Road: 5358,1817 5360,1812
    Whitechapel High Street: 5337,1812 5341,1815
    Whitechapel Road: 5341,1815 5345,1817 5349,1819
"""


def places() -> gpd.GeoDataFrame:
    """List the places known by name.

    Returns
    -------
    geopandas.GeoDataFrame
        `place_id` (stable, made from the name), `name`, `kind` ('landmark', 'market', 'park',
        'station', 'street'), point geometry in BNG to 100 m; ordered by `place_id`.

    Examples
    --------
    >>> known = places().set_index("place_id")
    >>> known.loc["site-whitechapel-station", "name"]
    'Whitechapel station'
    >>> known.loc["site-whitechapel-station"].geometry.wkt
    'POINT (534600 181800)'
    """
    rows = [
        (_place_id(name), name, kind, shapely.Point(point))
        for kind, text in _KINDS.items()
        for name, point in _listed(text)
    ]
    rows.sort(key=lambda row: row[0])
    ids, names, kinds, points = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"place_id": list(ids), "name": list(names), "kind": list(kinds)},
        geometry=list(points),
        crs=BNG,
    )


def roads() -> gpd.GeoDataFrame:
    """List the main roads as rough lines, good to about 100 m.

    Returns
    -------
    geopandas.GeoDataFrame
        `name`, line geometry, BNG, in the order of the alphabet.

    Examples
    --------
    >>> roads().set_index("name").loc["Leman Street"].geometry.wkt
    'LINESTRING (533900 181300, 533900 180900)'
    """
    lines = [line.split(":") for line in _ROADS.strip().splitlines()]
    names = [name.strip() for name, _ in lines]
    geometry = [shapely.LineString([_point(p) for p in points.split()]) for _, points in lines]
    return gpd.GeoDataFrame({"name": names}, geometry=geometry, crs=BNG)


def _listed(text: str) -> list[tuple[str, tuple[int, int]]]:
    entries = [" ".join(entry.split()) for entry in text.split(";")]
    return [(name, _point(at)) for name, at in (entry.rsplit(" ", 1) for entry in entries)]


def _point(text: str) -> tuple[int, int]:
    easting, northing = text.split(",")
    return int(easting) * _GRID_M, int(northing) * _GRID_M


def _place_id(name: str) -> str:
    return "site-" + re.sub(r"[^a-z0-9]+", "-", name.lower().replace("'", "")).strip("-")
