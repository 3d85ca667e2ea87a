from __future__ import annotations

import gzip
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata import police_uk
from geodata.batches import Batch, Skipped
from geodata.errors import ReportFileError, SaferWalksError, UnsafeArchiveError
from geodata.incidents import INCIDENT_COLUMNS, WARD_COLUMNS, incident_checks
from geodata.police_uk import BAD_MONTH, NO_MONTH, is_street_name, read_street_file
from geodata.vocabularies import POLICE_UK_CATEGORY
from tests.street_files import HEADER, lonlat, row, street_csv, write

NAME = "2026-04-metropolitan-street.csv"


def read_paths(paths: Sequence[Path], **how: Any) -> tuple[list[Batch], list[Skipped]]:
    found = list(police_uk.read_paths(paths, **how))
    batches = [one for one in found if isinstance(one, Batch)]
    return batches, [one for one in found if isinstance(one, Skipped)]


def read(*rows: str, name: str = NAME, header: str = HEADER) -> Batch:
    return read_street_file(name, street_csv(rows, header=header).encode())


class TestRows:
    def test_a_row_becomes_an_incident(self) -> None:
        batch = read(row(crime="Burglary", crime_id="ab" * 32))
        incident = batch.incidents.iloc[0].dropna().to_dict()
        lon, lat = lonlat(500, 500)
        assert incident.pop("incident_uid") == f"police_uk:{batch.digest}:1"
        assert incident.pop("easting") == pytest.approx(530_500, abs=0.1)
        assert incident.pop("northing") == pytest.approx(180_500, abs=0.1)
        assert incident == {
            "source": "police_uk", "record_level": "incident", "force": "metropolitan",
            "month": "2026-04", "time_precision": "month", "date_basis": "recorded",
            "category": "burglary", "source_category": "Burglary", "lon": float(lon),
            "lat": float(lat), "geo_precision": "snap_point",
            "location": "On or near A Street", "lsoa_code": "E01000001", "source_ref": "ab" * 32,
        }  # fmt: skip

    def test_columns_are_those_of_the_incident_table(self) -> None:
        batch = read(row(), row(None))
        assert list(batch.incidents) == [c for c in INCIDENT_COLUMNS if c not in WARD_COLUMNS]
        incident_checks().validate(batch.incidents, lazy=True)

    def test_identical_rows_are_each_an_incident(self) -> None:
        batch = read(row(), row(), row())
        assert len(batch.incidents) == 3
        assert batch.incidents["incident_uid"].is_unique

    def test_the_same_content_gives_the_same_ids_and_another_file_gives_others(self) -> None:
        one, same, other = read(row()), read(row(), name="again.csv"), read(row(501))
        assert one.incidents["incident_uid"].tolist() == same.incidents["incident_uid"].tolist()
        assert not set(one.incidents["incident_uid"]) & set(other.incidents["incident_uid"])

    @pytest.mark.parametrize("at", [("", ""), ("0", "0"), ("0.000000", "0.000000")])
    def test_a_row_without_a_place_is_kept(self, at: tuple[str, str]) -> None:
        batch = read(row(), row(at=at))
        assert batch.incidents["geo_precision"].tolist() == ["snap_point", "none"]
        assert batch.incidents[["lon", "lat", "easting", "northing"]].iloc[1].isna().all()
        assert len(batch.rejected) == 0

    def test_every_crime_type_is_kept_and_known(self) -> None:
        batch = read(*(row(crime=words) for words in POLICE_UK_CATEGORY))
        assert batch.incidents["category"].tolist() == list(POLICE_UK_CATEGORY.values())
        assert batch.incidents["source_category"].tolist() == list(POLICE_UK_CATEGORY)
        assert batch.flags == ()

    def test_an_unknown_crime_type_is_kept_verbatim_and_flagged(self) -> None:
        batch = read(row(crime="Spitting"), row(crime=""), row())
        assert batch.incidents["category"].tolist()[:2] == ["unknown", "unknown"]
        assert batch.incidents["source_category"].tolist()[0] == "Spitting"
        assert pd.isna(batch.incidents["source_category"].iloc[1])
        assert sorted(batch.flags) == [
            "Crime type 'Spitting' is on no list: its rows are kept as 'Not known'.",
            "Some rows have no crime type: they are kept as 'Not known'.",
        ]

    def test_a_column_of_something_else_is_not_flagged_word_by_word(self) -> None:
        flags = read(*(row(crime=f"Case {i:03d}") for i in range(200))).flags
        assert len(flags) == 11
        assert flags[-1] == f"{NAME} has 190 more crime types that are on no list."

    @pytest.mark.parametrize(
        ("bad", "reason"),
        [
            (row(month=""), NO_MONTH),
            (row(month="2026-13"), BAD_MONTH),
            (row(month="04/2026"), BAD_MONTH),
            (row(at=("-0.1", "")), "only one of the two coordinates is given"),
            (row(at=("here", "51.5")), "a coordinate is not a number"),
            (row(at=("51.5", "-0.1")), "latitude and longitude look swapped"),
            (
                row(at=("530500", "180500")),
                "these look like British National Grid metres, not degrees",
            ),
            (row(at=("2.35", "48.85")), "these points are not in Great Britain"),
            ("a,b", "the row has 2 values where the header names 12 columns"),
        ],
    )
    def test_a_rejected_row_keeps_file_line_reason_and_words(self, bad: str, reason: str) -> None:
        batch = read(row(), row(), bad, row())
        assert batch.rejected.to_dict("records") == [
            {"file": NAME, "line": 4, "reason": reason, "row": bad}
        ]
        assert (batch.rows_in, len(batch.incidents)) == (4, 3)

    def test_the_line_is_that_of_the_file_after_quoted_ends_of_line(self) -> None:
        quoted = row().replace("On or near A Street", '"On or\nnear, A\r\nStreet"')
        batch = read(quoted, "", row(month="?"), row())
        assert batch.rejected["line"].tolist() == [6]
        assert batch.incidents["location"].tolist()[0] == "On or\nnear, A\r\nStreet"

    def test_months_and_forces_may_be_mixed(self) -> None:
        batch = read(row(), row(month="2026-03", force="British Transport Police"))
        assert batch.incidents["month"].tolist() == ["2026-04", "2026-03"]
        assert batch.incidents["force"].tolist() == ["metropolitan", "btp"]


