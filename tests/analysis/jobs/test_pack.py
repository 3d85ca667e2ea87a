"""Packs of a small world: what they say, who may see what, hostile words, publishing, checking."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pypdf import PdfReader

from analysis.jobs.events import programme
from analysis.jobs.feedback_sheet import feedback_sheet
from analysis.jobs.pack import (
    PackResult,
    Wanted,
    check_published,
    make_packs,
    preview,
    publish_packs,
    published_file,
    published_packs,
    write_packs,
)
from analysis.jobs.pack_evidence import Reading, read_evidence
from analysis.jobs.records import add_record, change_record
from analysis.packs.model import UNPUBLISHED, Section
from analysis.packs.sections import sections_of
from geodata import months as m
from geodata.errors import SaferWalksError
from geodata.records.fields import LONDON
from geodata.workspace import Workspace
from tests.builders import EAST, WEST, batch, incidents, workspace_of

NOW = dt.datetime(2026, 7, 1, 12, tzinfo=LONDON)
WHO: dict[str, Any] = {"by": "test", "at": NOW}
HOSTILE = '<img src=x onerror=alert(1)> ${alert(1)} {{ 7*7 }} #import "x" =1+1 </script>'
FORMULA = "=HYPERLINK(1)"
MONTHS = m.span("2024-07", "2026-06")


def _reports(folder: Path) -> Workspace:
    """West has 2 police reports a month and one council case a quarter; East 20 cases a year."""
    police = [(month, 300, 500) for month in MONTHS for _ in range(2)]
    police += [(month, 1300, 500) for month in MONTHS]
    cases = [(month, 310, 510, "rowdy") for month in MONTHS[::3]]
    cases += [(month, 1310, 510, "rowdy") for month in MONTHS for _ in range(2)]
    council = incidents(cases, source="council_asb", force="", geo_precision="exact")
    return workspace_of(folder, batch("police", incidents(police)), batch("council", council))


def _site(here: Workspace, name: str, x: float) -> str:
    place = {"name": name, "kind": "street", "ward_code": WEST, "easting": 530_000.0 + x,
             "northing": 180_500.0}  # fmt: skip
    return add_record(here, "sites", place, **WHO).id


def _walk(here: Workspace, kind: str, site: str, **more: object) -> str:
    start = dt.datetime(2026, 3, 4, 18, 45, tzinfo=LONDON)
    event = {"event_type": kind, "status": "held", "ward_codes": [WEST], "site_id": site,
             "planned_date": "2026-03-04", "actual_start": start, **more}  # fmt: skip
    return add_record(here, "events", event, **WHO).id


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A ward with a panel, promises, a women-only walk of six and a Walk and Talk."""
    made = _reports(tmp_path_factory.mktemp("packs") / "w")
    corner, home = _site(made, HOSTILE, 300), _site(made, "Quillmaker Passage", 700)
    walk = _walk(made, "womens_walk", corner, women_only=True)
    _walk(made, "walk_and_talk", home, women_only=True)
    for n, feel in enumerate((1, 1, 1, 1, 1, 6)):
        said = {"event_id": walk, "mode": "individual", "n_people": 1, "feel_now": feel,
                "said_on": "2026-03-04", "issues": ["poor_lighting"], "open_reason": "my secret",
                "consent_store": True, "consent_quote": False}  # fmt: skip
        add_record(made, "responses", said | {"channel": "paper"}, **WHO)
        assert n < 6
    add_record(made, "meetings", {"held_on": "2026-06-10", "ward_codes": [WEST],
                                  "note": "staff only"}, **WHO)  # fmt: skip
    add_record(made, "priorities", {"ward_code": WEST, "title": FORMULA, "status": "active"}, **WHO)
    late = {"origin": "walkabout", "ward_code": WEST, "owner_agency": "tfl", "status": "agreed",
            "action_text": "Mend the lamp", "you_said": HOSTILE, "agreed_on": "2026-01-05",
            "due_on": "2026-06-15", "issue_text": "Light out at the bridge"}  # fmt: skip
    add_record(made, "actions", late, **WHO)
    return made


