"""The wheel holds everything the app needs and nothing else, and starts away from the checkout."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import re
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("analysis", "geodata", "pages")
BESIDE = ("app.py", ".streamlit/config.toml")
STARTS_WITHIN_S = 180


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with what the test extra brings: nothing is fetched."""
    out = tmp_path_factory.mktemp("wheel")
    _run(
        [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(out),
            str(ROOT),
        ]
    )
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a folder of its own, away from the checkout."""
    target = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    _run([*pip, "--target", str(target), str(wheel)])
    return target


def _run(words: list[str]) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _source_files() -> set[str]:
    """Everything under the packages: modules, templates, tables of the demo."""
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def test_the_wheel_holds_everything_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        entry_points = archive.read(_one(archive, "entry_points.txt")).decode()
        licence = archive.read(_one(archive, "LICENSE")).decode()
    assert names == _source_files() | set(BESIDE)
    assert "safer-walks = analysis.cli:main" in entry_points
    assert licence.startswith("MIT License")


def test_the_wheel_holds_no_tests_and_no_data_but_our_own(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        sizes = {info.filename: info.file_size for info in archive.infolist()}
    assert [n for n in names if "test" in Path(n).parts[0] or "benchmark" in n] == []
    assert [
        n for n in names if Path(n).suffix in {".gpkg", ".parquet", ".gz", ".zip", ".shp"}
    ] == []
    assert {n: size for n, size in sizes.items() if size > 300_000} == {}


def _one(archive: zipfile.ZipFile, ending: str) -> str:
    (name,) = (n for n in archive.namelist() if n.endswith(ending))
    return name


def test_the_installed_copy_starts_and_answers(installed: Path, tmp_path: Path) -> None:
    port = _free_port()
    with _served(installed, tmp_path, port) as log:
        health = _when_up(f"http://127.0.0.1:{port}/healthz", log)
        assert json.loads(health) == {"status": "ok"}
        assert '<div id="root">' in _get(f"http://127.0.0.1:{port}/")
        assert "Leaflet 1.9" in _get(f"http://127.0.0.1:{port}/vendor/leaflet/leaflet.js")


def test_the_installed_copy_shows_its_first_page(installed: Path, tmp_path: Path) -> None:
    """The first page runs from the installed files: it makes the demo and shows it."""
    script = (
        "import analysis, pathlib, sys\n"
        "from geodata import demo; demo.LENGTH = 13\n"  # a short one shows as much
        "from streamlit.testing.v1 import AppTest\n"
        "here = pathlib.Path(analysis.__file__).parents[1]\n"
        "at = AppTest.from_file(str(here / 'pages' / 'router.py'), default_timeout=180).run()\n"
        "print(here, len(at.exception), len(at.title) + len(at.header), sep='\\n')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=_environment(installed, tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    here, exceptions, headings = done.stdout.splitlines()[-3:]
    assert Path(here) == installed
    assert (exceptions, int(headings) > 0) == ("0", True), done.stdout + done.stderr


def _environment(installed: Path, workspace: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(installed),
        "SAFER_WALKS_WORKSPACE": str(workspace / "workspace"),
        "STREAMLIT_SERVER_HEADLESS": "true",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _served(installed: Path, folder: Path, port: int) -> Iterator[Path]:
    log = folder / "server.log"
    words = [sys.executable, "-m", "analysis", "serve", "--port", str(port)]
    environment = _environment(installed, folder)
    with log.open("w") as out:
        server = subprocess.Popen(words, cwd=folder, env=environment, stdout=out, stderr=out)
        try:
            yield log
        finally:
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":  # there `serve` waits for a server of its own: end both
        subprocess.run(["taskkill", "/F", "/T", "/PID", str(server.pid)], check=False)
    else:
        server.terminate()
    server.wait(timeout=60)


def _when_up(address: str, log: Path) -> str:
    last: Exception | None = None
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        try:
            return _get(address)
        except (urllib.error.URLError, ConnectionError) as error:
            last = error
            time.sleep(0.2)
    raise AssertionError(f"{address} did not answer: {last}\n{log.read_text()}")


def _get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert answer.status == 200
        return answer.read().decode("utf-8")


@pytest.fixture(scope="module")
def project() -> dict[str, dict]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def _named(requirements: list[str]) -> dict[str, str]:
    """Names, folded as indexes fold them, and the pin of each."""
    parts = (re.match(r"([A-Za-z0-9._-]+)(.*)", r) for r in requirements)
    return {re.sub(r"[-_.]+", "-", p[1]).lower(): p[2] for p in parts if p}


def test_every_requirement_is_a_compatible_release(project: dict) -> None:
    extras = project["project"]["optional-dependencies"]
    everything = [*project["project"]["dependencies"], *(r for e in extras.values() for r in e)]
    compatible = re.compile(r"[A-Za-z0-9._-]+(\[[\w,]+\])?~=\d+\.\d+")
    assert [r for r in everything if not compatible.match(r)] == []


def test_what_is_imported_is_required_and_nothing_else(project: dict) -> None:
    """A library that only comes along with another may leave with it.

    Streamlit's own sign-in needs Authlib and its client, and does not bring them.
    """
    by_name = {"tzdata", "authlib", "httpx2"}
    required = set(_named(project["project"]["dependencies"])) - by_name
    required |= set(_named(project["project"]["optional-dependencies"]["scale"]))
    providers = importlib.metadata.packages_distributions()
    imported = {
        re.sub(r"[-_.]+", "-", provider).lower()
        for name in _top_level_imports()
        for provider in providers.get(name, [name])
    }
    assert imported == required


_IMPORT = re.compile(
    r"^ *(?:import (\w+)[\w.]*(?: as \w+)?(?: +#.*)?$|from (\w+)[\w.]* import )", re.M
)


def _top_level_imports() -> set[str]:
    """Find the lines that import, as ruff lets them be written: to parse every file takes long."""
    files = [ROOT / "app.py", *(f for p in PACKAGES for f in (ROOT / p).rglob("*.py"))]
    names = {a or b for f in files for a, b in _IMPORT.findall(f.read_text("utf-8"))}
    checkers_only = {"_typeshed"}
    return names - set(sys.stdlib_module_names) - {*PACKAGES, "app"} - checkers_only