class TestFiles:
    def test_the_file_name_tells_the_force_where_the_rows_do_not(self) -> None:
        assert read(row(force="")).incidents["force"].tolist() == ["metropolitan"]
        assert read(row(force=""), name="a.csv").incidents["force"].tolist() == ["unknown"]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    def test_encodings(self, encoding: str) -> None:
        text = street_csv([row().replace("A Street", "Café Row")])
        batch = read_street_file(NAME, text.encode(encoding))
        assert batch.incidents["location"].tolist() == ["On or near Café Row"]

    def test_columns_may_stand_anywhere_and_others_beside_them(self) -> None:
        lon, lat = lonlat(500, 500)
        header = "index,latitude,LONGITUDE,Crime_Type,notes, Month ,Month"
        batch = read(f"7,{lat},{lon},Burglary,x,2026-04,1999-01", header=header)
        assert batch.incidents["category"].tolist() == ["burglary"]
        assert batch.incidents["lon"].tolist() == [float(lon)]
        assert batch.incidents["month"].tolist() == ["2026-04"]
        assert batch.incidents["force"].tolist() == ["metropolitan"]

    def test_every_cell_may_be_quoted(self) -> None:
        lines = [",".join(f'"{cell}"' for cell in r.split(",")) for r in (row(), row(None))]
        header = ",".join(f'"{name}"' for name in HEADER.split(","))
        batch = read(*lines, header=header)
        assert batch.incidents["month"].tolist() == ["2026-04"] * 2
        assert batch.incidents["geo_precision"].tolist() == ["snap_point", "none"]

    def test_the_layout_of_2012_gives_metres(self) -> None:
        header = "Month,Reported by,Falls within,Easting,Northing,Location,Crime type,Context"
        batch = read(
            "2012-04,Metropolitan Police Service,,530500,180500,On or near A Street,Burglary,",
            "2012-04,Metropolitan Police Service,,0,0,No location,Burglary,",
            header=header,
        )
        assert batch.incidents["easting"].tolist()[0] == 530_500
        assert batch.incidents["lon"].iloc[0] == pytest.approx(float(lonlat(500, 500)[0]), abs=1e-6)
        assert batch.incidents["geo_precision"].tolist() == ["snap_point", "none"]

    def test_a_header_alone_says_there_were_no_reports(self) -> None:
        batch = read()
        assert batch.empty_months == (("metropolitan", "2026-04"),)
        assert (batch.rows_in, len(batch.incidents), len(batch.rejected)) == (0, 0, 0)
        incident_checks().validate(batch.incidents, lazy=True)

    def test_two_header_only_files_are_not_the_same_file(self) -> None:
        names = [NAME, "2026-05-metropolitan-street.csv", "2026-04-btp-street.csv"]
        assert len({read(name=name).digest for name in names}) == 3

    @pytest.mark.parametrize(
        ("rows", "cause"),
        [
            ([row(at=("51.5", "-0.1"))] * 3, "latitude and longitude look swapped"),
            ([row(at=("530500", "180500")), row(None)], "British National Grid metres"),
            ([row(at=("-0.1", ""))], "only one of the two coordinates"),
        ],
    )
    def test_a_file_of_which_no_location_can_be_used_is_an_error(
        self, rows: list[str], cause: str
    ) -> None:
        with pytest.raises(ReportFileError, match=cause) as caught:
            read(*rows)
        assert NAME in str(caught.value)
        assert caught.value.todo

    def test_one_good_location_is_enough_to_blame_the_rows(self) -> None:
        batch = read(row(), *[row(at=("51.5", "-0.1"))] * 9)
        assert (len(batch.incidents), len(batch.rejected)) == (1, 9)

    @pytest.mark.parametrize("missing", ["Month", "Crime type", "Longitude", "Latitude"])
    def test_a_missing_column_is_named(self, missing: str) -> None:
        with pytest.raises(ReportFileError, match=f"it lacks {missing}") as caught:
            read(row(), header=HEADER.replace(missing, "Other"))
        assert "Reported by" in caught.value.got

    @given(st.binary(max_size=200), st.sampled_from([b"", HEADER.encode() + b"\n", b"\x1f\x8b"]))
    def test_random_bytes_never_crash(self, data: bytes, start: bytes) -> None:
        try:
            batch = read_street_file(NAME, start + data)
        except SaferWalksError:
            return
        assert batch.rows_in == len(batch.incidents) + len(batch.rejected)


