"""One file: complete, locked, small, the same every time."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from analysis.report.classes import legend_for
from analysis.report.html_export import map_html, map_summary
from geodata.errors import CrsError
from tests.drawings import (
    HOSTILE,
    export_arguments,
    grid_wards,
    hexagons,
    hostile_areas,
    with_withheld,
)

OURS = ("nationalarchives.gov.uk", "http://www.w3.org/2000/svg", "https://leafletjs.com")
VOID = {"meta", "link", "path", "use", "circle", "rect", "img"}
# What a table may leave out at the end, as HTML allows.
OPTIONAL = {"tr", "td", "th", "thead", "tbody"}


class Page(HTMLParser):
    """The tags, attributes, texts and raw blocks of a page; nesting is checked."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.blocks: dict[str, list[str]] = {"script": [], "style": []}
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in self.blocks:
            self.blocks[tag].append("")
        if tag not in VOID and not self.get_starttag_text().endswith("/>"):
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        while self._open and self._open[-1] != tag and self._open[-1] in OPTIONAL:
            self._open.pop()
        assert self._open, tag
        assert self._open.pop() == tag

    def handle_data(self, data):
        if self._open and self._open[-1] in self.blocks:
            self.blocks[self._open[-1]][-1] += data
        else:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def areas():
    return with_withheld(hexagons(grid_wards()))


@pytest.fixture(scope="module")
def written(areas) -> str:
    return map_html(areas, **export_arguments(areas))


@pytest.fixture(scope="module")
def page(written) -> Page:
    return Page(written)


def _policy(page: Page) -> dict[str, list[str]]:
    [content] = [
        m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"
    ]
    rules = (rule.split() for rule in content.split(";"))
    return {name: values for name, *values in rules}


def test_the_policy_forbids_everything_but_our_own_scripts_and_styles(page):
    policy = _policy(page)
    assert policy["default-src"] == ["'none'"]
    assert set(policy) == {
        *("default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"),
    }
    assert "unsafe" not in str(policy)
    for kind in ("script", "style"):
        digests = [
            f"'sha256-{base64.b64encode(hashlib.sha256(b.encode()).digest()).decode()}'"
            for b in page.blocks[kind]
        ]
        assert policy[f"{kind}-src"] == digests


def test_nothing_is_styled_or_scripted_in_an_attribute(page):
    for _, attributes in page.tags:
        assert not [a for a in attributes if a == "style" or a.startswith("on")]


def test_nothing_points_anywhere(page, written):
    for tag, attributes in page.tags:
        for name in ("src", "href", "data", "action", "poster", "srcset", "xlink:href"):
            if name in attributes and not (tag == "div" and name.startswith("data")):
                assert re.match(r"#|data:,", attributes[name]), (tag, attributes)
    rest = written
    for known in OURS:
        rest = rest.replace(known, "")
    assert not re.search(r"https?://|sourceMappingURL|@import", rest)
    styles = "".join(page.blocks["style"])
    assert set(re.findall(r"url\(([^)]*)\)", styles)) == {"#hatch-none", "#hatch-held"}


