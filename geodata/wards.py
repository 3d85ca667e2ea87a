"""Read ward boundaries into one well-formed frame, and say everything that was done to them.

Out comes British National Grid (metres), one row a ward, ordered by code. What the file left in
doubt is either refused with a message that names the likely cause, or listed in `WardInfo`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geodata.crs import BNG, crs_name, grid_note, names_a_place, shapes_to_bng
from geodata.errors import CrsError, WardFileError
from geodata.ward_columns import find_code_column, find_name_column, text_table
from geodata.ward_files import Opened, open_boundaries
from geodata.ward_names import display_name, name_key
from geodata.ward_shapes import GAP_METHOD, Fit, measure_fit, repair, require_polygons
from geodata.ward_vintages import (
    TOWER_HAMLETS_CURRENT,
    TOWER_HAMLETS_EXTENT,
    WARD_CODE,
    Vintage,
    require_current,
    require_current_names,
    vintage_of,
)

# Some files merge the wards of a small borough into one row under the borough's code (E09000001).
_GSS_CODE = re.compile(r"^[EWSN][0-9]{8}$")

WARD_COLUMNS = ("ward_code", "ward_name", "area_km2", "geometry")


@dataclass(frozen=True)
class WardInfo:
    """What a boundary file was found to be, and what was done to it.

    Attributes
    ----------
    source : str
        Name of the file.
    format, layer : str
        What kind of file it is, and the layer read from it.
    crs : str
        The file's own reference system.
    grid_note : str
        How exact the step to BNG is.
    code_column, name_column : str
        Where codes and names came from.
    wards : int
        Wards, after parts were dissolved.
    area_ha : float
        Hectares of all wards together.
    overlap_m2, gap_m2 : float
        Square metres that two wards claim, and that none does; `gap_note` says how measured.
    overlaps : tuple of (str, str, float)
        The pairs that overlap, largest first, at most twenty.
    repaired : int
        Wards whose outline crossed itself and was mended; `repaired_wards` names them.
    dissolved : int
        Wards that came in several rows; `dissolved_wards` names them.
    names_changed : int
        Wards shown under another name than the file's; `renamed` lists both.
    vintage : str
        'current', 'matches data' or 'unknown'; `vintage_note` says why.
    vintage_year : int or None
        The year in the name of the code column.
    flattened : bool
        Heights were dropped.
    notes : tuple of str
        All of this in sentences, for people.
    """

    source: str
    format: str
    layer: str
    crs: str
    grid_note: str
    code_column: str
    name_column: str
    wards: int
    area_ha: float
    overlap_m2: float
    overlaps: tuple[tuple[str, str, float], ...]
    gap_m2: float
    gap_note: str
    repaired: int
    repaired_wards: tuple[str, ...]
    dissolved: int
    dissolved_wards: tuple[str, ...]
    names_changed: int
    renamed: tuple[tuple[str, str], ...]
    vintage: str
    vintage_note: str
    vintage_year: int | None
    flattened: bool
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Give everything as plain values that json can write."""
        return {k: _plain(v) for k, v in asdict(self).items()}


def read_wards(
    path: Path | str,
    *,
    code: str | None = None,
    name: str | None = None,
    crs: str | None = None,
    register: Iterable[str] | None = None,
    codes_in_data: Iterable[str] | None = None,
) -> tuple[gpd.GeoDataFrame, WardInfo]:
    """Read ward boundaries from a file of any of five formats and any reference system.

    Parameters
    ----------
    path : pathlib.Path or str
        GeoPackage, Shapefile (zipped or loose), GeoJSON, FlatGeobuf or GeoParquet, or a zip with
        one of them inside.
    code, name : str, optional
        Columns with the wards' codes and names, in any case; found by content and by name where
        not given.
    crs : str, optional
        Reference system of a file that names none. A file that names one is believed.
    register : iterable of str, optional
        Every current ward code of the area.
    codes_in_data : iterable of str, optional
        Ward codes that data of the area bring along.

    Returns
    -------
    tuple of geopandas.GeoDataFrame and WardInfo
        `ward_code`, `ward_name`, `area_km2`, geometry, in BNG, ordered by code; and what was
        found and done.

    Raises
    ------
    WardFileError
        If the file cannot be read, or lacks what a ward needs.
    UnsafeArchiveError
        If it is a zip that must not be opened.
    CrsError
        If the coordinates are not where, or what, the file says.
    VintageError
        If these are wards of another year.
    """
    path = Path(path)
    opened = open_boundaries(path)
    raw = opened.frame
    if not len(raw):
        raise WardFileError(f"{path.name} holds no wards", todo="fetch it again")
    table = text_table(raw, without=raw.geometry.name)
    labels = _labels(table)
    require_polygons(raw.geometry, labels)
    shapes = shapes_to_bng(raw.geometry, path.name, labels, assume=crs)
    code_column, name_column = _columns(table, code, name)
    rows = _rows(table, labels, code_column, name_column)
    _check_codes(rows)
    mended, bad = repair(shapely.force_2d(shapes.to_numpy()), labels)
    wards, several = _dissolve(rows, mended)
    _check_place(wards)
    vintage = vintage_of(
        wards["ward_code"].tolist(), column=code_column, register=register,
        codes_in_data=codes_in_data,
    )  # fmt: skip
    found = _Found(
        source=path.name,
        opened=opened,
        columns=(code_column, name_column),
        crs=raw.crs if names_a_place(raw.crs) else crs,
        wards=wards,
        vintage=vintage,
        fit=measure_fit(wards.geometry.to_numpy()),
        repaired=tuple(dict.fromkeys(rows["code"][bad])),
        dissolved=several,
    )
    return wards[list(WARD_COLUMNS)], _info(found)


