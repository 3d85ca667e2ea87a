import contextlib
import dataclasses
import io
import json
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata import pile
from geodata.council.cases import counted
from geodata.council.profiles import Profile, guess_profile
from geodata.council.reader import last_day_of, open_council, preview, read_all, read_council
from geodata.council.rules import MEANINGS, Rule
from geodata.council.schema import COUNCIL_SCHEMA
from geodata.council.tables import open_table
from geodata.errors import ProfileError, ReportFileError, SaferWalksError, UnsafeArchiveError
from geodata.incidents import INCIDENT_COLUMNS, WARD_COLUMNS, incident_checks
from tests.geodata.council.workbooks import DATE, sheet_xml, write_xlsx

AS_AT = "2026-11-22"


def _read(tmp_path, text, profile=None, name="may.csv", as_at=AS_AT, **options):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    if profile is None:
        with open_table(path) as table:
            profile = guess_profile(table, "council_asb")
    file = read_council(path, profile, as_at=as_at, **options)
    _check(file)
    return file


def _check(file):
    """The whole contract of a read file: it balances, and what it says adds up."""
    assert file.rows_in == len(file.incidents) + len(file.rejected) + len(file.duplicates)
    assert tuple(file.incidents.columns) == tuple(COUNCIL_SCHEMA.names)
    incident_checks().validate(file.incidents, lazy=True)
    for frame in (file.rejected, file.duplicates):
        assert list(frame.columns) == ["file", "line", "reason", "row"]
        assert frame["reason"].ne("").all()
        assert all(isinstance(json.loads(row), dict) for row in frame["row"])
    assert set(file.flags) == {rule.code for rule in Rule} == {rule.code for rule in MEANINGS}
    assert file.flags["duplicate"] == len(file.duplicates)
    assert file.flags["without_location"] >= file.incidents["easting"].isna().sum()
    assert file.categories["rows"].sum() == file.incidents["source_category"].notna().sum()
    by_category = file.without_location[file.without_location["by"].eq("category")]
    assert by_category["rows"].sum() == len(file.incidents)
    assert by_category["without_location"].sum() == file.incidents["easting"].isna().sum()
    assert file.batch().rows_in == file.rows_in


def _texts(column):
    return column.astype("object").where(column.notna(), "").tolist()


# A whole file, worked out by hand

GOLDEN = """\
ASB cases received,,,,,,,,,
Run by: A Person 020 7946 0123,,,,,,,,,
,,,,,,,,,
Ref,Case,Incident date,Time,Type,Easting,Northing,Street,Status,Complainant
R1,C1,03/04/2026,14:05,Noise,536501,182501,12 Mile End Road,Open,Ann
R2,C1,13/04/2026,evening,Fly Tipping,51.524934,-0.033778,Roman Road,Closed,Bob
R3,C2,2026-05-01,,Zorbing,0,0,,Merged,Cid
R2,C1,13/04/2026,evening,Fly Tipping,536501,182501,Roman Road,Closed,Bob
R4,C3,Lockdown,14:05,Noise,536501,182501,Mile End Road,Open,Dee
R5,C3,,,Noise,536501,182501,Mile End Road,Open,Eve
R6,C3,31/12/2062,,Noise,536501,182501,Mile End Road,Open,Fay
R7,C3,01/01/1900,,Noise,536501,182501,Mile End Road,Open,Gus
R8,C4,02/05/2026,soon,call 07700 900123,missing,182501,Bow Road,Open,Hal
R9,C4,02/05/2026,10:00,Noise,536501,182501,Bow Road,Open,Ida,extra
"""


@pytest.fixture
def golden(tmp_path):
    return _read(tmp_path, GOLDEN)


def test_every_row_of_the_golden_file_is_where_it_belongs(golden):
    assert golden.rows_in == 10
    assert golden.incidents["source_ref"].tolist() == ["R1", "R2", "R3", "R8"]
    assert golden.rejected[["line", "reason"]].to_numpy().tolist() == [
        [9, "the date 'Lockdown' cannot be read"],
        [10, "the row has no date"],
        [11, "the date '31/12/2062' is in the future (after 2026-11-22)"],
        [12, "the date '01/01/1900' is before 1990-01-01: a slip or a placeholder"],
        [14, "the row has 11 values where there are 10 columns, so they cannot be told apart"],
    ]
    assert golden.duplicates[["line", "reason"]].to_numpy().tolist() == [
        [8, "repeats line 6: the same reference"]
    ]


