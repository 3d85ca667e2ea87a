"""What lies in git: text and screenshots, small, from nobody's machine, cut from no real data."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LARGEST_BYTES = 300_000
DATA_ENDINGS = {
    ".gz",
    ".zip",
    ".gpkg",
    ".parquet",
    ".fgb",
    ".shp",
    ".dbf",
    ".pbf",
    ".sqlite",
    ".db",
}

THIS = "tests/test_hygiene.py"  # holds what the others must not
HERE = "|".join(re.escape(str(path)) + r"\b" for path in (ROOT, ROOT.parent / "shared"))
MACHINE_PATHS = re.compile(
    rf"/home/\w+/|/Users/\w+/|/root/|{HERE}|/opt/\w*(wheel|pypi)|[A-Z]:\\\\?Users\\"
)
REGISTRIES = re.compile(
    r"pypi\.(org|python)|pythonhosted\.|--(extra-)?index-url|--find-links|artifactory|nexus\."
    r"|https?://[^\s\"')]*/simple\b"
)
CRIME_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
FINE_NUMBER = re.compile(r"-?\d{1,7}\.\d{5,}")
SHARED_LINES, SHARED_NUMBERS = 1, 3


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file in git; without git there is nothing to say."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what is committed cannot be listed")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()]


@pytest.fixture(scope="module")
def texts(tracked: list[Path]) -> dict[str, str]:
    """What each tracked file says, screenshots and this file apart."""
    return {
        _name(p): p.read_bytes().decode("utf-8", "replace")
        for p in tracked
        if p.suffix != ".png" and _name(p) != THIS
    }


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _found(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    return [
        f"{name}, line {number}: {line.strip()[:100]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_files_are_small(tracked: list[Path]) -> None:
    assert [_name(p) for p in tracked if p.stat().st_size > LARGEST_BYTES] == []


def test_files_are_text_or_screenshots(tracked: list[Path]) -> None:
    odd = []
    for path in tracked:
        content = path.read_bytes()
        if path.suffix == ".png":
            good = path.parent == ROOT / "docs/screenshots" and content.startswith(b"\x89PNG")
        else:
            good = b"\0" not in content and content == content.decode("utf-8", "replace").encode()
        if not good:
            odd.append(_name(path))
    assert odd == []


def test_text_ends_in_one_newline_and_has_no_carriage_returns(texts: dict[str, str]) -> None:
    bad = [n for n, t in texts.items() if t and (not t.endswith("\n") or t.endswith("\n\n"))]
    assert bad == []
    assert [n for n, t in texts.items() if "\r\n" in t] == []


def test_no_data_files(tracked: list[Path]) -> None:
    assert [_name(p) for p in tracked if p.suffix.lower() in DATA_ENDINGS] == []


def test_no_path_of_a_machine(texts: dict[str, str]) -> None:
    assert _found(MACHINE_PATHS, texts) == []


def test_no_address_of_a_package_registry(texts: dict[str, str]) -> None:
    assert _found(REGISTRIES, texts) == []
    assert "://" not in texts["pyproject.toml"]


def test_no_police_crime_id(texts: dict[str, str]) -> None:
    """A police.uk Crime ID is 64 hexadecimal digits; no invented row needs one."""
    assert _found(CRIME_ID, texts) == []


def test_nothing_is_cut_from_the_real_data(texts: dict[str, str], shared_data: Path) -> None:
    lines, numbers = _fingerprints(shared_data)
    copied = {}
    for name, text in texts.items():
        same_lines = {line.strip() for line in text.splitlines()} & lines
        same_numbers = set(FINE_NUMBER.findall(text)) & numbers
        if len(same_lines) >= SHARED_LINES or len(same_numbers) >= SHARED_NUMBERS:
            copied[name] = (sorted(same_lines)[:3], sorted(same_numbers)[:5])
    assert copied == {}


def _fingerprints(folder: Path) -> tuple[set[str], set[str]]:
    """Whole rows of the real reports, and the finely given numbers of rows and boundaries."""
    lines: set[str] = set()
    numbers: set[str] = set()
    for path in (folder / "police").rglob("*.csv*"):
        text = _text(path)
        numbers.update(FINE_NUMBER.findall(text))
        lines.update(line.strip() for line in text.splitlines()[1:])
    for path in folder.rglob("*.geojson"):
        numbers.update(FINE_NUMBER.findall(_text(path)))
    return lines, numbers


def _text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode(
        "utf-8", "replace"
    )


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (MACHINE_PATHS, "path = '/home/ann/data'"),
        (MACHINE_PATHS, r"C:\Users\ann\data"),
        (REGISTRIES, "pip install --index-url x"),
        (REGISTRIES, "https://repo.example/pypi/simple/"),
        (CRIME_ID, "ab" * 32),
    ],
)
def test_the_patterns_see_what_they_look_for(pattern: re.Pattern[str], line: str) -> None:
    assert _found(pattern, {"a.txt": line}) == [f"a.txt, line 1: {line}"]


def test_a_row_of_real_data_would_be_seen(shared_data: Path) -> None:
    lines, numbers = _fingerprints(shared_data)
    assert len(lines) > 100_000
    assert len(numbers) > 10_000
