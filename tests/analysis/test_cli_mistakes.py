"""What newcomers get wrong at the command line: each mistake has one sentence that says what to do.

Their commonest: the wrong folder, no workspace, a month that is none or not stored, a ward that is
not there, and a file that is still open in Excel.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from geodata.workspace import Workspace
from tests.builders import batch, incidents, workspace_of


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("mistakes")
    (folder / "empty").mkdir()
    (folder / "open.xlsx").write_bytes(b"PK")
    return workspace_of(folder / "w", batch("police", incidents([("2026-05", 300, 500)])))


MISTAKES = {
    "no workspace": ("There is no workspace here.", "--workspace", "{folder}/none", "quality"),
    "no such folder": ("check the path.", "import", "{folder}/none"),
    "a folder of other things": ("give files named YYYY-MM-", "import", "{folder}/empty"),
    "a month that is not stored": (
        "choose months within these", "counts", "--by", "ward", "--from", "2031-01", "--to",
        "2031-01", "--out", "{folder}/x.csv",
    ),
    "no such ward": ("use a ward's code or name", "records", "panels", "show", "E05999999"),
    "a ward misspelt": ("did you mean E", "records", "panels", "show", "Wset"),
    "a file to read is open": ("close it where it is open", "actions", "import",
                               "{folder}/open.xlsx"),
    "a file to write is open": ("close it if another program", "counts", "--by", "ward", "--out",
                                "{folder}/x.csv"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_has_one_sentence_and_a_way_out(
    mistake: str,
    here: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refused(*_: object) -> Any:
        raise PermissionError(13, "Permission denied")

    if mistake == "a file to write is open":
        monkeypatch.setattr(os, "replace", refused)
    elif mistake == "a file to read is open":
        monkeypatch.setattr(Path, "read_bytes", _unless(here.path.parent / "open.xlsx", refused))
    way_out, *words = (part.format(folder=here.path.parent) for part in MISTAKES[mistake])
    if "--workspace" not in words:
        words = ["--workspace", str(here.path), *words]
    assert main([*words, "--json"]) == 1
    told = capsys.readouterr()
    said = json.loads(told.out)["error"]
    assert way_out in said
    assert said.endswith((".", "?"))
    assert "Traceback" not in told.err
    assert told.err.strip().splitlines()[-1] == said


def test_a_month_that_is_none_and_a_word_left_out_are_told_as_usage(
    here: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--workspace", str(here.path), "counts", "--by", "ward"]
    assert main([*words, "--out", "x.csv", "--from", "2026-13"]) == 2
    assert "'2026-13' is not a month; write it YYYY-MM" in capsys.readouterr().err
    assert main(words) == 2
    assert "Missing option '--out'" in capsys.readouterr().err


def _unless(path: Path, otherwise: Any) -> Any:  # noqa: ANN401
    read = Path.read_bytes
    return lambda self: otherwise() if self == path else read(self)