def test_the_golden_incidents(golden):
    rows = golden.incidents
    assert rows["incident_uid"].tolist() == [
        f"council_asb:{golden.digest[:16]}:{line}" for line in (5, 6, 7, 13)
    ]
    assert rows["month"].tolist() == ["2026-04", "2026-04", "2026-05", "2026-05"]
    assert rows["occurred_from"].astype("str").tolist() == [
        "2026-04-03 14:05:00+01:00",
        "2026-04-13 18:00:00+01:00",
        "2026-05-01 00:00:00+01:00",
        "2026-05-02 00:00:00+01:00",
    ]
    assert rows["occurred_to"].astype("str").fillna("").tolist() == [
        "",
        "2026-04-14 00:00:00+01:00",
        "",
        "",
    ]
    assert rows["time_precision"].tolist() == ["exact", "part_of_day", "day", "day"]
    assert rows["category"].tolist()[:2] == ["noise_domestic", "flytipping_litter"]
    assert rows["category"].tolist()[2:] == ["unknown", "unknown"]
    assert _texts(rows["source_category"]) == ["Noise", "Fly Tipping", "Zorbing", ""]
    assert rows["easting"].round().fillna(-1).tolist()[0] == 536_501
    assert abs(rows["easting"][1] - 536_501) < 2
    assert rows["easting"].isna().tolist() == [False, False, True, True]
    assert rows["geo_precision"].tolist() == ["exact", "exact", "none", "none"]
    assert _texts(rows["location"]) == ["Mile End Road", "Roman Road", "", "Bow Road"]
    assert rows["status"].tolist() == ["open", "closed", "merged", "open"]
    assert counted(rows).tolist() == [True, True, False, True]
    # Five rows with a date in 30 days, none in the 29 days after: exp(-29 * 5 / 30) = 0.008, so
    # May is there in part.
    assert _texts(rows["dq_flags"]) == [
        "house_number_removed",
        "coordinates_swapped;coordinates_other_system;closed",
        "coordinates_zero;without_location;category_unmapped;merged;edge_month_partial",
        "time_unreadable;coordinates_unusable;without_location;category_blank;personal_blanked;"
        "edge_month_partial",
    ]


def test_what_the_golden_file_says_of_itself(golden):
    said = {rule: rows for rule, rows in golden.flags.items() if rows}
    assert said == {
        "time_unreadable": 1,
        "date_missing": 1,
        "date_unreadable": 1,
        "date_future": 1,
        "date_too_old": 1,
        "row_unreadable": 1,
        "coordinates_swapped": 1,
        "coordinates_other_system": 1,
        "coordinates_zero": 1,
        "coordinates_unusable": 1,
        "without_location": 2,
        "category_blank": 1,
        "category_unmapped": 1,
        "merged": 1,
        "closed": 2,
        "personal_blanked": 1,
        "house_number_removed": 1,
        "duplicate": 1,
        "edge_month_partial": 2,
    }
    assert golden.unmapped.to_dict("records") == [{"value": "Zorbing", "rows": 1}]
    assert [(c.column, c.personal) for c in golden.left_out] == [("Complainant", True)]
    assert "1 rows dated after the day of the import" in golden.sentences


def test_nothing_but_mapped_columns_is_kept_anywhere(golden):
    kept = " ".join(
        frame.to_csv() for frame in (golden.incidents, golden.rejected, golden.duplicates)
    )
    for private in ("Ann", "Hal", "Ida", "extra", "07700", "7946", "12 Mile"):
        assert private not in kept
    row = json.loads(golden.rejected["row"][0])
    assert row == {
        "Ref": "R4",
        "Case": "C3",
        "Incident date": "Lockdown",
        "Time": "14:05",
        "Type": "Noise",
        "Easting": "536501",
        "Northing": "182501",
        "Street": "Mile End Road",
        "Status": "Open",
    }
    assert golden.rejected["row"][4] == "{}"


