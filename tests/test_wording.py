"""No public text calls a place dangerous, a group a problem, or puts wards in a race."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from analysis.disclosure.wording import ill_chosen

ROOT = Path(__file__).resolve().parents[1]
TEXTS = sorted(
    [*ROOT.glob("geodata/wording/*.toml"), *ROOT.glob("analysis/report/templates/*")]
    + [*ROOT.glob("pages/**/*.js"), *ROOT.glob("docs/*.md"), ROOT / "README.md"]
)
CODE = sorted(f for room in ("pages", "analysis") for f in ROOT.glob(f"{room}/**/*.py"))


def _strings(source: str) -> list[str]:
    tree = ast.parse(source)
    own = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in own
    ]


def test_no_text_that_people_read_uses_words_that_harm() -> None:
    told = {f: f.read_text("utf-8") for f in TEXTS if f.is_file()}
    told |= {f: "\n".join(_strings(f.read_text("utf-8"))) for f in CODE if f.name != "wording.py"}
    found = {
        str(f.relative_to(ROOT)): hits for f, text in told.items() if (hits := ill_chosen(text))
    }
    assert found == {}
    assert len(told) > 100


@pytest.mark.parametrize(
    "text",
    [
        "The most dangerous streets of the borough", "a dangerous estate", "This is a no-go area",
        "Ward league table", "the worst ward", "Women should avoid the canal", "a notorious spot",
        "problem estates", "feral youths",
    ],
)  # fmt: skip
def test_the_check_sees_what_must_not_be_said(text: str) -> None:
    assert ill_chosen(text)


@pytest.mark.parametrize(
    "text",
    [
        "a place where people told us they feel unsafe", "dangerous driving", "dangerous dogs",
        "There is no league table of wards", "never the worst ward",
    ],
)  # fmt: skip
def test_what_is_meant_otherwise_passes(text: str) -> None:
    assert ill_chosen(text) == []
