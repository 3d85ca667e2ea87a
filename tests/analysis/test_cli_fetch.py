"""`safer-walks fetch ...` keeps the contract of the other commands: words, keys, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from analysis import cli
from analysis.jobs import fetch
from geodata.fetch.http import Patience
from tests.analysis.jobs.test_fetch import reports
from tests.builders import EAST, WEST
from tests.geodata.fetch.test_ons import portal
from tests.replay_server import PoliceApi, Replay, Reply, replaying

Run = Callable[..., tuple[int, str, str]]
IMPORT_KEYS = {
    *("rows_in", "inside", "outside", "no_location", "near_boundary", "rejected"),
    *("already_imported", "replaced", "months", "months_missing", "import_id", "flags"),
}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Run:
    """Run a command in a folder of its own; what a test does not serve refuses at once."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAFER_WALKS_WORKSPACE", raising=False)
    monkeypatch.setattr(fetch, "PATIENCE", Patience(tries=2, pause_s=0.01, read_s=5.0))
    for name in ("POLICE_API", "ARCHIVE", "ONS", "NOMIS", "OVERPASS"):
        monkeypatch.setenv(f"SAFER_WALKS_{name}", "http://127.0.0.1:1")

    def command(*words: object) -> tuple[int, str, str]:
        code = cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def police(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replaying(PoliceApi(reports("2026-03") + reports("2026-04"))) as server:
        monkeypatch.setenv("SAFER_WALKS_POLICE_API", server.address)
        yield server


@pytest.fixture
def started(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """A workspace whose wards were fetched."""
    with replaying(portal()) as server:
        monkeypatch.setenv("SAFER_WALKS_ONS", server.address)
        assert run("fetch", "wards", "--authority", "E09000030")[0] == cli.DONE
        yield run


def test_wards_answer_as_init_does_and_say_their_licence(started: Run) -> None:
    code, out, err = started("fetch", "wards", "--authority", "Tower Hamlets", "--json")
    answer = json.loads(out)
    assert code == cli.DONE
    assert (answer["wards"], answer["area_ha"], answer["unchanged"]) == (2, 200.0, True)
    assert answer["licence"] == "Open Government Licence v3.0"
    assert answer["fetched_at"].startswith("20")
    assert answer["authority_code"] == "E09000030"
    assert "%" in err


def test_reports_answer_with_the_keys_of_an_import(started: Run, police: Replay) -> None:
    words = ("fetch", "reports", "--from", "2026-03", "--to", "2026-04", "--json")
    code, out, _ = started(*words)
    answer = json.loads(out)
    assert code == cli.DONE
    assert set(answer) >= IMPORT_KEYS | {"licence", "fetched_at", "attribution"}
    assert (answer["rows_in"], answer["inside"]) == (12, 10)
    again = json.loads(started(*words)[1])
    assert (again["unchanged"], again["already_imported"], again["import_id"]) == (True, 12, "")
    assert "Nothing changed" in started(*words[:-1])[1]


def test_a_network_that_refuses_is_one_sentence_and_the_way_by_hand(started: Run) -> None:
    code, out, err = started("fetch", "reports", "--from", "2026-03", "--to", "2026-04")
    assert (code, out) == (cli.DATA_AT_FAULT, "")
    (said,) = [line for line in err.splitlines() if "could not be fetched" in line]
    assert "https://data.police.uk/data/" in said
    assert "Traceback" not in err


def test_the_error_is_in_the_object_too(run: Run) -> None:
    code, out, _ = run("fetch", "wards", "--authority", "Tower Hamlets", "--json")
    assert code == cli.DATA_AT_FAULT
    assert "safer-walks init --wards FILE" in json.loads(out)["error"]


@pytest.mark.parametrize(
    "words",
    [
        ("reports", "--from", "2026-13", "--to", "2026-04"),
        ("reports", "--from", "2026-05", "--to", "2026-04"),
        ("reports", "--from", "2026-03"),
        ("reports", "--from", "2026-03", "--to", "2026-04", "--archive"),
        ("reports", "--from", "2026-03", "--to", "2026-04", "--force", "btp"),
        ("wards",),
        ("gazetteer", "--product", "atlas"),
        ("population", "--year", "1066"),
        ("weather",),
    ],
)
def test_wrong_words_are_usage(run: Run, words: tuple[str, ...]) -> None:
    assert run("fetch", *words)[0] == cli.USAGE


def test_residents_from_a_file_and_from_nomis(
    started: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("mid2022.csv").write_text(f"code,All ages\n{WEST},1000\n{EAST},2000\n")
    answer = json.loads(started("fetch", "population", "--file", "mid2022.csv", "--json")[1])
    assert (answer["year"], answer["rows"], answer["unchanged"]) == (
        *(2022, {"wards with residents": 2}, False),
    )
    table = f"DATE_NAME,GEOGRAPHY_CODE,OBS_VALUE\n2023,{WEST},1100\n2023,{EAST},2200\n"
    with replaying(lambda _a: Reply(body=table.encode())) as server:
        monkeypatch.setenv("SAFER_WALKS_NOMIS", server.address)
        answer = json.loads(started("fetch", "population", "--json")[1])
        assert answer["year"] == 2023
        assert server.asked[0].query["geography"] == f"{WEST},{EAST}"
        again = json.loads(started("fetch", "population", "--json")[1])
        assert again["unchanged"]


def test_a_page_instead_of_residents_is_refused(
    started: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replaying(lambda _a: Reply(body=b"<html>Log in, please</html>")) as server:
        monkeypatch.setenv("SAFER_WALKS_NOMIS", server.address)
        code, _, err = started("fetch", "population")
    assert code == cli.DATA_AT_FAULT
    assert "fetch population --file" in err


def test_streets_and_a_gazetteer_are_dropped_in(started: Run) -> None:
    from tests.geodata.fetch.test_gazetteer import place, zipped
    from tests.geodata.fetch.test_streets import FEATURES, write

    write(Path(), FEATURES)
    answer = json.loads(started("fetch", "streets", "--file", "area.geojson", "--json")[1])
    assert answer["rows"] == {"streets": 3, "lamps": 0, "crossings": 0, "places": 3}
    assert "ODbL" in answer["licence"]
    row = f'"E1 6AN",10,{place(500, 500)},"E","","","","E","E"'
    file = zipped(Path(), e=row)
    answer = json.loads(started("fetch", "gazetteer", "--file", file, "--json")[1])
    assert answer["rows"] == {"postcodes": 1}