@dataclass(frozen=True)
class _Found:
    """Everything the reading came upon, gathered for `WardInfo`."""

    source: str
    opened: Opened
    columns: tuple[str, str]
    crs: object
    wards: gpd.GeoDataFrame
    vintage: Vintage
    fit: Fit
    repaired: tuple[str, ...]
    dissolved: tuple[str, ...]


def _columns(table: pd.DataFrame, code: str | None, name: str | None) -> tuple[str, str]:
    try:
        code_column = find_code_column(table, code)
    except WardFileError:
        # Without codes, the names alone may show that these are the wards before 2014.
        for column in table.columns:
            require_current_names(table[column].dropna())
        raise
    return code_column, find_name_column(table, code_column, name)


def _labels(table: pd.DataFrame) -> list[str]:
    """Name each row for a message: its number, and its first text."""
    firsts = table.bfill(axis=1).iloc[:, 0] if len(table.columns) else [None] * len(table)
    return [f"row {i} ({t})" if t else f"row {i}" for i, t in enumerate(firsts, start=1)]


def _rows(
    table: pd.DataFrame, labels: list[str], code_column: str, name_column: str
) -> pd.DataFrame:
    codes = table[code_column].map(_upper_gss)
    return pd.DataFrame({"code": codes, "name": table[name_column], "label": labels}, dtype=object)


def _upper_gss(code: str | None) -> str | None:
    return code.upper() if code and WARD_CODE.match(code.upper()) else code


def _check_codes(rows: pd.DataFrame) -> None:
    codes = rows["code"]
    if codes.isna().any():
        raise WardFileError(
            "A ward has no code", got=f"{int(codes.isna().sum())} rows without one",
            first_bad=rows["label"][codes.isna()].iloc[0], todo="give it a code, or remove the row",
        )  # fmt: skip
    of_ward = codes.map(lambda c: bool(WARD_CODE.match(c)))
    strange = ~codes.map(lambda c: bool(_GSS_CODE.match(c)))
    if of_ward.mean() >= 0.5 and strange.any():
        raise WardFileError(
            "A ward's code is not like the others", got=repr(codes[strange].iloc[0]),
            first_bad=rows["label"][strange].iloc[0], todo="correct the code, or remove the row",
        )  # fmt: skip
    require_current(codes)
    if not of_ward.any():
        require_current_names(rows["name"].dropna())
    for code, names in rows["name"].dropna().groupby(codes, sort=True):
        if names.map(name_key).nunique() > 1:
            raise WardFileError(
                "Rows with one ward code have different names", got=", ".join(names.unique()),
                first_bad=f"{code}, {rows['label'][names.index[0]]}",
                todo="correct the codes, or name the column with --code",
            )  # fmt: skip


