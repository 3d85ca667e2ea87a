"""What every page has: the mark of invented data, the menu, where we are, and no way out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geodata import demo
from geodata.store import commit
from geodata.workspace import Workspace
from tests.builders import batch, incidents, two_wards
from tests.pages.conftest import PAGES, SIX_MONTHS, Open, html, words


@pytest.mark.parametrize("page", PAGES)
def test_every_page_of_the_demo_runs_is_marked_leads_nowhere_and_is_not_harsh(
    page: str, open_page: Open, demo_folder: Path
) -> None:
    """One run of a page, looked at in every way that holds for all of them."""
    at = open_page(page, demo_folder)
    assert not at.exception
    assert [t.value for t in at.title] == [page]
    assert '<p class="sw-demo" role="note"><strong>DEMO</strong>' in html(at)
    assert "Ward boundaries: Office for National Statistics" not in html(at)  # they are nobody's
    nothing_leads_outside(at)
    said = words(at).lower()
    # The forms councils publish about a tool, on Method, call a chapter of theirs "risks".
    harsh = ("dangerous", "offender") if page == "Method" else ("dangerous", "risk", "offender")
    assert [word for word in harsh if word in said] == []


def nothing_leads_outside(at: AppTest) -> None:
    for component in at.get("component_instance"):
        arguments = json.loads(component.proto.json_args)
        links = [*arguments["js_links"], *arguments["css_links"]]
        assert links == ["../../vendor/leaflet/leaflet.js", "../../vendor/leaflet/leaflet.css"]
        assert not re.search(r"(?:https?:)?//[a-z]", re.sub(SVG_NAMESPACE, "", str(arguments)))
    for component in at.get("bidi_component"):
        told = str(component.proto)
        program = component.proto.js_content + component.proto.css_content
        assert not re.search(r"(?:https?:)?//[a-z]", re.sub(SVG_NAMESPACE, "", program))
        assert not re.search(r"https?:", re.sub(SVG_NAMESPACE, "", told))
    assert not re.search(r"(src|href)=\"(https?:)?//", html(at))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Real reports in wards whose names try to break out; nothing here changes it."""
    wards = two_wards().assign(ward_name=["<img src=x onerror=alert(1)>", "${alert(2)}`"])
    folder = tmp_path_factory.mktemp("names") / "hostile"
    made = Workspace.create(folder, kind="real", wards=wards, ward_info={})
    rows = [(month, x, 500) for month in SIX_MONTHS for x in (300, 1300, 1300)]
    commit(made, [batch("street", incidents(rows))])
    return made.path


@pytest.mark.parametrize("page", PAGES)
def test_real_data_are_not_marked_and_names_from_files_are_text_and_nothing_else(
    page: str, open_page: Open, hostile: Path
) -> None:
    at = open_page(page, hostile)
    assert not at.exception
    said = words(at)
    assert "DEMO" not in said
    assert "<img" not in said
    assert "${" not in said


@pytest.mark.parametrize("page", PAGES)
def test_wards_without_reports_are_no_error(page: str, open_page: Open, empty: Path) -> None:
    at = open_page(page, empty)
    assert not at.exception
    assert "There is a problem" not in html(at)
    if page in ("Overview", "Hotspots", "Where next"):
        assert "No reports are stored" in html(at)
        links = [link.proto.label for link in at.get("page_link")]
        assert "Go to Bring in reports" in links


SVG_NAMESPACE = r"http://www\.w3\.org/2000/svg"


def test_a_first_start_makes_the_demo_beside_the_workspace(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "LENGTH", 13)  # a short one shows as much
    at = open_page("Overview", tmp_path / "workspace")
    assert not at.exception
    assert Workspace.open(tmp_path / "workspace-demo").kind == "demo"
    assert not (tmp_path / "workspace").exists()


def test_a_folder_that_is_no_workspace_is_said_in_one_box(open_page: Open, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter.txt").write_text("Dear Sir")
    at = open_page("Overview", tmp_path / "papers")
    assert not at.exception
    assert [t.value for t in at.title] == ["The workspace cannot be opened"]
    assert "This folder is not a workspace" in html(at)
    assert "What to do:" in html(at)


def test_a_damaged_workspace_is_said_in_one_box(open_page: Open, small: Path) -> None:
    (small / "manifest.json").write_text("{")
    at = open_page("Overview", small)
    assert not at.exception
    assert html(at).count('role="alert"') == 1


def test_the_side_bar_says_where_we_are(open_page: Open, small: Path) -> None:
    said = html(open_page("Method", small))
    assert "<dt>Looking at</dt><dd>small</dd>" in said
    assert "<dt>Wards</dt><dd>2</dd>" in said
    assert "<dt>Police reports (police.uk)</dt><dd>January 2026 to June 2026</dd>" in said
