"""Read the street-level files of police.uk: one file a force and month, one row a report.

Longitude and latitude are WGS84 decimal degrees (files of 2012 give British National Grid metres
instead). Each point is a snap point: the real place was moved to the nearest of a fixed list of
points, so it is never an address. A row has a month and nothing finer, and two identical rows are
two incidents: nothing is ever de-duplicated by content.

police.uk does not say whether the month is that of the deed or of its recording. Forces extract
what they recorded, so `date_basis` is 'recorded'.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from geodata import archives, csv_text
from geodata.batches import REJECTED_COLUMNS, Batch, Skipped
from geodata.coordinates import Places, System, read_places
from geodata.csv_text import TextColumn
from geodata.errors import ReportFileError, SaferWalksError
from geodata.forces import force_slug
from geodata.incidents import TIMEZONE, WARD_COLUMNS, empty_incidents
from geodata.manifest import digest_of
from geodata.months import is_month
from geodata.vocabularies import POLICE_UK_CATEGORY

SOURCE = "police_uk"

_STREET_NAME = re.compile(
    r"^(?P<month>\d{4}-\d{2})-(?P<force>.+?)-street(?: ?\(\d+\))?$", re.IGNORECASE
)
_OTHER_TABLES = ("-outcomes", "-stop-and-search")
_ENDINGS = (".csv.gz", ".csv", ".zip")
UNKNOWN_FORCE = "unknown"

_HEAD_BYTES = 65_536
"""Bytes of a file that are enough to know its header."""

_FLAGGED = 10
"""Unknown crime types that are named one by one."""

NO_MONTH = "the month is blank"
BAD_MONTH = "the month is not written YYYY-MM"


_COLUMNS = {
    "month": "Month",
    "crime type": "Crime type",
    "longitude": "Longitude",
    "latitude": "Latitude",
    "easting": "Easting",
    "northing": "Northing",
    "reported by": "Reported by",
    "location": "Location",
    "lsoa code": "LSOA code",
    "crime id": "Crime ID",
}
_AXES: dict[System, tuple[str, str]] = {
    "lonlat": ("longitude", "latitude"),
    "bng": ("easting", "northing"),
}


def read_paths(
    paths: Sequence[Path | str], *, progress: Callable[[float, str], None] | None = None
) -> Iterator[Batch | Skipped]:
    """Read street-level files: CSV, .csv.gz, a zip of them, or a folder tree as downloaded.

    Nothing of a file is held once the next is asked for (`geodata.spooling` puts their rows away).

    Parameters
    ----------
    paths : sequence of Path
        Files and folders; a folder is searched to its depths.
    progress : callable, optional
        Told the share done (0 to 1) and what is being read.

    Yields
    ------
    Batch or Skipped
        One batch a street file. Outcomes, stop and search and other tables that lie in a folder
        or archive are passed over, with the reason.

    Raises
    ------
    ReportFileError
        If a file cannot be read, one that a person named is not a street file, or a folder or
        archive holds none.
    UnsafeArchiveError
        If a zip is damaged or unsafe.
    """
    tell = progress or (lambda _share, _what: None)
    for done, path in enumerate(map(Path, paths)):
        tell(done / len(paths), f"Reading {path.name}")
        met, passed_over = 0, []
        for share, found in _find(path):
            tell((done + share) / len(paths), f"Reading {found.file}")
            result = _read_found(found) if isinstance(found, _Found) else found
            if isinstance(result, Skipped):
                passed_over.append(result)
            met += isinstance(result, Batch)
            yield result
        if not met:
            raise ReportFileError(
                f"{path.name} holds no street-level file of police.uk",
                got=_listing(passed_over),
                todo="give files named YYYY-MM-<force>-street.csv, or the folder or zip that "
                "holds them",
            )


def read_street_file(name: str, data: bytes) -> Batch:
    r"""Read one street-level file.

    Parameters
    ----------
    name : str
        Its name; police.uk's own (YYYY-MM-<force>-street.csv) tells month and force where the
        rows do not.
    data : bytes
        Its content, as CSV or gzipped CSV.

    Returns
    -------
    Batch
        Rows without a place (blank coordinates, or 0, 0) are usable. Rows with a month or a
        coordinate that cannot be are rejected, with the reason. A file with a header and no rows
        says that its month had no reports, if its name tells force and month.

    Raises
    ------
    ReportFileError
        If it is not a street-level file, cannot be read, or none of its coordinates can be used;
        the message names the likely cause.

    Examples
    --------
    >>> text = (b"Month,Reported by,Longitude,Latitude,Location,Crime type\n"
    ...         b"2026-04,Metropolitan Police Service,-0.033,51.525,On or near A Street,Burglary\n"
    ...         b"2026-4,Metropolitan Police Service,-0.033,51.525,On or near A Street,Burglary\n")
    >>> batch = read_street_file("2026-04-metropolitan-street.csv", text)
    >>> batch.rows_in, len(batch.incidents), batch.rejected["line"].tolist()
    (2, 1, [3])
    >>> batch.rejected["reason"].tolist()
    ['the month is not written YYYY-MM']
    """
    data = csv_text.unpack(name, data)
    return _read_table(name, data, csv_text.open_table(name, data))


def is_street_name(name: str) -> bool:
    """Tell whether a file is named as police.uk names its street-level files.

    Examples
    --------
    >>> is_street_name("2026-04/2026-04-btp-street.csv.gz"), is_street_name("crimes.csv")
    (True, False)
    """
    return _STREET_NAME.match(_stem(name)) is not None


def is_street_file(path: Path | str) -> bool:
    """Tell whether a file is, or a zip holds, what police.uk publishes, from its name or header.

    A folder is one if a file in it is. What cannot be read at all is none.

    Examples
    --------
    >>> is_street_file("2026-04-metropolitan-street.csv")
    True
    """
    path = Path(path)
    if is_street_name(path.name):
        return True
    if path.is_dir():
        return any(is_street_file(inner) for inner in sorted(path.rglob("*")) if inner.is_file())
    try:
        if not archives.is_zip(path):
            with path.open("rb") as file:
                return _has_our_header(path.name, file)
        for member in archives.open_members(path, suffixes=[".csv", ".csv.gz"]):
            with member.open() as packed:
                if is_street_name(member.name) or _has_our_header(member.name, packed):
                    return True
    except (OSError, zlib.error, SaferWalksError):
        return False
    return False


def _has_our_header(name: str, file: IO[bytes]) -> bool:
    head = file.read(_HEAD_BYTES)
    if head.startswith(b"\x1f\x8b"):
        head = zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES)
    lines = head.rpartition(b"\n")[0] or head
    return not _lacking(csv_text.open_table(name, lines).header)


@dataclass(frozen=True)
class _Found:
    """A file met on the way: its name for people, its bytes, whether a person named it."""

    file: str
    data: bytes
    named: bool


def _find(path: Path) -> Iterator[tuple[float, _Found | Skipped]]:
    """Step through the files under a path, with the share that lies behind."""
    if not path.is_dir():
        yield from ((0.0, found) for found in _open(path, path.name, named=True))
        return
    inner = sorted(p for p in path.rglob("*") if p.is_file() and not _hidden(p, path))
    for done, file in enumerate(inner):
        name = file.relative_to(path).as_posix()
        for found in _open(file, name, named=False):
            yield done / len(inner), found


def _hidden(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return any(part.startswith(".") or part == "__MACOSX" for part in parts)


def _open(path: Path, name: str, *, named: bool) -> Iterator[_Found | Skipped]:
    reason = "" if named else _why_skipped(name)
    if reason:
        yield Skipped(name, reason)
        return
    try:
        if not archives.is_zip(path):
            yield _Found(name, path.read_bytes(), named)
            return
    except OSError as error:
        raise ReportFileError(
            f"{name} cannot be read", got=error.strerror or str(error), todo="check the path"
        ) from error
    for member in archives.open_members(path, suffixes=[".csv", ".csv.gz"]):
        inner = f"{name}/{member.name}"
        reason = _why_skipped(inner)
        if reason:
            yield Skipped(inner, reason)
        else:
            with member.open() as packed:
                yield _Found(inner, packed.read(), named=False)


def _why_skipped(name: str) -> str:
    if not name.lower().endswith(_ENDINGS):
        return "not a CSV, .csv.gz or zip file"
    if _stem(name).lower().endswith(_OTHER_TABLES):
        return "not a street-level file, by its name"
    return ""


def _read_found(found: _Found) -> Batch | Skipped:
    data = csv_text.unpack(found.file, found.data)
    table = csv_text.open_table(found.file, data)
    lacking = _lacking(table.header)
    if lacking and not found.named and not is_street_name(found.file):
        return Skipped(found.file, f"not a street-level file: no column {' or '.join(lacking)}")
    return _read_table(found.file, data, table)


def _listing(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return "no CSV file at all"
    names = ", ".join(s.file for s in skipped[:3])
    return f"{len(skipped):,} other files: {names}{', ...' if len(skipped) > 3 else ''}"


def _stem(name: str) -> str:
    base = PurePosixPath(name).name
    return re.sub(r"(\.csv(\.gz)?|\.gz)$", "", base, flags=re.IGNORECASE)


def _positions(header: Sequence[str]) -> dict[str, int]:
    """Find the columns we know, whatever their order; case and underscores do not matter."""
    folded = [" ".join(re.findall(r"[a-z0-9]+", h.lower())) for h in header]
    return {name: folded.index(name) for name in _COLUMNS if name in folded}


def _lacking(header: Sequence[str]) -> list[str]:
    have = _positions(header)
    needed = ["month", "crime type"]
    needed += [] if all(axis in have for axis in _AXES["bng"]) else _AXES["lonlat"]
    return [_COLUMNS[name] for name in needed if name not in have]


def _read_table(name: str, data: bytes, table: csv_text.TextTable) -> Batch:
    lacking = _lacking(table.header)
    if lacking:
        raise ReportFileError(
            f"{name} is not a street-level file of police.uk: it lacks {', '.join(lacking)}",
            got=f"columns {', '.join(h for h in table.header if h)[:200] or 'without names'}",
            todo="give the file whose name ends in -street.csv",
        )
    have = _positions(table.header)
    rows = table.read(list(have.values()))
    month, force = _told_by_name(name)
    if not len(rows) and month:
        digest = digest_of(data + f"\0{month} {force}".encode())
        return Batch(name, digest, SOURCE, "file", _no_incidents(), _no_rejected(), 0,
                     ((force, month),))  # fmt: skip
    columns = dict(zip(have, rows.columns, strict=True))
    return _make_batch(name, digest_of(data), table, rows, columns, force)


def _told_by_name(name: str) -> tuple[str, str]:
    """Give month and force as the file's name tells them, '' if it does not."""
    told = _STREET_NAME.match(_stem(name))
    if told is None or not is_month(told["month"]):
        return "", ""
    return told["month"], force_slug(told["force"])


