"""Mending places from the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis import cli
from tests.analysis.jobs.test_repair import ROWS, X, Y, council, gazetteer
from tests.builders import workspace_of


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = workspace_of(tmp_path_factory.mktemp("places") / "ws", council(ROWS)).path
    gazetteer(path)
    return path


@pytest.fixture
def say(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, Any]]:
    path = Path(shutil.copytree(made, tmp_path / "ws"))

    def said(*words: object, code: int = 0) -> dict[str, Any]:
        command = ["--workspace", str(path), "places", *map(str, words), "--json"]
        assert cli.main(command) == code
        return json.loads(capsys.readouterr().out)

    return said


def test_places_are_listed_pinned_and_taken_out(say: Callable[..., dict[str, Any]]) -> None:
    assert say("again")["rows"] == 3
    found = say("waiting", "--limit", 1)
    assert (found["waiting"], len(found["groups"])) == (5, 1)
    assert found["groups"][0]["shown"] == "Back of the shops"
    assert found["placed"] == {"uprn": 1, "postcode": 1, "street": 1}
    assert say("candidates", "Back of the shops")["candidates"] == []
    done = say("pin", "back of the shops", "--place", f"{X + 1200:.0f} 180300", "--radius", 100)
    assert (done["rows"], done["pins"]) == (3, 1)
    assert say("waiting")["placed"]["pin"] == 3
    [pin] = say("list")["pins"]
    assert (pin["text"], pin["easting"], pin["northing"]) == (
        "Back of the shops",
        X + 1200,
        Y + 300,
    )
    assert say("unpin", "Back of the shops")["rows"] == 3
    assert say("pin", "Nowhere Lane", "--outside")["rows"] == 0
    assert say("waiting")["settled"] == 2
    assert say("list")["pins"][0]["easting"] is None


def test_pins_go_out_and_come_in(say: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    say("pin", "Nowhere Lane", "--place", "TQ 31500 80500")
    assert say("export", "--out", tmp_path / "pins.csv")["pins"] == 1
    assert say("unpin", "Nowhere Lane")["rows"] == 2
    assert say("import", tmp_path / "pins.csv")["rows"] == 2


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("pin", "Nowhere Lane"), cli.USAGE),
        (("pin", "Nowhere Lane", "--outside", "--nowhere"), cli.USAGE),
        (("pin", "Nowhere Lane", "--place", "Narnia"), cli.DATA_AT_FAULT),
        (("pin", "Mr Smith of number 3", "--nowhere"), cli.DATA_AT_FAULT),
        (("unpin", "Nowhere Lane"), cli.DATA_AT_FAULT),
        (("export", "--out", "pins.txt"), cli.USAGE),
        (("import", "missing.csv"), cli.DATA_AT_FAULT),
    ],
)
def test_wrong_words_are_told(
    say: Callable[..., dict[str, Any]], words: tuple[str, ...], code: int
) -> None:
    assert say(*words, code=code)["error"]