def _dissolve(rows: pd.DataFrame, shapes: np.ndarray) -> tuple[gpd.GeoDataFrame, tuple[str, ...]]:
    which, distinct = pd.factorize(rows["code"], sort=True)
    codes = [str(c) for c in distinct]
    parts = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1])
    names = [
        next((str(n) for n in rows["name"].iloc[i] if n), c)
        for c, i in zip(codes, parts, strict=True)
    ]
    merged = [shapes[i[0]] if len(i) == 1 else shapely.union_all(shapes[i]) for i in parts]
    wards = gpd.GeoDataFrame(
        {
            "ward_code": pd.Series(codes, dtype="str"),
            "ward_name": pd.Series(
                [display_name(n, c) for n, c in zip(names, codes, strict=True)], dtype="str"
            ),
            "file_name": names,
            "area_km2": shapely.area(merged) / 1e6,
        },
        geometry=merged,
        crs=BNG,
    )
    return wards, tuple(c for c, i in zip(codes, parts, strict=True) if len(i) > 1)


def _check_place(wards: gpd.GeoDataFrame) -> None:
    """Raise if the shapes that carry Tower Hamlets codes do not lie there."""
    mine = wards[wards["ward_code"].isin(TOWER_HAMLETS_CURRENT)]
    if mine.empty:
        return
    west, south, east, north = TOWER_HAMLETS_EXTENT
    minx, miny, maxx, maxy = mine.total_bounds
    if minx >= west and miny >= south and maxx <= east and maxy <= north:
        return
    swapped = miny >= west and minx >= south and maxy <= east and maxx <= north
    raise CrsError(
        "The wards have Tower Hamlets codes but do not lie there",
        got=f"easting {minx:.0f} to {maxx:.0f}, northing {miny:.0f} to {maxy:.0f}"
        + ("; easting and northing look swapped" if swapped else ""),
        todo="check the file's reference system and the order of its coordinates",
    )


def _info(found: _Found) -> WardInfo:
    wards, fit = found.wards, found.fit
    codes, shown = wards["ward_code"].tolist(), wards["ward_name"].tolist()
    renamed = tuple((a, b) for a, b in zip(wards["file_name"], shown, strict=True) if a != b)
    name_of = dict(zip(codes, shown, strict=True))
    flattened = bool(shapely.has_z(found.opened.frame.geometry.to_numpy()).any())
    info = WardInfo(
        source=found.source,
        format=found.opened.format,
        layer=found.opened.layer,
        crs=crs_name(found.crs),
        grid_note=grid_note(found.crs),
        code_column=found.columns[0],
        name_column=found.columns[1],
        wards=len(wards),
        area_ha=fit.area_ha,
        overlap_m2=fit.overlap_m2,
        overlaps=tuple((codes[a], codes[b], area) for a, b, area in fit.overlaps[:20]),
        gap_m2=fit.gap_m2,
        gap_note=GAP_METHOD,
        repaired=len(found.repaired),
        repaired_wards=tuple(name_of[c] for c in found.repaired),
        dissolved=len(found.dissolved),
        dissolved_wards=tuple(name_of[c] for c in found.dissolved),
        names_changed=len(renamed),
        renamed=renamed,
        vintage=found.vintage.status,
        vintage_note=found.vintage.note,
        vintage_year=found.vintage.year,
        flattened=flattened,
        notes=(),
    )
    merged = [f"{n} ({c})" for c, n in name_of.items() if not WARD_CODE.match(c)]
    if 0 < len(merged) < len(codes):
        said = (f"Kept, though their codes are not those of wards: {', '.join(merged[:10])}.",)
        info = replace(info, notes=said)
    return replace(info, notes=(*_sentences(info), *info.notes, *found.opened.notes))


def _sentences(info: WardInfo) -> list[str]:
    said = [info.vintage_note, info.grid_note]
    if info.repaired:
        said.append(f"Outlines mended: {', '.join(info.repaired_wards)}.")
    if info.dissolved:
        said.append(f"Joined from several rows: {', '.join(info.dissolved_wards)}.")
    if info.overlap_m2:
        worst = " and ".join(info.overlaps[0][:2])
        said.append(f"Wards overlap by {info.overlap_m2:,.1f} m2 in all, most between {worst}.")
    if info.gap_m2:
        said.append(f"Gaps between wards measure {info.gap_m2:,.1f} m2. {info.gap_note}")
    if info.renamed:
        pairs = "; ".join(f"{old} is shown as {new}" for old, new in info.renamed[:10])
        said.append(f"Names: {pairs}{'; ...' if len(info.renamed) > 10 else ''}.")
    if info.flattened:
        said.append("Heights in the file were dropped.")
    return said


def _plain(value: object) -> object:
    return [_plain(v) for v in value] if isinstance(value, tuple) else value
