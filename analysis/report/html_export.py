"""A map that leaves the building: one HTML file that asks nobody for anything.

It opens from a disc with no network, prints, works with scripts off, in the dark and on a phone.
Leaflet's script and style are put in from the XStatic-Leaflet package. A content security policy
with the digest of each script and style forbids everything else, so that even a name that slipped
through the escaping could not run or call out. The same input gives the same bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from analysis.report.classes import NO_DATA, WITHHELD, Legend, number_text
from analysis.report.escaping import css_string, our_html, safe_html
from analysis.report.map_lines import LINE
from analysis.report.palette import DARK, LIGHT, Palette, ink_on
from analysis.report.svg_map import KIND, PRINT_SCALE, SvgMap, outline_class, svg_map
from analysis.report.tables import html_table
from geodata.months import is_month
from geodata.months import label as month_label
from geodata.package_files import package_text

_PAGE = {
    "light": {"page": "#FFFFFF", "text": "#0B0C0C", "soft": "#4A545E", "rule": "#B8C1CA"},
    "dark": {"page": "#161C22", "text": "#F0F3F5", "soft": "#B4BEC8", "rule": "#45515C"},
}
_CONTROLS = {
    "light": {"edge": "#4A545E", "link": "#1A5A96", "focus": "#B3450B", "hot": LINE["light"]},
    "dark": {"edge": "#98A4B0", "link": "#8FC4F2", "focus": "#F79A66", "hot": LINE["dark"]},
}


@dataclass(frozen=True)
class Key:
    """One line of the legend."""

    kind: str
    number: str
    label: str
    areas: int


def map_html(
    areas: gpd.GeoDataFrame,
    *,
    value: str,
    title: str,
    legend: Legend,
    wards: gpd.GeoDataFrame,
    columns: Sequence[tuple[str, str]],
    cut_off: str,
    licences: Sequence[str],
    subtitle: str = "",
    places: gpd.GeoDataFrame | None = None,
    summary: Sequence[str] = (),
    notes: Sequence[str] = (),
    marks: Sequence[str] = (),
    areas_are: str = "areas",
    outlines: gpd.GeoDataFrame | None = None,
    outline_labels: Mapping[str, str] | None = None,
) -> str:
    """Make the whole file.

    Parameters
    ----------
    areas : geopandas.GeoDataFrame
        One row an area, in the order of the table: `area_id`, the columns named in `columns`,
        polygons in BNG; where it has a column `withheld`, a text there stands for the number. Pass
        it through `analysis.disclosure.for_audience` first.
    value : str
        Column to colour by.
    title : str
        Heading and window title.
    legend : Legend
        Classes of `value`, see `analysis.report.classes.legend_for`.
    wards, places : geopandas.GeoDataFrame
        Context, BNG, as in `analysis.report.maps.base_map`.
    columns : sequence of (column, heading)
        The table twin, the area's name first. The class on the map is added as a last column.
    cut_off : str
        Last month of the data, YYYY-MM.
    licences : sequence of str
        Source and licence lines; Leaflet's own are added.
    subtitle : str, optional
        What is counted, where, over which months.
    summary : sequence of str, optional
        What the map shows, in sentences; `map_summary` by default.
    notes : sequence of str, optional
        Limits and how the numbers were made. How the map was drawn is added.
    marks : sequence of str, optional
        Printed across the top and on the map: 'DEMO - invented data', 'INTERNAL', 'Provisional'.
    areas_are : str, default 'areas'
        What the areas are called in the plural: 'wards', 'hexagons', 'places'.
    outlines : geopandas.GeoDataFrame, optional
        Lines over the areas, as in `analysis.report.svg_map.svg_map`.
    outline_labels : mapping of str to str, optional
        What each `kind` of them is called in the legend.

    Returns
    -------
    str
        A complete HTML document.

    Raises
    ------
    CrsError
        If a frame is not in BNG.
    ValueError
        If `cut_off` is not a month.
    """
    if not is_month(cut_off):
        raise ValueError(f"the data cut-off is a month such as 2026-04, not {cut_off!r}")
    withheld = areas["withheld"].fillna("").ne("") if "withheld" in areas else None
    classes = legend.class_of(areas[value], withheld)
    label = f"Map of {areas_are}, coloured by {_running(legend.title)}. The table holds the same."
    drawing = svg_map(
        areas, classes, legend, wards=wards, places=places, label=label, over=outlines
    )
    sheet = package_text(__package__, "templates/map.css")
    style = _leaflet_style() + _variables(drawing) + sheet + _page_marks(marks)
    scripts = (_leaflet_script(), package_text(__package__, "templates/map.js"))
    return _template().render(
        policy=policy_for(scripts, [style]),
        title=title,
        subtitle=subtitle,
        cut_off=month_label(cut_off),
        marks=list(marks),
        summary=list(summary) or map_summary(areas, value=value, legend=legend, are=areas_are),
        areas=areas_are,
        drawing=drawing,
        svg=our_html(drawing.svg),
        legend=legend,
        keys=_keys(legend),
        lines=_lines(outlines, outline_labels or {}),
        numbered=any(band.number for band in legend.bands),
        table=our_html(_table(areas, classes, legend, columns, title)),
        notes=[*notes, *_how_drawn(legend)],
        licences=list(licences),
        leaflet_version=_leaflet_version(),
        style=our_html(style),
        leaflet=our_html(scripts[0]),
        script=our_html(scripts[1]),
    )


def map_summary(
    areas: pd.DataFrame, *, value: str, legend: Legend, are: str = "areas"
) -> list[str]:
    """Say in sentences what a map of counts, rates or scores shows.

    Examples
    --------
    >>> from analysis.report.classes import legend_for
    >>> counts = pd.DataFrame({"count": [0, 1, 1, 8, None]})
    >>> legend = legend_for(counts["count"], title="Reports", adds_up=True)
    >>> for line in map_summary(counts, value="count", legend=legend, are="hexagons"):
    ...     print(line)
    5 hexagons are drawn; no data for 1 of them.
    Reports: none in 1, 1 to 8 in each of the other 3.
    10 reports in all, half of them in 1 of the hexagons.
    """
    numbers = areas[value].to_numpy(dtype="float64", na_value=np.nan)
    hidden = areas["withheld"].fillna("").ne("").to_numpy() if "withheld" in areas else False
    known = np.sort(numbers[~np.isnan(numbers) & ~np.asarray(hidden)])
    lines = _how_many(len(areas), legend, are)
    positive = known[known > 0]
    if not len(positive):
        return [*lines, f"{legend.title}: none anywhere."] if len(known) else lines
    nil = len(known) - len(positive)
    low, high = (number_text(float(positive[n])) for n in (0, -1))
    spread = f"{low} in each" if low == high else f"{low} to {high}"
    other = f"none in {nil:,}, {spread.removesuffix(' in each')} in each of the other"
    lines.append(f"{legend.title}: {f'{other} {len(positive):,}' if nil else spread}.")
    if legend.adds_up and not legend.withheld and len(positive) > 1:
        needed = int(np.searchsorted(np.cumsum(positive[::-1]), positive.sum() / 2)) + 1
        total = f"{number_text(float(positive.sum()))} {_running(legend.title)} in all"
        lines.append(f"{total}, half of them in {needed:,} of the {are}.")
    return lines


def _running(title: str) -> str:
    """Lower the first letter of a heading for use in a sentence, unless it is an abbreviation."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _how_many(count: int, legend: Legend, are: str) -> list[str]:
    parts = [
        f"no data for {legend.no_data:,} of them" if legend.no_data else "",
        f"the numbers of {legend.withheld:,} are withheld" if legend.withheld else "",
    ]
    gaps = ", ".join(filter(None, parts))
    return [f"{count:,} {are} are drawn; {gaps}."] if gaps else []


