"""The last gate: what identifies a person is found wherever it hides, and nothing else is."""

from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
import zlib
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis.disclosure.pdf_text import words_of
from analysis.disclosure.scanning import Known, require_clean, scan
from analysis.report.spreadsheets import book_bytes
from analysis.report.tables import table_bytes
from geodata.crs import BNG
from geodata.errors import SaferWalksError


def _kinds(data: bytes, name: str = "file", **known: Any) -> list[str]:
    return [hit.kind for hit in scan(data, name=name, known=Known(**known))]


def _zipped(name: str, data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write to ann.lee+walks@example.org today", "an e-mail address"),
        ("write to ann&#64;example.org", "an e-mail address"),
        ("ring 020 7946 0123", "a telephone number"),
        ("ring 07700900123.", "a telephone number"),
        ("ring +44 7700 900123", "a telephone number"),
        ("ring (01632) 960123", "a telephone number"),
        ('{"uprn": 100023336956}', "a property number (UPRN)"),
        ("Case ref: ASB/2026/00123", "a case reference"),
        ("crime number 4512345/26", "a case reference"),
        ("lives at E1 4NS", "a full postcode"),
        ("DOB: 3 May 1990", "a date of birth"),
        ("QQ 12 34 56 C AB 12 34 56 C", "a national insurance number"),
        ("ward,repeat_reporter_key,count\n", "a column no file holds"),
    ],
)
def test_what_identifies_a_person_is_found(text: str, kind: str) -> None:
    assert kind in _kinds(text.encode())
    assert kind in _kinds(_zipped("in.txt", _zipped("deep.csv", text.encode())))


@pytest.mark.parametrize(
    "text",
    [
        "12 reports, 3,456 in the borough, 2026-04 to 2026-06, 14:05",
        '"coordinates":[[-0.03127,51.52109],[-0.03101,51.52144]]',
        "E05009317 Bethnal Green East; h200:2650:431; 534250 182150",
        "Call 999. Crimestoppers: 0800 555 111. Otherwise 101.",
        "sha256 " + "9f86d081884c7d65" * 4,
        "@media (max-width: 360px) { a { color: #12436D } }",
        "Contains public sector information licensed under the Open Government Licence v3.0",
        "in case 2026 reports come",
    ],
)  # fmt: skip
def test_numbers_places_and_styles_pass(text: str) -> None:
    assert scan(text.encode()) == []


def test_a_pdf_is_opened_and_a_name_of_a_file_is_read() -> None:
    stream = zlib.compress(b"(write to ann@example.org) Tj")
    pdf = b"%PDF-1.7\n1 0 obj <<>> stream\n" + stream + b"\nendstream"
    assert _kinds(pdf) == ["an e-mail address"]
    assert _kinds(b"", name="notes for ann@example.org.csv") == ["an e-mail address"]


def test_binary_files_are_read_as_far_as_they_hold_letters() -> None:
    assert _kinds(b"\x00\x01\x02ann@example.org\x00") == ["an e-mail address"]


def test_names_and_references_of_the_workspace_are_whole_words() -> None:
    assert _kinds(b"told by Ann Lee-Jones", words=["Ann Lee-Jones"]) == [
        "a name or reference of this workspace"
    ]
    assert _kinds(b"Leeds annexe", words=["Lee", "anne"]) == []


@pytest.mark.parametrize("text", ["534251,182153", "[534251.2, 182153.0]", "182153 / 534251"])
def test_the_point_of_a_report_is_found_in_metres(text: str) -> None:
    assert _kinds(text.encode(), points=[(534251.2, 182153.4)]) == [
        "the point of a person's report"
    ]
    assert _kinds(text.encode(), points=[(534252.0, 182153.4)]) == []


def test_the_point_of_a_report_is_found_in_degrees() -> None:
    assert _kinds(b"[-0.031271, 51.52109]", points=[(-0.03127, 51.52109)])
    assert _kinds(b"[-0.031248, 51.52109]", points=[(-0.03127, 51.52109)]) == []


def test_published_contacts_may_stand() -> None:
    text = b"Community safety: 020 7364 5000, safety@example.gov.uk"
    assert len(scan(text)) == 2
    assert _kinds(text, allowed=["020 7364 5000", "safety@example.gov.uk"]) == []


def test_publishing_is_refused_without_repeating_what_was_found() -> None:
    with pytest.raises(SaferWalksError, match="Nothing was handed out") as caught:
        require_clean({"a.csv": b"ok", "b.html": b"ann@example.org"})
    assert "b.html" in str(caught.value)
    assert "ann@example.org" not in str(caught.value)


