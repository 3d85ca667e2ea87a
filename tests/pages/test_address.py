"""Filters live in the address, by their codes; nonsense there falls back and is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import batch, incidents, workspace_of
from tests.pages.conftest import SIX_MONTHS, Open, html


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two wards with a few kinds of report of the police and of a council; nothing changes it.

    Small, since what is tried is the address: a page of the demo takes ten times as long.
    """
    kinds = ("police_uk_unspecified", "burglary", "robbery", "drugs")
    police = incidents([(month, 300, 500, kind) for month in SIX_MONTHS for kind in kinds])
    council = incidents(
        [(month, 1300, 500, "noise_domestic") for month in SIX_MONTHS], source="council_asb"
    )
    folder = tmp_path_factory.mktemp("address") / "workspace"
    return workspace_of(folder, batch("street", police), batch("council", council)).path


def test_a_plain_address_stays_plain(open_page: Open, stored: Path) -> None:
    at = open_page("Hotspots", stored)
    assert dict(at.query_params) == {}
    assert at.selectbox(key="side").value == "200"
    assert at.multiselect(key="category").value == []


def test_an_address_sets_the_filters(open_page: Open, stored: Path) -> None:
    at = open_page(
        "Hotspots", stored, layer="wards", category=["burglary", "robbery"],
        first="2026-01", last="2026-03", measure="count",
    )  # fmt: skip
    assert at.multiselect(key="category").value == ["burglary", "robbery"]
    assert at.selectbox(key="first").value == "2026-01"
    assert at.selectbox(key="last").value == "2026-03"
    assert at.selectbox(key="measure").value == "count"
    assert "Reports by place, January 2026 to March 2026" in html(at)
    assert "asks for" not in html(at)


def test_a_filter_writes_its_code_to_the_address(open_page: Open, stored: Path) -> None:
    at = open_page("Hotspots", stored)
    at.selectbox(key="side").set_value("350").run()
    at.multiselect(key="category").set_value(["burglary", "drugs"]).run()
    assert dict(at.query_params) == {"side": "350", "category": ["burglary", "drugs"]}
    at.selectbox(key="side").set_value("200").run()
    assert dict(at.query_params) == {"category": ["burglary", "drugs"]}
    at.multiselect(key="category").set_value([]).run()
    assert dict(at.query_params) == {}


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ({"side": "7"}, "Size of hexagon"),
        ({"side": "200; DROP"}, "Size of hexagon"),
        ({"category": ["burglary", "<b>x</b>"]}, "Kind of report"),
        ({"first": "2026-13"}, "From"),
        ({"last": "1066-10"}, "To"),
        ({"layer": "moon"}, "Show"),
        ({"source": "gossip"}, "Source"),
        ({"area": "h200_9_9"}, "Pick a place on the map, or here"),
        ({"measure": "x" * 5000}, "Colour by"),
    ],
)
def test_nonsense_falls_back_and_is_said(
    query: dict, label: str, open_page: Open, stored: Path
) -> None:
    at = open_page("Hotspots", stored, **query)
    assert not at.exception
    (said,) = [w.value for w in at.warning]
    assert f"under “{label}”, which is not offered" in said
    assert len(said) < 300
    (key,) = query
    assert dict(at.query_params).get(key) in (None, "burglary")


def test_the_message_stays_until_the_filter_is_changed(open_page: Open, stored: Path) -> None:
    at = open_page("Hotspots", stored, side="7")
    at.multiselect(key="category").set_value(["burglary"]).run()
    assert len(at.warning) == 1
    at.selectbox(key="side").set_value("350").run()
    assert len(at.warning) == 0


def test_a_changed_address_wins_over_the_widget(open_page: Open, stored: Path) -> None:
    """A link, a bookmark or the back button changes the address of a visit that goes on."""
    at = open_page("Hotspots", stored, side="350")
    at.query_params["side"] = "100"
    at.run()
    assert at.selectbox(key="side").value == "100"
    del at.query_params["side"]
    at.run()
    assert at.selectbox(key="side").value == "200"


def test_a_kind_the_new_source_does_not_know_is_dropped(open_page: Open, stored: Path) -> None:
    at = open_page("Hotspots", stored, category=["burglary"])
    at.selectbox(key="source").set_value("council_asb").run()
    assert not at.exception
    assert at.multiselect(key="category").value == []
    assert dict(at.query_params) == {"source": "council_asb"}


def test_the_end_cannot_lie_before_the_start(open_page: Open, stored: Path) -> None:
    at = open_page("Hotspots", stored, first="2026-05", last="2026-01")
    assert not at.exception
    assert at.selectbox(key="last").value == "2026-06"
    assert len(at.warning) == 1


def test_each_page_remembers_its_own_filters(open_page: Open, stored: Path) -> None:
    at = open_page("Hotspots", stored, side="350")
    at.query_params.clear()  # as the browser does when a link of the menu is followed
    at.switch_page("plan/where_next.py").run()
    assert at.selectbox(key="side").value == "200"
    assert "side=350" in [link.proto.query_string for link in at.get("page_link")]