# Rules, one by one

DATED = Profile("a", "council_asb", columns={"occurred_from": "Date"})


def _dates(tmp_path, dates, profile=DATED, **options):
    return _read(tmp_path, "Date\n" + "\n".join(dates) + "\n", profile, **options)


def test_month_first_dates_are_refused_with_the_first_of_them(tmp_path):
    with pytest.raises(ReportFileError, match="month first") as error:
        _dates(tmp_path, ["03/04/2026", "04/13/2026", "25/12/2025"])
    assert error.value.first_bad == "line 3: 04/13/2026"


def test_one_slip_among_many_sure_dates_costs_its_own_row(tmp_path):
    file = _dates(tmp_path, ["13/04/2026"] * 100 + ["04/13/2026"])
    assert file.rejected["reason"].tolist() == [
        "the date '04/13/2026' has no such month: dates are read day first"
    ]
    with pytest.raises(ReportFileError, match="beside 99 that are day first"):
        _dates(tmp_path, ["13/04/2026"] * 99 + ["04/13/2026"])


@pytest.mark.parametrize(("midnights", "precision"), [(1, "exact"), (2, "day")])
def test_midnight_in_more_than_one_row_in_twenty_is_no_time(tmp_path, midnights, precision):
    others = [f"03/04/2026 14:{n:02d}" for n in range(20 - midnights)]
    file = _dates(tmp_path, [*others, *["03/04/2026 00:00"] * midnights])
    assert set(file.incidents["time_precision"][-midnights:]) == {precision}
    assert set(file.incidents["time_precision"][:-midnights]) == {"exact"}
    assert file.flags["midnight_as_day"] == (midnights if precision == "day" else 0)


def test_times_on_the_full_hour_alone_are_known_to_the_hour(tmp_path):
    file = _dates(tmp_path, [f"03/04/2026 {n:02d}:00" for n in range(1, 23)])
    assert set(file.incidents["time_precision"]) == {"hour"}
    assert file.flags["minutes_absent"] == 22


def test_midnight_in_london_given_as_utc_is_midnight(tmp_path):
    file = _dates(tmp_path, ["2026-04-02T23:00:00Z", "2026-01-02T00:00:00Z"])
    assert file.incidents["occurred_from"].astype("str").tolist() == [
        "2026-04-03 00:00:00+01:00",
        "2026-01-02 00:00:00+00:00",
    ]
    assert set(file.incidents["time_precision"]) == {"day"}


def test_both_sides_of_the_clock_change_are_counted(tmp_path):
    file = _dates(tmp_path, ["25/10/2026 01:30", "29/03/2026 01:30", "25/10/2026 02:30"])
    assert (file.flags["clock_twice"], file.flags["clock_never"]) == (1, 1)
    assert file.incidents["time_precision"].tolist() == ["hour", "hour", "exact"]
    assert file.incidents["occurred_from"].astype("str").tolist()[:2] == [
        "2026-10-25 01:30:00+01:00",
        "2026-03-29 02:30:00+01:00",
    ]


def test_months_alone_have_no_day(tmp_path):
    file = _dates(tmp_path, ["2026-04", "May 2026"])
    assert file.incidents["month"].tolist() == ["2026-04", "2026-05"]
    assert file.incidents["occurred_from"].isna().all()
    assert set(file.incidents["time_precision"]) == {"month"}


def test_the_day_of_the_import_is_not_in_the_future_and_the_next_is(tmp_path):
    dates = ["22/11/2026 23:59", "23/11/2026", "01/12/2026"]
    assert len(_dates(tmp_path, dates).incidents) == 1
    assert len(_dates(tmp_path, dates, as_at="2026-11").incidents) == 2
    with pytest.raises(SaferWalksError, match="not a date"):
        last_day_of("22/11/2026")