def _make_batch(
    name: str,
    digest: str,
    table: csv_text.TextTable,
    rows: csv_text.Rows,
    columns: dict[str, TextColumn],
    force: str,
) -> Batch:
    system: System = "lonlat" if set(_AXES["lonlat"]) <= set(columns) else "bng"
    x, y = _AXES[system]
    places = read_places(columns[x], columns[y], system)
    _require_some_place(name, places)
    fault, faults = _faults(columns["month"], places)
    good, bad = np.flatnonzero(fault < 0), np.flatnonzero(fault >= 0)
    rejected = _no_rejected()
    if len(bad) or len(rows.unreadable):
        written = rows.as_written(bad).assign(reason=[faults[code] for code in fault[bad]])
        rejected = pd.concat([written, rows.unreadable]).sort_values("line", ignore_index=True)
        rejected = rejected.assign(file=name)[list(REJECTED_COLUMNS)]
    return Batch(
        file=name,
        digest=digest,
        source=SOURCE,
        channel="file",
        incidents=_incidents(columns, places, good, rows.number, digest, force),
        rejected=rejected,
        rows_in=len(rows),
        flags=tuple(_flags(name, table, columns["crime type"].take(good))),
    )


def _require_some_place(name: str, places: Places) -> None:
    """Raise if no coordinate in the file can be used: then the file is wrong, not its rows."""
    wrong = places.fault >= 0
    if not wrong.any() or np.isfinite(places.lon).any():
        return
    reasons = np.bincount(places.fault[wrong])
    raise ReportFileError(
        f"No location in {name} can be used: {places.faults[int(reasons.argmax())]}",
        got=f"{int(wrong.sum()):,} rows with coordinates",
        todo="check the columns Longitude and Latitude (decimal degrees, WGS84), and fetch the "
        "file again or mend it",
    )


