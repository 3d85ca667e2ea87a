"""Postcodes and names from zips as the Ordnance Survey lays them out."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.errors import ReportFileError, UnsafeArchiveError
from geodata.fetch import gazetteer
from geodata.fetch.gazetteer import read_gazetteer
from geodata.locating.gazetteer import Gazetteer
from tests.builders import ORIGIN, two_wards


def zipped(folder: Path, **files: str) -> Path:
    path = folder / "data.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, text in files.items():
            made.writestr(f"Data/CSV/{name}.csv", text)
    return path


def place(east: float, north: float) -> str:
    return f"{ORIGIN[0] + east:.0f},{ORIGIN[1] + north:.0f}"


def names_row(
    name: str, kind: str, where: str, second: str = "", *, box: str = ",,,", district: str = "",
    of_type: str = "t",
) -> str:  # fmt: skip
    """One of the 34 columns of OS Open Names."""
    return (
        f"osgb1,http://x,{name},,{second},,{of_type},{kind},{where},,,{box},{district}" + "," * 17
    )


def test_postcodes_are_read(tmp_path: Path) -> None:
    rows = [
        f'"E1 6AN",10,{place(500, 500)},"E92000001","","","","E09000030","E05999991"',
        f'"E14 5AB",50,{place(1500, 500)},"E92000001","","","","E09000030","E05999992"',
        f'"E1  9AA",60,{place(500, 500)},"E92000001","","","","E","E"',  # of a whole sector
        f'"ZE1 0AA",10,{place(90_000, 90_000)},"S","","","","S","S"',
        '"E1 9ZZ",90,0,0,"E92000001","","","","E","E"',
        "broken,row",
    ]
    headings = "PC,PQ,EA,NO,CY,RH,LH,CC,DC,WC"
    found = read_gazetteer(zipped(tmp_path, e="\n".join(rows), doc=headings), two_wards())
    assert found.product.key == "codepoint"
    frame = found.frame
    assert frame[["key", "name", "kind"]].to_numpy().tolist() == [
        ["E145AB", "E14 5AB", "postcode"],
        ["E16AN", "E1 6AN", "postcode"],
    ]
    assert frame["easting"].tolist() == [ORIGIN[0] + 1500, ORIGIN[0] + 500]
    assert frame["radius_m"].fillna(0).tolist() == [250, 0]  # imputed; as usual


def test_names_are_read_in_both_languages(tmp_path: Path) -> None:
    rows = [
        names_row("St. Katharine's Way", "Named Road", place(500, 500)),
        names_row("Cardiff Road", "Named Road", place(600, 500), "Heol Caerdydd"),
        names_row("Bow", "Suburban Area", place(700, 500)),
        names_row("E1 6AN", "Postcode", place(800, 500)),
        names_row("Elsewhere", "Village", place(50_000, 500)),
    ]
    found = read_gazetteer(zipped(tmp_path, tq="\n".join(rows)), two_wards()).frame
    assert dict(zip(found["key"], found["kind"], strict=True)) == {
        "BOW": "place", "E16AN": "postcode", "CARDIFF ROAD": "street", "HEOL CAERDYDD": "street",
        "ST KATHARINES WAY": "street",
    }  # fmt: skip


def test_names_keep_the_box_they_fill_and_their_district(tmp_path: Path) -> None:
    box = f"{place(200, 480)},{place(800, 520)}"
    rows = [
        names_row('"Bow Road, East"', "Named Road", place(500, 500), box=box, district="E3"),
        names_row("A11", "Numbered Road", place(500, 500)),
        names_row("Bow", "Suburban Area", place(700, 500), of_type="populatedPlace"),
        names_row("Bow Road", "Railway Station", place(500, 510), of_type="transportNetwork"),
    ]
    found = read_gazetteer(zipped(tmp_path, tq="\ufeff" + "\n".join(rows)), two_wards())
    assert found.product.title == "OS Open Names"
    kinds = dict(zip(found.frame["name"], found.frame["kind"], strict=True))
    assert kinds == {
        "Bow Road, East": "street",
        "A11": "street",
        "Bow": "area",
        "Bow Road": "place",
    }
    road = found.frame.set_index("name").loc["Bow Road, East"]
    assert road["district"] == "E3"
    assert road[["west", "south", "east", "north"]].tolist() == [
        ORIGIN[0] + 200, ORIGIN[1] + 480, ORIGIN[0] + 800, ORIGIN[1] + 520,
    ]  # fmt: skip
    assert round(road["radius_m"], 1) == 300.7  # half of the diagonal of 600 by 40
    [street] = Gazetteer(two_wards(), found.frame).streets("BOW ROAD EAST")
    assert street.shape.bounds == tuple(road[["west", "south", "east", "north"]])


def uprn_csv(rows: Iterable[tuple[int, float, float]]) -> str:
    lines = [f"{n},{ORIGIN[0] + x:.2f},{ORIGIN[1] + y:.2f},51.5,-0.1" for n, x, y in rows]
    return "\n".join(["UPRN,X_COORDINATE,Y_COORDINATE,LATITUDE,LONGITUDE", *lines])


def test_of_the_properties_of_the_country_only_those_near_are_kept(tmp_path: Path) -> None:
    rows = [(100_023_336_956, 10, 20), (5, 2400, 500), (6, 2600, 500), (7, 300_000, 300_000)]
    found = read_gazetteer(zipped(tmp_path, osopenuprn=uprn_csv(rows)), two_wards())
    assert found.product.key == "openuprn"
    assert found.frame[["key", "kind"]].to_numpy().tolist() == [
        ["100023336956", "uprn"], ["5", "uprn"],  # up to 500 m beyond the wards
    ]  # fmt: skip
    known = Gazetteer(two_wards(), found.frame)
    [at] = known.look_up("uprn", np.array(["100023336956"], "O"))
    assert (at["easting"] - ORIGIN[0], at["radius_m"]) == (10, 15)


def test_properties_pass_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gazetteer, "_BLOCK", 2_000)
    rows = [(n, n % 4000, 500) for n in range(1, 3_000)]
    found = read_gazetteer(zipped(tmp_path, osopenuprn=uprn_csv(rows)), two_wards())
    assert len(found.frame) == sum(x <= 2500 for _, x, _ in rows)


def test_a_broken_table_of_properties_is_one_clear_error(tmp_path: Path) -> None:
    text = uprn_csv([(1, 10, 10)]) + "\nmany,2,3,4,5"
    with pytest.raises(ReportFileError, match="is damaged"):
        read_gazetteer(zipped(tmp_path, osopenuprn=text), two_wards())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_read_or_refused(tmp_path: Path, data: bytes) -> None:
    with zipfile.ZipFile(tmp_path / "any.zip", "w") as made:
        made.writestr("a.csv", data)
    with pytest.raises((ReportFileError, UnsafeArchiveError)):
        read_gazetteer(tmp_path / "any.zip", two_wards())


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="Code-Point Open"):
        read_gazetteer(zipped(tmp_path, x="a,b\n1,2\n"), two_wards())


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK\x03\x04 no more")
    with pytest.raises(UnsafeArchiveError):
        read_gazetteer(tmp_path / "x.zip", two_wards())