def test_excel_day_numbers_are_read_and_said(tmp_path):
    file = _dates(tmp_path, ["45385", "45386.5"])
    assert file.flags["date_from_excel"] == 2
    assert "Excel's day numbers were counted from 1900" in file.notes
    later = dataclasses.replace(DATED, excel_1904=True)
    file = _dates(tmp_path, ["43923"], later)
    assert file.incidents["occurred_from"].astype("str").tolist() == ["2024-04-03 00:00:00+01:00"]
    assert "Excel's day numbers were counted from 1904" in file.notes


def test_a_workbook_of_1904_needs_no_saying(tmp_path):
    rows = sheet_xml([["Date", "Type"], [43923, "Noise"], [(43923, DATE), "Noise"]])
    path = write_xlsx(tmp_path / "a.xlsx", {"S": rows}, date_1904=True)
    file = read_council(path, DATED, as_at=AS_AT)
    assert file.incidents["occurred_from"].dt.date.astype("str").tolist() == ["2024-04-03"] * 2
    assert file.rejected.empty


SPANS = Profile(
    "a",
    "council_asb",
    columns={"occurred_from": "From", "occurred_to": "To", "occurred_to_time": "End"},
)


@pytest.mark.parametrize(
    ("start", "end", "time", "until", "precision"),
    [
        ("03/04/2026 14:00", "03/04/2026 14:15", "", "03 14:15", "exact"),
        ("03/04/2026 14:00", "03/04/2026 14:16", "", "03 14:16", "hour"),
        ("03/04/2026 14:00", "03/04/2026 16:00", "", "03 16:00", "part_of_day"),
        ("03/04/2026 14:00", "04/04/2026 14:00", "", "04 14:00", "day"),
        ("03/04/2026 14:00", "05/04/2026 14:00", "", "05 14:00", "month"),
        ("03/04/2026 14:00", "05/06/2026 14:00", "", "05 14:00", "unknown"),
        ("03/04/2026", "03/04/2026", "", "04 00:00", "day"),
        ("03/04/2026 14:00", "03/04/2026", "15:30", "03 15:30", "part_of_day"),
        ("03/04/2026 14:00", "", "", None, "exact"),
        ("03/04/2026 14:00", "later", "", None, "exact"),
    ],
)
def test_an_interval_is_as_precise_as_it_is_long(tmp_path, start, end, time, until, precision):
    file = _read(tmp_path, f"From,To,End\n{start},{end},{time}\n", SPANS)
    found = file.incidents["occurred_to"][0]
    assert (None if pd.isna(found) else found.strftime("%d %H:%M")) == until
    assert file.incidents["time_precision"].tolist() == [precision]
    assert file.flags["end_unreadable"] == (end == "later")


def test_an_interval_that_ends_before_it_begins_waits_in_quarantine(tmp_path):
    file = _read(tmp_path, "From,To,End\n03/04/2026 14:00,03/04/2026 13:00,\n", SPANS)
    assert file.flags["interval_reversed"] == 1
    assert "ends before it begins" in file.rejected["reason"][0]


def test_an_end_that_is_only_a_time_may_be_on_the_next_day(tmp_path):
    columns = {"occurred_from": "From", "occurred_to_time": "End"}
    file = _read(
        tmp_path, "From,End\n03/04/2026 23:00,01:00\n", Profile("a", "other", columns=columns)
    )
    assert file.incidents["occurred_to"].astype("str").tolist() == ["2026-04-04 01:00:00+01:00"]
    assert file.flags["over_midnight"] == 1


def test_the_date_of_report_serves_where_the_other_is_blank_and_says_so(tmp_path):
    columns = {"occurred_from": "Date", "reported_at": "Logged"}
    profile = Profile("a", "council_asb", columns=columns)
    file = _read(
        tmp_path,
        "Date,Logged\n03/04/2026,05/04/2026\n,06/04/2026\nmissing,07/04/2026\n",
        profile,
    )
    assert file.incidents["date_basis"].tolist() == ["occurred", "reported"]
    assert file.incidents["reported_at"].dt.day.tolist() == [5, 6]
    assert file.rejected["line"].tolist() == [4]
    assert file.flags["date_reported_used"] == 1


