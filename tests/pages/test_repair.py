"""The page Repair places: one wording after another is pinned, and the next one comes up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analysis.jobs import repair
from geodata.store import read_incidents
from geodata.workspace import Workspace
from tests.analysis.jobs.test_repair import ROWS, X, Y, council, gazetteer
from tests.builders import EAST, workspace_of
from tests.pages.conftest import Open, html, words

PAGE = "Repair places"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workspace_of(tmp_path_factory.mktemp("repair") / "workspace", council(ROWS)).path


@pytest.fixture
def path(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "workspace"))


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [button for button in at.button if button.label == label]
    return button.click().run()


def box(at: AppTest, label: str) -> AppTest:
    (found,) = [b for b in (*at.selectbox, *at.text_input) if b.label.startswith(label)]
    return found


def typed(at: AppTest, text: str) -> AppTest:
    return box(at, "Grid reference").set_value(text).run()


def test_a_wording_is_pinned_by_typing_and_the_next_comes_up(path: Path, open_page: Open) -> None:
    at = open_page(PAGE, path)
    assert not at.exception
    assert "0 of 10 rows placed" in at.get("progress")[0].proto.text
    assert "Back of the shops - 3 reports" in box(at, "What the reports say").options[0]
    assert "Smith" not in words(at)
    (button,) = [b for b in at.button if b.label == "Place 3 reports here"]
    assert button.disabled
    typed(at, "TQ 3120 8030")
    assert "531,205, 180,305, East" in html(at)
    (how,) = at.radio
    assert how.value == 10.0  # a grid reference is exact
    how.set_value(100.0).run()
    press(at, "Place 3 reports here")
    assert not at.exception
    assert "Back of the shops is pinned on the map: 3 rows changed." in html(at)
    assert "3 of 10 rows placed" in at.get("progress")[0].proto.text
    assert box(at, "What the reports say").options[0].startswith("Nowhere Lane")
    assert box(at, "Grid reference").value == ""
    rows = read_incidents(Workspace.open(path), columns=["ward_code", "geo_radius_m"])
    assert rows["ward_code"].eq(EAST).sum() == 3
    assert (rows["geo_radius_m"] == 100).sum() == 3


def test_what_is_no_place_is_said_and_changes_nothing(path: Path, open_page: Open) -> None:
    at = typed(open_page(PAGE, path), "Narnia")
    assert "This is not a place" in html(at)
    version = Workspace.open(path).version
    assert [b.disabled for b in at.button if b.label == "Place 3 reports here"] == [True]
    assert Workspace.open(path).version == version


def test_a_candidate_can_be_chosen(path: Path, open_page: Open) -> None:
    gazetteer(path)
    repair.locate_again(Workspace.open(path))
    at = open_page(PAGE, path)
    wording = "council_asb|tower-hamlets|NOWHERE LANE|||"
    box(at, "What the reports say").set_value(wording).run()
    assert "No street or place here has this name" in html(at)
    at = open_page(
        PAGE, workspace_of(path.parent / "other", council([{"location": "Syde St"}])).path
    )
    gazetteer(path.parent / "other")
    at.run()
    assert "Side Street" in box(at, "It could be").options[0]
    box(at, "It could be").set_value(0).run()
    assert f"Side Street: {X + 1600:,.0f}, {Y + 600:,.0f}, East" in html(at)
    assert at.radio[0].value == 100.0
    press(at, "Place 1 report here")
    assert "Nothing waits for a place." in html(at)


@pytest.mark.parametrize(
    ("button", "said"),
    [("Lies outside", "outside the area"), ("Cannot be placed", "cannot be placed")],
)
def test_what_has_no_place_here_is_settled_and_can_be_taken_back(
    path: Path, open_page: Open, button: str, said: str
) -> None:
    at = press(open_page(PAGE, path), button)
    assert f"Back of the shops is {said}" in html(at)
    assert "Nowhere Lane" in box(at, "What the reports say").options[0]
    box(at, "Take a pin out").set_value(0).run()
    press(at, "Take this pin out")
    assert "is taken out" in html(at)
    assert "Back of the shops" in box(at, "What the reports say").options[0]


def test_pins_come_in_as_a_table(path: Path, open_page: Open) -> None:
    at = open_page(PAGE, path)
    table = (
        "source,provider,text,verdict,easting,northing,radius_m\n"
        f"council_asb,tower-hamlets,Nowhere Lane,here,{X + 100},{Y + 100},100\n"
    )
    at.file_uploader[0].set_value([("pins.csv", table.encode(), "text/csv")]).run()
    press(at, "Bring in these pins")
    assert "1 pins were taken in: 2 rows changed." in html(at)
    at.file_uploader[0].set_value([("pins.csv", b"a,b", "text/csv")]).run()
    press(at, "Bring in these pins")
    assert "lacks a column" in html(at)


def test_where_nothing_came_without_coordinates(small: Path, open_page: Open) -> None:
    at = open_page(PAGE, small)
    assert "nothing waits for a place" in html(at)
    assert not at.exception
    press(at, "Look again in the gazetteer")
    assert "0 rows are placed otherwise than before." in html(at)
