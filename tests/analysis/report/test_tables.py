"""Tables written for people and programs: nothing lost, nothing half, nothing that runs."""

from __future__ import annotations

import csv
import io
import json
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st

from analysis.report import tables
from analysis.report.tables import csv_bytes, html_table, write_table, write_text
from geodata.crs import BNG
from geodata.errors import CrsError, SaferWalksError
from tests.drawings import HOSTILE, grid_wards


@pytest.fixture
def frame():
    wards = grid_wards()
    return wards.assign(
        count=pd.array([3, None], dtype="Int64"),
        easting=[530_500.0, 531_500.0],
        share=[0.25, np.nan],
    )


def test_csv_leaves_out_the_shapes_and_keeps_the_coordinates(frame, tmp_path):
    write_table(frame, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == (
        b"ward_code,ward_name,area_km2,count,easting,share\n"
        b"E05900001,Ward 1,1.0,3,530500.0,0.25\n"
        b"E05900002,Ward 2,1.0,,531500.0,\n"
    )


def test_csv_of_hostile_text_reads_back_and_runs_nothing():
    frame = pd.DataFrame({"=head": list(HOSTILE), "n": range(len(HOSTILE))})
    rows = list(csv.reader(io.StringIO(csv_bytes(frame).decode("utf-8"), newline="")))
    assert rows[0] == ["'=head", "n"]
    for text, (cell, number) in zip(HOSTILE, rows[1:], strict=True):
        assert cell.removeprefix("'") == text.replace("\x00", "").removeprefix("'")
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert number.isdigit()


@given(st.lists(st.text(max_size=20), min_size=1, max_size=10))
def test_no_cell_of_any_text_starts_a_formula(texts):
    written = csv_bytes(pd.DataFrame({"a": texts, "n": 0})).decode()
    rows = list(csv.reader(io.StringIO(written, newline="")))
    assert [row[1:] for row in rows[1:]] == [["0"]] * len(texts)
    for cell, _ in rows[1:]:
        plain = cell.lstrip(" \xa0")
        assert not plain.startswith(("=", "@", "\t", "\r", "\n"))
        assert not plain.startswith(("+", "-")) or re.fullmatch(r"[+-]?[\d.eE+-]+", plain.strip())


def test_csv_keeps_categories_dates_and_negative_numbers():
    frame = pd.DataFrame(
        {
            "kind": pd.Categorical(["=a", None]),
            "when": pd.to_datetime(["2026-04-01", None]),
            "z": [-1.5, np.nan],
        }
    )
    assert csv_bytes(frame) == b"kind,when,z\n'=a,2026-04-01 00:00:00,-1.5\n,,\n"


def test_csv_takes_two_columns_of_one_name():
    frame = pd.DataFrame([[1, "=x"]], columns=["a", "a"])
    assert csv_bytes(frame) == b"a,a\n1,'=x\n"


def test_geojson_is_what_its_standard_says(frame, tmp_path):
    write_table(frame, tmp_path / "t.geojson")
    text = (tmp_path / "t.geojson").read_text(encoding="utf-8")
    read = json.loads(text)
    assert set(read) == {"type", "features"}  # RFC 7946 has no "crs": it is always WGS84
    first = read["features"][0]
    assert first["properties"]["count"] == 3
    assert read["features"][1]["properties"]["share"] is None
    ring = first["geometry"]["coordinates"][0]
    assert ring[0] == ring[-1]
    assert shapely.LinearRing(ring).is_ccw  # outer rings run anticlockwise
    assert -0.2 < ring[0][0] < 0 < 51 < ring[0][1] < 52
    assert max(len(digits) for digits in re.findall(r"\d\.(\d+)", text)) <= 6


def test_geojson_keeps_the_row_of_something_without_a_place(tmp_path):
    frame = gpd.GeoDataFrame(
        {"n": [1, 2]}, geometry=[shapely.Point(530_000, 180_000), None], crs=BNG
    )
    write_table(frame, tmp_path / "t.geojson")
    features = json.loads((tmp_path / "t.geojson").read_bytes())["features"]
    assert [(f["properties"]["n"], f["geometry"] is None) for f in features] == [
        (1, False),
        (2, True),
    ]


@pytest.mark.parametrize("ending", ["gpkg", "parquet"])
def test_shapes_come_back_in_the_national_grid(frame, tmp_path, ending):
    path = tmp_path / f"t.{ending}"
    write_table(frame, path)
    read = gpd.read_file(path) if ending == "gpkg" else gpd.read_parquet(path)
    assert read.crs == BNG
    expected = frame.astype({"count": read["count"].dtype})
    assert_geodataframe_equal(read[list(frame.columns)], expected, check_like=True)


def test_parquet_without_shapes_is_plain_parquet(tmp_path):
    frame = pd.DataFrame({"month": ["2026-04"], "count": [3]})
    write_table(frame, tmp_path / "t.parquet")
    assert pd.read_parquet(tmp_path / "t.parquet")["count"].tolist() == [3]


@pytest.mark.parametrize("name", ["t.xlsx", "t", "t.html", "t.csv.exe"])
def test_another_ending_is_refused_with_the_four(frame, tmp_path, name):
    with pytest.raises(SaferWalksError, match=r"\.csv, \.geojson, \.gpkg, \.parquet"):
        write_table(frame, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", [".geojson", ".gpkg"])
def test_shapes_that_are_not_there_are_not_written(tmp_path, ending):
    with pytest.raises(SaferWalksError, match="no shapes"):
        write_table(pd.DataFrame({"count": [3]}), tmp_path / f"t{ending}")


def test_shapes_in_degrees_are_refused(frame, tmp_path):
    with pytest.raises(CrsError):
        write_table(frame.to_crs(4326), tmp_path / "t.csv")


def test_a_failure_leaves_the_old_file_and_no_rubbish(frame, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("old", encoding="utf-8")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tables.os, "replace", full)
    with pytest.raises(SaferWalksError, match="No space left on device"):
        write_table(frame, path)
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]
    assert path.read_text(encoding="utf-8") == "old"


def test_an_existing_file_is_replaced(frame, tmp_path):
    path = tmp_path / "T.CSV"
    path.write_text("old", encoding="utf-8")
    write_table(frame.head(1), path)
    assert path.read_bytes().count(b"\n") == 2


def test_a_folder_that_is_not_there_is_named(frame, tmp_path):
    with pytest.raises(SaferWalksError, match="nowhere"):
        write_table(frame, tmp_path / "nowhere" / "t.csv")


def test_text_is_written_as_it_is(tmp_path):
    write_text("a\nµ\r\n", tmp_path / "t.html")
    assert (tmp_path / "t.html").read_bytes() == "a\nµ\r\n".encode()


def test_a_table_for_people_names_its_rows_and_columns():
    frame = pd.DataFrame({"ward": ["A", "B"], "n": [1200, np.nan], "ok": [True, False]})
    assert html_table(frame, "Caption", columns=[("ward", "Ward"), ("n", "Reports"), ("ok", "OK")],
                      name="c") == (
        '<table><caption id="c">Caption</caption><thead><tr><th scope="col">Ward'
        '<th scope="col" class=n>Reports<th scope="col">OK</thead>'
        '<tbody><tr><th scope="row">A<td class="n">1,200<td>yes\n'
        '<tr><th scope="row">B<td class="n">no data<td>no</tbody></table>'
    )  # fmt: skip


def test_a_withheld_number_says_so_and_is_not_called_missing():
    frame = pd.DataFrame({"ward": ["A"], "n": [np.nan], "withheld": ["1 to 4"]})
    assert "1 to 4" in html_table(frame, "C", columns=[("ward", "W"), ("n", "N")])
    assert "no data" not in html_table(frame, "C", columns=[("ward", "W"), ("n", "N")])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_table_stays_text(text):
    made = html_table(pd.DataFrame({text: [text]}), text, name=text)
    assert re.sub(r"</?(table|caption|thead|tbody|tr|th)\b[^<>]*>", "", made).count("<") == 0


def test_ids_are_told_from_words_so_that_they_do_not_break() -> None:
    frame = pd.DataFrame({"action_id": ["ACT-2026-0001"], "what": ["Mend"], "site_id": ["SIT-1"]})
    told = html_table(frame, "Actions")
    assert '<th scope="row" class="id">ACT-2026-0001<td>Mend<td class="id">SIT-1' in told
