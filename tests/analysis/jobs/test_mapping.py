"""Looking at a file before it comes in: what it is, which profile fits, what its rows become."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from analysis.jobs import mapping
from analysis.jobs.imports import import_files
from analysis.jobs.profiles import delete, exists, folder, load, profile_file, save, save_guessed
from geodata.council import Profile
from geodata.council.profiles import from_toml
from geodata.demo.borough import wards as demo_wards
from geodata.demo.council import COMPLAINTS
from geodata.errors import ProfileError, ReportFileError
from geodata.store import read_incidents
from geodata.workspace import Workspace
from tests.builders import workspace_of
from tests.street_files import along, write

AT = "2026-11-22"
TEXT = """Ref,Incident date,Complainant name,Type,Easting,Northing,Street
A1,03/04/2026 21:15,Ann Example,Noise,530500,180500,12 High Street
A2,04/04/2026 22:10,Bob Example,Gong farming,531500,180500,call 020 7946 0123
A3,31/02/2026,Cat Example,Begging,530500,180500,High Street
A4,05/04/2026,Dan Example,Begging,532300,180500,
A5,06/04/2026,Eve Example,Begging,,,Mile End Road
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_of(tmp_path / "workspace")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "asb.csv"
    path.write_text(TEXT, "utf-8")
    return path


def test_police_files_are_told_from_others(file: Path, tmp_path: Path) -> None:
    street = write(tmp_path, "2026-04-metropolitan-street.csv", along(3))
    renamed = tmp_path / "april.csv"
    renamed.write_bytes(street.read_bytes())
    packed = tmp_path / "download.zip"
    with zipfile.ZipFile(packed, "w") as made:
        made.write(street, "2026-04/2026-04-metropolitan-street.csv")
    assert [mapping.recognise([p]) for p in (street, renamed, packed)] == ["police_uk"] * 3
    assert mapping.recognise([file]) == "table"
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "asb.csv").write_text(TEXT, "utf-8")
    assert mapping.recognise([tmp_path / "cases"]) == "table"
    with pytest.raises(ReportFileError, match="different kinds"):
        mapping.recognise([file, street])
    with pytest.raises(ReportFileError, match="nowhere.csv is not there"):
        mapping.recognise([tmp_path / "nowhere.csv"])
    with pytest.raises(ReportFileError, match="No file"):
        mapping.recognise([])


def test_real_files_are_recognised(shared_data: Path) -> None:
    kinds = {p.name[:9]: mapping.recognise([p]) for p in (shared_data / "messy").iterdir()}
    assert kinds["met_vso_2"] == kinds["police_uk"] == "police_uk"
    assert kinds["cp1252_uk"] == kinds["th_no2_si"] == "table"
    found = mapping.look(shared_data / "messy" / "th_no2_sites_2020_bng.csv")
    assert found.guess["easting"] == "Grid squaresX"
    assert "occurred_from" not in found.guess
    with pytest.raises(ProfileError, match="No column is chosen for the date"):
        mapping.make_profile(found, "x", source="other", columns=found.guess)


def test_every_row_is_shown_as_it_would_come_in(workspace: Workspace, file: Path) -> None:
    found = mapping.look(file)
    profile = mapping.make_profile(found, "ASB", source="council_asb", columns=found.guess)
    shown = mapping.preview_rows(workspace, found, profile, as_at=AT)
    rows = shown.rows
    assert rows["line"].tolist() == [2, 3, 4, 5, 6]
    assert rows["state"].tolist() == ["usable", "usable", "rejected", "usable", "usable"]
    assert rows["ward"].fillna("").tolist() == ["West", "East", "", "outside the wards", ""]
    assert rows["category"].fillna("").tolist()[:2] == ["noise_domestic", "unknown"]
    assert rows["place"].fillna("").tolist() == [
        "530500, 180500", "531500, 180500", "", "532300, 180500", "Mile End Road"
    ]  # fmt: skip
    assert rows["reason"][2] == "the date '31/02/2026' cannot be read"
    assert shown.counts() == {
        "rows": 5, "usable": 4, "rejected": 1, "repeat": 0, "placed": 3, "inside": 2
    }  # fmt: skip
    assert shown.blanked == ("Street",)
    # ... and so they do come in.
    save(workspace, profile)
    report = import_files(workspace, [file], profile="ASB", at=AT)
    assert (report.inside, report.outside, report.rejected) == (2, 1, 1)


def test_examples_show_nobody(file: Path) -> None:
    found = mapping.look(file)
    assert found.examples("Type") == ["Noise", "Gong farming", "Begging"]
    assert found.examples("Complainant name") == []
    assert found.examples("Street") == ["High Street", "Mile End Road"]
    assert found.examples("No such column") == []


def test_the_profile_that_fits_is_proposed(workspace: Workspace, file: Path) -> None:
    save_guessed(workspace, "ASB", file, source="council_asb")
    save(workspace, Profile("Small", "other", columns={"occurred_from": "INCIDENT_DATE"}))
    save(workspace, Profile("Patrols", "theo_patrol", columns={"occurred_from": "Patrol day"}))
    (folder(workspace) / "bad.toml").write_text("name = [")
    fits = mapping.fitting(workspace, mapping.look(file).columns)
    assert [(f.name, f.fits) for f in fits] == [
        ("ASB", True), ("Small", True), ("Patrols", False), ("bad", False)
    ]  # fmt: skip
    assert mapping.proposed(fits) == "ASB"
    assert fits[2].missing == ("Patrol day",)
    assert "cannot be read" in fits[3].fault


