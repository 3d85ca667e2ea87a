"""The command line keeps its contract: words, keys, exit codes, and who says what where.

Most tests call `main` in this process. Those about the process itself (standard output and error,
exit codes, speed, a reader that goes away) start the real command.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest

from analysis import cli
from geodata import demo
from geodata.crs import to_lonlat
from tests.builders import ORIGIN, once, two_wards

ROOT = Path(__file__).resolve().parents[2]
HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
FORCE = "Metropolitan Police Service"
IMPORT_KEYS = {
    *("rows_in", "inside", "outside", "no_location", "near_boundary", "rejected"),
    *("already_imported", "replaced", "months", "months_missing"),
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Run:
    """Run a command in a folder of its own; gives the exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAFER_WALKS_WORKSPACE", raising=False)

    def command(*words: object) -> tuple[int, str, str]:
        code = cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


@pytest.fixture
def started(run: Run, tmp_path: Path) -> Run:
    """A workspace with two wards, West and East, of one square kilometre each."""

    def make() -> None:
        two_wards().to_file("wards.gpkg")
        assert run("init", "--wards", "wards.gpkg")[0] == cli.DONE

    once(tmp_path, make, "two wards")
    return run


def street_file(
    month: str, places: list[tuple[float, float] | None], kind: str = "Anti-social behaviour"
) -> Path:
    """Write a police.uk file of reports at metres east and north of the wards' corner."""
    rows = []
    for place in places:
        where = ","
        if place:
            lon, lat = to_lonlat([ORIGIN[0] + place[0]], [ORIGIN[1] + place[1]])
            where = f"{lon[0]:.6f},{lat[0]:.6f}"
        rows.append(f",{month},{FORCE},{FORCE},{where},On or near A Street,,,{kind},,")
    path = Path(f"{month}-metropolitan-street.csv")
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def as_json(said: str) -> dict[str, Any]:
    """The one object on standard output; anything else there fails."""
    return json.loads(said)


# What the commands answer


def test_init_answers_with_what_the_wards_are(run: Run) -> None:
    two_wards().to_file("wards.gpkg")
    code, out, _ = run("init", "--wards", "wards.gpkg", "--json")
    answer = as_json(out)
    assert code == cli.DONE
    assert (answer["wards"], answer["area_ha"], answer["overlap_m2"]) == (2, 200.0, 0.0)
    assert {"wards", "crs", "area_ha", "overlap_m2", "repaired"} <= set(answer)


def test_init_takes_the_columns_that_are_named(run: Run) -> None:
    odd = two_wards().rename(columns={"ward_code": "zone", "ward_name": "title"})
    odd.assign(code=["E05888881", "E05888882"], name=["No", "Nope"]).to_file("wards.gpkg")
    assert run("init", "--wards", "wards.gpkg", "--code", "zone", "--name", "title")[0] == 0
    street_file("2026-01", [(500, 500), (1500, 500)])
    run("import", "2026-01-metropolitan-street.csv")
    run("counts", "--by", "ward", "--out", "wards.csv")
    table = pd.read_csv("wards.csv")
    assert table["ward"].tolist() == ["E05999991", "E05999992"]
    assert table["ward_name"].tolist() == ["West", "East"]


def test_import_accounts_for_every_row(started: Run) -> None:
    path = street_file("2026-01", [(500, 500), (995, 500), (9000, 500), None])
    path.write_text(path.read_text() + f",soon,{FORCE},{FORCE},0,51,X,,,Burglary,,\n")
    code, out, err = started("import", path, "--json")
    answer = as_json(out)
    assert code == cli.DONE
    assert set(answer) >= IMPORT_KEYS
    assert [answer[k] for k in ("rows_in", "inside", "outside", "no_location", "rejected")] == [
        *(5, 2, 1, 1, 1)
    ]
    assert (answer["near_boundary"], answer["already_imported"], answer["replaced"]) == (1, 0, 0)
    assert (answer["months"], answer["months_missing"]) == (["2026-01"], [])
    assert "%" in err  # progress is told, and not on standard output


