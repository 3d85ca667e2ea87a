"""The Data pages: reports in, every row accounted for, conflicts asked about, wards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, two_wards
from tests.pages.conftest import SIX_MONTHS, Open, html

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
FORCE = "Metropolitan Police Service"

Upload = tuple[str, bytes, str]


def street_file(month: str, places: Sequence[tuple[float, float] | None]) -> Upload:
    """One police.uk file: a report at each point, metres from ORIGIN; None has no place."""
    from geodata.crs import to_lonlat

    rows = []
    for place in places:
        lon = lat = ""
        if place is not None:
            import numpy as np

            x, y = to_lonlat(np.array([ORIGIN[0] + place[0]]), np.array([ORIGIN[1] + place[1]]))
            lon, lat = f"{x[0]:.6f}", f"{y[0]:.6f}"
        rows.append(f",{month},{FORCE},{FORCE},{lon},{lat},On or near A,,,Anti-social behaviour,,")
    content = "\n".join([HEADER, *rows]) + "\n"
    return (f"{month}-metropolitan-street.csv", content.encode(), "text/csv")


def bring_in(at: AppTest, *files: Upload) -> AppTest:
    """Upload files and press the button, as one does."""
    return press(upload(at, *files), "Bring in reports")


def upload(at: AppTest, *files: Upload) -> AppTest:
    (box,) = [box for box in at.file_uploader if box.label == "Files of reports"]
    box.set_value(list(files))
    return at.run()


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [button for button in at.button if button.label == label]
    return button.click().run()


def stored(path: Path) -> int:
    return sum(part.rows for part in Workspace.open(path).manifest().live)


INSIDE, OUTSIDE = (300.0, 500.0), (-2000.0, 500.0)


def test_an_import_says_what_became_of_every_row(open_page: Open, empty: Path) -> None:
    at = open_page("Bring in reports", empty)
    bring_in(at, *[street_file(m, [INSIDE, INSIDE, OUTSIDE, None]) for m in SIX_MONTHS])
    assert not at.exception
    said = html(at)
    assert "Done: 24 of 24 rows stored, 12 of them inside the wards." in said
    assert "<dt>Outside the wards: kept, not counted</dt><dd>6</dd>" in said
    assert "<dt>Without a location: kept, not counted</dt><dd>6</dd>" in said
    assert stored(empty) == 24
    assert "Every row accounted for" in html(open_page("What is stored", empty))
    assert Workspace.open(empty).manifest().imports[-1].at.startswith("20")


def test_the_same_file_again_changes_nothing_and_says_so(open_page: Open, empty: Path) -> None:
    at = open_page("Bring in reports", empty)
    file = street_file("2026-01", [INSIDE] * 3)
    bring_in(at, file)
    version = Workspace.open(empty).version
    bring_in(at, file)
    assert "Note: Nothing changed: all 3 rows had been imported before." in html(at)
    assert Workspace.open(empty).version == version


@pytest.mark.parametrize(("choice", "left"), [("replace", 2), ("add", 12)])
def test_a_conflict_asks_what_is_meant(
    choice: str, left: int, open_page: Open, empty: Path
) -> None:
    at = open_page("Bring in reports", empty)
    bring_in(at, street_file("2026-01", [(100.0 + 10 * n, 500.0) for n in range(10)]))
    bring_in(at, street_file("2026-01", [(1500.0, 500.0), (1600.0, 600.0)]))
    said = html(at)
    assert "is not a correction of what is stored" in said
    assert "Nothing was stored and nothing that was stored before has changed." in said
    assert "--replace" not in said
    assert stored(empty) == 10
    at.radio[0].set_value(choice).run()
    press(at, "Bring in like this")
    assert not at.exception
    assert "Done: 2 of 2 rows stored" in html(at)
    assert stored(empty) == left


def test_a_conflict_can_be_left_alone(open_page: Open, empty: Path) -> None:
    at = open_page("Bring in reports", empty)
    bring_in(at, street_file("2026-01", [(100.0 + 10 * n, 500.0) for n in range(10)]))
    bring_in(at, street_file("2026-01", [(1500.0, 500.0)]))
    press(at, "Leave them out")
    assert "is not a correction" not in html(at)
    assert stored(empty) == 10


@pytest.mark.parametrize(
    "file",
    [
        ("notes.csv", b"a,b\n1,2\n", "text/csv"),
        ("2026-01-metropolitan-street.csv", b"\x00\x01\x02", "text/csv"),
        ("reports.zip", b"PK not a zip", "application/zip"),
        ("../../etc/2026-01-metropolitan-street.csv", b"", "text/csv"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_clear_box(
    file: Upload, open_page: Open, empty: Path
) -> None:
    at = open_page("Bring in reports", empty)
    upload(at, street_file("2026-01", [INSIDE]), file)
    if any(button.label == "Bring in reports" for button in at.button):
        press(at, "Bring in reports")
    said = html(at)
    assert not at.exception
    assert said.count('role="alert"') == 1
    assert "What to do:" in said
    assert "Nothing was stored" in said
    assert stored(empty) == 0


def test_a_folder_of_this_machine_can_be_brought_in(
    open_page: Open, empty: Path, tmp_path: Path
) -> None:
    for month in SIX_MONTHS[:2]:
        name, content, _ = street_file(month, [INSIDE])
        (tmp_path / "download" / month).mkdir(parents=True)
        (tmp_path / "download" / month / name).write_bytes(content)
    at = open_page("Bring in reports", empty)
    at.text_input[0].set_value(str(tmp_path / "download")).run()
    press(at, "Bring in reports")
    assert "Done: 2 of 2 rows stored" in html(at)


def test_a_folder_that_is_not_there_is_said(open_page: Open, empty: Path, tmp_path: Path) -> None:
    at = open_page("Bring in reports", empty)
    at.text_input[0].set_value(str(tmp_path / "nowhere")).run()
    assert not at.exception
    assert html(at).count('role="alert"') == 1


def test_folders_are_not_offered_to_visitors_from_elsewhere(
    open_page: Open, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pages.components import uploads

    monkeypatch.setattr(uploads, "may_name_folders", lambda: False)
    at = open_page("Bring in reports", empty)
    assert [box.label for box in at.text_input if "folder" in box.label] == []


def test_the_demo_takes_no_reports_but_leads_to_a_workspace_of_ones_own(
    open_page: Open, demo_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_folder, tmp_path / "workspace-demo")
    at = open_page("Bring in reports", tmp_path / "workspace")
    assert "Use your own data" in [h.value for h in at.header]
    assert [b.label for b in at.file_uploader] == [
        "Ward boundaries (GeoPackage, zipped Shapefile, GeoJSON, FlatGeobuf or GeoParquet)"
    ]
    shapes = two_wards().rename(columns={"ward_code": "WD24CD", "ward_name": "WD24NM"})
    content = shapes.to_crs("EPSG:4326").to_json().encode()
    at.file_uploader[0].set_value(("my-wards.geojson", content, "application/geo+json"))
    at.run()
    press(at, "Start my workspace")
    assert not at.exception
    said = html(at)
    assert "DEMO" not in said
    assert "2 wards read from my-wards.geojson" in said
    made = Workspace.open(tmp_path / "workspace")
    assert made.kind == "real"
    assert made.wards()["ward_code"].tolist() == [WEST, EAST]


def test_a_boundary_file_that_is_none_is_one_clear_box(
    open_page: Open, demo_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_folder, tmp_path / "workspace-demo")
    at = open_page("Bring in reports", tmp_path / "workspace")
    empty_file = json.dumps({"type": "FeatureCollection", "features": []}).encode()
    at.file_uploader[0].set_value(("nothing.geojson", empty_file, "application/geo+json"))
    at.run()
    press(at, "Start my workspace")
    assert not at.exception
    assert html(at).count('role="alert"') == 1
    assert not Workspace.exists(tmp_path / "workspace")


def test_rejected_rows_are_shown_with_their_reason(open_page: Open, empty: Path) -> None:
    name, content, kind = street_file("2026-01", [INSIDE, INSIDE])
    broken = content.replace(b",2026-01,", b",2026-13,", 1)
    at = open_page("Bring in reports", empty)
    bring_in(at, (name, broken, kind))
    assert "Rejected: kept with the reason</dt><dd>1</dd>" in html(at)
    at = open_page("Rejected rows", empty)
    said = html(at)
    assert not at.exception
    assert "the month is not written YYYY-MM" in said
    assert "Rows of police.uk cannot be corrected here" in said
    assert [b.label for b in at.get("download_button")] == ["Download the rejected rows (CSV)"]
    assert not at.file_uploader


def test_the_quality_report_of_the_demo_names_what_is_missing(
    open_page: Open, demo_folder: Path
) -> None:
    said = html(open_page("What is stored", demo_folder))
    assert "these months are missing, not zero" in said
    assert "British Transport Police" in said