def _made(here: Workspace, audience: str, **more: Any) -> PackResult:
    wanted = Wanted((WEST,), audience=audience, **more)  # type: ignore[arg-type]
    return make_packs(here, wanted, at=NOW)


@pytest.fixture(scope="module")
def public(here: Workspace) -> PackResult:
    return _made(here, "public")


@pytest.fixture(scope="module")
def panel(here: Workspace) -> PackResult:
    return _made(here, "panel")


def _numbers(found: PackResult) -> dict[str, Any]:
    return found.made[0].pack.numbers()


def test_the_summary_says_three_things_and_three_numbers(public: PackResult) -> None:
    summary = _numbers(public)["summary"]
    assert summary["tables"]["summary"] == [
        ["Police reports (police.uk): ASB reports", "24", "24"],
        ["Promised actions completed", "0", "0"],
        ["Walks and events held", "1", "0"],
    ]
    assert len(summary["lines"]) == 3
    assert "24 ASB reports in the ward, about the same as" in summary["lines"][0]
    assert "1 is overdue. Longest: Mend the lamp (" in summary["lines"][1]


def test_actions_are_those_since_the_last_meeting(public: PackResult) -> None:
    actions = _numbers(public)["actions"]
    assert "since the last panel meeting on 10 June 2026" in actions["lines"][0]
    assert actions["lines"][1] == "1 action is overdue."
    [row] = actions["tables"]["actions"]
    assert row[0] == "Light out at the bridge"  # a fault is told however few spoke of it
    assert row[-1].startswith("Red: 16 days overdue")


def test_small_numbers_about_people_are_masked_and_open_ones_are_not(public: PackResult) -> None:
    said = _numbers(public)
    assert "4" not in said["reports-council_asb"]["tables"].get("kinds-council_asb", [["", ""]])[0]
    assert "24 ASB reports" in said["reports-police_uk"]["lines"][0]
    [row] = said["concerns"]["tables"]["concerns"]
    assert row[2:4] != ["6", "5"]  # then the one who felt safe would stand alone


def test_a_number_says_what_it_is_of_and_what_no_source_can_tell(public: PackResult) -> None:
    said = _numbers(public)
    police, council = said["reports-police_uk"], said["reports-council_asb"]
    assert police["lines"][1].startswith("That is 24 for each square kilometre")
    assert any("nothing finer, so no day, hour" in note for note in police["notes"])
    assert any("carries a time" in note for note in council["notes"])
    assert "week-council_asb" not in said
    order = ["summary", "actions", "told", "priorities", "reports-police_uk",
             "reports-council_asb", "map", "walks", "concerns", "method"]  # fmt: skip
    assert list(said) == order


def test_where_residents_are_known_a_number_is_told_by_them_too(here: Workspace) -> None:
    read, _ = read_evidence(Reading(here, "public", "2025-07", "2026-06", NOW.date()))
    known = dataclasses.replace(read, wards=read.wards.assign(residents=4_800.0))
    lines = next(p.lines for p in sections_of(known, WEST) if p.code == "reports-police_uk")
    assert lines[1].startswith("That is 5 for every 1,000 of its 4,800 residents, and 24 for each")


def test_a_number_that_cannot_be_compared_is_told_all_the_same(here: Workspace) -> None:
    found = _made(here, "public", first="2024-07", last="2025-06")
    assert _numbers(found)["summary"]["tables"]["summary"][0][1:] == ["24", "cannot be compared"]


def _said(here: Workspace, audience: Any) -> tuple[dict[str, Section], pd.DataFrame]:
    """Give what a pack says, and what that tells, without setting it."""
    read, told = read_evidence(Reading(here, audience, "2025-07", "2026-06", NOW.date()))
    return {part.code: part for part in sections_of(read, WEST)}, told


