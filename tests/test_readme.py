"""The README keeps its word: its examples run, its files exist, its commands are those we check."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from analysis import cli

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
START = "pip install -e . && streamlit run app.py"
TEST = 'pip install -e ".[test]" && pytest'


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def _commands(block: str) -> list[list[str]]:
    return [shlex.split(line) for line in block.splitlines() if line.strip()]


def test_the_python_examples_run() -> None:
    (example,) = _blocks("python")
    parsed = doctest.DocTestParser().get_doctest(example, {}, "README.md", "README.md", 0)
    assert len(parsed.examples) > 5
    assert doctest.DocTestRunner().run(parsed).failed == 0


Run = Callable[[list[str]], None]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Run:
    """Run a command in a folder of its own; it must succeed.

    In this process: loading the program anew takes longer than what most of them do. That
    `safer-walks` starts as a process of its own is tried in test_packaging.py and test_cli.py.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SAFER_WALKS_WORKSPACE", raising=False)

    def command(words: list[str]) -> None:
        assert words[0] == "safer-walks", words
        code = cli.main(words[1:])
        assert code == cli.DONE, f"{shlex.join(words)}\n{capsys.readouterr().err}"

    return command


def test_the_commands_on_the_demo_run(run: Run, demo_folder: Path, tmp_path: Path) -> None:
    _, demo = _blocks("bash")
    made = re.search(r"--workspace (\S+) demo", demo)[1]
    shutil.copytree(demo_folder, tmp_path / made)  # to make it takes longer than all the others
    for words in _commands(demo):
        run(words)
        if "--out" in words:
            out = Path(words[words.index("--out") + 1])
            assert out.stat().st_size > 100, shlex.join(words)


def test_the_commands_on_own_data_run(run: Run, tmp_path: Path) -> None:
    _lay_out_downloads(tmp_path)
    own, _ = _blocks("bash")
    for words in _commands(own):
        run(words)
    assert (tmp_path / "workspace" / "manifest.json").is_file()


def _lay_out_downloads(folder: Path) -> None:
    """Write two square wards and one month of invented reports, named as downloads are."""
    import geopandas as gpd
    import shapely

    from geodata.crs import BNG, to_lonlat

    corners = [(530_000, 180_000), (531_000, 180_000)]
    squares = [shapely.box(x, y, x + 1000, y + 1000) for x, y in corners]
    names = {"WD24CD": ["E05999998", "E05999999"], "WD24NM": ["West Square", "East Square"]}
    gpd.GeoDataFrame(names, geometry=squares, crs=BNG).to_file(folder / "wards.gpkg")
    lon, lat = to_lonlat([530_500.0, 531_500.0], [180_500.0, 180_500.0])
    header = (
        "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
        "Crime type,Last outcome category,Context"
    )
    force = "Metropolitan Police Service"
    rows = [
        f",2026-01,{force},{force},{x:.6f},{y:.6f},On or near A Street,,,Anti-social behaviour,,"
        for x, y in zip(lon, lat, strict=True)
    ]
    month = folder / "downloads" / "2026-01"
    month.mkdir(parents=True)
    (month / "2026-01-metropolitan-street.csv").write_text("\n".join([header, *rows]) + "\n")


def test_the_two_commands_are_the_ones_that_are_checked() -> None:
    plain = {block.strip() for block in _blocks("")}
    assert {START, TEST} <= plain
    checks = (ROOT / ".ci" / "run").read_text("utf-8")
    for command in (*START.split(" && "), *TEST.split(" && ")):
        assert re.search(
            rf"^(STREAMLIT_SERVER_PORT=\S+ )?{re.escape(command)}\b", checks, re.M
        ) or (
            re.search(rf"^{re.escape(command.replace('install', 'install --quiet'))}", checks, re.M)
        ), command


def test_what_it_points_to_exists() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert [t for t in targets if "://" not in t and not (ROOT / t).exists()] == []
    assert len(targets) > 10


def test_every_page_has_its_picture() -> None:
    shown = set(re.findall(r"docs/screenshots/(\w+\.png)", README))
    assert shown == {p.name for p in (ROOT / "docs" / "screenshots").glob("*.png")}


def test_every_command_is_in_the_table() -> None:
    from typer.main import get_command

    cells = re.findall(r"^\| (`[a-z].*?) \|", README, re.M)
    listed = {word for cell in cells for word in re.findall(r"`([a-z][\w-]*)", cell)}
    names = set(get_command(cli.app).commands)  # type: ignore[attr-defined]
    assert len(names) > 30
    assert names - listed == set()


def test_every_function_in_the_table_exists() -> None:
    import importlib

    for dotted in re.findall(r"^\| `((?:analysis|geodata)\.[\w.]+?)`", README, re.M):
        module, _, name = dotted.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), dotted
