import random
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.council.tables import files_in, open_table
from geodata.crs import BNG, WGS84
from geodata.errors import ReportFileError, SaferWalksError, UnsafeArchiveError
from tests.geodata.council.workbooks import (
    DATE,
    DATE_TIME,
    sheet_xml,
    write_ods,
    write_xls,
    write_xlsx,
)

ROWS = [["Date", "Type", "UPRN"], [(45385, DATE), "Noise", 100023456789]]


def _rows(path, **options):
    with open_table(path, **options) as table:
        return [
            (line, row)
            for chunk in table.chunks()
            for line, row in zip(chunk.line.tolist(), chunk.data.to_pylist(), strict=True)
        ]


# Spreadsheets


def test_a_sheet_keeps_its_dates_dates_and_its_long_numbers_whole(tmp_path):
    path = write_xlsx(
        tmp_path / "a.xlsx",
        {
            "Cases": sheet_xml(
                [
                    ["ASB cases, May"],
                    [],
                    ["Date", "When", "UPRN", "Northing", "Note"],
                    [(45385, DATE), (45385.586805555555, DATE_TIME), 100023456789, 1.5, "a\nb"],
                    [None, None, None, None, "Lockdown"],
                ],
                first_row=3,
            )
        },
    )
    assert _rows(path) == [
        (
            6,
            {
                "Date": "2024-04-03",
                "When": "2024-04-03 14:05:00",
                "UPRN": "100023456789",
                "Northing": "1.5",
                "Note": "a\nb",
            },
        ),
        (7, {"Date": "", "When": "", "UPRN": "", "Northing": "", "Note": "Lockdown"}),
    ]


def test_the_sheet_with_the_table_is_found_and_the_others_are_said(tmp_path):
    more = [*ROWS, [(45386, DATE), "Litter", 1]]
    sheets = {"About": sheet_xml([["Made by the team"]]), "Apr": sheet_xml(ROWS)}
    path = write_xlsx(tmp_path / "a.xlsx", {**sheets, "May": sheet_xml(more)})
    with open_table(path) as table:
        assert table.name == "a.xlsx, sheet May"
        assert any("'May' is read; these hold tables too: Apr" in note for note in table.notes)
    with open_table(path, sheet="apr") as table:
        assert sum(chunk.rows for chunk in table.chunks()) == 1
    with pytest.raises(ReportFileError, match="no sheet called 'June'"):
        _rows(path, sheet="June")


def test_a_sheet_that_has_what_a_profile_asks_for_is_preferred(tmp_path):
    long = sheet_xml([["Code", "Meaning"], *[["a", "b"]] * 9])
    path = write_xlsx(tmp_path / "a.xlsx", {"Codes": long, "Cases": sheet_xml(ROWS)})
    assert len(_rows(path)) == 9
    assert len(_rows(path, wanted=["Date", "Type"])) == 1


def test_days_counted_from_1904_are_said(tmp_path):
    path = write_xlsx(
        tmp_path / "a.xlsx",
        {"S": sheet_xml([["Date", "Serial"], [(43923, DATE), 43923]])},
        date_1904=True,
    )
    with open_table(path) as table:
        assert table.excel_1904
    assert _rows(path)[0][1] == {"Date": "2024-04-03", "Serial": "43923"}


CORNERS = (
    '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
)


def test_a_workbook_that_asks_for_550_gb_ends_its_own_process_only(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"S": CORNERS})
    assert path.stat().st_size < 4_000
    with pytest.raises(ReportFileError, match="asks for too much memory"):
        _rows(path)


def test_a_hidden_sheet_of_an_add_in_is_not_even_opened(tmp_path):
    sheets = {"solver": CORNERS, "Cases": sheet_xml(ROWS)}
    path = write_xlsx(tmp_path / "a.xlsx", sheets, hidden=["solver"])
    assert len(_rows(path)) == 1


