"""Residents by ward, from whatever table they come in."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from geodata.errors import ReportFileError, VintageError
from geodata.fetch.population import NOT_SUMMED, Population, read_population
from tests.builders import EAST, WEST

WARDS = [WEST, EAST]


def read(folder: Path, text: str, name: str = "estimates.csv", **more: object) -> Population:
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    return read_population(path, WARDS, **more)


@pytest.mark.parametrize(
    ("header", "name", "year"),
    [
        ("WD22CD,WD22NM,All Ages", "mid-2022.csv", 2022),
        ("Ward Code,Ward Name,Mid-2021 population", "wards.csv", 2021),
        ("GEOGRAPHY_CODE,x,OBS_VALUE", "2019_estimates.csv.gz", 2019),
        ("code,name,Residents", "sape23dt8a-mid-2020-ward.csv", 2020),
    ],
)
def test_ward_tables_are_read_by_what_they_hold(
    tmp_path: Path, header: str, name: str, year: int
) -> None:
    found = read(tmp_path, f'{header}\n{WEST},W,"12,345"\n{EAST},E,7\nE05000001,X,1\n', name)
    assert found.year == year
    assert found.frame["residents"].tolist() == [12_345, 7]
    assert found.frame["ward_code"].tolist() == [WEST, EAST]
    assert found.notes == ()


def test_a_column_of_years_says_the_year(tmp_path: Path) -> None:
    text = f"DATE_NAME,GEOGRAPHY_CODE,OBS_VALUE\n2022,{WEST},5\n2022,{EAST},6\n"
    assert read(tmp_path, text).year == 2022


def test_lsoas_are_summed_by_the_look_up(tmp_path: Path) -> None:
    lookup = tmp_path / "lookup.csv"
    lookup.write_text(
        f"\ufeffLSOA11CD,WD21CD\nE01000001,{WEST}\nE01000002,{WEST}\nE01000003,{EAST}\n",
        encoding="utf-8",
    )
    text = "LSOA11CD,Persons_All-Ages,Persons_0-15\n" + "".join(
        f"E0100000{n},{100 * n},1\n" for n in (1, 2, 3, 4)
    )
    found = read(tmp_path, text, "pop_mid2020.csv", lookup=lookup, year=2020)
    assert found.frame["residents"].tolist() == [300, 300]
    assert found.notes == (NOT_SUMMED,)
    assert "lookup.csv" in found.frame["source"][0]


def test_lsoas_alone_are_not_enough(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="--lookup"):
        read(tmp_path, "LSOA21CD,Residents\nE01000001,5\n", year=2022)


def test_a_look_up_of_another_year_is_refused(tmp_path: Path) -> None:
    lookup = tmp_path / "lookup.csv"
    lookup.write_text(f"LSOA11CD,WD21CD\nE01000001,{WEST}\nE01999999,{EAST}\n")
    with pytest.raises(ReportFileError, match="E01999999"):
        read(tmp_path, "LSOA21CD,Residents\nE01000001,5\n", lookup=lookup, year=2022)


def test_a_ward_without_residents_is_named(tmp_path: Path) -> None:
    found = read(tmp_path, f"code,Residents\n{WEST},5\n", year=2022)
    assert found.frame["ward_code"].tolist() == [WEST]
    assert EAST in found.notes[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"code,Residents\n{WEST},many\n", "'many'"),
        (f"code,Residents\n{WEST},-5\n", "'-5'"),
        (f"code,Residents\n{WEST},5\n{WEST},6\n", "more than once"),
        (f"code,Height\n{WEST},5\n", "counts all residents"),
        ("name,Residents\nWest,5\n", "ward or LSOA codes"),
        ("code,Residents\n", "no rows"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ReportFileError, match=words):
        read(tmp_path, text, year=2022)


def test_the_year_must_be_known(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="--year"):
        read(tmp_path, f"code,Residents\n{WEST},5\n")


def test_other_wards_are_refused(tmp_path: Path) -> None:
    with pytest.raises(VintageError, match="E05000001"):
        read(tmp_path, "code,Residents\nE05000001,5\n", year=2022)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReportFileError, match="cannot be read"):
        read_population(tmp_path / "none.csv", WARDS)


def test_the_real_estimates_of_tower_hamlets(shared_data: Path) -> None:
    wards = [f"E05{n:06d}" for n in range(9317, 9337)]
    found = read_population(
        shared_data / "lsoa" / "london_lsoa_mid2020_pop.csv.gz",
        wards,
        lookup=shared_data / "lsoa" / "tower_hamlets_lsoa11_ward21_lookup.csv",
    )
    assert (len(found.frame), found.year) == (20, 2020)
    # every LSOA of the borough once: the mid-2020 estimate of Tower Hamlets
    assert found.frame["residents"].sum() == 331_969
    assert found.frame["residents"].between(5_000, 30_000).all()
