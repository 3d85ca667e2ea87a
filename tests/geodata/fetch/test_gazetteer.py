"""Postcodes and names from zips as the Ordnance Survey lays them out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from geodata.errors import ReportFileError, UnsafeArchiveError
from geodata.fetch.gazetteer import read_gazetteer
from tests.builders import ORIGIN, two_wards


def zipped(folder: Path, **files: str) -> Path:
    path = folder / "data.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, text in files.items():
            made.writestr(f"Data/CSV/{name}.csv", text)
    return path


def place(east: float, north: float) -> str:
    return f"{ORIGIN[0] + east:.0f},{ORIGIN[1] + north:.0f}"


def names_row(name: str, kind: str, where: str, second: str = "") -> str:
    return f"osgb1,http://x,{name},,{second},,t,{kind},{where}{',' * 24}"


def test_postcodes_are_read(tmp_path: Path) -> None:
    rows = [
        f'"E1 6AN",10,{place(500, 500)},"E92000001","","","","E09000030","E05999991"',
        f'"E14 5AB",10,{place(1500, 500)},"E92000001","","","","E09000030","E05999992"',
        f'"ZE1 0AA",10,{place(90_000, 90_000)},"S","","","","S","S"',
        '"E1 9ZZ",90,0,0,"E92000001","","","","E","E"',
    ]
    found = read_gazetteer(zipped(tmp_path, e="\n".join(rows)), two_wards())
    assert found[["key", "name", "kind"]].to_numpy().tolist() == [
        ["E145AB", "E14 5AB", "postcode"],
        ["E16AN", "E1 6AN", "postcode"],
    ]
    assert found["easting"].tolist() == [ORIGIN[0] + 1500, ORIGIN[0] + 500]


def test_names_are_read_in_both_languages(tmp_path: Path) -> None:
    rows = [
        names_row("St. Katharine's Way", "Named Road", place(500, 500)),
        names_row("Cardiff Road", "Named Road", place(600, 500), "Heol Caerdydd"),
        names_row("Bow", "Suburban Area", place(700, 500)),
        names_row("E1 6AN", "Postcode", place(800, 500)),
        names_row("Elsewhere", "Village", place(50_000, 500)),
    ]
    found = read_gazetteer(zipped(tmp_path, tq="\n".join(rows)), two_wards())
    assert dict(zip(found["key"], found["kind"], strict=True)) == {
        "BOW": "place", "E16AN": "postcode", "CARDIFF ROAD": "street", "HEOL CAERDYDD": "street",
        "ST KATHARINES WAY": "street",
    }  # fmt: skip


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="Code-Point Open"):
        read_gazetteer(zipped(tmp_path, x="a,b\n1,2\n"), two_wards())


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(UnsafeArchiveError):
        read_gazetteer(tmp_path / "x.zip", two_wards())
