"""One door for council files: recognise a file by its content and open it as a table of text.

CSV and its kin, XLSX, XLS, ODS, GeoJSON, GeoPackage, parquet, and a zip of any of these. The ending
of a name is a hint at most.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from geodata.archives import GIB, Limits, extract_to, is_zip
from geodata.council.delimited import open_delimited
from geodata.council.layers import layer_names, open_layer, open_parquet
from geodata.council.spreadsheets import open_spreadsheet, sheet_names
from geodata.council.table import Table
from geodata.errors import ReportFileError

ZIP_LIMITS = Limits(members=5_000, total_bytes=16 * GIB, member_bytes=8 * GIB)

ENDINGS = (
    *(".csv", ".tsv", ".tab", ".txt", ".csv.gz", ".xlsx", ".xlsm", ".xls", ".ods"),
    *(".geojson", ".json", ".gpkg", ".fgb", ".parquet", ".geoparquet"),
)
"""Endings of the files looked for in a zip."""

_KNOWN = "CSV, Excel, OpenDocument, GeoJSON, GeoPackage, parquet or a zip of these"
_SQLITE = b"SQLite format 3\0"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNS: tuple[tuple[bytes, str], ...] = (
    (b"<OGRVRTDataSource", "an OGR VRT, which points at other files; give the file it points at"),
    (b"%PDF", "a PDF; ask for the table itself"),
    (b"<!DOCTYPE", "a web page: the download did not give the file"),
    (b"<html", "a web page: the download did not give the file"),
    (b"<", "XML or a web page; ask for CSV or GeoJSON"),
    (b"version https://git-lfs", "a pointer to a file kept elsewhere (Git LFS), not the file"),
    (b"[", "a list in JSON; ask for CSV or GeoJSON"),
    (b"{\\rtf", "a text document; ask for the table itself"),
)


@dataclass(frozen=True)
class File:
    """A file that may hold a table: what people call it, and where it lies."""

    name: str
    path: Path


@contextmanager
def files_in(path: Path | str) -> Iterator[list[File]]:
    """Give the files of a zip, unpacked until the context ends, or the one file itself.

    Raises
    ------
    ReportFileError
        If there is no such file, or a zip holds nothing that could be a table.
    UnsafeArchiveError
        If a zip must not be opened.
    """
    path = Path(path)
    if not path.is_file():
        what = "is a folder, not a file" if path.is_dir() else "is not there"
        raise ReportFileError(f"{path.name or path} {what}", todo="give the path of one file")
    if not is_zip(path) or _is_workbook(path):
        yield [File(path.name, path)]
        return
    with tempfile.TemporaryDirectory(prefix="council-") as folder:
        written = extract_to(path, Path(folder), ENDINGS, ZIP_LIMITS)
        if not written:
            raise ReportFileError(f"{path.name} holds no table", todo=f"give {_KNOWN}")
        yield [File(f"{path.name}: {name}", to) for name, to in written]


def tables_under(folder: Path) -> tuple[list[Path], list[str]]:
    """List the files of a folder that could be tables or zips of them, and the names of others.

    Hidden files are in neither. Both lists are in the order of the names.

    Raises
    ------
    ReportFileError
        If there is none.
    """
    tables, others = [], []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        inner = path.relative_to(folder)
        if any(part.startswith(".") or part == "__MACOSX" for part in inner.parts):
            continue
        if path.name.lower().endswith((*ENDINGS, ".zip")):
            tables.append(path)
        else:
            others.append(inner.as_posix())
    if not tables:
        raise ReportFileError(
            f"{folder.name} holds no table", got=", ".join(others[:5]) or "nothing",
            todo=f"give {_KNOWN}",
        )  # fmt: skip
    return tables, others


@contextmanager
def open_table(
    path: Path | str, *, sheet: str = "", wanted: Collection[str] = (), name: str = ""
) -> Iterator[Table]:
    r"""Open the one table of a file.

    Parameters
    ----------
    path : pathlib.Path or str
        The file, or a zip that holds one.
    sheet : str
        The sheet or layer to read where there are several.
    wanted : collection of str
        Column names that a profile asks for; they help to find the header, delimiter and sheet.
    name : str
        What to call the file in messages; its own name if ''.

    Raises
    ------
    ReportFileError
        If the file cannot be read or holds several tables.
    UnsafeArchiveError
        If a zip must not be opened.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "cases.csv"
    ...     _ = file.write_text("Date,Type\n03/04/2026,Noise\n")
    ...     with open_table(file) as table:
    ...         table.columns, [chunk.data.to_pylist() for chunk in table.chunks()]
    (('Date', 'Type'), [[{'Date': '03/04/2026', 'Type': 'Noise'}]])
    """
    with files_in(path) as files:
        if len(files) > 1:
            raise ReportFileError(
                f"{Path(path).name} holds several files",
                got=", ".join(f.name.split(": ", 1)[-1] for f in files[:20]),
                todo="unpack it and give one of them, or import the zip as a whole",
            )
        yield open_file(files[0], sheet=sheet, wanted=wanted, name=name)


@dataclass(frozen=True)
class First:
    """The first table of a file: opened, with the sheet or layer chosen where that must be said.

    `sheets` lists the sheets or layers that could be read instead; `others` counts further files
    of the same zip.
    """

    table: Table
    sheet: str
    sheets: tuple[str, ...]
    others: int


@contextmanager
def open_first(
    path: Path | str, *, sheet: str = "", wanted: Collection[str] = ()
) -> Iterator[First]:
    """Open the first table of a file, however many there are, for a person to look at.

    Parameters
    ----------
    path, sheet, wanted
        As `open_table`. Of several layers of a map file the first is taken if none is named.

    Raises
    ------
    ReportFileError, UnsafeArchiveError
        As `open_table`.
    """
    with files_in(path) as files:
        first = files[0]
        with first.path.open("rb") as opened:
            head = opened.read(4_096)
        names: list[str] = []
        if head.startswith(_SQLITE):
            names = layer_names(first.path, first.name)
            sheet = sheet or (names[0] if len(names) > 1 else "")
        elif head.startswith(_OLE) or (is_zip(first.path) and _is_workbook(first.path)):
            names = sheet_names(first.path, first.name)
        table = open_file(first, sheet=sheet, wanted=wanted)
        yield First(table, sheet, tuple(names) if len(names) > 1 else (), len(files) - 1)


def open_file(
    file: File, *, sheet: str = "", wanted: Collection[str] = (), name: str = ""
) -> Table:
    """Open a file that is no zip of others; see `open_table`."""
    name = name or file.name
    with file.path.open("rb") as opened:
        head = opened.read(4_096)
    for sign, meaning in _SIGNS:
        if head.lstrip(b"\xef\xbb\xbf \r\n\t")[: len(sign)] == sign:
            raise ReportFileError(f"{name} is not a table", got=meaning, todo=f"give {_KNOWN}")
    if head.startswith(b"PAR1"):
        return open_parquet(file.path, name)
    if head.startswith(_OLE) or is_zip(file.path):
        if is_zip(file.path) and not _is_workbook(file.path):
            raise ReportFileError(
                f"{name} is an archive or a document, not a table", todo=f"give {_KNOWN}"
            )
        return open_spreadsheet(file.path, name, sheet=sheet, wanted=wanted)
    if _is_layer(head):
        return open_layer(file.path, name, layer=sheet)
    return open_delimited(file.path, name, wanted=wanted)


def _is_layer(head: bytes) -> bool:
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return head.startswith((_SQLITE, b"fgb\x03")) or text.startswith(b"{")


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False
    return "xl/workbook.xml" in names or {"content.xml", "mimetype"} <= names
