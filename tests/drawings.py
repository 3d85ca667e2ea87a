"""Frames to draw in tests, and text that tries to break out of whatever it is written into."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.report.classes import legend_for
from geodata.crs import BNG
from geodata.hexagons import cover

RUN = "window.__pwned=1"
HOSTILE: tuple[str, ...] = (
    # tags and attributes
    f'<img src=x onerror="{RUN}">',
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<!--<script>{RUN}</script>-->",
    f"</title><img src=x onerror={RUN}>",
    f"</style><img src=x onerror={RUN}>",
    f"</textarea></select></caption></table><img src=x onerror={RUN}>",
    f"<svg/onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<details open ontoggle={RUN}>x",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f'<a href="javascript:{RUN}">x</a>',
    f"<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror={RUN}>'>",
    f"]]><img src=x onerror={RUN}>",
    f'" onmouseover="{RUN}" autofocus onfocus="{RUN}" x="',
    f"' onmouseover='{RUN}' autofocus onfocus='{RUN}' x='",
    # entities that a second reading would turn into tags
    f"&lt;img src=x onerror={RUN}&gt;",
    f"&#60;img src=x onerror={RUN}&#62;",
    f"\\u003cimg src=x onerror={RUN}\\u003e",
    f"\\x3cimg src=x onerror={RUN}\\x3e",
    # folium's template literals
    f"${{{RUN}}}",
    f"&#36;{{{RUN}}}",
    f"`;{RUN};`",
    f"`+({RUN})+`",
    f"\\`;{RUN};//",
    f"\\${{{RUN}}}",
    # strings and lines of a script
    f'"}};{RUN};//',
    f"'}});{RUN};//",
    f"a\u2028{RUN}//",
    f"a\n{RUN}//",
    f"*/{RUN}/*",
    # templates
    f"{{{{'{RUN}'}}}}",
    "{{ 7*7 }}{% raw %}",
    f"{{{{ cycler.__init__.__globals__ }}}}<%= {RUN} %>",
    # things that would be fetched
    '<img src="https://evil.example/a.png">',
    "<link rel=stylesheet href=https://evil.example/a.css>",
    '<meta http-equiv=refresh content="0;url=https://evil.example/">',
    "<base href=https://evil.example/>",
    "@import url(https://evil.example/a.css);",
    "<video poster=https://evil.example/a.png>",
    # spreadsheets, and the plainly odd
    '=HYPERLINK("https://evil.example","x")',
    "\x00\x08null",
    "\u202egnp.exe",
    "St Katharine's & Wapping",
)


def grid_wards(columns: int = 2, rows: int = 1, side: float = 1000.0) -> gpd.GeoDataFrame:
    """Square wards in a grid, named Ward 1, Ward 2 and so on."""
    x, y = 530_000.0, 180_000.0
    boxes = [
        shapely.box(x + c * side, y + r * side, x + (c + 1) * side, y + (r + 1) * side)
        for r in range(rows)
        for c in range(columns)
    ]
    names = range(1, len(boxes) + 1)
    return gpd.GeoDataFrame(
        {
            "ward_code": [f"E059{n:05d}" for n in names],
            "ward_name": [f"Ward {n}" for n in names],
            "area_km2": side * side / 1e6,
        },
        geometry=boxes,
        crs=BNG,
    )


def some_places() -> gpd.GeoDataFrame:
    """A station, a park, and a street that is not drawn."""
    return gpd.GeoDataFrame(
        {
            "place_id": ["a", "b", "c"],
            "name": ["Green Park", "Mill Station", "Long Street"],
            "kind": ["park", "station", "street"],
        },
        geometry=gpd.points_from_xy([530_300, 530_700, 531_500], [180_500, 180_500, 180_500]),
        crs=BNG,
    )


def hexagons(wards: gpd.GeoDataFrame, side: int = 200) -> gpd.GeoDataFrame:
    """Hexagons over wards: counts 0, 1, 2 ... in turn, the third without data."""
    cells = cover(wards, side)
    cells["area_id"] = cells["hexagon"]
    cells["name"] = cells["ward_name"] + " " + cells["hexagon"]
    cells["count"] = np.arange(len(cells), dtype="float64") % 37
    cells.loc[2, "count"] = np.nan
    return cells


def hostile_areas() -> gpd.GeoDataFrame:
    """One small hexagon a hostile text, which is its name, its id and its ward's name."""
    wards = grid_wards(1, 1, 1500.0)
    cells = cover(wards, 100).head(len(HOSTILE)).copy()
    cells["area_id"] = [f"{n}{text}" for n, text in enumerate(HOSTILE)]
    cells["name"] = cells["ward_name"] = list(HOSTILE)
    cells["ward_code"] = cells["area_id"]
    cells["kind"] = "station"
    cells["place_id"] = cells["area_id"]
    cells["count"] = np.arange(len(cells), dtype="float64")
    return cells


def export_arguments(areas: gpd.GeoDataFrame, **others: Any) -> dict[str, Any]:
    """What `map_html` needs for these areas, with everything there is to say."""
    withheld = areas["withheld"].ne("") if "withheld" in areas else None
    legend = legend_for(areas["count"], title="Reports", withheld=withheld, adds_up=True)
    given: dict[str, Any] = {
        "value": "count",
        "title": "Reports by hexagon",
        "subtitle": "Invented reports, May 2025 to April 2026",
        "legend": legend,
        "wards": grid_wards(2, 1),
        "places": some_places(),
        "columns": [("name", "Place"), ("count", "Reports")],
        "cut_off": "2026-04",
        "licences": ["Reports: invented."],
        "notes": ["A note on how to read this."],
        "marks": ["DEMO - invented data"],
        "areas_are": "hexagons",
    }
    return {**given, **others}


def with_withheld(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The fifth area's number is withheld."""
    areas = areas.assign(withheld=pd.Series("", index=areas.index, dtype="str"))
    areas.loc[areas.index[4], "withheld"] = "1 to 4"
    areas.loc[areas.index[4], "count"] = np.nan
    return areas