def _faults(month: TextColumn, places: Places) -> tuple[np.ndarray, list[str]]:
    """Say of each row why it must be rejected: a position in the list of reasons, -1 if not."""
    reasons = [NO_MONTH, BAD_MONTH, *places.faults]
    of_value = [-1 if is_month(m.strip()) else int(bool(m.strip())) for m in month.values]
    of_month = np.array(of_value, dtype="int64")[month.codes]
    of_place = np.where(places.fault >= 0, places.fault + 2, -1)
    return np.where(of_month >= 0, of_month, of_place), reasons


def _incidents(
    columns: dict[str, TextColumn],
    places: Places,
    rows: np.ndarray,
    number: np.ndarray,
    digest: str,
    force: str,
) -> pd.DataFrame:
    blank = TextColumn(np.zeros(len(number), dtype="int32"), [""])
    text = {name: columns.get(name, blank).take(rows) for name in _COLUMNS}
    located = np.isfinite(places.lon[rows])
    never = pd.Series(pd.NaT, index=range(len(rows)), dtype=f"datetime64[us, {TIMEZONE}]")
    content = {
        "incident_uid": _uids(digest, number[rows]),
        "source": _always(SOURCE, rows),
        "record_level": _always("incident", rows),
        "force": text["reported by"].recode(
            lambda v: force_slug(v) if v.strip() else force or UNKNOWN_FORCE
        ),
        "month": text["month"].recode(str.strip),
        "occurred_from": never,
        "occurred_to": never,
        "time_precision": _always("month", rows),
        "date_basis": _always("recorded", rows),
        "category": text["crime type"].recode(_category),
        "source_category": text["crime type"].recode(_given),
        "lon": places.lon[rows],
        "lat": places.lat[rows],
        "easting": places.easting[rows],
        "northing": places.northing[rows],
        "geo_precision": pd.Categorical.from_codes(
            1 - located.astype("int8"), pd.Index(["snap_point", "none"])
        ),
        "location": text["location"].recode(_given),
        "lsoa_code": text["lsoa code"].recode(_given),
        "source_ref": text["crime id"].spell_out(),
    }
    return pd.DataFrame(content)


