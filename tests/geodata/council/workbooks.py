"""Workbooks written by hand: no spreadsheet library is needed to test the reading of one."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'

DATE, DATE_TIME = 1, 2
"""Styles of a cell: a day, a day with its time."""


def cell(place: str, value: object, style: int = 0) -> str:
    """One cell of a sheet: a text or a number."""
    if isinstance(value, str):
        text = f'<is><t xml:space="preserve">{escape(value)}</t></is>'
        return f'<c r="{place}" t="inlineStr">{text}</c>'
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def sheet_xml(rows: Sequence[Sequence[object]], first_row: int = 1) -> str:
    """Rows of a sheet. None leaves a cell out; (value, style) gives a number its style."""
    made = []
    for number, row in enumerate(rows, first_row):
        cells = []
        for column, value in enumerate(row):
            if value is not None:
                number_and_style = value if isinstance(value, tuple) else (value, 0)
                cells.append(cell(f"{chr(65 + column)}{number}", *number_and_style))
        made.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(made)


def write_xlsx(
    path: Path, sheets: dict[str, str], *, hidden: Sequence[str] = (), date_1904: bool = False
) -> Path:
    """A workbook of sheets given as the inside of their sheetData."""
    names = list(sheets)
    states = [' state="hidden"' if n in hidden else "" for n in names]
    book = "".join(
        f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"{state}/>'
        for i, (n, state) in enumerate(zip(names, states, strict=True), 1)
    )
    settings = '<workbookPr date1904="1"/>' if date_1904 else ""
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_REL}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(
            "[Content_Types].xml",
            f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'  # noqa: E501
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
        )
        made.writestr(
            "_rels/.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
            f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        made.writestr(
            "xl/workbook.xml",
            f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}">'
            f"{settings}<sheets>{book}</sheets></workbook>",
        )
        made.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{links}<Relationship Id="rId99" '
            f'Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        )
        made.writestr(
            "xl/styles.xml",
            f'{_HEAD}<styleSheet xmlns="{_MAIN}"><cellXfs count="3"><xf numFmtId="0"/>'
            '<xf numFmtId="14"/><xf numFmtId="22"/></cellXfs></styleSheet>',
        )
        for i, inside in enumerate(sheets.values(), 1):
            made.writestr(
                f"xl/worksheets/sheet{i}.xml",
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{inside}</sheetData></worksheet>',
            )
    return path


def write_ods(path: Path, rows: str) -> Path:
    """An OpenDocument sheet with these table rows."""
    oasis = "urn:oasis:names:tc:opendocument:xmlns"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr(
            "META-INF/manifest.xml",
            f'{_HEAD}<manifest:manifest xmlns:manifest="{oasis}:manifest:1.0"><manifest:file-entry '
            'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.'
            'spreadsheet"/></manifest:manifest>',
        )
        made.writestr(
            "content.xml",
            f'{_HEAD}<office:document-content xmlns:office="{oasis}:office:1.0" '
            f'xmlns:table="{oasis}:table:1.0" xmlns:text="{oasis}:text:1.0"><office:body>'
            f'<office:spreadsheet><table:table table:name="Cases">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return path


def write_xls(path: Path, rows: Sequence[Sequence[str | float]]) -> Path:
    """An Excel 97 workbook (BIFF8) of one sheet, in the compound file that it needs."""
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            if isinstance(value, str):
                text = value.encode("utf-16-le")
                sheet += _record(0x0204, struct.pack("<HHHHB", y, x, 0, len(value), 1) + text)
            else:
                sheet += _record(0x0203, struct.pack("<HHHd", y, x, 0, value))
    sheet += _record(0x000A, b"")
    bof = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    name = b"\x05\x00Cases"
    place = len(bof) + 4 + 6 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IH", place, 0) + name)
    path.write_bytes(_compound(bof + bound + _record(0x000A, b"") + sheet))
    return path


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _compound(stream: bytes) -> bytes:
    """A compound file (MS-CFB, 512-byte sectors) with one stream, 'Workbook', of at least 4 kB."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    free, end, fat_mark, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
    chain = [*range(1, sectors), end, end, fat_mark]  # stream, directory, table of sectors
    fat = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6,
        b"", 0, 1, sectors, 0, 4096, end, 0, end, 0, sectors + 1,
    )  # fmt: skip
    header += struct.pack("<108I", *[free] * 108)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        return struct.pack(
            "<64sHBBIII16sIQQIQ", text, len(text), kind, 1, none, none, child, b"", 0, 0, 0,
            start, size,
        )  # fmt: skip

    blank = struct.pack("<64sHBBIII16sIQQIQ", b"", 0, 0, 0, none, none, none, b"", 0, 0, 0, 0, 0)
    directory = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, none, 0, len(stream))
    return header + stream + directory + blank * 2 + fat