def test_a_file_of_reports_alone_counts_by_the_date_of_report(tmp_path):
    profile = Profile("a", "council_asb", columns={"reported_at": "Created"})
    file = _read(tmp_path, "Created\n03/04/2026\n", profile)
    assert file.incidents["date_basis"].tolist() == ["reported"]


# Places, references, categories

PLACED = Profile(
    "a", "council_asb", columns={"occurred_from": "Date", "easting": "X", "northing": "Y"}
)


def test_one_point_that_many_rows_share_is_flagged_and_kept(tmp_path):
    office = ["03/04/2026,533000,181000"] * 21
    others = [f"03/04/2026,{533001 + n},181001" for n in range(79)]
    file = _read(tmp_path, "Date,X,Y\n" + "\n".join(office + others) + "\n", PLACED)
    assert file.flags["default_location"] == 21
    assert file.incidents["easting"].notna().all()
    fewer = _read(tmp_path, "Date,X,Y\n" + "\n".join(office[:20] + others) + "\n", PLACED)
    assert fewer.flags["default_location"] == 0


def test_swapped_metres_are_put_right_where_the_wards_are_known(tmp_path):
    text = "Date,X,Y\n03/04/2026,182501,536501\n"
    assert _read(tmp_path, text, PLACED).flags["coordinates_swapped"] == 0
    file = _read(tmp_path, text, PLACED, extent=(530_000, 175_000, 545_000, 190_000))
    assert file.flags["coordinates_swapped"] == 1
    assert file.incidents["easting"].tolist() == [536_501]


def test_references_stay_text_and_damage_is_said(tmp_path):
    columns = {"occurred_from": "Date", "uprn": "UPRN", "usrn": "USRN", "postcode": "Postcode"}
    profile = Profile("a", "council_asb", columns=columns)
    file = _read(
        tmp_path,
        "Date,UPRN,USRN,Postcode\n03/04/2026,000123456789,04502345,e16an\n"
        "03/04/2026,1.00023E+11,4502345,E1\n03/04/2026,100023456789.0,4.5E+6,Bow\n",
        profile,
    )
    kept = file.incidents[["uprn", "usrn", "postcode"]]
    assert kept.where(kept.notna(), "").to_numpy().tolist() == [
        ["000123456789", "04502345", "E1 6AN"],
        ["", "04502345", "E1"],
        ["100023456789", "", ""],
    ]
    assert file.flags["reference_damaged"] == 2


def test_kinds_nobody_mapped_are_listed_and_kept_in_their_own_words(tmp_path):
    columns = {"occurred_from": "Date", "category": "Type", "category_detail": "Detail"}
    profile = Profile("a", "council_asb", columns=columns, categories={"Zorbing": "rowdy"})
    file = _read(
        tmp_path,
        "Date,Type,Detail\n3/4/26,Zorbing,\n3/4/26,Juggling,Fire\n3/4/26,Juggling,Fire\n"
        "3/4/26,Vehicles,Abandoned car\n3/4/26,,\n3/4/26,,Graffiti\n3/4/26,Unknown,\n",
        profile,
    )
    assert file.unmapped.to_dict("records") == [{"value": "Juggling / Fire", "rows": 2}]
    assert file.incidents["category"].tolist() == [
        *("rowdy", "unknown", "unknown", "vehicle_abandoned", "unknown", "vandalism_graffiti"),
        "unknown",
    ]
    assert (file.flags["category_blank"], file.flags["category_unmapped"]) == (1, 2)


def test_personal_values_may_be_kept_where_a_profile_says_so(tmp_path):
    columns = {"occurred_from": "Date", "street": "Place"}
    text = "Date,Place\n3/4/26,12 Gowers Walk\n3/4/26,ask ann@example.org\n"
    file = _read(tmp_path, text, Profile("a", "housing", columns=columns))
    assert _texts(file.incidents["location"]) == ["Gowers Walk", ""]
    kept = Profile("a", "housing", columns=columns, keep_personal=("Place",))
    file = _read(tmp_path, text, kept)
    assert file.incidents["location"].tolist() == ["12 Gowers Walk", "ask ann@example.org"]