def test_hotspots_writes_the_columns_it_promises(started: Run) -> None:
    started("import", street_file("2026-01", [(500, 500)] * 9 + [(1500, 500)]))
    words = ("--as-at", "2026-01", "--side", "100", "--out", "hot.csv", "--json")
    code, out, _ = started("hotspots", *words)
    answer = as_json(out)
    assert code == cli.DONE
    assert answer["hot"] == 0  # one busy hexagon among quiet ones is no arrangement
    assert answer["summary"].startswith("None of the")
    assert pd.read_csv("hot.csv").columns.tolist() == [
        *("hexagon", "name", "ward_code", "count", "expected", "statistic", "p", "hot"),
        *("word", "class", "class_older", "hot_share", "busy_share"),
    ]


def test_the_same_file_again_changes_nothing_and_says_so(started: Run) -> None:
    path = street_file("2026-01", [(500, 500), None])
    started("import", path)
    code, out, _ = started("import", path, "--json")
    answer = as_json(out)
    assert (code, answer["rows_in"], answer["already_imported"]) == (cli.DONE, 2, 2)
    assert answer["inside"] == answer["no_location"] == 0
    assert "Nothing changed" in started("import", path)[1]


def test_a_contradiction_needs_a_word(started: Run) -> None:
    started("import", street_file("2026-01", [(500, 500), (600, 600)]))
    other = street_file("2026-01", [(100, 100), (1200, 300), (1300, 300)])
    code, out, err = started("import", other)
    assert (code, out) == (cli.DATA_AT_FAULT, "")
    assert "--replace" in err
    assert "--add" in err
    assert as_json(started("import", other, "--add", "--json")[1])["replaced"] == 0
    assert as_json(started("quality", "--json")[1])["inside"] == 5
    third = street_file("2026-01", [(700, 100)])
    assert as_json(started("import", third, "--replace", "--json")[1])["replaced"] == 5


def test_counts_are_written_by_the_ending(started: Run) -> None:
    started("import", street_file("2026-01", [(500, 500), (600, 600), (1500, 500), (9000, 0)]))
    for name in ("c.csv", "c.geojson", "c.gpkg", "c.parquet"):
        code, out, _ = started("counts", "--by", "ward,month", "--out", name, "--json")
        assert (code, as_json(out)["outside"]) == (cli.DONE, 1)
    plain = pd.read_csv("c.csv")
    assert plain[["ward", "ward_name", "month", "count"]].to_numpy().tolist() == [
        ["E05999991", "West", "2026-01", 2],
        ["E05999992", "East", "2026-01", 1],
    ]
    for table in (
        gpd.read_file("c.geojson"),
        gpd.read_file("c.gpkg"),
        gpd.read_parquet("c.parquet"),
    ):
        assert table["count"].tolist() == [2, 1]


@pytest.mark.parametrize(
    "words",
    [
        ["--category", "Bicycle theft", "--category", "burglary"],
        ["--category", "bicycle_theft,Burglary"],
    ],
)
def test_categories_are_repeated_or_listed(started: Run, words: list[str]) -> None:
    files = [
        street_file("2026-01", [(500, 500)], "Bicycle theft"),
        street_file("2026-02", [(500, 500)] * 2, "Burglary"),
        street_file("2026-03", [(500, 500)] * 4),
    ]
    started("import", *files)
    started("counts", "--by", "category", *words, "--out", "c.csv")
    counted = pd.read_csv("c.csv").set_index("category")["count"]
    assert counted.to_dict() == {"bicycle_theft": 1, "burglary": 2}


def test_months_cut_the_counts(started: Run) -> None:
    times = {"2026-01": 1, "2026-02": 2, "2026-03": 4}
    started("import", *(street_file(month, [(500, 500)] * n) for month, n in times.items()))
    words = ["--by", "month", "--from", "2026-02", "--to", "2026-03", "--out", "c.csv"]
    assert started("counts", *words)[0] == cli.DONE
    assert pd.read_csv("c.csv")["count"].tolist() == [2, 4]


