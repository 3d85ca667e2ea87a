"""What a server loads before it answers, and before its first map: a list, and never a timing.

A library that is loaded early costs every start its time and every server its memory. Whoever needs
one of these imports it in the function that uses it.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import ROOT

NOT_AT_THE_START = {
    "numpy": "a tenth of a second; nothing at the door counts",
    "pandas": "0.3 s; the door reads cookies, not tables",
    "pyarrow": "comes with pandas",
    "geopandas": "0.5 s; nothing at the door has a shape",
    "sqlalchemy": "0.3 s; the door asks who somebody is only where sign-in is on",
    "pages.phone": "the forms are asked for on walks, by telephones",
    "analysis.jobs": "loaded with the pages that ask for them",
}

NOT_BEFORE_A_MAP = {
    "scipy": "0.2 to 0.8 s and 60 MB; tests of hot spots are worked out when the map is drawn",
    "sklearn": "1.4 s",
    "esda": "1.9 s and 100 MB",
    "altair": "0.3 s; charts stand below the map",
    "folium": "0.2 s; only maps that leave as a file are drawn with it",
    "streamlit_folium": "not used by any page",
    "ortools": "plans a programme",
    "typst": "prints packs",
    "vl_convert": "turns charts into pictures",
    "pandera": "checks what is brought in",
    "openpyxl": "reads spreadsheets",
    "requests": "nothing is fetched",
    "urllib3": "nothing is fetched",
    "authlib": "signs people in where that is on",
    "astral": "knows when the sun sets, for planning",
    "alembic": "makes records, once",
    "geodata.council": "reads councils' files",
    "geodata.demo": "makes the demo, once",
    "analysis.planning": "plans a programme",
    "analysis.routing": "lays routes",
    "analysis.jobs.score": "weighs places, on Where next",
    "analysis.jobs.pack": "makes packs",
}


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """Modules loaded by app.py, and by the router and the Hotspots page with what it counts."""
    lines = [_imports(ROOT / "pages" / name) for name in ("router.py", "explore/hotspots.py")]
    script = f"""
import json, sys, importlib
import app
start = sorted(sys.modules)
from pages.server import warming
for part in warming.FRAME: importlib.import_module("pages.components." + part)
for job in warming.JOBS: importlib.import_module("analysis.jobs." + job)
exec({lines[0]!r})
exec({lines[1]!r})
print(json.dumps({{"start": start, "map": sorted(sys.modules)}}))
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


def _imports(page: Path) -> str:
    """Keep the imports of a page, which cannot run by itself."""
    body = ast.parse(page.read_text("utf-8")).body
    kept = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return "\n".join(ast.unparse(node) for node in kept if "__future__" not in ast.unparse(node))


@pytest.mark.parametrize(("when", "late"), [("start", NOT_AT_THE_START), ("map", NOT_BEFORE_A_MAP)])
def test_what_is_needed_later_is_loaded_later(
    when: str, late: dict[str, str], loaded: dict[str, list[str]]
) -> None:
    early = {
        name: why
        for name, why in late.items()
        for module in loaded[when]
        if module == name or module.startswith(f"{name}.")
    }
    assert not early


def test_what_the_first_map_needs_is_loaded_ahead(loaded: dict[str, list[str]]) -> None:
    """The list above is of names: this shows that it looks at the right process."""
    assert {"pages.server.access", "streamlit"} <= set(loaded["start"])
    assert {"geopandas", "analysis.jobs.areas", "pages.components.maps"} <= set(loaded["map"])
