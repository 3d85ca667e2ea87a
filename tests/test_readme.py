"""The README keeps its word: its examples run, its files exist, its commands are those we check."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text("utf-8")
START = "pip install -e . && streamlit run app.py"
TEST = 'pip install -e ".[test]" && pytest'


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def _commands(block: str) -> list[list[str]]:
    return [shlex.split(line) for line in block.splitlines() if line.strip()]


def _safer_walks(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    assert words[0] == "safer-walks", words
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("SAFER_WALKS_WORKSPACE", None)
    return subprocess.run(
        [sys.executable, "-m", "analysis", *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_python_examples_run() -> None:
    (example,) = _blocks("python")
    parsed = doctest.DocTestParser().get_doctest(example, {}, "README.md", "README.md", 0)
    assert len(parsed.examples) > 5
    assert doctest.DocTestRunner().run(parsed).failed == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def test_the_commands_on_the_demo_run(folder: Path) -> None:
    _, demo = _blocks("bash")
    for words in _commands(demo):
        done = _safer_walks(words, folder)
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stderr}"
        if "--out" in words:
            out = folder / words[words.index("--out") + 1]
            assert out.stat().st_size > 100, shlex.join(words)


def test_the_commands_on_own_data_run(folder: Path) -> None:
    _lay_out_downloads(folder)
    own, _ = _blocks("bash")
    for words in _commands(own):
        done = _safer_walks(words, folder)
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stderr}"
    assert (folder / "workspace" / "manifest.json").is_file()


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

    from analysis.cli import app

    cells = re.findall(r"^\| (`[a-z].*?) \|", README, re.M)
    listed = {word for cell in cells for word in re.findall(r"`([a-z][\w-]*)", cell)}
    names = set(get_command(app).commands)  # type: ignore[attr-defined]
    assert len(names) > 30
    assert names - listed == set()


def test_every_function_in_the_table_exists() -> None:
    import importlib

    for dotted in re.findall(r"^\| `((?:analysis|geodata)\.[\w.]+?)`", README, re.M):
        module, _, name = dotted.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), dotted