def test_score_writes_the_columns_it_promises(started: Run) -> None:
    months = pd.period_range("2025-01", "2026-03", freq="M").astype(str)
    started("import", *(street_file(m, [(500, 500)] * 3 + [(1500, 500)]) for m in months))
    words = ["--as-at", "2026-03", "--out", "places.csv", "--json"]
    answer = as_json(started("score", "--preset", "walkabout", *words)[1])
    table = pd.read_csv("places.csv")
    components = ("volume", "persistence", "trend")
    promised = ["location_id", "name", "ward_code", "easting", "northing"]
    promised += [f"{c}_{part}" for c in components for part in ("raw", "score", "weight")]
    assert set(promised) | {"coverage", "mode", "total", "rank", "why"} <= set(table)
    assert answer["mode"] == "reports_only"
    assert table["rank"].min() == 1
    best = table[table["rank"] == 1].iloc[0]
    assert best["ward_code"] == "E05999991"


def test_a_preset_that_cannot_rank_says_so_and_is_done(started: Run) -> None:
    started("import", street_file("2026-03", [(500, 500)]))
    words = ["--as-at", "2026-03", "--out", "places.csv", "--json"]
    code, out, _ = started("score", "--preset", "womens_walk", *words)
    table = pd.read_csv("places.csv")
    assert (code, as_json(out)["ranked"]) == (cli.DONE, 0)
    assert table["rank"].isna().all()
    assert table["total"].isna().all()


@pytest.mark.parametrize("layer", ["wards", "hotspots", "locations"])
@pytest.mark.parametrize("audience", ["public", "internal"])
def test_map_writes_one_file(started: Run, layer: str, audience: str) -> None:
    started("import", street_file("2026-03", [(500, 500)] * 7))
    words = ["--layer", layer, "--as-at", "2026-03", "--audience", audience, "--out", "m.html"]
    code, out, err = started("map", *words, "--json")
    assert code == cli.DONE, err
    assert as_json(out)["out"] == "m.html"
    assert Path("m.html").read_text("utf-8").lower().startswith("<!doctype html>")


def test_quality_balances(started: Run) -> None:
    started("import", street_file("2026-01", [(500, 500), (9000, 500), None]))
    started("import", street_file("2026-03", [(500, 500)]))
    answer = as_json(started("quality", "--json")[1])
    assert [answer[k] for k in ("inside", "outside", "no_location")] == [2, 1, 1]
    assert answer["months_missing"] == ["2026-02"]


def test_demo_says_where_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "LENGTH", 3)  # what the whole of it holds is shown elsewhere
    answer = as_json(run("--workspace", "trial", "demo", "--json")[1])
    assert (answer["workspace"], answer["kind"], answer["wards"]) == ("trial", "demo", 20)


def test_a_table_of_the_demo_says_so(run: Run, demo_folder: Path) -> None:
    run("--workspace", demo_folder, "counts", "--by", "ward", "--out", "c.csv")
    table = pd.read_csv("c.csv")
    assert len(table) == 20
    assert table["demo"].str.startswith("DEMO").all()


# Faults: exit 1, one message, no traceback