def test_a_closed_source_whose_year_is_not_all_stored_is_left_out_and_the_rest_stands(
    tmp_path: Path,
) -> None:
    """Filled in later, its missing month would be the difference of two packs."""
    cases = [(month, 310, 510, "rowdy") for month in MONTHS if month != "2025-10"] * 3
    police = [(month, 300, 500) for month in MONTHS]
    made = workspace_of(
        tmp_path / "w", batch("police", incidents(police)),
        batch("council", incidents(cases, source="council_asb", force="")),
    )  # fmt: skip
    said, told = _said(made, "public")
    assert (told.empty, said["reports-council_asb"].tables) == (True, ())
    [line] = said["reports-council_asb"].lines
    assert "No numbers in this pack" in line
    assert "of these October 2025 is not all stored" in line
    assert "What to do: bring in the missing months" in line
    assert "33" not in line
    assert "12 ASB reports in the ward" in said["reports-police_uk"].lines[0]
    inside, _ = _said(made, "internal")
    assert inside["reports-council_asb"].lines[0].endswith("33 ASB reports in the ward.")


def test_where_only_a_closed_source_is_stored_nothing_is_ranked_for_the_panel(
    tmp_path: Path,
) -> None:
    """The order of hexagons would tell which of them had reports."""
    cases = [(month, x, 510, "rowdy") for month in MONTHS for x in (310, 310, 1310)]
    council = incidents(cases, source="council_asb", force="")
    said, _ = _said(workspace_of(tmp_path / "w", batch("c", council)), "panel")
    assert said["candidates"].tables == ()
    assert "only reports that are open to anybody rank" in said["candidates"].lines[0]


def test_internal_packs_hold_the_numbers_and_say_so(here: Workspace) -> None:
    found = _made(here, "internal")
    said = _numbers(found)
    assert found.made[0].pack.marks == ("INTERNAL: not for publication",)
    assert said["reports-council_asb"]["lines"][0].endswith("4 ASB reports in the ward.")
    [row] = said["concerns"]["tables"]["concerns"]
    assert row[2:4] == ["6", "5"]
    assert "Walk and Talk" in str(said["walks"])
    assert "Quillmaker" not in str(said)  # where she walked is told to nobody


@pytest.mark.parametrize("audience", ["public", "panel"])
def test_no_walk_and_talk_nor_a_womens_walks_time_leaves(
    audience: str, request: pytest.FixtureRequest
) -> None:
    found: PackResult = request.getfixturevalue(audience)
    text = _text(found)
    for secret in ("Walk and Talk", "Quillmaker", "18:45", "4 March 2026", "my secret",
                   "staff only"):  # fmt: skip
        assert secret not in text
    assert "March 2026" in text


def test_only_panels_and_colleagues_are_told_what_could_be_next(
    public: PackResult, panel: PackResult
) -> None:
    assert "candidates" in _numbers(panel)
    assert "candidates" not in _numbers(public)
    assert panel.made[0].pack.marks[0] == "OFFICIAL: for the ward panel"


def test_a_draft_says_everywhere_that_it_is_not_for_handing_out(
    here: Workspace, public: PackResult
) -> None:
    """Its numbers are in no register, so nothing later is checked against them."""
    [draft] = public.made
    assert draft.pack.marks == (UNPUBLISHED,)
    assert draft.file.endswith("-public-draft.zip")
    assert all(UNPUBLISHED in text for text in (draft.page(), draft.files["README.txt"].decode()))
    final = make_packs(here, Wanted((WEST,), "public"), at=NOW, draft=False).made[0]
    assert (final.pack.marks, final.file) == ((), f"{final.name}.zip")


