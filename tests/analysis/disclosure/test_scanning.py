"""The last gate: what identifies a person is found wherever it hides, and nothing else is."""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

import pytest

from analysis.disclosure.scanning import Known, require_clean, scan
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