def _keys(legend: Legend) -> list[Key]:
    keys = [Key(f"c{b.shade}", str(b.number), b.label, b.areas) for b in reversed(legend.bands)]
    if legend.no_data:
        keys.append(Key(KIND[NO_DATA], "", legend.no_data_label, legend.no_data))
    if legend.withheld:
        keys.append(Key(KIND[WITHHELD], "", legend.withheld_label, legend.withheld))
    return keys


def _lines(outlines: gpd.GeoDataFrame | None, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Give class and words of every kind of outline that is drawn."""
    kinds = [] if outlines is None else list(outlines["kind"])
    return [(outline_class(kind), labels[kind]) for kind in kinds]


def _table(
    areas: pd.DataFrame,
    classes: pd.Series,
    legend: Legend,
    columns: Sequence[tuple[str, str]],
    title: str,
) -> str:
    words = {NO_DATA: legend.no_data_label.lower(), WITHHELD: "withheld"}
    shown = pd.DataFrame(areas.drop(columns="geometry"))
    shown["class on the map"] = [words.get(c, str(c)) for c in classes]
    headings = [*columns, ("class on the map", "Class on the map")]
    return html_table(shown, title, columns=headings, name="caption")


def _how_drawn(legend: Legend) -> list[str]:
    has_zero = any(band.number == 0 for band in legend.bands)
    return [
        "The classes hold about equal numbers of areas, with rounded limits; equal numbers are "
        f"always in the same class.{' Class 0 is none at all.' if has_zero else ''}",
        "Boundaries are simplified by up to 8 m for drawing; the numbers were worked out with the "
        "full ones.",
    ]


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        finalize=safe_html,
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    return environment.get_template("map.html")


@cache
def _leaflet_script() -> str:
    # A source map would be asked for by a browser's developer tools.
    return re.sub(r"//# sourceMappingURL=\S*", "", _leaflet("leaflet.js")).strip()


@cache
def _leaflet_style() -> str:
    # Without remarks, and without the pictures of controls and markers that are not used here.
    css = re.sub(r"/\*.*?\*/", "", _leaflet("leaflet.css"), flags=re.DOTALL)
    return re.sub(r"[\w-]+:\s*url\([^)]*\);?", "", css)


def _leaflet(name: str) -> str:
    return package_text("xstatic.pkg.leaflet", f"data/{name}")


def _leaflet_version() -> str:
    from xstatic.pkg import leaflet

    return leaflet.VERSION


def _variables(drawing: SvgMap) -> str:
    light = _theme(LIGHT, {**_PAGE["light"], **_CONTROLS["light"]})
    dark = _theme(DARK, {**_PAGE["dark"], **_CONTROLS["dark"]})
    paper = f"{PRINT_SCALE * drawing.unit:.5g}"
    size = f"--u:{drawing.unit};--paper:{paper};--size:{drawing.number_size};"
    return (
        f"\n:root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
        f":root{{{size}}}\n"
    )


def _page_marks(marks: Sequence[str]) -> str:
    """Print the marks on every page of paper, not only the first."""
    if not marks:
        return ""
    words = css_string(" · ".join(marks))
    return f"@page{{@top-left{{content:{words};font:700 9pt system-ui,sans-serif}}}}\n"


def _theme(palette: Palette, page: dict[str, str]) -> str:
    colours = {
        **{f"c{n}": shade for n, shade in enumerate(palette.shades)},
        **{f"i{n}": ink_on(shade) for n, shade in enumerate(palette.shades)},
        **{"outline": palette.outline, "ground": palette.ground, "land": palette.land},
        **{"name": palette.text, "halo": palette.halo, "muted": palette.muted},
        **{"accent": palette.accent, **page},
    }
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


def policy_for(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Write a content security policy that lets these scripts and styles run, and nothing else.

    Examples
    --------
    >>> policy_for((), ("p {}",))[:43]
    "default-src 'none'; script-src 'none'; styl"
    """
    runs = " ".join(map(_digest, scripts)) or "'none'"
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {runs}",
            f"style-src {' '.join(map(_digest, styles))}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