def test_identical_rows_of_police_uk_are_never_repeats(tmp_path):
    columns = {"source_ref": "Ref", "occurred_from": "Month", "category": "Crime type"}
    text = "Ref,Month,Crime type\nA,2026-04,Drugs\nA,2026-04,Drugs\n"
    ours = _read(tmp_path, text, Profile("a", "council_asb", columns=columns))
    assert (len(ours.incidents), len(ours.duplicates)) == (1, 1)
    police = _read(tmp_path, text, Profile("a", "police_uk", columns=columns))
    assert (len(police.incidents), len(police.duplicates)) == (2, 0)
    assert police.incidents["category"].tolist() == ["drugs", "drugs"]
    assert ours.incidents["category"].tolist() == ["drug_use"]


def test_a_repeat_of_a_rejected_row_is_no_repeat(tmp_path):
    columns = {"source_ref": "Ref", "occurred_from": "Date"}
    file = _read(
        tmp_path,
        "Ref,Date\nA,Lockdown\nA,03/04/2026\nA,04/04/2026\n",
        Profile("a", "council_asb", columns=columns),
    )
    assert file.incidents["occurred_from"].dt.day.tolist() == [3]
    assert file.duplicates["reason"].tolist() == ["repeats line 3: the same reference"]


def test_a_month_that_the_file_covers_in_part_is_flagged(tmp_path):
    days = pd.date_range("2026-04-11", "2026-06-30").strftime("%d/%m/%Y")
    file = _dates(tmp_path, list(days))
    assert file.flags["edge_month_partial"] == 20
    flagged = file.incidents["dq_flags"].astype("str").str.contains("edge_month_partial")
    assert set(file.incidents["month"][flagged]) == {"2026-04"}
    whole = _dates(tmp_path, list(pd.date_range("2026-04-01", "2026-06-30").strftime("%d/%m/%Y")))
    assert whole.flags["edge_month_partial"] == 0


def test_missing_places_are_told_by_kind_and_by_ward(tmp_path):
    columns = {**PLACED.columns, "category": "Type", "ward_code_source": "Ward"}
    file = _read(
        tmp_path,
        "Date,X,Y,Type,Ward\n3/4/26,536501,182501,Noise,Bow East\n3/4/26,,,Litter,Bow East\n"
        "3/4/26,,,Litter,\n",
        Profile("a", "council_asb", columns=columns),
    )
    assert file.without_location.to_numpy().tolist() == [
        ["category", "flytipping_litter", 2, 2],
        ["category", "noise_domestic", 1, 0],
        ["ward_code_source", "Bow East", 2, 1],
    ]


# Profiles from month to month, files of many kinds

MAY = "Ref,Date,Type,X,Y\n1,03/05/2026,Noise,536501,182501\n2,13/05/2026,Litter,536502,182502\n"


def test_the_second_month_needs_no_second_thought(tmp_path):
    (tmp_path / "may.csv").write_text(MAY)
    with open_table(tmp_path / "may.csv") as table:
        profile = guess_profile(table, "council_asb")
    june = "Y;X;Officer;type;DATE;Ref\n182501;536501;A B;Noise;03/06/2026;9\n"
    file = _read(tmp_path, june, profile, name="june.csv")
    assert file.incidents["easting"].tolist() == [536_501]
    assert [c.column for c in file.left_out] == ["Officer"]
    assert any("new since the profile was made: Officer" in note for note in file.notes)
    with pytest.raises(ProfileError, match=r"july\.csv lacks the column .* no 'Type'"):
        _read(tmp_path, "Ref,Date,X,Y\n1,03/07/2026,1,2\n", profile, name="july.csv")


def test_the_same_rows_come_out_of_every_kind_of_file(tmp_path):
    profile = Profile(
        "a",
        "council_asb",
        columns={
            **PLACED.columns,
            "occurred_from": "Date",
            "source_ref": "Ref",
            "category": "Type",
        },
    )
    text = _read(tmp_path, MAY, profile)
    frame = pd.read_csv(io.StringIO(MAY))
    frame.to_parquet(tmp_path / "may.parquet")
    sheet = sheet_xml([list(frame.columns), *frame.to_numpy().tolist()])
    write_xlsx(tmp_path / "may.xlsx", {"S": sheet})
    with zipfile.ZipFile(tmp_path / "may.zip", "w") as made:
        made.writestr("may.tsv", MAY.replace(",", "\t"))
    for name in ("may.parquet", "may.xlsx", "may.zip"):
        other = read_council(tmp_path / name, profile, as_at=AS_AT)
        _check(other)
        pd.testing.assert_frame_equal(
            other.incidents.drop(columns="incident_uid"),
            text.incidents.drop(columns="incident_uid"),
        )


