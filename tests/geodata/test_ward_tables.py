"""Tables of counts by ward and month: columns found, wards matched, nothing lost or made up."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geodata.errors import ReportFileError
from geodata.ward_tables import NO_WARD, read_ward_table
from geodata.wards import read_wards
from tests.builders import EAST, WEST, two_wards

HEAD = "borough_name,ward_name,recorded_date_months,date_committed,count\n"


def written(folder: Path, text: str, name: str = "vawg.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_rows_of_one_ward_and_month_are_added_up(tmp_path: Path) -> None:
    found = read_ward_table(
        written(
            tmp_path,
            HEAD + "X,West,2026-01-01,2025-12-01,3\nX,WEST Ward,2026-01-01,2026-01-01,4\n"
            "X,East,2026-02-01,2026-02-01,5\nX,,2026-02-01,2026-02-01,2\n"
            "X,Nowhere,2026-01-01,,1\n",
        ),
        two_wards(),
        measure="Offences",
    )
    assert found.frame.groupby(["ward_code", "month"])["count"].sum().to_dict() == {
        ("", "2026-01"): 1, ("", "2026-02"): 2, (WEST, "2026-01"): 7, (EAST, "2026-02"): 5,
    }  # fmt: skip
    assert found.unmatched == (("Nowhere", 1), (NO_WARD, 2)) or found.unmatched == (
        *((NO_WARD, 2), ("Nowhere", 1)),
    )
    assert "3 of 15 are under no ward" in " ".join(found.notes)
    assert (found.first, found.last) == ("2026-01", "2026-02")
    assert set(found.frame["measure"]) == {"Offences"}


def test_a_borough_of_the_same_ward_names_is_left_out(tmp_path: Path) -> None:
    text = HEAD + "A,West,2026-01-01,,3\nA,East,2026-01-01,,3\nB,West,2026-01-01,,90\n"
    found = read_ward_table(written(tmp_path, text), two_wards())
    assert found.frame["count"].sum() == 6


def test_a_month_covered_in_part_is_left_out_and_said(tmp_path: Path) -> None:
    rows = [f"X,West,2026-{n:02d}-01,,{1 if n == 1 else 40 + n}" for n in range(1, 7)]
    found = read_ward_table(written(tmp_path, HEAD + "\n".join(rows)), two_wards())
    assert found.first == "2026-02"
    assert "2026-01 holds 1 where 44 a month are usual" in found.notes[0]


def test_values_of_a_column_are_kept_apart(tmp_path: Path) -> None:
    text = "wardcode,month,count,major\n" + "\n".join(
        [f"{WEST},202601,3,BURGLARY", f"{WEST},202601,4,ROBBERY"]
    )
    found = read_ward_table(written(tmp_path, text), two_wards(), by="major")
    assert dict(zip(found.frame["measure"], found.frame["count"], strict=True)) == {
        "BURGLARY": 3, "ROBBERY": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no column of ward codes"),
        ("ward,count\nWest,2\n", "no column of months"),
        ("ward,month\nWest,2026-01\n", "no column of counts"),
        ("ward,month,count\nWest,2026-01,many\n", "no whole number"),
        ("ward,month,count\nWest,2026-01,-1\n", "no whole number"),
        ("ward,month,count\nNorth,2026-01,1\n", "none of the wards"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ReportFileError, match=words):
        read_ward_table(written(tmp_path, text), two_wards())


def test_a_damaged_or_absent_parquet_is_refused(tmp_path: Path) -> None:
    for path in (written(tmp_path, "PAR1", "x.parquet"), tmp_path / "none.csv"):
        with pytest.raises(ReportFileError, match="cannot be read"):
            read_ward_table(path, two_wards())


@pytest.fixture(scope="module")
def borough(shared_data: Path) -> gpd.GeoDataFrame:
    return read_wards(shared_data / "wards" / "tower_hamlets_wards_2014_bng.gpkg")[0]


def test_the_real_counts_of_violence_against_women_and_girls(
    shared_data: Path, borough: gpd.GeoDataFrame
) -> None:
    path = shared_data / "mps" / "tower_hamlets_vawg_offences_ward_month.csv.gz"
    found = read_ward_table(path, borough)
    raw = pd.read_csv(path)
    assert found.frame["count"].sum() == raw["count"].sum()
    assert found.unmatched == ((NO_WARD, 225),)  # 78 rows name no ward
    assert found.frame.loc[found.frame["ward_code"] != "", "ward_code"].nunique() == 20
    assert (found.first, found.last) == ("2014-01", "2026-02")
    here = raw[
        (raw["ward_name_clean_2"] == "Weavers") & raw["recorded_date_months"].eq("2025-06-01")
    ]
    rows = found.frame[found.frame["ward_name"].eq("Weavers") & found.frame["month"].eq("2025-06")]
    assert rows["count"].tolist() == [here["count"].sum()]


def test_the_real_recorded_crime_leaves_its_partial_month_out(
    shared_data: Path, borough: gpd.GeoDataFrame
) -> None:
    path = shared_data / "mps" / "tower_hamlets_recorded-crime-ward_long.parquet"
    found = read_ward_table(path, borough, by="majortext")
    assert (found.first, found.last, found.unmatched) == ("2024-03", "2026-02", ())
    assert "2024-02 holds 1 " in found.notes[0]
    assert found.frame["measure"].nunique() == 13
