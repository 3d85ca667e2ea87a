"""Tables to take away, as the bytes of a file."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd

from analysis.disclosure import Audience, for_audience
from analysis.report.tables import table_bytes, write_table
from geodata.manifest import Kind
from geodata.workspace import Workspace

ENDINGS: dict[str, tuple[str, str]] = {
    ".csv": ("Table (CSV)", "text/csv"),
    ".geojson": ("Shapes (GeoJSON)", "application/geo+json"),
    ".gpkg": ("Shapes (GeoPackage)", "application/geopackage+sqlite3"),
}
"""Endings on offer: what people see, and the kind of file."""

DEMO_COLUMN, DEMO_WORDS = "demo", "DEMO: an invented borough with invented reports"


def table_file(
    frame: pd.DataFrame | gpd.GeoDataFrame,
    ending: str,
    *,
    kind: Kind,
    source: str,
    audience: Audience,
) -> bytes:
    r"""Write a table of areas as an audience may see it.

    Parameters
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        One row an area, geometry in BNG; never changed.
    ending : str
        One of `ENDINGS`.
    kind : {'real', 'demo'}
        Kind of the workspace; every row of a demo says so.
    source : str
        Code of the source the numbers came from.
    audience : {'public', 'internal'}
        Who it is for, see `analysis.disclosure`.

    Returns
    -------
    bytes
        The file.

    Examples
    --------
    >>> areas = pd.DataFrame({"ward_name": ["Bow East"], "count": [3]})
    >>> table_file(areas, ".csv", kind="demo", source="police_uk", audience="public")
    b'ward_name,count,demo\nBow East,3,DEMO: an invented borough with invented reports\n'
    """
    seen = for_audience(frame, audience, sources=[source]).frame
    return table_bytes(marked(seen, kind), ending)


def save_table(
    frame: pd.DataFrame | gpd.GeoDataFrame,
    path: Path,
    *,
    kind: Kind,
    source: str,
) -> None:
    """Write a table to a file for colleagues, in the format its name ends in.

    What anybody may have is handed out by `analysis.jobs.handing_out`.

    Parameters
    ----------
    frame : pandas.DataFrame or geopandas.GeoDataFrame
        One row an area, geometry in BNG; never changed.
    path : pathlib.Path
        File to write; an existing one is replaced.
    kind, source
        As `table_file`.

    Raises
    ------
    SaferWalksError
        If the file cannot be written, or its format needs shapes the table has not.
    """
    seen = for_audience(frame, "internal", sources=[source]).frame
    write_table(marked(seen, kind), path)


def rejected_file(rejected: pd.DataFrame, *, kind: Kind) -> bytes:
    """Write rejected rows as CSV, for colleagues who mend the file they came from.

    Parameters
    ----------
    rejected : pandas.DataFrame
        From `analysis.jobs.rejected.rejected_table`.
    kind : {'real', 'demo'}
        Kind of the workspace.

    Returns
    -------
    bytes
        The file.
    """
    return table_bytes(marked(rejected, kind), ".csv")


def save_rejected(workspace: Workspace, path: Path) -> int:
    """Write the rejected rows that were not corrected since as CSV, and count them.

    Parameters
    ----------
    workspace : Workspace
        Read at the state it was opened in.
    path : pathlib.Path
        File to write, ending in .csv; an existing one is replaced.

    Raises
    ------
    SaferWalksError
        If the file cannot be written.
    """
    from analysis.jobs.rejected import rejected_table

    rejected = rejected_table(workspace)
    write_table(marked(rejected, workspace.kind), path)
    return len(rejected)


def marked(frame: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """Say on every row of a demo that it is one."""
    return frame.assign(**{DEMO_COLUMN: DEMO_WORDS}) if kind == "demo" else frame