@pytest.mark.parametrize(
    "words",
    [
        ["quality"],
        ["import", "nothing-here.csv"],
        ["counts", "--by", "ward", "--out", "c.csv"],
        ["score", "--preset", "walkabout", "--as-at", "2026-01", "--out", "c.csv"],
        ["map", "--layer", "wards", "--as-at", "2026-01", "--out", "m.html"],
        ["init", "--wards", "nothing-here.gpkg"],
    ],
)
def test_a_fault_of_the_data_is_one_message(run: Run, words: list[str]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (cli.DATA_AT_FAULT, "")
    assert "Traceback" not in err
    assert "What to do" in err
    code, out, err_too = run(*words, "--json")
    assert (code, err_too) == (cli.DATA_AT_FAULT, err)
    assert set(as_json(out)) == {"error"}
    assert as_json(out)["error"] in err


def test_a_path_that_is_not_there_is_the_datas_fault(started: Run) -> None:
    code, _, err = started("import", "nothing-here.csv")
    assert code == cli.DATA_AT_FAULT
    assert "nothing-here.csv" in err


def test_an_empty_store_cannot_be_counted(started: Run) -> None:
    code, _, err = started("counts", "--by", "ward", "--out", "c.csv")
    assert (code, Path("c.csv").exists()) == (cli.DATA_AT_FAULT, False)
    assert "No reports are stored" in err


def test_a_folder_that_is_not_there_is_named(started: Run) -> None:
    started("import", street_file("2026-01", [(500, 500)]))
    for name in ("none/c.csv", "none/c.gpkg", "none/c.parquet", "none/c.geojson"):
        code, out, err = started("counts", "--by", "ward", "--out", name)
        assert (code, out) == (cli.DATA_AT_FAULT, ""), name
        assert "none" in err


def test_a_month_without_data_is_refused(started: Run) -> None:
    started("import", street_file("2026-01", [(500, 500)]))
    words = ["--preset", "walkabout", "--as-at", "2026-05", "--out", "c.csv"]
    code, _, err = started("score", *words)
    assert code == cli.DATA_AT_FAULT
    assert "2026-01" in err


def test_demo_and_real_data_never_share(started: Run, demo_folder: Path) -> None:
    assert started("demo")[0] == cli.DATA_AT_FAULT
    shutil.copytree(demo_folder, "trial")
    assert started("--workspace", "trial", "init", "--wards", "wards.gpkg")[0] == 1
    street_file("2026-01", [(500, 500)])
    assert started("--workspace", "trial", "import", "2026-01-metropolitan-street.csv")[0] == 1


# Usage: exit 2, before any work


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["frobnicate"],
        ["quality", "--frobnicate"],
        ["--frobnicate", "quality"],
        ["init"],
        ["import"],
        ["import", "a.csv", "--replace", "--add"],
        ["counts", "--out", "c.csv"],
        ["counts", "--by", "ward"],
        ["counts", "--by", "borough", "--out", "c.csv"],
        ["counts", "--by", "ward,,month", "--out", "c.csv"],
        ["counts", "--by", "ward,ward", "--out", "c.csv"],
        ["counts", "--by", "ward", "--out", "c.xlsx"],
        ["counts", "--by", "ward", "--out", "c"],
        ["counts", "--by", "ward", "--out", "c.csv", "--from", "2026-13"],
        ["counts", "--by", "ward", "--out", "c.csv", "--to", "April"],
        ["counts", "--by", "ward", "--out", "c.csv", "--from", "2026-03", "--to", "2026-01"],
        ["counts", "--by", "ward", "--out", "c.csv", "--category", "noise of any kind"],
        ["counts", "--by", "ward", "--out", "c.csv", "--source", "hearsay"],
        ["counts", "--by", "hexagon", "--out", "c.csv", "--side", "150"],
        ["counts", "--by", "hexagon", "--out", "c.csv", "--side", "wide"],
        ["score", "--as-at", "2026-01", "--out", "c.csv"],
        ["score", "--preset", "walkabout", "--out", "c.csv"],
        ["score", "--preset", "stroll", "--as-at", "2026-01", "--out", "c.csv"],
        ["score", "--preset", "walkabout", "--as-at", "2026-1", "--out", "c.csv"],
        ["map", "--layer", "moon", "--as-at", "2026-01", "--out", "m.html"],
        ["map", "--layer", "wards", "--as-at", "2026-01", "--out", "m.gif"],
        ["map", "--layer", "wards", "--as-at", "2026-01", "--out", "m.html", "--audience", "all"],
        ["serve", "--port", "99999"],
    ],
    ids=" ".join,
)
def test_words_that_are_not_understood(started: Run, words: list[str], tmp_path: Path) -> None:
    before = {p.name for p in tmp_path.iterdir()}
    code, out, err = started(*words)
    assert (code, out) == (cli.USAGE, "")
    assert "Usage: safer-walks" in err
    assert "Traceback" not in err
    assert {p.name for p in tmp_path.iterdir()} == before