def _uids(digest: str, number: np.ndarray) -> pd.Series:
    start = pa.scalar(f"{SOURCE}:{digest}")
    return pc.binary_join_element_wise(start, pa.array(number).cast(pa.string()), ":").to_pandas()


def _always(value: str, rows: np.ndarray) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(np.zeros(len(rows), dtype="int8"), _only(value))


@cache
def _only(value: str) -> pd.Index[str]:
    return pd.Index([value])


def _given(value: str) -> str | None:
    """Keep the source's own words; blank is missing."""
    return value if value.strip() else None


def _category(crime_type: str) -> str:
    return _CATEGORY_BY_FOLDED.get(_fold(crime_type), "unknown")


def _fold(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


_CATEGORY_BY_FOLDED = {_fold(words): code for words, code in POLICE_UK_CATEGORY.items()}


def _flags(name: str, table: csv_text.TextTable, crime_type: TextColumn) -> Iterator[str]:
    if table.encoding != "UTF-8":
        yield f"{name} is not UTF-8; it was read as {table.encoding}."
    words = [crime_type.values[code] for code in np.unique(crime_type.codes)]
    if any(not w.strip() for w in words):
        yield "Some rows have no crime type: they are kept as 'Not known'."
    unknown = sorted(w for w in words if w.strip() and _category(w) == "unknown")
    for word in unknown[:_FLAGGED]:
        yield f"Crime type {word!r} is on no list: its rows are kept as 'Not known'."
    if len(unknown) > _FLAGGED:
        yield f"{name} has {len(unknown) - _FLAGGED:,} more crime types that are on no list."


def _no_incidents() -> pd.DataFrame:
    return empty_incidents().drop(columns=list(WARD_COLUMNS))


@cache  # made once: nobody changes it, and files without a bad row are the rule
def _no_rejected() -> pd.DataFrame:
    types = {"file": "str", "line": "int64", "reason": "str", "row": "str"}
    return pd.DataFrame({c: pd.Series(dtype=t) for c, t in types.items()})
