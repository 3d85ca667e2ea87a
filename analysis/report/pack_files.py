"""A pack as files: the page, the PDF, the tables, a note on what is what, and all of it zipped.

The same pack gives the same bytes: files carry the day the pack describes and nothing of the
machine that wrote them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from analysis.packs.model import Pack, Table, printed
from analysis.report.escaping import our_html, safe_filename, safe_html
from analysis.report.html_export import policy_for
from analysis.report.pdf import pdf_bytes, svg_png
from analysis.report.spreadsheets import book_bytes
from analysis.report.tables import table_bytes
from geodata.errors import SaferWalksError
from geodata.package_files import package_text

PICTURE_PX = 900
"""Width of a picture."""

_TOLD = {
    ".html": "the whole pack as one page; opens in any browser, with no internet",
    ".pdf": "the whole pack to print, tagged for screen readers",
    ".xlsx": "every table of it, a sheet each",
    ".csv": "one table, for any program",
    ".geojson": "shapes with their numbers, longitude and latitude",
    ".gpkg": "the same shapes in British National Grid, for a map program",
    ".png": "a picture, for a slide or a web page",
    ".txt": "what each picture shows, to put beside it for those who do not see it",
}


def document_html(document: Mapping[str, Any]) -> str:
    """Set a document as one self-contained page: no script, no address, a policy that says so.

    Parameters
    ----------
    document : mapping
        Of `analysis.report.pack_document`.
    """
    style = package_text("analysis.report", "templates/pack.css")
    drawn = {**document, "sections": [_with_drawings(part) for part in document["sections"]]}
    return _template().render(d=drawn, style=our_html(style), policy=policy_for((), (style,)))


def _with_drawings(part: Mapping[str, Any]) -> dict[str, Any]:
    figures = [{**f, "drawn": our_html(f["svg"])} for f in part["figures"]]
    return {**part, "figures": figures}


def document_pdf(document: Mapping[str, Any], *, made_on: dt.date) -> bytes:
    """Set a document as PDF/UA-1, see `analysis.report.pdf`.

    Raises
    ------
    SaferWalksError
        If a text holds a character that the font lacks.
    """
    return pdf_bytes("pack.typ", document, made_on=made_on)


def pack_files(
    pack: Pack, document: Mapping[str, Any], *, areas: gpd.GeoDataFrame | None = None
) -> tuple[dict[str, bytes], str]:
    """Write every file of a pack.

    Parameters
    ----------
    pack : Pack
        The pack.
    document : mapping
        Its layout.
    areas : geopandas.GeoDataFrame, optional
        What is handed on as shapes, BNG: passed through the gate already.

    Returns
    -------
    dict of str to bytes
        Name -> content, the README first.
    str
        Why there is no PDF; '' where there is one.
    """
    stem = safe_filename(f"{pack.ward_name} panel pack")
    made_on = dt.date.fromisoformat(pack.made_on)
    files = {f"{stem}.html": document_html(document).encode("utf-8")}
    fault = ""
    try:
        files[f"{stem}.pdf"] = document_pdf(document, made_on=made_on)
    except SaferWalksError as error:
        fault = str(error)
    tables = {t.name: written(t, pack.marks) for t in pack.tables()}
    files[f"{stem}.xlsx"] = book_bytes(tables, made_on=made_on)
    for name, frame in tables.items():
        files[f"tables/{name}.csv"] = table_bytes(frame, ".csv")
    if areas is not None and len(areas):
        files["map/map.csv"] = table_bytes(pd.DataFrame(areas.drop(columns="geometry")), ".csv")
        # Otherwise the file would tell the moment it was written.
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{made_on}T00:00:00.000Z"})
        for ending in (".geojson", ".gpkg"):
            files[f"map/map{ending}"] = table_bytes(areas, ending)
    files |= _pictures(document)
    readme = _readme(pack, files, fault).encode("utf-8")
    return {"README.txt": readme, **files}, fault


def _pictures(document: Mapping[str, Any]) -> dict[str, bytes]:
    """Draw every figure as PNG, and write down what each shows."""
    figures = [figure for part in document["sections"] for figure in part["figures"]]
    told = "\n\n".join(f"{f['name']}.png: {f['alt']}" for f in figures)
    files = {f"pictures/{f['name']}.png": svg_png(f["svg"], width_px=PICTURE_PX) for f in figures}
    return {**files, "pictures/alt-texts.txt": f"{told}\n".encode()} if figures else {}


def written(table: Table, marks: Sequence[str] = ()) -> pd.DataFrame:
    """Give a table as it is handed on: what is printed, under its headings, marked if need be."""
    heads = [heading for _, heading in table.columns]
    rows = printed(table)
    frame = pd.DataFrame(rows, columns=heads, dtype="str")
    for at, (column, heading) in enumerate(table.columns):
        values = [row[at].replace(",", "") for row in rows]
        numeric = pd.to_numeric(pd.Series(values), errors="coerce") if values else pd.Series()
        if len(values) and numeric.notna().all() and column != "how":
            frame[heading] = numeric.to_numpy()
    return frame.assign(Marking=" · ".join(marks)) if marks else frame


def _readme(pack: Pack, files: Mapping[str, bytes], fault: str) -> str:
    lines = [pack.title, "=" * len(pack.title), ""]
    lines += [*([" · ".join(pack.marks), ""] if pack.marks else [])]
    lines += [f"{name}: {value}" for name, value in pack.facts.items()]
    if pack.watermark:
        lines += ["", f"{pack.watermark}: not published yet, and its numbers may still change."]
    lines += ["", "Files", "-----"]
    lines += [f"{name}: {_TOLD['.' + name.rpartition('.')[2]]}" for name in files]
    if fault:
        lines += ["", f"There is no PDF. {fault}"]
    lines += ["", "Data", "----", *pack.licences, ""]
    return "\n".join(lines)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("analysis.report", "templates"), autoescape=True,
        finalize=safe_html, undefined=StrictUndefined, keep_trailing_newline=True,
        trim_blocks=True,
    )  # fmt: skip
    return environment.get_template("pack.html")
