"""Postcodes and names with their places, from OS open data: Code-Point Open and OS Open Names.

Both come as a zip of CSV files without headers, in British National Grid. Only what lies near the
wards is kept. A postcode's point is the middle of its addresses, a road's the middle of its run.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata import archives
from geodata.archives import GIB, Limits
from geodata.errors import ReportFileError

REACH_M = 2_000.0
LIMITS = Limits(members=5_000, total_bytes=4 * GIB, member_bytes=GIB)
GAZETTEER_FRAME = ("key", "name", "kind", "easting", "northing")

_POSTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}$")
_CODE_POINT_WIDTH, _OPEN_NAMES_WIDTH = 10, 30
_KINDS = {"Postcode": "postcode", "Named Road": "street", "Section Of Named Road": "street"}


def read_gazetteer(path: Path, wards: gpd.GeoDataFrame) -> pd.DataFrame:
    """Read a gazetteer zip as the Ordnance Survey gives it.

    Parameters
    ----------
    path : Path
        Code-Point Open (CSV) or OS Open Names (CSV).
    wards : geopandas.GeoDataFrame
        In BNG; entries more than `REACH_M` outside their bounding box are left out.

    Returns
    -------
    pandas.DataFrame
        `key` (folded, for looking up), `name`, `kind` (postcode, street, place), `easting`,
        `northing`, by kind and key.

    Raises
    ------
    ReportFileError
        If the file is neither, or holds nothing near the wards.
    UnsafeArchiveError
        If the zip is damaged or unsafe.
    """
    try:
        rows = list(_near(_entries(path), wards))
    except OSError as error:
        raise ReportFileError(
            f"{path.name} cannot be read", got=error.strerror or str(error), todo="check the path"
        ) from error
    if not rows:
        raise ReportFileError(
            f"{path.name} holds no postcode and no name near the wards",
            todo="give Code-Point Open or OS Open Names as CSV, from "
            "https://osdatahub.os.uk/downloads/open",
        )
    frame = pd.DataFrame(rows, columns=list(GAZETTEER_FRAME)).drop_duplicates()
    return frame.sort_values(["kind", "key", "easting", "northing"], ignore_index=True)


def fold_key(text: str) -> str:
    """Fold a postcode or name for looking up.

    Examples
    --------
    >>> fold_key("e1  6an"), fold_key("St. Katharine's Way")
    ('E16AN', 'ST KATHARINES WAY')
    """
    upper = text.upper().strip()
    squeezed = re.sub(r"\s+", "", upper)
    if _POSTCODE.match(squeezed):
        return squeezed
    return " ".join(re.findall(r"[A-Z0-9]+", upper.replace("'", "").replace("’", "")))


def _entries(path: Path) -> Iterator[tuple[str, str, str, str]]:
    for member in archives.open_members(path, suffixes=[".csv"], limits=LIMITS):
        with member.open() as packed:
            for row in csv.reader(io.TextIOWrapper(packed, "utf-8-sig", errors="replace")):
                if len(row) >= _OPEN_NAMES_WIDTH:
                    yield row[2], _KINDS.get(row[7], "place"), row[8], row[9]
                    if row[4]:
                        yield row[4], _KINDS.get(row[7], "place"), row[8], row[9]
                elif len(row) == _CODE_POINT_WIDTH and _POSTCODE.match(row[0]):
                    yield row[0], "postcode", row[2], row[3]


def _near(
    entries: Iterator[tuple[str, str, str, str]], wards: gpd.GeoDataFrame
) -> Iterator[tuple[str, str, str, float, float]]:
    west, south, east, north = wards.total_bounds + REACH_M * np.array([-1, -1, 1, 1])
    for name, kind, x, y in entries:
        try:
            easting, northing = float(x), float(y)
        except ValueError:
            continue  # the header of a table, or a name without a place
        if west <= easting <= east and south <= northing <= north:
            yield fold_key(name), " ".join(name.split()), kind, easting, northing
