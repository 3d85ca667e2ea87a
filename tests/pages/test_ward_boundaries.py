"""The Ward boundaries page: what would change, the change, and back again."""

from __future__ import annotations

import json
from pathlib import Path

from streamlit.testing.v1 import AppTest

from geodata.store import read_incidents
from geodata.workspace import Workspace
from tests.builders import two_wards
from tests.pages.conftest import Open, html


def boundaries(east: float) -> tuple[str, bytes, str]:
    """The two wards, pushed east by some metres."""
    wards = two_wards().rename(columns={"ward_code": "WD26CD", "ward_name": "WD26NM"})
    wards.geometry = wards.geometry.translate(east, 0)
    content = json.loads(wards.to_json(to_wgs84=False))
    content["crs"] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}
    return ("pushed.geojson", json.dumps(content).encode(), "application/geo+json")


def press(at: AppTest, label: str) -> AppTest:
    (button,) = [button for button in at.button if button.label == label]
    return button.click().run()


def test_the_change_is_shown_before_and_after_and_taken_back(open_page: Open, small: Path) -> None:
    version = Workspace.open(small).version
    at = open_page("Ward boundaries", small)
    at.file_uploader[0].set_value(boundaries(500)).run()
    press(at, "Show what would change")
    assert not at.exception
    # Of three a month, the one at 300 m falls out and the two at 1300 m come to West.
    assert "18 would be counted elsewhere" in html(at)
    assert Workspace.open(small).version == version
    press(at, "Change the boundaries")
    assert not at.exception
    assert "Done: 2 wards are in use: 12 of the 18 stored reports lie inside them." in html(at)
    assert "Reports in each ward, before and after the change" in html(at)
    assert read_incidents(Workspace.open(small))["ward_code"].notna().sum() == 12
    assert "Boundaries this workspace has had" in [h.value for h in at.header]
    (old,) = [box for box in at.selectbox if box.label == "Look at"]
    assert "The last 12 months counted by the wards of" in html(at)
    press(at, f"Use {old.value} again")
    assert not at.exception
    assert "18 of the 18 stored reports lie inside them" in html(at)
    assert read_incidents(Workspace.open(small))["ward_code"].notna().sum() == 18


def test_a_file_that_is_none_is_a_box_and_changes_nothing(open_page: Open, small: Path) -> None:
    version = Workspace.open(small).version
    at = open_page("Ward boundaries", small)
    at.file_uploader[0].set_value(("x.geojson", b"{}", "application/geo+json")).run()
    press(at, "Show what would change")
    assert "There is a problem" in html(at)
    assert "Nothing has changed." in html(at)
    assert Workspace.open(small).version == version