def test_a_preview_reads_the_first_rows_only(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Date,Type\n1,2,3\n" + "03/04/2026,Noise\n" * 500 + "1,2,3\n")
    with open_table(path) as table:
        file = preview(table, DATED, as_at=AS_AT, rows=20)
        _check(file)
    assert (len(file.incidents), file.rejected["line"].tolist()) == (20, [2])


def test_a_zip_of_months_is_read_file_by_file(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr("may.csv", MAY)
        made.writestr("june.csv", MAY.replace("/05/", "/06/"))
    files = list(read_all(tmp_path / "a.zip", DATED, as_at=AS_AT))
    assert [f.file for f in files] == ["a.zip: may.csv", "a.zip: june.csv"]
    assert [f.incidents["month"].unique().tolist() for f in files] == [["2026-05"], ["2026-06"]]
    assert files[0].digest != files[1].digest
    with pytest.raises(ReportFileError, match="several files"):
        read_council(tmp_path / "a.zip", DATED, as_at=AS_AT)


def test_a_header_without_rows_is_an_empty_table(tmp_path):
    file = _read(tmp_path, "Date,Type\n", DATED)
    assert file.rows_in == 0
    assert tuple(c for c in file.incidents if c in INCIDENT_COLUMNS) == tuple(
        c for c in INCIDENT_COLUMNS if c not in WARD_COLUMNS
    )


def test_a_file_longer_than_what_is_held_in_memory_gives_the_same(tmp_path, monkeypatch):
    held = _read(tmp_path, GOLDEN, name="golden.csv")
    monkeypatch.setattr(pile, "HELD_ROWS", 0)
    again = _read(tmp_path, GOLDEN, name="golden.csv")
    pd.testing.assert_frame_equal(held.incidents, again.incidents)
    pd.testing.assert_frame_equal(held.rejected, again.rejected)
    assert held.flags == again.flags


# Whatever comes

WORDS = st.sampled_from(["Lockdown", "missing", "n/a", "", "notes", "1.0E+11", "ann@example.org"])
DAYS = st.dates(date(2024, 1, 1), date(2026, 10, 31))
LAYOUTS = st.sampled_from(["%d/%m/%Y", "%Y-%m-%d", "%d %b %Y", "%d/%m/%Y 00:00"])
DATE_TEXTS = st.tuples(DAYS, LAYOUTS).map(lambda pair: pair[0].strftime(pair[1]))
X = st.one_of(st.sampled_from(["536501", "51.524934", "-0.033778", "0", "9e9"]), WORDS)
Y = st.one_of(st.sampled_from(["182501", "-0.033778", "51.524934", "0", "-1"]), WORDS)
TEXT = st.text(st.sampled_from('ab ,;|\t"\né'), max_size=6)
ROW = st.tuples(
    st.one_of(DATE_TEXTS, DATE_TEXTS, WORDS),
    st.one_of(st.sampled_from(["Noise", "Zorbing"]), TEXT),
    X,
    Y,
    st.sampled_from(["A1", "A2", "A3", "A4", ""]),
    TEXT,
)
HEADER = ["Date", "Type", "X", "Y", "Ref", "Notes"]


@st.composite
def exports(draw):
    rows = draw(st.lists(ROW, max_size=25))
    delimiter = draw(st.sampled_from(",;\t|"))
    out = io.StringIO()
    frame = pd.DataFrame([HEADER, *rows])
    frame.to_csv(out, sep=delimiter, index=False, header=False, lineterminator="\n")
    titles = draw(st.sampled_from(["", "ASB cases\n\n", f"Cases{delimiter}{delimiter}\n"]))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
    return rows, (titles + out.getvalue()).encode(encoding)


FIELDS = ["occurred_from", "category", "easting", "northing", "source_ref"]
ALL = Profile("a", "council_asb", columns=dict(zip(FIELDS, HEADER, strict=False)))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(exports())
def test_whatever_a_council_exports_the_sum_balances(export):
    rows, content = export
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(content)
        file = read_council(path, ALL, as_at=AS_AT)
    _check(file)
    filled = sum(any(value != "" for value in row) for row in rows)
    assert file.rows_in == filled
    repeats = len(file.duplicates)
    assert file.incidents["source_ref"].dropna().is_unique
    assert repeats <= filled
    everything = " ".join(
        frame.to_csv() for frame in (file.incidents, file.rejected, file.duplicates)
    )
    assert "ann@example.org" not in everything


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_random_bytes_below_a_header_balance_or_end_in_one_clear_error(data, headed):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes((",".join(HEADER).encode() + b"\n" if headed else b"") + data)
        with contextlib.suppress(SaferWalksError):
            _check(read_council(path, ALL, as_at=AS_AT))


def test_a_cut_zip_is_one_clear_error(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.csv", MAY * 50)
    data = (tmp_path / "a.zip").read_bytes()
    for cut in (10, len(data) // 2, len(data) - 3):
        (tmp_path / "b.zip").write_bytes(data[:cut])
        with pytest.raises((UnsafeArchiveError, ReportFileError)):
            read_council(tmp_path / "b.zip", DATED, as_at=AS_AT)


def test_parts_of_a_large_file_come_one_at_a_time(tmp_path):
    path = tmp_path / "a.csv"
    with path.open("w") as out:
        out.write("Date,Type,X,Y,Ref,Notes\n")
        for n in range(250_000):
            when = f"{n % 28 + 1:02d}/04/2026 12:{n % 60:02d}"
            out.write(f"{when},Noise,536501,182501,R{n},{'x' * 40}\n")
    with open_council(path, ALL, as_at=AS_AT) as reading:
        sizes = [part.incidents.num_rows for part in reading.parts()]
        summary = reading.summary()
    assert len(sizes) > 1
    assert (sum(sizes), summary["rows_in"]) == (250_000, 250_000)
    assert max(sizes) < 200_000
    assert summary["flags"]["default_location"] == 250_000


# Real files


def test_a_police_file_re_exported_by_pandas(shared_data):
    path = shared_data / "messy" / "met_vso_2024_pandas_reexport.csv.gz"
    with open_table(path) as table:
        profile = guess_profile(table, "other")
    file = read_council(path, profile, as_at=AS_AT)
    _check(file)
    plain = pd.read_csv(path)
    assert file.rows_in == len(plain)
    ours = file.incidents.set_index("source_ref")
    theirs = plain.drop_duplicates("Crime ID").set_index("Crime ID")
    assert ours["month"].tolist() == theirs["Month"].tolist()
    assert ours.index.tolist() == theirs.index.tolist()
    assert np.allclose(ours["lon"], theirs["Longitude"], equal_nan=True)
    assert len(file.duplicates) == plain["Crime ID"].duplicated().sum()


def test_the_2012_layout_with_eastings(shared_data):
    path = shared_data / "messy" / "police_uk_2012-04_easting_northing_sample.csv"
    with open_table(path) as table:
        profile = guess_profile(table, "police_uk")
    file = read_council(path, profile, as_at=AS_AT)
    plain = pd.read_csv(path)
    assert file.incidents["easting"].tolist() == plain["Easting"].tolist()
    assert set(file.incidents["month"]) == {"2012-04"}
    assert file.rejected.empty


def test_words_in_the_number_columns_of_a_real_file(shared_data):
    path = shared_data / "messy" / "th_no2_sites_2020_bng.csv"
    columns = {"reported_at": "Site no", "easting": "Grid squaresX", "northing": "Apr-20"}
    profile = Profile("a", "other", columns=columns)
    file = read_council(path, profile, as_at=AS_AT)
    _check(file)
    assert file.incidents.empty
    assert file.flags["coordinates_unusable"] == file.rows_in > 0