class TestPaths:
    def test_a_folder_tree_as_downloaded(self, tmp_path: Path) -> None:
        write(tmp_path, f"2026-04/{NAME}", [row()])
        write(tmp_path, "2026-05/2026-05-btp-street.csv", [row(month="2026-05")])
        write(tmp_path, "2026-04/2026-04-metropolitan-outcomes.csv", [row()])
        write(tmp_path, "2026-04/2026-04-metropolitan-stop-and-search.csv", [row()])
        write(tmp_path, "2026-04/wards.csv", ["E05000001"], header="ward")
        (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
        (tmp_path / ".DS_Store").write_bytes(b"\0")
        batches, skipped = read_paths([tmp_path])
        assert [b.file for b in batches] == [f"2026-04/{NAME}", "2026-05/2026-05-btp-street.csv"]
        assert {s.file: s.reason.split(",")[0].split(":")[0] for s in skipped} == {
            "2026-04/2026-04-metropolitan-outcomes.csv": "not a street-level file",
            "2026-04/2026-04-metropolitan-stop-and-search.csv": "not a street-level file",
            "2026-04/wards.csv": "not a street-level file",
            "notes.txt": "not a CSV",
        }

    def test_csv_gzip_and_zip_give_the_same_file(self, tmp_path: Path) -> None:
        plain = write(tmp_path, NAME, [row(), row(None)])
        packed = tmp_path / f"{NAME}.gz"
        packed.write_bytes(gzip.compress(plain.read_bytes()))
        archive = tmp_path / "download.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
            made.write(plain, f"2026-04/{NAME}")
            made.writestr("2026-04/2026-04-metropolitan-outcomes.csv", "Crime ID\n")
            made.writestr("2026-05/2026-05-btp-street.csv.gz", gzip.compress(HEADER.encode()))
        batches, skipped = read_paths([plain, packed, archive])
        assert len({b.digest for b in batches[:3]}) == 1
        assert [b.rows_in for b in batches] == [2, 2, 2, 0]
        assert batches[3].empty_months == (("btp", "2026-05"),)
        assert [s.file for s in skipped] == [
            "download.zip/2026-04/2026-04-metropolitan-outcomes.csv"
        ]

    def test_a_file_that_a_person_named_must_be_a_street_file(self, tmp_path: Path) -> None:
        write(tmp_path, NAME, [row()])
        other = write(
            tmp_path, "2026-04-metropolitan-outcomes.csv", ["1,2"], header="Crime ID,Month"
        )
        with pytest.raises(ReportFileError, match=r"outcomes\.csv is not a street-level file"):
            read_paths([tmp_path / NAME, other])
        batches, _ = read_paths([tmp_path])
        assert len(batches) == 1

    def test_a_street_file_by_name_must_be_one_also_in_a_folder(self, tmp_path: Path) -> None:
        write(tmp_path, NAME, ["1"], header="Crime ID")
        with pytest.raises(ReportFileError, match="it lacks Month"):
            read_paths([tmp_path])

    def test_a_file_under_another_name_is_told_by_its_header(self, tmp_path: Path) -> None:
        batches, _ = read_paths([write(tmp_path, "april.txt", [row()])])
        assert batches[0].rows_in == 1

    @pytest.mark.parametrize(
        "content",
        [b"", b"\x1f\x8b\x08broken", gzip.compress(b"x" * 999)[:-9], b"\0\1\2\3\xff\xfe"],
        ids=["empty", "not gzip", "cut gzip", "binary"],
    )
    def test_what_cannot_be_read_is_an_error_wherever_it_lies(
        self, tmp_path: Path, content: bytes
    ) -> None:
        write(tmp_path, NAME, [row()])
        bad = tmp_path / "2026-05-metropolitan-street.csv"
        bad.write_bytes(content)
        for paths in ([tmp_path], [tmp_path / NAME, bad]):
            with pytest.raises(ReportFileError, match="2026-05-metropolitan-street") as caught:
                read_paths(paths)
            assert caught.value.todo

    def test_a_broken_zip_is_an_error(self, tmp_path: Path) -> None:
        bad = tmp_path / "a.zip"
        bad.write_bytes(b"PK\x03\x04" + bytes(50))
        with pytest.raises(UnsafeArchiveError, match=r"a\.zip"):
            read_paths([bad])

    @pytest.mark.parametrize("name", ["empty", "a.zip"])
    def test_nothing_to_read_is_an_error(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "empty").mkdir()
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
            made.writestr("readme.txt", "x")
        with pytest.raises(ReportFileError, match="holds no street-level file"):
            read_paths([tmp_path / name])

    def test_a_path_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ReportFileError, match=r"gone\.csv cannot be read"):
            read_paths([tmp_path / "gone.csv"])

    def test_progress_goes_up_to_one(self, tmp_path: Path) -> None:
        for month in ("2026-04", "2026-05", "2026-06"):
            write(tmp_path, f"{month}-btp-street.csv", [row(month=month)])
        told: list[tuple[float, str]] = []
        read_paths([tmp_path], progress=lambda share, what: told.append((share, what)))
        shares = [share for share, _ in told]
        assert shares == sorted(shares)
        assert 0 <= shares[0] <= shares[-1] <= 1
        assert "2026-06-btp-street.csv" in told[-1][1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (NAME, True),
        ("x/2026-04-Metropolitan-STREET.CSV", True),
        ("2026-04-metropolitan-street (1).csv", True),
        ("2026-04-metropolitan-outcomes.csv", False),
        ("2026-04-street.csv", False),
        ("street.csv", False),
    ],
)
def test_street_names(name: str, expected: bool) -> None:
    assert is_street_name(name) is expected


