"""Documents in PDF: tagged, in our font, with hostile text as text; what the font lacks is told."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from pypdf import PdfReader

from analysis.report import pdf
from geodata.errors import SaferWalksError

DAY = dt.date(2026, 4, 30)
HOSTILE = (
    '#import "@preview/evil:0.1.0": *', "#eval(\"1+1\")", "#read(\"/etc/passwd\")", "*not bold*",
    "= not a heading", "${alert(1)}", "{{ 7*7 }}", "<script>alert(1)</script>", "=1+1", "$x^2$",
    "@ref <label>", "\\u{41}", "// no comment", "`raw`",
)  # fmt: skip


def _plain(**more: object) -> dict[str, object]:
    return {"title": "A document", "sections": [], **more}


@pytest.fixture
def template(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small document: a heading, a list, a table, a drawing where there is one."""
    own = (
        '#title()\n= First\n#sentences(d.at("lines", default: ()))\n'
        '#if "table" in d { data-table(d.table) }\n#if "figure" in d { drawing(d.figure) }\n'
    )
    house = pdf.package_text("analysis.report", "templates/house.typ")
    monkeypatch.setattr(
        pdf, "package_text", lambda _, path: house if path.endswith("house.typ") else own
    )


def read(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content))


@pytest.mark.usefixtures("template")
def test_it_is_tagged_titled_and_in_british_english() -> None:
    drawn = {"svg": _svg(pdf.FONT), "alt": "One dot in the middle", "width": 20}
    table = {"caption": "Numbers", "heads": ["What", "n"], "rows": [["Dots", "1"]],
             "numeric": [False, True]}  # fmt: skip
    found = read(
        pdf.pdf_bytes(
            "x.typ", _plain(lines=["One"], table=table, figure=drawn, marks=["DRAFT"]), made_on=DAY
        )
    )
    root = found.trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert found.metadata is not None
    assert found.metadata.title == "A document"
    assert found.metadata.creation_date == dt.datetime(2026, 4, 30, tzinfo=dt.UTC)
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    tags, alts = _tree(root["/StructTreeRoot"])
    assert {"/H1", "/L", "/LI", "/Table", "/TR", "/TH", "/TD", "/Figure"} <= set(tags)
    assert alts == ["One dot in the middle"]
    assert "DRAFT" in found.pages[0].extract_text()


@pytest.mark.usefixtures("template")
def test_the_same_words_give_the_same_bytes() -> None:
    first, second = (pdf.pdf_bytes("x.typ", _plain(lines=["a"]), made_on=DAY) for _ in range(2))
    assert first == second


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_wrote_stays_text(text: str) -> None:
    table = {"caption": text, "heads": [text], "rows": [[text]], "numeric": [False]}
    content = pdf.pdf_bytes("x.typ", _plain(lines=[text], table=table, marks=[text]), made_on=DAY)
    said = read(content).pages[0].extract_text().replace("\n", " ")
    assert said.count(text) == 5  # the mark, the line, the caption, the heading and the cell


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize(("text", "letter"), [("বাংলা", "U+09AC"), ("fine 😀", "U+1F600")])
def test_a_letter_the_font_lacks_is_an_error_that_says_what_to_do(text: str, letter: str) -> None:
    with pytest.raises(SaferWalksError, match="cannot draw") as fault:
        pdf.pdf_bytes("x.typ", _plain(lines=[text]), made_on=DAY)
    assert letter in fault.value.got
    assert "HTML" in fault.value.todo


@pytest.mark.usefixtures("template")
def test_a_label_of_a_drawing_that_the_font_lacks_is_an_error_too() -> None:
    drawn = {"svg": _svg(pdf.FONT, "বাংলা"), "alt": "A dot"}
    with pytest.raises(SaferWalksError, match="cannot draw"):
        pdf.pdf_bytes("x.typ", _plain(figure=drawn), made_on=DAY)


def test_an_unknown_font_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    source = '#set document(title: "T")\n#set text(font: "Comic Sans MS")\n#title()\n'
    monkeypatch.setattr(pdf, "_source", lambda _: source)
    with pytest.raises(SaferWalksError, match="does not come with Safer Walks") as fault:
        pdf.pdf_bytes("x.typ", _plain(), made_on=DAY)
    assert fault.value.got == "comic sans ms"
    assert pdf.FONT in fault.value.todo


def test_a_drawing_that_asks_for_another_font_is_an_error() -> None:
    with pytest.raises(SaferWalksError, match="does not come with") as fault:
        pdf.svg_png(_svg("Arial"))
    assert fault.value.got == "Arial"


def test_only_the_font_that_ships_is_there() -> None:
    assert pdf.families() == [pdf.FONT]


def test_a_document_needs_a_title() -> None:
    with pytest.raises(ValueError, match="title"):
        pdf.pdf_bytes("x.typ", {}, made_on=DAY)


def test_a_fault_of_a_template_is_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    source = '#set document(title: "T")\n#title()\n== Too deep\n'
    monkeypatch.setattr(pdf, "_source", lambda _: source)
    with pytest.raises(ValueError, match="first heading must be of level 1"):
        pdf.pdf_bytes("x.typ", _plain(), made_on=DAY)


def _svg(font: str, words: str = "a") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><circle r="9" cx="9" cy="9"/>'
        f'<text x="20" y="20" font-family="{font}">{words}</text></svg>'
    )


def _tree(node: object) -> tuple[list[str], list[str]]:
    """Every tag and every alternative text below a node of the structure tree."""
    node = getattr(node, "get_object", lambda: node)()
    if isinstance(node, list):
        parts = [_tree(kid) for kid in node]
        return sum((tags for tags, _ in parts), []), sum((alts for _, alts in parts), [])
    if not isinstance(node, dict):
        return [], []
    tags = [str(node["/S"])] if "/S" in node else []
    alts = [str(node["/Alt"])] if "/Alt" in node else []
    below = _tree(node["/K"]) if "/K" in node else ([], [])
    return tags + below[0], alts + below[1]