def test_the_page_has_what_every_page_needs(page, written):
    assert written.startswith("<!doctype html>\n")
    assert page.all("html") == [{"lang": "en-GB"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all(
        "meta"
    )
    assert [t for t, _ in page.tags if re.fullmatch("h[1-6]", t)] == [
        *("h1", "h2", "h3", "h2", "h2", "h2"),
    ]
    assert "<title>DEMO - invented data | Reports by hexagon</title>" in written
    [skip] = [a for a in page.all("a") if a.get("class") == "skip"]
    assert skip["href"] == "#table"
    assert "table" in {attributes.get("id") for _, attributes in page.tags}


@pytest.mark.parametrize(
    "words",
    [
        "Reports by hexagon",
        "Invented reports, May 2025 to April 2026",
        "Data up to and including April 2026 .",
        "DEMO - invented data",
        "A note on how to read this.",
        "Reports: invented.",
        "No data (1)",
        "Withheld: too few to show (1)",
        "Ward boundary",
        "Leaflet 1.9.3, © 2010-2022 Vladimir Agafonkin, © 2010-2011 CloudMade, BSD 2-Clause",
        "Redistributions in binary form must reproduce the above copyright notice",
        "Boundaries are simplified by up to 8 m",
    ],
)
def test_the_page_says(page, words):
    assert words in page.text


def test_the_table_holds_what_the_map_shows(areas, written):
    body = written.split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.split("<t[hd][^>]*>", row)[1:] for row in body.split("<tr>")[1:]]
    legend = export_arguments(areas)["legend"]
    classes = legend.class_of(areas["count"], areas["withheld"].ne(""))
    assert len(rows) == len(areas)
    for row, name, count, number in zip(rows, areas["name"], areas["count"], classes, strict=True):
        said = [cell.strip() for cell in row]
        if number == -1:
            assert said == [name, "no data", "no data"]
        elif number == -2:
            assert said == [name, "1 to 4", "withheld"]
        else:
            assert said == [name, f"{count:.0f}", str(number)]


def test_the_legend_names_every_class_with_its_number(areas, page):
    legend = export_arguments(areas)["legend"]
    keys = [a["class"] for a in page.all("span") if "key" in (a.get("class") or "").split()]
    assert keys == [
        *(f"key c{band.shade}" for band in reversed(legend.bands)),
        *("key none", "key held", "key line"),
    ]
    for band in legend.bands:
        assert f"{band.number} {band.label} ({band.areas})" in page.text


def test_the_same_input_gives_the_same_bytes(areas, written):
    assert map_html(areas.copy(), **export_arguments(areas.copy())) == written


def test_two_thousand_hexagons_take_less_than_a_megabyte():
    wards = grid_wards(15, 15)
    areas = hexagons(wards).head(2000)
    assert len(areas) == 2000
    columns = [("name", "Place"), ("count", "Reports"), ("per_km2", "Per km²"), ("near", "Wards")]
    areas = areas.assign(per_km2=areas["count"] / 0.104, near="Ward 12: 61 %, Ward 13: 39 %")
    written = map_html(areas, **export_arguments(areas, wards=wards, columns=columns))
    assert len(written.encode()) < 1_000_000


def test_hostile_text_everywhere_leaves_the_page_whole():
    areas = hostile_areas()
    every = " ".join(HOSTILE)
    legend = legend_for(areas["count"], title=every)
    written = map_html(
        areas,
        **export_arguments(
            areas, title=every, subtitle=every, summary=HOSTILE, notes=HOSTILE, licences=HOSTILE,
            marks=HOSTILE, areas_are=every, legend=legend, wards=areas, places=areas,
            columns=[("name", every), ("count", every)],
        ),
    )  # fmt: skip
    plain = Page(map_html(areas, **export_arguments(areas)))
    page = Page(written)
    policy = _policy(page)
    assert policy["script-src"] == _policy(plain)["script-src"]
    assert len(page.blocks["script"]) == 2
    assert len(page.blocks["style"]) == 1
    tags = {tag for tag, _ in page.tags}
    assert tags <= {tag for tag, _ in plain.tags}
    assert "<img src=x onerror" in page.text
    test_nothing_is_styled_or_scripted_in_an_attribute(page)


def test_nothing_marked_is_said_where_there_is_no_mark():
    areas = hexagons(grid_wards())
    page = Page(map_html(areas, **export_arguments(areas, marks=[], notes=[], subtitle="")))
    assert "DEMO" not in page.text
    assert "stamp" not in {attributes.get("class") for _, attributes in page.tags}


@pytest.mark.parametrize("values", [[0.0, 0.0, 0.0], [None, None, None], [4.0, 4.0, 4.0], [7.0]])
def test_a_map_with_little_on_it_is_still_a_map(values):
    areas = hexagons(grid_wards()).head(len(values)).assign(count=values).astype({"count": float})
    page = Page(map_html(areas, **export_arguments(areas)))
    assert len([t for t, _ in page.tags if t == "tbody"]) == 1


def test_no_area_at_all_is_said_too():
    areas = hexagons(grid_wards()).head(0)
    assert "The same as a table" in Page(map_html(areas, **export_arguments(areas))).text


def test_a_cut_off_that_is_no_month_is_refused(areas):
    with pytest.raises(ValueError, match="2026-04"):
        map_html(areas, **export_arguments(areas, cut_off="April 2026"))


def test_areas_in_degrees_are_refused(areas):
    with pytest.raises(CrsError):
        map_html(areas.to_crs(4326), **export_arguments(areas))


@pytest.mark.parametrize(
    ("counts", "title", "lines"),
    [
        (
            [3, 3],
            "ASB reports",
            ["ASB reports: 3 in each.", "6 ASB reports in all, half of them in 1 of the wards."],
        ),
        ([0, 0], "Reports", ["Reports: none anywhere."]),
        (
            [10, 1, 1, 0],
            "Reports",
            [
                "Reports: none in 1, 1 to 10 in each of the other 3.",
                "12 reports in all, half of them in 1 of the wards.",
            ],
        ),
        ([None], "Reports", ["1 wards are drawn; no data for 1 of them."]),
    ],
)
def test_the_summary_says_what_the_map_shows(counts, title, lines):
    frame = pd.DataFrame({"count": pd.Series(counts, dtype="float64")})
    legend = legend_for(frame["count"], title=title, adds_up=True)
    assert map_summary(frame, value="count", legend=legend, are="wards") == lines


def test_a_total_is_not_said_where_a_number_is_withheld(areas):
    lines = map_summary(areas, value="count", legend=export_arguments(areas)["legend"])
    assert not any("in all" in line for line in lines)
    assert "the numbers of 1 are withheld" in lines[0]
