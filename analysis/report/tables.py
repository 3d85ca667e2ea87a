"""Tables for people and for other programs: CSV, GeoJSON, GeoPackage, Parquet, HTML.

What is written goes to a temporary file beside its destination and takes its name only when it is
whole, so a full disc or a killed process never leaves half a file under a name somebody trusts.
Frames are in BNG; GeoJSON is in WGS84 because its standard says so.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from analysis.report.classes import number_text
from analysis.report.escaping import csv_cell, html_text, js_json
from analysis.report.shapes import lonlat
from geodata.crs import require_bng
from geodata.errors import SaferWalksError

ENDINGS = (".csv", ".geojson", ".gpkg", ".parquet")


def write_table(frame: pd.DataFrame | gpd.GeoDataFrame, path: Path | str) -> None:
    """Write a table in the format its name ends in.

    `.csv`: UTF-8, no geometry (the table's own `easting` and `northing` stay), formulas disarmed.
    `.geojson`: RFC 7946, WGS84, six decimals. `.gpkg`: BNG. `.parquet`: GeoParquet in BNG where
    the frame has geometry, plain Parquet otherwise.

    Parameters
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        Geometry in BNG, if any.
    path : Path or str
        File to write; an existing one is replaced.

    Raises
    ------
    SaferWalksError
        If the ending is none of the four, a format that needs shapes is asked of a table without,
        or the file cannot be written.
    CrsError
        If the geometry is not in BNG.
    """
    path = Path(path)
    content = table_bytes(frame, path.suffix)
    with _whole_or_nothing(path) as unfinished:
        unfinished.write_bytes(content)


def table_bytes(frame: pd.DataFrame | gpd.GeoDataFrame, ending: str) -> bytes:
    r"""Write a table as the content of a file, see `write_table`.

    Parameters
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        Geometry in BNG, if any.
    ending : str
        One of `ENDINGS`, in any case.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    SaferWalksError
        If the ending is none of the four, or a format that needs shapes is asked of a table
        without.
    CrsError
        If the geometry is not in BNG.

    Examples
    --------
    >>> table_bytes(pd.DataFrame({"ward_name": ["Bow East"], "count": [3]}), ".csv")
    b'ward_name,count\nBow East,3\n'
    """
    content = _CONTENTS.get(ending.lower())
    if content is None:
        raise SaferWalksError(
            "A table is written by the ending of its name",
            got=ending or "a name without one",
            todo=f"end the name in one of {', '.join(ENDINGS)}",
        )
    if isinstance(frame, gpd.GeoDataFrame):
        require_bng(frame, "What is written")
    elif ending.lower() in (".geojson", ".gpkg"):
        raise SaferWalksError(
            "This table has no shapes to write",
            got=ending,
            todo="write it as .csv or .parquet, or count by ward or hexagon",
        )
    return content(frame)


def write_text(text: str, path: Path | str) -> None:
    """Write a text file, whole or not at all: UTF-8, line ends as in the text.

    Raises
    ------
    SaferWalksError
        If the file cannot be written.
    """
    write_bytes(text.encode("utf-8"), path)


def write_bytes(content: bytes, path: Path | str) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    SaferWalksError
        If the file cannot be written.
    """
    with _whole_or_nothing(Path(path)) as unfinished:
        unfinished.write_bytes(content)


def make_folder(folder: Path | str) -> None:
    """Make a folder to write to, where it is not there yet.

    Raises
    ------
    SaferWalksError
        If it cannot be made: its name is a file's, or nobody may write there.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise SaferWalksError(
            "The folder to write to cannot be made",
            got=f"{folder}: {fault.strerror or fault}",
            todo="choose another",
        ) from fault


def csv_bytes(frame: pd.DataFrame | gpd.GeoDataFrame) -> bytes:
    r"""Write a table as CSV that no spreadsheet runs.

    UTF-8 with LF, no index, no geometry; text that a spreadsheet would take for a formula gets an
    apostrophe in front, in headings too. Missing values are empty.

    Examples
    --------
    >>> csv_bytes(pd.DataFrame({"name": ["=1+1", "Bow"], "change": [-2, 3]}))
    b"name,change\n'=1+1,-2\nBow,3\n"
    """
    plain = _without_shapes(frame)
    safe = pd.DataFrame(
        {position: _disarmed(plain.iloc[:, position]) for position in range(plain.shape[1])},
        index=plain.index,
    )
    safe.columns = pd.Index([csv_cell(str(name)) for name in plain.columns])
    return safe.to_csv(index=False, lineterminator="\n").encode("utf-8")


def html_table(
    frame: pd.DataFrame,
    caption: str,
    *,
    columns: Sequence[tuple[str, str]] | None = None,
    missing: str = "no data",
    name: str = "",
) -> str:
    """Write a table as HTML that a screen reader can read: caption, scopes, no layout tricks.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows. Where it has a column `withheld`, its text stands for a missing number.
    caption : str
        What the table holds.
    columns : sequence of (column, heading), optional
        What to show, in order; all columns under their own names by default. The first names the
        row.
    missing : str, default 'no data'
        The word for a missing value: an empty cell could be taken for zero.
    name : str, optional
        The caption's id, for a region that is labelled by it.

    Returns
    -------
    str
        Everything escaped; numbers as `analysis.report.classes.number_text` writes them, in cells
        of class `n`, ids in cells of class `id`.

    Examples
    --------
    >>> table = html_table(pd.DataFrame({"ward": ["Bow <East>"], "count": [1234]}), "By ward")
    >>> table[:33], table[-56:-16]
    ('<table><caption>By ward</caption>', 'row">Bow &lt;East&gt;<td class="n">1,234')
    """
    shown = list(columns) if columns is not None else [(c, str(c)) for c in frame.columns]
    cells = [_cells(frame, column, missing) for column, _ in shown]
    kinds = ["n" if _is_numeric(frame[c]) else "id" * c.endswith("_id") for c, _ in shown]
    first = '<th scope="row" class="id">' if kinds[0] == "id" else '<th scope="row">'
    opening = [first, *(f'<td class="{k}">' if k else "<td>" for k in kinds[1:])]
    rows = (
        "<tr>" + "".join(tag + cell for tag, cell in zip(opening, row, strict=True))
        for row in zip(*cells, strict=True)
    )
    heads = "".join(
        f'<th scope="col"{f" class={k}" if k else ""}>{html_text(heading)}'
        for (_, heading), k in zip(shown, kinds, strict=True)
    )
    ident = f' id="{html_text(name)}"' if name else ""
    return (
        f"<table><caption{ident}>{html_text(caption)}</caption><thead><tr>{heads}</thead>"
        f"<tbody>{chr(10).join(rows)}</tbody></table>"
    )


def _cells(frame: pd.DataFrame, column: str, missing: str) -> list[str]:
    withheld = frame["withheld"].fillna("") if "withheld" in frame else [""] * len(frame)
    return [
        html_text(_word(value, instead or missing))
        for value, instead in zip(frame[column], withheld, strict=True)
    ]


def _word(value: object, missing: str) -> str:
    if _is_missing(value):
        return missing
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, float, np.number)):
        return number_text(float(value))
    return str(value)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or value != value


def _is_numeric(column: pd.Series) -> bool:
    types = pd.api.types
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)


def _without_shapes(frame: pd.DataFrame) -> pd.DataFrame:
    # By position: two columns may have one name.
    plain = [not isinstance(kind, gpd.array.GeometryDtype) for kind in frame.dtypes]
    return pd.DataFrame(frame.loc[:, plain])


def _disarmed(column: pd.Series) -> pd.Series:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return column
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype(object)
    return column.map(csv_cell, na_action="ignore")


def _geojson_bytes(frame: gpd.GeoDataFrame) -> bytes:
    others = _without_shapes(frame)
    properties = [
        {str(k): _json_value(v) for k, v in zip(others.columns, row, strict=True)}
        for row in others.itertuples(index=False, name=None)
    ]
    # The standard wants outer rings anticlockwise, and a row without a place keeps its row.
    shapes = lonlat(shapely.orient_polygons(frame.geometry.to_numpy()))
    features = [
        {
            "type": "Feature",
            "properties": values,
            "geometry": None if shape is None else shapely.geometry.mapping(shape),
        }
        for shape, values in zip(shapes, properties, strict=True)
    ]
    return js_json({"type": "FeatureCollection", "features": features}).encode("utf-8")


def _json_value(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if _is_missing(value) or value in (float("inf"), float("-inf")):
        return None
    return value if isinstance(value, (int, float, str)) else str(value)


def _gpkg_bytes(frame: gpd.GeoDataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_file(file, driver="GPKG", layer="table", engine="pyogrio")
    return file.getvalue()


def _parquet_bytes(frame: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


_CONTENTS: dict[str, Callable[[pd.DataFrame], bytes]] = {
    ".csv": csv_bytes,
    ".geojson": _geojson_bytes,
    ".gpkg": _gpkg_bytes,
    ".parquet": _parquet_bytes,
}


@contextmanager
def _whole_or_nothing(path: Path) -> Iterator[Path]:
    if not path.parent.is_dir():
        raise SaferWalksError(
            "The folder to write to is not there", got=str(path.parent), todo="make it first"
        )
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".unfinished-") as folder:
            unfinished = Path(folder) / path.name
            yield unfinished
            os.replace(unfinished, path)  # noqa: PTH105 - one atomic step, named as such
    except OSError as fault:
        raise SaferWalksError(
            f"{path.name} cannot be written",
            got=fault.strerror or str(fault),
            todo="close it if another program has it open, or choose another folder",
        ) from fault