def test_values_beyond_the_named_columns_stand_in_a_column_of_their_own(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", {"S": sheet_xml([["Date", "Type"], [1, 2, 3], [4, 5]])})
    with open_table(path) as table:
        assert table.columns == ("Date", "Type", "column 3")
        assert "column 3 is called so because it has no name in the file" in table.notes
        assert sum(chunk.rows for chunk in table.chunks()) == 2


def test_opendocument_and_excel_97(tmp_path):
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    date = (
        '<table:table-cell office:value-type="date" office:date-value="2024-04-03"><text:p>x'
        "</text:p></table:table-cell>"
    )
    tail = (
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
    )
    ods = write_ods(
        tmp_path / "a.ods",
        f"<table:table-row>{text.format('Date')}{text.format('Type')}</table:table-row>"
        f"<table:table-row>{date}{text.format('Noise')}</table:table-row>{tail}",
    )
    assert _rows(ods) == [(2, {"Date": "2024-04-03", "Type": "Noise"})]
    xls = write_xls(tmp_path / "a.xls", [["Date", "Type"], ["03/04/2024", "Noise"], [45385.0, "x"]])
    assert _rows(xls) == [
        (2, {"Date": "03/04/2024", "Type": "Noise"}),
        (3, {"Date": "45385", "Type": "x"}),
    ]


def test_a_workbook_that_unpacks_to_too_much_is_refused_unread(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr("xl/worksheets/sheet1.xml", b" " * 2**25)
    with pytest.raises(UnsafeArchiveError, match="far more than a real file"):
        _rows(path)


# Layers and parquet


def _layer():
    return gpd.GeoDataFrame(
        {
            "Date": ["03/04/2024", "2024-04-03T14:05:00Z", None],
            "UPRN": ["000123", "x", "y"],
            "Fee": [1.0, 2.5, None],
        },
        geometry=[shapely.Point(-0.03, 51.52), shapely.box(0, 51, 1, 52), None],
        crs=WGS84,
    )


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.parquet"])
def test_a_layer_is_text_with_its_shapes_as_wkt(tmp_path, name):
    path = tmp_path / name
    _layer().to_parquet(path) if name.endswith("parquet") else _layer().to_file(path)
    rows = [row for _, row in _rows(path)]
    assert [row["Date"] for row in rows] == ["03/04/2024", "2024-04-03T14:05:00Z", ""]
    assert [row["UPRN"] for row in rows] == ["000123", "x", "y"]
    assert [row["Fee"] for row in rows] == ["1", "2.5", ""]
    assert shapely.from_wkt(rows[0]["geometry"]).equals(shapely.Point(-0.03, 51.52))
    assert rows[2]["geometry"] == ""


def test_a_layer_in_another_system_is_turned_into_the_grid(tmp_path):
    point = gpd.GeoDataFrame(
        {"Date": ["2024-04-03"]}, geometry=[shapely.Point(536_500, 182_500)], crs=BNG
    )
    point.to_crs(_web_mercator()).to_file(tmp_path / "a.gpkg")
    shape = shapely.from_wkt(_rows(tmp_path / "a.gpkg")[0][1]["geometry"])
    assert shape.distance(shapely.Point(536_500, 182_500)) < 0.01


def _web_mercator():
    return "+proj=merc +a=6378137 +b=6378137 +lat_ts=0 +lon_0=0 +x_0=0 +y_0=0 +k=1 +units=m"


def test_parquet_of_every_type_is_text(tmp_path):
    frame = pd.DataFrame(
        {
            "when": pd.to_datetime(["2024-07-01 00:30", None]).tz_localize("UTC"),
            "day": pd.to_datetime(["2024-07-01", None]),
            "kind": pd.Categorical(["Noise", None]),
            "number": [100023456789.0, -0.5],
            "flag": [True, None],
            "list": [[1], [2]],
        }
    )
    frame.to_parquet(tmp_path / "a.parquet")
    with open_table(tmp_path / "a.parquet") as table:
        assert table.notes == ("list holds lists or structures, which are not read",)
    first, second = (row for _, row in _rows(tmp_path / "a.parquet"))
    assert first["when"] == "2024-07-01 01:30:00+01:00"
    assert first["day"].startswith("2024-07-01")
    assert (first["kind"], first["number"], first["list"]) == ("Noise", "100023456789", "")
    assert second["number"] == "-0.5"
    assert {second[c] for c in ("when", "day", "kind", "flag")} == {""}


def test_several_layers_must_be_told_apart(tmp_path):
    path = tmp_path / "a.gpkg"
    _layer().to_file(path, layer="cases")
    _layer().head(1).to_file(path, layer="visits")
    with pytest.raises(ReportFileError, match=r"several layers\. Got: cases, visits"):
        _rows(path)
    assert len(_rows(path, sheet="visits")) == 1


def test_a_vrt_under_another_name_is_refused(tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("Date,Type\n03/04/2024,Noise\n")
    vrt = (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )
    for content in (vrt, f"  \n{vrt}", f"<?xml version='1.0'?>{vrt}"):
        path = tmp_path / "a.geojson"
        path.write_text(content)
        with pytest.raises(ReportFileError):
            _rows(path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("a.geojson", vrt)
    with pytest.raises(ReportFileError, match="points at other files"):
        _rows(tmp_path / "a.zip")


# Archives


def test_a_zip_of_one_table_is_that_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("may/cases.csv", "Date,Type\n03/04/2024,Noise\n")
        made.writestr("readme.md", "hello")
    assert _rows(tmp_path / "a.zip") == [(2, {"Date": "03/04/2024", "Type": "Noise"})]


def test_a_zip_of_several_tables_is_listed_or_stepped_through(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        for month in ("05", "06"):
            made.writestr(f"2026-{month}.csv", "Date,Type\n03/04/2024,Noise\n")
    with pytest.raises(ReportFileError, match=r"several files\. Got: 2026-05\.csv, 2026-06\.csv"):
        _rows(path)
    with files_in(path) as files:
        assert [f.name for f in files] == ["a.zip: 2026-05.csv", "a.zip: 2026-06.csv"]


@pytest.mark.parametrize(
    ("name", "member", "error"),
    [
        ("../a.csv", b"Date,Type\n1,2\n", UnsafeArchiveError),
        ("inner.zip", b"PK\x03\x04", UnsafeArchiveError),
        ("a.csv", b"0" * 2**26, UnsafeArchiveError),
        ("a.docx", b"words", ReportFileError),
    ],
)
def test_a_zip_that_must_not_be_opened(tmp_path, name, member, error):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, member)
    with pytest.raises(error):
        _rows(tmp_path / "a.zip")


# Damage of every kind: one clear error, or a table


def _good_files(folder):
    layer = _layer()
    layer.to_file(folder / "a.gpkg")
    layer.to_file(folder / "a.geojson")
    layer.to_parquet(folder / "a.parquet")
    write_xlsx(folder / "a.xlsx", {"S": sheet_xml(ROWS)})
    write_xls(folder / "a.xls", [["Date", "Type"], ["03/04/2024", "Noise"]])
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.csv", "Date,Type\n" + "03/04/2024,Noise\n" * 500)
    return sorted(folder.iterdir())


def _survives(path):
    try:
        return bool(_rows(path)) or True
    except SaferWalksError as error:
        return error.todo != ""


@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_file_cut_short_is_one_clear_error_or_a_table(tmp_path, share):
    folder = tmp_path / "good"
    folder.mkdir()
    for path in _good_files(folder):
        data = path.read_bytes()
        cut = tmp_path / path.name
        cut.write_bytes(data[: int(len(data) * share)])
        assert _survives(cut), path.name


def test_a_file_with_wrong_bytes_is_one_clear_error_or_a_table(tmp_path):
    folder = tmp_path / "good"
    folder.mkdir()
    chance = random.Random(7)
    for path in _good_files(folder):
        for trial in range(2 if path.suffix in {".xlsx", ".xls"} else 8):
            data = bytearray(path.read_bytes())
            for _ in range(1 + trial * 4):
                data[chance.randrange(len(data))] = chance.randrange(256)
            spoilt = tmp_path / path.name
            spoilt.write_bytes(data)
            assert _survives(spoilt), path.name


MAGIC = [b"", b"PK\x03\x04", b"PAR1", b"SQLite format 3\0", b"\x1f\x8b", b"{", b"[", b"fgb\x03"]


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(MAGIC), st.binary(max_size=400), st.sampled_from(["a.csv", "a.geojson"]))
def test_random_bytes_never_end_in_anything_but_our_errors(magic, data, name):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(magic + data)
        assert _survives(path)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_random_text_never_ends_in_anything_but_our_errors(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text("Date,Type,Place\n" + text, "utf-8")
        assert _survives(path)


def test_a_database_that_is_no_geopackage_and_a_folder_and_nothing(tmp_path):
    with sqlite3.connect(tmp_path / "a.gpkg") as base:
        base.execute("create table cases (date text)")
    base.close()
    for path in (tmp_path / "a.gpkg", tmp_path, tmp_path / "none.csv"):
        with pytest.raises(ReportFileError):
            _rows(path)


def test_a_parquet_file_of_too_many_columns(tmp_path):
    table = pa.table({f"c{n}": [1] for n in range(6_000)})
    pa.parquet.write_table(table, tmp_path / "a.parquet")
    with pytest.raises(ReportFileError, match="too many columns"):
        _rows(tmp_path / "a.parquet")