def test_pixels_are_no_words_but_the_texts_of_a_picture_are() -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + kind + content + b"sum!"

    start = b"\x89PNG\r\n\x1a\n"
    pixels = start + chunk(b"IDAT", b"xx DOB 1 jane@example.org xx") + chunk(b"IEND", b"")
    assert scan(pixels, name="map.png") == []
    words = start + chunk(b"tEXt", b"Author jane@example.org") + chunk(b"IEND", b"")
    assert [f.kind for f in scan(words, name="map.png")] == ["an e-mail address"]


def test_a_known_word_is_found_however_it_is_parted() -> None:
    for text in ("ASB/77 4411", "asb_77_4411", "for ASB-77-4411.", "ref=ASB-77-4411;"):
        assert _kinds(text.encode(), words=["ASB-77-4411"]), text
    assert _kinds(b"ASB-77-44110", words=["ASB-77-4411"]) == []
    # What stands behind a decimal point is no property number.
    assert _kinds(b"[51.5210912]", words=["5210912"]) == []
    assert _kinds(b"at 5210912", words=["5210912"])


@pytest.mark.parametrize(
    "text",
    [
        b"ann&#x40;example&#46;org",
        b'{"a": "ann\\u0040example.org"}',
        b"BEGIN:VCALENDAR\r\nDESCRIPTION:write to ann@exam\r\n ple.org",
    ],
)
def test_what_is_written_in_other_letters_or_folded_is_read(text: bytes) -> None:
    assert _kinds(text) == ["an e-mail address"]


def test_a_corner_of_an_outline_is_nobodys_point_and_a_list_of_points_is() -> None:
    home = (-0.03127, 51.52109)
    many = [(-0.03211 - n / 1000, 51.53217) for n in range(12)]
    ring = [home, *many]
    assert _kinds(json.dumps(ring).encode(), points=[home]) == []
    alone = json.dumps({"geometry": {"type": "Point", "coordinates": ring[0]}})
    assert _kinds(alone.encode(), points=[home])
    assert _kinds(json.dumps(many).encode(), points=many)


def test_the_cells_and_points_of_a_geopackage_are_read() -> None:
    frame = gpd.GeoDataFrame(
        {"name": ["x" * 5000 + " ann@example.org"]}, geometry=[shapely.Point(534251.2, 182153.4)],
        crs=BNG,
    )  # fmt: skip
    found = _kinds(table_bytes(frame, ".gpkg"), name="a.gpkg", points=[(534251.0, 182153.0)])
    assert set(found) == {"an e-mail address", "the point of a person's report"}
    with pytest.raises(SaferWalksError, match="damaged"):
        scan(b"SQLite format 3\x00 and nothing", name="a.gpkg")


def test_the_letters_of_a_pdf_are_read_as_they_are_drawn() -> None:
    """An embedded font draws glyphs by number: the words stand in no plain letters."""
    cmap = zlib.compress(
        b"1 beginbfchar <0001> <004A> endbfchar 1 beginbfrange <0002> <0003> <006F> endbfrange"
    )
    drawn = zlib.compress(rb"BT /f0 12 Tf [(\000\001\000\002)4<0003>]TJ ET")
    pdf = b"%PDF-1.7\n" + b"".join(
        b"1 0 obj <<>> stream\n" + part + b"\nendstream endobj\n" for part in (cmap, drawn)
    )
    assert "Jop" in "\n".join(words_of(pdf))
    titled = b"%PDF-1.7\n<</Title(\xfe\xff" + "ann@example.org".encode("utf-16-be") + b")>>"
    assert _kinds(titled) == ["an e-mail address"]


def test_a_workbook_is_read_cell_by_cell() -> None:
    book = book_bytes(
        {"a": pd.DataFrame({"Note": ["ask ann@example.org"]})}, made_on=dt.date(2026, 7, 1)
    )
    assert _kinds(book, name="a.xlsx") == ["an e-mail address"]
    assert _kinds(_zipped("in.xlsx", book), name="pack.zip") == ["an e-mail address"]


def test_a_packed_text_of_a_picture_is_read() -> None:
    text = b"Comment\x00\x00" + zlib.compress(b"by jane@example.org")
    chunk = len(text).to_bytes(4, "big") + b"zTXt" + text + b"sum!"
    assert _kinds(b"\x89PNG\r\n\x1a\n" + chunk) == ["an e-mail address"]
