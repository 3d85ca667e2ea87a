"""The documents that hold the program to account say what the program does."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis import score
from analysis.cli import main
from analysis.disclosure import gate
from analysis.jobs import transparency
from analysis.jobs.transparency import DOCUMENTS, below, document

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_in_docs_is_what_the_program_writes(name: str) -> None:
    written = (DOCS / f"{name}.md").read_text("utf-8")
    todo = f"safer-walks transparency --document {name} --out docs/{name}.md"
    assert written == document(name), todo


def test_the_numbers_are_those_the_program_runs_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "LEAST_COVERAGE", 42.0)
    monkeypatch.setattr(transparency, "NEVER", gate.NEVER | {"shoe_size"})
    said = document("transparency")
    assert "evidence for at least 42 % of the weight" in said
    assert "`shoe_size`" in said


def test_every_field_of_the_record_is_there_and_gaps_are_marked() -> None:
    said = document("transparency")
    assert [line for line in said.splitlines() if line.startswith("## ")] == [
        "## Tier 1: in short", "## Tier 2.1: owner and responsibility",
        "## Tier 2.2: description and rationale", "## Tier 2.3: decisions and people",
        "## Tier 2.4: data", "## Tier 2.5: risks and what is done about them",
    ]  # fmt: skip
    assert said.count("[to be filled in by the council: ") == 7


def test_a_page_gets_headings_below_its_own() -> None:
    assert not [line for line in below(document("accessibility")).splitlines() if line[:3] == "## "]


def test_the_command_writes_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "dpia.md"
    assert main(["transparency", "--document", "dpia", "--out", str(out), "--json"]) == 0
    assert out.read_text("utf-8") == document("dpia")
    assert '"document": "dpia"' in capsys.readouterr().out