def test_a_profile_that_nearly_fits_is_proposed_so_that_what_is_gone_is_said(
    workspace: Workspace, file: Path
) -> None:
    save_guessed(workspace, "ASB", file, source="council_asb")
    columns = [c for c in mapping.look(file).columns if c != "Type"]
    fits = mapping.fitting(workspace, columns)
    assert (mapping.proposed(fits), fits[0].missing) == ("ASB", ("Type",))
    assert mapping.proposed(mapping.fitting(workspace, ["Date", "Ward"])) == ""
    assert mapping.proposed([]) == ""


def test_a_saved_mapping_is_laid_on_a_file_that_spells_it_otherwise(file: Path) -> None:
    found = mapping.look(file)
    profile = Profile(
        "a", "other",
        columns={"occurred_from": "INCIDENT_date", "category": "Type", "street": "Road"},
    )  # fmt: skip
    assert mapping.saved_mapping(found, profile) == {
        "occurred_from": "Incident date", "category": "Type"
    }  # fmt: skip


def test_kinds_are_counted_over_the_whole_file_unmapped_first(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    lines = ["Date,Type", *["03/04/2026,Noise"] * 3_000, *["03/04/2026,Zorbing"] * 2]
    path.write_text("\n".join(lines), "utf-8")
    found = mapping.look(path)
    counted = mapping.wordings(found, found.guess)
    assert counted == {"Noise": 3_000, "Zorbing": 2}
    table = mapping.kinds(counted, {}, source="council_asb")
    assert table.to_numpy().tolist() == [["Zorbing", 2, ""], ["Noise", 3_000, "noise_domestic"]]
    table = mapping.kinds(counted, {"zorbing": "rowdy"}, source="council_asb")
    assert table["category"].tolist() == ["noise_domestic", "rowdy"]
    assert mapping.wordings(found, {"occurred_from": "Date"}) == {}


def test_what_is_not_said_of_a_saved_profile_stays(file: Path) -> None:
    found = mapping.look(file)
    base = Profile("old", "housing", time_precision="day", columns={"occurred_from": "x"})
    made = mapping.make_profile(
        found, "new", source="housing", columns={"occurred_from": "Incident date"}, base=base
    )
    assert (made.name, made.time_precision) == ("new", "day")
    assert made.known_columns == found.columns
    with pytest.raises(ProfileError, match="'Type' is chosen twice"):
        mapping.make_profile(
            found, "new", source="housing",
            columns={"occurred_from": "Incident date", "category": "Type", "street": "Type"},
        )  # fmt: skip


def test_columns_about_people_are_named_with_the_reason(file: Path) -> None:
    found = mapping.look(file)
    assert mapping.personal_columns(found, ["Type", "Complainant name"]) == {
        "Complainant name": "looks like people's names"
    }


def test_a_layer_of_a_map_file_is_chosen_and_read_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "both.gpkg"
    points = gpd.GeoDataFrame(
        {"Date": ["03/04/2026", "04/04/2026"]}, crs="EPSG:27700",
        geometry=[shapely.Point(530_500, 180_500)] * 2,
    )  # fmt: skip
    points.to_file(path, layer="noise")
    points.head(1).to_file(path, layer="litter")
    found = mapping.look(path)
    assert set(found.sheets) == {"noise", "litter"}
    other = mapping.look(path, sheet="litter")
    assert (len(other.head), other.sheet) == (1, "litter")
    profile = mapping.make_profile(other, "Litter", source="other", columns=other.guess)
    save(workspace, profile)
    assert import_files(workspace, [path], profile="Litter", at=AT).inside == 1


def test_the_files_of_a_zip_are_read_alike(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as made:
        made.write(file, "april.csv")
        made.write(file, "may.csv")
    found = mapping.look(tmp_path / "both.zip")
    assert (found.others, len(found.head)) == (1, 5)
    assert mapping.wordings(found, found.guess)["Begging"] == 3


def test_profiles_are_saved_found_and_deleted(workspace: Workspace, file: Path) -> None:
    profile, _ = save_guessed(workspace, "ASB", file, source="council_asb")
    assert exists(workspace, "asb")
    assert from_toml(profile_file(profile).decode()) == load(workspace, "ASB")
    save(workspace, replace(profile, provider="hackney"))
    assert load(workspace, "ASB").provider == "hackney"
    delete(workspace, "ASB")
    assert not exists(workspace, "ASB")
    with pytest.raises(ProfileError, match="No profile is called 'ASB'"):
        delete(workspace, "ASB")


def test_a_file_of_the_demo_council_is_mapped_and_comes_in_whole(tmp_path: Path) -> None:
    """The invented council's own words, as an export of its cases would have them."""
    path = tmp_path / "cases.csv"
    rows = [(f"C{n}", f"03/04/2026 2{n % 4}:15", c.words) for n, c in enumerate(COMPLAINTS)]
    pd.DataFrame(rows, columns=["Case ref", "Date", "Type of ASB"]).to_csv(path, index=False)
    workspace = Workspace.create(tmp_path / "w", kind="real", wards=demo_wards(), ward_info={})
    found = mapping.look(path)
    table = mapping.kinds(mapping.wordings(found, found.guess), {}, source="council_asb")
    chosen = {c.words: c.code for c in COMPLAINTS}
    unmapped = table.loc[table["category"].eq(""), "value"]
    assert 0 < len(unmapped) < len(COMPLAINTS)
    profile = mapping.make_profile(
        found, "Demo", source="council_asb", columns=found.guess,
        categories={words: chosen[words] for words in unmapped},
    )  # fmt: skip
    save(workspace, profile)
    report = import_files(workspace, [path], profile="Demo", at=AT)
    assert report.unmapped == ()
    stored = read_incidents(workspace.reopen())
    assert len(stored) == len(COMPLAINTS)
    assert stored["category"].astype("str").ne("unknown").all()
