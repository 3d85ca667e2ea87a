"""The commands about council files keep the contract of the others: words, keys, exit codes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analysis import cli
from tests.builders import once, two_wards

Run = Callable[..., tuple[int, str, str]]

FILE = """Ref,Incident date,Complainant name,Type,Easting,Northing
A1,03/04/2026 21:15,Ann Example,Noise,530500,180500
A2,04/04/2026 22:10,Bob Example,Gong farming,531500,180500
A3,31/02/2026,Cat Example,Begging,530500,180500
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Run:
    """Run a command in a folder with a workspace of two wards and one council file."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAFER_WALKS_WORKSPACE", raising=False)

    def command(*words: object) -> tuple[int, str, str]:
        code = cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    def make() -> None:
        two_wards().to_file("wards.gpkg")
        assert command("init", "--wards", "wards.gpkg")[0] == cli.DONE
        Path("asb.csv").write_text(FILE, "utf-8")

    once(tmp_path, make, "council")
    return command


def test_import_takes_a_source_and_guesses(run: Run) -> None:
    code, out, err = run("import", "asb.csv", "--source", "council_asb", "--json")
    answer = json.loads(out)
    assert (code, answer["rows_in"], answer["inside"], answer["rejected"]) == (cli.DONE, 3, 2, 1)
    assert answer["import_id"]
    assert [c["column"] for c in answer["left_out"]] == ["Complainant name"]
    assert answer["unmapped"] == [{"value": "Gong farming", "rows": 1}]
    assert answer["flags"]["category_unmapped"] == 1
    assert "%" in err


def test_a_dry_run_leaves_no_import(run: Run) -> None:
    code, out, _ = run("import", "asb.csv", "--source", "council_asb", "--dry-run")
    assert code == cli.DONE
    assert "Dry run, nothing is stored: 2 of 3 rows usable" in out
    assert json.loads(run("imports", "--json")[1]) == {"imports": []}


def test_a_profile_is_saved_listed_and_used(run: Run) -> None:
    assert json.loads(run("profiles", "--json")[1]) == {"profiles": []}
    words = ("profile", "save", "Our cases", "--from", "asb.csv", "--source", "council_asb")
    code, out, _ = run(*words, "--provider", "tower-hamlets", "--json")
    answer = json.loads(out)
    assert (code, answer["profile"], answer["source"]) == (cli.DONE, "Our cases", "council_asb")
    saved = tomllib.loads(Path(answer["out"]).read_text("utf-8"))
    assert saved["columns"] == answer["columns"]
    assert saved["columns"]["occurred_from"] == "Incident date"
    assert "Complainant name" not in saved["columns"].values()
    assert json.loads(run("profiles", "--json")[1])["profiles"] == [
        {"name": "Our cases", "source": "council_asb", "provider": "tower-hamlets",
         "columns": len(saved["columns"]), "fault": ""}
    ]  # fmt: skip
    code, out, _ = run("import", "asb.csv", "--profile", "Our cases", "--json")
    assert (code, json.loads(out)["inside"]) == (cli.DONE, 2)


def test_a_saved_profile_is_not_overwritten_unasked(run: Run) -> None:
    words = ("profile", "save", "Ours", "--from", "asb.csv", "--source", "council_asb")
    run(*words)
    path = Path("workspace/profiles/ours.toml")
    path.write_text(path.read_text("utf-8").replace("council_asb", "housing"), "utf-8")
    code, out, err = run(*words, "--json")
    assert code == cli.DATA_AT_FAULT
    assert "already" in json.loads(out)["error"]
    assert "--replace" in err
    assert "housing" in path.read_text("utf-8")
    assert run(*words, "--replace")[0] == cli.DONE
    assert "council_asb" in path.read_text("utf-8")


def test_a_damaged_profile_is_listed_with_its_fault(run: Run) -> None:
    folder = Path("workspace/profiles")
    folder.mkdir()
    (folder / "bad.toml").write_text("name = [")
    code, out, _ = run("profiles", "--json")
    [listed] = json.loads(out)["profiles"]
    assert (code, listed["name"], listed["source"]) == (cli.DONE, "bad", "")
    assert "cannot be read" in listed["fault"]


def test_rejected_rows_are_written(run: Run) -> None:
    run("import", "asb.csv", "--source", "council_asb")
    code, out, _ = run("rejected", "--out", "rejected.csv", "--json")
    assert (code, json.loads(out)) == (cli.DONE, {"rejected": 1, "out": "rejected.csv"})
    [row] = pd.read_csv("rejected.csv").to_dict("records")
    assert (row["source"], row["rejected_from"]) == ("council_asb", "asb.csv")
    assert (row["rejected_line"], row["Incident date"]) == (4, "31/02/2026")
    assert "Example" not in Path("rejected.csv").read_text("utf-8")


def test_rejected_rows_come_back_corrected(run: Run) -> None:
    run("profile", "save", "Ours", "--from", "asb.csv", "--source", "council_asb")
    run("import", "asb.csv", "--profile", "Ours")
    run("rejected", "--out", "rejected.csv")
    text = Path("rejected.csv").read_text("utf-8").replace("31/02/2026", "28/02/2026")
    Path("rejected.csv").write_text(text, "utf-8")
    code, out, _ = run("import", "rejected.csv", "--corrects", "--json")
    assert (code, json.loads(out)["inside"]) == (cli.DONE, 1)
    assert json.loads(run("rejected", "--out", "left.csv", "--json")[1])["rejected"] == 0
    assert json.loads(run("quality", "--json")[1])["rows_in"] == 3
    code, _, err = run("import", "rejected.csv", "asb.csv", "--corrects")
    assert (code, "one file" in err) == (cli.USAGE, True)


def test_imports_are_listed(run: Run) -> None:
    done = json.loads(run("import", "asb.csv", "--source", "council_asb", "--json")[1])
    [listed] = json.loads(run("imports", "--json")[1])["imports"]
    assert (listed["import_id"], listed["files"]) == (done["import_id"], ["asb.csv"])
    assert listed["rows"] == 3
    assert listed["at"]
    assert "asb.csv" in run("imports")[1]


def test_an_import_is_undone(run: Run) -> None:
    done = json.loads(run("import", "asb.csv", "--source", "council_asb", "--json")[1])
    code, out, _ = run("undo", done["import_id"], "--json")
    answer = json.loads(out)
    assert (code, answer["import_id"], answer["removed"]) == (cli.DONE, done["import_id"], 2)
    assert json.loads(run("quality", "--json")[1])["inside"] == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("import", "asb.csv", "--source", "parish"), cli.USAGE),
        (("import", "asb.csv", "--profile", "Nobody"), cli.DATA_AT_FAULT),
        (("import", "gone.csv", "--source", "housing"), cli.DATA_AT_FAULT),
        (("rejected", "--out", "rejected.xlsx"), cli.USAGE),
        (("rejected",), cli.USAGE),
        (("undo",), cli.USAGE),
        (("undo", "00001-x"), cli.DATA_AT_FAULT),
        (("profile", "save", "Ours", "--from", "asb.csv"), cli.USAGE),
        (("profile", "save", "?!", "--from", "asb.csv", "--source", "other"), cli.DATA_AT_FAULT),
        (("profile", "save", "P", "--from", "asb.csv", "--source", "police_uk"), cli.DATA_AT_FAULT),
        (("profile", "save", "G", "--from", "gone.csv", "--source", "other"), cli.DATA_AT_FAULT),
    ],
)
def test_what_is_wrong_is_said_in_one_object(run: Run, words: tuple[str, ...], code: int) -> None:
    found, out, err = run(*words, "--json")
    assert found == code
    assert list(json.loads(out)) == ["error"]
    assert err