def test_usage_with_json_is_an_object_too(run: Run) -> None:
    code, out, err = run("counts", "--by", "borough", "--out", "c.csv", "--json")
    assert code == cli.USAGE
    assert "borough" in as_json(out)["error"]
    assert "Usage" in err


def test_json_may_stand_before_the_command(started: Run) -> None:
    before, after = started("--json", "quality"), started("quality", "--json")
    assert as_json(before[1]) == as_json(after[1])


def test_help_is_help(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == cli.DONE
    for name in ("demo", "init", "import", "quality", "counts", "score", "map", "serve"):
        assert f"\n  {name} " in out
        assert run(name, "--help")[0] == cli.DONE


def test_what_people_read_holds_every_key(started: Run) -> None:
    street_file("2026-01", [(500, 500), (9000, 500)])
    _, out, _ = started("import", "2026-01-metropolitan-street.csv")
    assert "inside: 1" in out
    assert "months missing: none" in out
    assert not out.startswith("{")


def test_a_library_that_prints_does_not_spoil_the_object(
    started: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.jobs import quality

    honest = quality.quality

    def chatty(workspace: object) -> object:
        sys.stdout.write("hello")
        return honest(workspace)

    monkeypatch.setattr(quality, "quality", chatty)
    _, out, err = started("quality", "--json")
    assert as_json(out)
    assert "hello" in err


def test_the_variable_names_the_workspace(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    two_wards().to_file("wards.gpkg")
    monkeypatch.setenv("SAFER_WALKS_WORKSPACE", "elsewhere")
    assert run("init", "--wards", "wards.gpkg")[0] == cli.DONE
    assert Path("elsewhere/manifest.json").is_file()
    assert run("--workspace", "other", "quality")[0] == cli.DATA_AT_FAULT


# The process itself


def process(*words: object, cwd: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("SAFER_WALKS_WORKSPACE", None)
    return subprocess.run(
        [sys.executable, "-m", "analysis", *map(str, words)],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        **options,
    )


def test_the_real_command_says_how_it_went(started: Run, tmp_path: Path) -> None:
    path = street_file("2026-01", [(500, 500)] * 3 + [None])
    done = process("import", path, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) > 3
    assert as_json(started("quality", "--json")[1])["inside"] == 3
    wrong = process("import", "none.csv", "--json", cwd=tmp_path)
    assert (wrong.returncode, set(json.loads(wrong.stdout))) == (1, {"error"})
    assert "Traceback" not in wrong.stderr
    unknown = process("import", cwd=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (2, "")


def test_help_needs_no_heavy_library(tmp_path: Path) -> None:
    script = (
        "import sys; from analysis.cli import main; main(['import', '--help']);"
        "print(sorted({'pandas', 'geopandas', 'pyogrio', 'streamlit'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.skipif(os.name == "nt", reason="POSIX pipes")
def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    pipe = subprocess.Popen(
        [sys.executable, "-m", "analysis", "score", "--help"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert pipe.stdout
    assert pipe.stderr
    pipe.stdout.close()  # before anything is written
    said = pipe.stderr.read().decode()
    pipe.stderr.close()
    pipe.wait(timeout=120)
    assert said == ""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_an_interrupt_ends_quietly(tmp_path: Path) -> None:
    script = (
        "import signal, sys, time; from analysis import cli\n"
        "from analysis.jobs import demo\n"
        # A shell that runs the tests in its background has their processes ignore this signal.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def slow(path):\n    print('started', file=sys.stderr, flush=True)\n    time.sleep(60)\n"
        "demo.make_demo = slow\n"
        "sys.exit(cli.main(['--workspace', 'x', 'demo', '--json']))"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stderr
    assert child.stderr.readline() == "started\n"
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=120)
    assert (child.returncode, out, err) == (130, "", "")