class TestRealFiles:
    def test_the_twelve_months_of_tower_hamlets(self, shared_data: Path) -> None:
        batches, skipped = read_paths([shared_data / "police/tower-hamlets-2025-05_2026-04"])
        incidents = pd.concat([b.incidents for b in batches])
        assert (len(batches), len(incidents), len(skipped)) == (12, 47_420, 0)
        asb = incidents[incidents["source_category"] == "Anti-social behaviour"]
        per_month = asb.astype({"month": "str"}).groupby("month").size().tolist()
        assert per_month == [1047, 1185, 1300, 1133, 867, 842, 799, 677, 698, 655, 794, 901]

    def test_city_of_london_against_pandas(self, shared_data: Path) -> None:
        folder = shared_data / "police/city-of-london"
        batches, _ = read_paths([folder])
        files = sorted(folder.rglob("*.csv"))
        assert len(batches) == len(files) == 28
        for batch, path in zip(batches, files, strict=True):
            plain = pd.read_csv(path)
            assert len(plain) == batch.rows_in == len(batch.incidents)
            assert np.array_equal(plain["Longitude"], batch.incidents["lon"], equal_nan=True)
            assert np.array_equal(plain["Latitude"], batch.incidents["lat"], equal_nan=True)
            assert plain["Month"].tolist() == batch.incidents["month"].tolist()
            assert plain["Crime type"].tolist() == batch.incidents["source_category"].tolist()
            assert plain["Location"].tolist() == batch.incidents["location"].tolist()
            same_id = plain["Crime ID"].fillna("") == batch.incidents["source_ref"].fillna("")
            assert same_id.all()
            assert set(batch.incidents["force"]) == {"city-of-london"}
            assert batch.flags == ()

    def test_a_file_saved_again_by_pandas(self, shared_data: Path) -> None:
        batches, _ = read_paths([shared_data / "messy/met_vso_2024_pandas_reexport.csv.gz"])
        assert (batches[0].rows_in, len(batches[0].rejected)) == (3732, 0)
        assert set(batches[0].incidents["force"]) == {"metropolitan"}

    def test_the_layout_of_2012(self, shared_data: Path) -> None:
        name = "messy/police_uk_2012-04_easting_northing_sample.csv"
        batches, _ = read_paths([shared_data / name])
        plain = pd.read_csv(shared_data / name)
        assert batches[0].incidents["easting"].tolist() == plain["Easting"].tolist()
        assert batches[0].incidents["month"].tolist() == ["2012-04"] * len(plain)

    def test_other_tables_are_refused_by_name(self, shared_data: Path) -> None:
        for name in ("messy/cp1252_uk_spend_july_2014.csv", "messy/th_no2_sites_2020_bng.csv"):
            with pytest.raises(ReportFileError, match="is not a street-level file"):
                read_paths([shared_data / name])