def _text(found: PackResult) -> str:
    """Every byte that leaves, as text; PDFs and workbooks opened."""
    parts = []
    for name, content in found.made[0].files.items():
        if name.endswith(".png"):
            continue
        if name.endswith(".pdf"):
            parts += [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
        elif name.endswith(".xlsx"):
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                parts += [book.read(n).decode("utf-8", "replace") for n in book.namelist()]
        else:
            parts.append(content.decode("utf-8", "replace"))
    return "\n".join(parts)


def test_the_zip_holds_page_pdf_tables_and_shapes_and_says_what_each_is(panel: PackResult) -> None:
    names = list(panel.made[0].files)
    endings = {name.rpartition(".")[2] for name in names}
    assert endings == {"txt", "html", "pdf", "xlsx", "csv", "geojson", "gpkg", "png"}
    readme = panel.made[0].files["README.txt"].decode()
    assert all(name in readme for name in names if name != "README.txt")
    assert "DRAFT: not published yet" in readme


def test_the_same_inputs_give_the_same_bytes(here: Workspace, panel: PackResult) -> None:
    again = _made(here, "panel")
    for name, content in panel.made[0].files.items():
        assert again.made[0].files[name] == content, name
    assert again.made[0].zipped() == panel.made[0].zipped()


def test_hostile_words_stay_words(panel: PackResult) -> None:
    page = panel.made[0].page()
    assert "<img" not in page
    assert "${" not in page
    assert "<script" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    tables = [c.decode() for n, c in panel.made[0].files.items() if n.endswith(".csv")]
    assert any(f"'{FORMULA}" in table for table in tables)
    assert not any(re.search(r"(^|,)=", table, re.MULTILINE) for table in tables)
    pdf = next(c for n, c in panel.made[0].files.items() if n.endswith(".pdf"))
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert '#import "x"' in re.sub(r"\s+", " ", text)


def test_the_pdf_is_tagged_titled_and_says_what_each_figure_shows(panel: PackResult) -> None:
    pdf = next(c for n, c in panel.made[0].files.items() if n.endswith(".pdf"))
    found = PdfReader(io.BytesIO(pdf))
    root = found.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert found.metadata is not None
    assert found.metadata.title == "Ward panel pack: West"
    tree, tags = root["/StructTreeRoot"], _tags(root["/StructTreeRoot"])
    said = _walk_tree(tree)
    drawn = [f for part in panel.made[0].document["sections"] for f in part["figures"]]
    assert [figure["alt"] for figure in drawn] == said
    assert any("Map of West in hexagons" in alt for alt in said)
    assert tags.count("/Figure") == len(drawn)
    # A title, then one heading a section, none skipped; each table names its columns.
    levels = [tag for tag in tags if re.fullmatch(r"/H[1-6]", tag)]
    assert levels == ["/H1"] * len(panel.made[0].pack.sections)
    tables = panel.made[0].pack.tables()
    assert tags.count("/Table") == len(tables)
    assert tags.count("/TH") == sum(len(table.columns) for table in tables)


def test_a_feedback_sheet_is_tagged_as_well(here: Workspace) -> None:
    walk = programme(here).set_index("event_type").loc["womens_walk", "event_id"]
    sheet = feedback_sheet(here, str(walk), at=NOW)
    assert sheet.pdf is not None
    found = PdfReader(io.BytesIO(sheet.pdf))
    root = found.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"])) == ("en-GB", True)
    assert len(found.pages) == 1
    tags = _tags(root["/StructTreeRoot"])
    assert tags.count("/H1") == 3
    assert tags.count("/TH") >= 2 * tags.count("/Table") > 0


def _walk_tree(node: Any) -> list[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [text for kid in node for text in _walk_tree(kid)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/Alt"])] if "/Alt" in node else []
    return own + (_walk_tree(node["/K"]) if "/K" in node else [])


def _tags(node: Any) -> list[str]:
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [tag for kid in node for tag in _tags(kid)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/S"])] if "/S" in node else []
    return own + (_tags(node["/K"]) if "/K" in node else [])


def test_the_page_asks_nobody_for_anything(panel: PackResult) -> None:
    page = panel.made[0].page()
    assert "default-src &#x27;none&#x27;; script-src &#x27;none&#x27;" in page
    assert "<script" not in page
    assert "https:" not in re.sub(r'xmlns[:a-z]*="[^"]*"', "", page)
    assert not re.search(r'(src|href)="(?!#|data:)', page)


def test_a_letter_the_font_lacks_leaves_the_page_and_says_why(here: Workspace) -> None:
    found = make_packs(here, Wanted((WEST,), "panel", prepared_by="দল"), at=NOW)
    one = found.made[0]
    assert "cannot draw" in one.no_pdf
    assert not any(name.endswith(".pdf") for name in one.files)
    assert "There is no PDF" in one.files["README.txt"].decode()
    assert found.to_json()["without_pdf"] == {"West": one.no_pdf}
    assert preview(one) is None


def test_all_wards_are_made_in_one_go_by_name(here: Workspace, tmp_path: Path) -> None:
    seen: list[float] = []
    found = make_packs(
        here, Wanted(), at=NOW, progress=lambda share, _words: seen.append(share)
    )  # fmt: skip
    assert [one.pack.ward_code for one in found.made] == [EAST, WEST]
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    paths = write_packs(found, tmp_path)
    assert [p.name for p in paths] == [
        f"{code}-2025-07-2026-06-internal.zip" for code in (EAST, WEST)
    ]
    with zipfile.ZipFile(paths[0]) as archive:
        assert "README.txt" in archive.namelist()


def test_a_ward_may_be_named_and_an_unknown_one_is_refused(here: Workspace) -> None:
    found = make_packs(here, Wanted(("west",)), at=NOW)
    assert found.made[0].pack.ward_code == WEST
    with pytest.raises(SaferWalksError, match="No ward has that code"):
        make_packs(here, Wanted(("North",)), at=NOW)


def test_months_without_reports_are_refused(here: Workspace) -> None:
    with pytest.raises(SaferWalksError, match="No reports are stored"):
        make_packs(here, Wanted((WEST,), first="2019-01", last="2019-12"), at=NOW)


def test_a_draft_is_never_published(here: Workspace, panel: PackResult) -> None:
    with pytest.raises(SaferWalksError, match="draft is not published"):
        publish_packs(here, panel, **WHO)


def test_a_published_pack_is_frozen_checked_and_corrected(tmp_path: Path) -> None:
    made = _reports(tmp_path / "w")
    promise = {"origin": "walkabout", "ward_code": WEST, "owner_agency": "tfl",
               "status": "agreed", "action_text": "Mend the lamp", "you_said": "It is dark",
               "agreed_on": "2026-01-05", "due_on": "2026-06-15"}  # fmt: skip
    action = add_record(made, "actions", promise, **WHO)
    wanted = Wanted((WEST,), "panel")
    first = make_packs(made, wanted, at=NOW, draft=False)
    [one] = publish_packs(made, first, **WHO)
    assert one.version == 1
    assert b"DRAFT" not in b"".join(first.made[0].files.values())
    same = check_published(made, one.name)
    assert (same.equal, same.same_inputs, same.differences) == (True, True, ())
    with pytest.raises(SaferWalksError, match="published already, exactly as it is"):
        publish_packs(made, first, **WHO)

    later = {"status": "completed", "completed_on": "2026-06-30", "we_did": "A new lamp"}
    change_record(made, "actions", action.id, later, version=action.version, **WHO)
    changed = check_published(made, one.name)
    assert not changed.equal
    assert not changed.same_inputs
    assert any("Promised actions completed | 0 | 0" in d for d in changed.differences)
    assert json.dumps(changed.to_json())

    second = make_packs(made, wanted, at=NOW, draft=False)
    [two] = publish_packs(made, second, **WHO, why="The lamp was mended in June")
    assert two.version == 2
    assert two.about["changed"]
    listed = published_packs(made)
    assert listed["version"].tolist() == [1, 2]
    assert listed["why"].tolist() == ["", "The lamp was mended in June"]
    assert published_file(made, one.name, 1) == first.made[0].zipped()
    assert check_published(made, one.name).equal
    assert isinstance(listed, pd.DataFrame)
