"""Street files of police.uk, written as text: made-up reports in the two wards of the builders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from geodata.crs import to_lonlat
from tests.builders import ORIGIN

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
ASB = "Anti-social behaviour"
MET = "Metropolitan Police Service"


def lonlat(east: float, north: float) -> tuple[str, str]:
    """Write a point, metres from the builders' ORIGIN, as police.uk does."""
    lon, lat = to_lonlat(np.array([ORIGIN[0] + east]), np.array([ORIGIN[1] + north]))
    return f"{lon[0]:.6f}", f"{lat[0]:.6f}"


def row(
    east: float | None = 500,
    north: float = 500,
    *,
    month: str = "2026-04",
    crime: str = ASB,
    force: str = MET,
    at: tuple[str, str] | None = None,
    crime_id: str = "",
) -> str:
    """Write one line. `east` None leaves both coordinates blank; `at` gives them as they are."""
    lon, lat = at if at is not None else ("", "") if east is None else lonlat(east, north)
    return (
        f"{crime_id},{month},{force},{force},{lon},{lat},On or near A Street,E01000001,"
        f"Borough 001A,{crime},,"
    )


def street_csv(rows: Iterable[str], *, header: str = HEADER) -> str:
    """Write a file."""
    return "\n".join([header, *rows, ""])


def along(count: int, *, first: int = 0, month: str = "2026-04", north: float = 500) -> list[str]:
    """Write `count` lines at points 10 m apart from `first` x 10 m on: the west ward has 100."""
    return [row(5 + 10 * (first + i), north, month=month) for i in range(count)]


def write(folder: Path, name: str, rows: Sequence[str], *, header: str = HEADER) -> Path:
    """Write a file to a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(street_csv(rows, header=header), encoding="utf-8")
    return path
