"""The shape of the house, checked: which room may know of which, and what each may do.

A rule takes a module (its path from the root, and its syntax tree) and gives what is wrong with
it. Every rule is tried on a snippet that breaks it and on one that keeps it, since a rule that
cannot fail is worth nothing.
"""

from __future__ import annotations

import ast
import builtins
import functools
import importlib.metadata
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("geodata", "analysis", "pages", "app")
"""From the ground up. A room imports from itself and from rooms before it."""


@dataclass(frozen=True)
class Module:
    """One source file: where it is, and what it says."""

    path: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, source: str) -> Module:
        return cls(path, ast.parse(source))

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def is_in(self, *places: str) -> bool:
        """Whether the module lies in one of these folders or is one of these files."""
        return any(self.path == p or self.path.startswith(f"{p}/") for p in places)

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything in the tree, in the order of `ast.walk`: each rule asks for it again."""
        return list(ast.walk(self.tree))

    def walk(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in self.nodes if isinstance(node, kinds))


Rule = Callable[[Module], Iterator[str]]


def _at(node: ast.AST, words: str) -> str:
    return f"line {getattr(node, 'lineno', 1)}: {words}"


def _imports(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Every dotted name a module imports, wherever the import stands and however it is spelt."""
    package = module.name.split(".")
    if not module.path.endswith("/__init__.py"):
        package = package[:-1]
    for node in module.nodes:
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield node, origin
            yield from ((node, f"{origin}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _dotted(node.func) in {
            "importlib.import_module",
            "import_module",
            "__import__",
        }:
            yield from ((node, a.value) for a in node.args if _is_text(a))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _dotted(node: ast.AST) -> str:
    """`a.b.c` as text; '?' stands for a part that is not a name, as in `f().c`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return "?"


def _aliases(module: Module) -> dict[str, str]:
    """What each imported name stands for: {'pd': 'pandas', 'escape': 'html.escape'}."""
    names: dict[str, str] = {}
    for node in module.walk(ast.Import, ast.ImportFrom):
        for alias in node.names:
            origin = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            if alias.asname or isinstance(node, ast.ImportFrom):
                names[alias.asname or alias.name] = f"{origin}{alias.name}"
            else:
                names[alias.name.split(".")[0]] = alias.name.split(".")[0]
    return names


def _calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    """Every call, with what it calls spelt out in full: `pd.read_csv` gives pandas.read_csv."""
    names = _aliases(module)
    for node in module.walk(ast.Call):
        head, _, rest = _dotted(node.func).partition(".")
        yield node, ".".join(filter(None, (names.get(head, head), rest)))


def _is_within(name: str, *packages: str) -> bool:
    return any(name == p or name.startswith(f"{p}.") for p in packages)


# The rules


def rooms_import_downwards(module: Module) -> Iterator[str]:
    """app -> pages -> analysis -> geodata; never back, and never from tests or benchmarks."""
    own = ROOMS.index(module.path.removesuffix(".py").split("/")[0])
    forbidden = (*ROOMS[own + 1 :], "tests", "benchmarks")
    for node, name in _imports(module):
        if _is_within(name, *forbidden):
            yield _at(node, f"imports {name}, which stands above it")


FLOORS = {
    **{"analysis": 0, "analysis/report": 1, "analysis/jobs": 2},
    **{"analysis/commands": 3, "analysis/cli": 4},
}


def _floor(path: str) -> int:
    path = path.removesuffix(".py")
    return max(f for place, f in FLOORS.items() if f"{path}/".startswith(f"{place}/"))


def analysis_imports_downwards(module: Module) -> Iterator[str]:
    """cli -> commands -> jobs -> report -> the rest; the rest knows no workspace and no store."""
    if not module.is_in("analysis") or module.is_in("analysis/__main__.py"):
        return
    floor = _floor(module.path)
    for node, name in _imports(module):
        if _is_within(name, "analysis") and _floor(name.replace(".", "/")) > floor:
            yield _at(node, f"imports {name}, which stands above it")
        if floor == 0 and _is_within(name, "geodata.workspace", "geodata.store"):
            yield _at(node, f"imports {name}; only jobs and reports know a workspace")


COMMAND_LINE = ("analysis/cli.py", "analysis/commands")


def front_ends_call_jobs(module: Module) -> Iterator[str]:
    """Pages and the command line ask jobs; they neither read the store nor call each other."""
    if module.is_in("app.py", "pages", *COMMAND_LINE):
        for node, name in _imports(module):
            if _is_within(name, "geodata.store", "geodata.ward_join"):
                yield _at(node, f"imports {name}; ask a job")
            theirs = _is_within(name, "analysis.cli", "analysis.commands")
            if module.is_in("pages", "app.py") and theirs:
                yield _at(node, f"imports {name}; the command line is the other front end")


def streamlit_stays_in_pages(module: Module) -> Iterator[str]:
    """A notebook can do what the app does, with no Streamlit import."""
    if module.is_in("analysis", "geodata"):
        for node, name in _imports(module):
            if name.split(".")[0].startswith("streamlit"):
                yield _at(node, f"imports {name}")


EPSG_NUMBERS = {27700, 4326, 3857, 4258, 4277, 4979, 7405, 7406, 25830, 32630}
EPSG_TEXT = re.compile(
    rf"EPSG:{{1,2}}\s*\d|(?<!\d)({'|'.join(map(str, EPSG_NUMBERS))})(?!\d)", re.I
)


def epsg_numbers_stay_in_crs(module: Module) -> Iterator[str]:
    """Only geodata/crs.py knows a reference system by number."""
    if module.is_in("geodata/crs.py"):
        return
    prose = {id(node) for node in _docstrings(module)}
    for node in module.walk(ast.Constant):
        text = node.value
        if isinstance(text, str) and id(node) in prose:
            lines = [line.strip() for line in text.splitlines()]
            text = "\n".join(line for line in lines if line.startswith((">>>", "... ")))
        is_number = isinstance(text, int) and text in EPSG_NUMBERS
        if is_number or (isinstance(text, str) and EPSG_TEXT.search(text)):
            yield _at(node, f"writes {text!r}; take it from geodata.crs")


def _docstrings(module: Module) -> Iterator[ast.Constant]:
    """Docstrings and the texts that explain a constant: text that stands alone."""
    for node in module.walk(ast.Expr):
        if _is_text(node.value):
            yield node.value


READERS = re.compile(
    r"(^|\.)(open|read_text|read_bytes|read_[a-z_]+|iterdir|glob|rglob|scandir|listdir|ZipFile"
    r"|TarFile|genfromtxt|loadtxt|fromfile)$|^(os\.walk|sqlite3\.connect|json\.load|numpy\.load"
    r"|pickle\.load|tomllib\.load|pyarrow\.dataset\.dataset|pyarrow\.parquet\.ParquetFile)$"
)


def files_are_read_in_geodata(module: Module) -> Iterator[str]:
    """Whoever wants what a file holds asks geodata for it."""
    if module.is_in("geodata"):
        return
    for node, name in _calls(module):
        ours = _is_within(name, "geodata", "analysis", "pages")
        nothing = any(_dotted(a) == "os.devnull" for a in node.args)
        if READERS.search(name) and not ours and not nothing:
            yield _at(node, f"calls {name}")


WRITERS = re.compile(
    r"\.(write_text|write_bytes|to_file|to_parquet|to_feather|to_excel|to_pickle|mkdir|unlink"
    r"|rmdir|touch|savetxt)$|^(shutil|tempfile)\.|^os\.(replace|remove|makedirs)$"
)


def files_are_written_in_two_places(module: Module) -> Iterator[str]:
    """geodata writes the workspace; analysis/report/tables.py writes what a person asked for."""
    if module.is_in("geodata", "analysis/report/tables.py"):
        return
    for node, name in _calls(module):
        ours = _is_within(name, "geodata", "analysis", "pages")
        to_disc = name.endswith(".to_csv") and node.args
        if (WRITERS.search(name) or to_disc) and not ours:
            yield _at(node, f"calls {name}")


NETWORK = (
    *("requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "socket"),
    *("ftplib", "smtplib", "webbrowser"),
)


MAIL = ("geodata/mail.py", "analysis/jobs/alert_mail.py")
"""What sends e-mail, and what tells its faults apart."""


def nothing_calls_out(module: Module) -> Iterator[str]:
    """Works with no internet at all: one module speaks to the network, when a person asks.

    Another one hands e-mail to a server, where an operator has set that up.
    """
    if module.is_in("geodata/fetch/http.py"):
        return
    for node, name in _imports(module):
        is_mail = module.is_in(*MAIL) and name.split(".")[0] == "smtplib"
        if _is_within(name, *NETWORK) and not is_mail:
            yield _at(node, f"imports {name}")


ESCAPERS = (
    *("html.escape", "markupsafe", "xml.sax.saxutils", "jinja2.filters", "jinja2.utils"),
    *("urllib.parse.quote", "urllib.parse.quote_plus"),
)


def escaping_has_one_home(module: Module) -> Iterator[str]:
    """Text becomes safe for a page in analysis/report/escaping.py and nowhere else."""
    if module.is_in("analysis/report/escaping.py"):
        return
    for node, name in _imports(module):
        if _is_within(name, *ESCAPERS):
            yield _at(node, f"imports {name}")
    for node, name in _calls(module):
        if _is_within(name, *ESCAPERS):
            yield _at(node, f"calls {name}")


def audiences_are_told_apart_in_one_place(module: Module) -> Iterator[str]:
    """What an audience may see is decided in analysis/disclosure."""
    if module.is_in("analysis/disclosure"):
        return
    for node in module.walk(ast.Compare, ast.MatchValue):
        sides = [node.value] if isinstance(node, ast.MatchValue) else [node.left, *node.comparators]
        if any(_is_text(side) and side.value in {"public", "internal"} for side in sides):
            yield _at(node, "compares an audience; ask analysis.disclosure")


UNGUARDED = (
    *("analysis.jobs.exports.table_file", "analysis.jobs.maps.map_file"),
    *("analysis.jobs.maps.map_picture", "analysis.jobs.maps.public_ward_map"),
    *("analysis.jobs.public_numbers", "analysis.disclosure.protect"),
    *("analysis.disclosure.linked", "analysis.disclosure.solving"),
)
"""What makes a file or a number before it was looked through and registered."""


def files_leave_by_one_door(module: Module) -> Iterator[str]:
    """Pages and commands hand out what analysis/jobs/handing_out.py or a pack has passed."""
    if not module.is_in("pages", *COMMAND_LINE):
        return
    for node, name in (*_imports(module), *_calls(module)):
        if _is_within(name, *UNGUARDED):
            yield _at(node, f"takes {name}; ask analysis.jobs.handing_out")


TOLD = re.compile(r"(^|\.)_?(log|logger|operating|logging)\.(debug|info|warning|error|exception)$")


def logs_say_what_and_never_for_whom(module: Module) -> Iterator[str]:
    """A line of the log is a fixed sentence, written by the server: no row, name or file."""
    for node, name in _calls(module):
        if not TOLD.search(name):
            continue
        if not module.is_in("pages/server", "pages/phone", *MAIL):
            yield _at(node, "writes to the log; give a result or raise")
        elif not (node.args and _is_text(node.args[0])):
            yield _at(node, "logs a sentence that is not fixed")


def library_code_neither_prints_nor_asserts(module: Module) -> Iterator[str]:
    """A message goes through an error, a result or a logger; a check raises."""
    for node in module.walk(ast.Assert):
        yield _at(node, "asserts")
    for node, name in _calls(module):
        if name in {"print", "pprint.pprint", "breakpoint"}:
            yield _at(node, f"calls {name}")


def nothing_is_swallowed(module: Module) -> Iterator[str]:
    """A fault of ours keeps its traceback: whoever catches everything raises it again."""
    for node in module.walk(ast.ExceptHandler):
        kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        broad = any(k is None or _dotted(k) in {"Exception", "BaseException"} for k in kinds)
        if broad and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node)):
            yield _at(node, "catches everything and goes on")
    for node, name in _calls(module):
        if name == "contextlib.suppress" and any(_dotted(a) == "Exception" for a in node.args):
            yield _at(node, "suppresses everything")


CLOCKS = re.compile(
    r"(^|\.)(now|utcnow|today)$|^time\.(time|time_ns|localtime|gmtime|ctime|strftime)$"
)


FRONT_CLOCK = "pages.server.clock.now"
"""The one clock of the front end: where a person presses a button, that is now."""


def the_clock_is_a_parameter(module: Module) -> Iterator[str]:
    """The same data give the same answer on any day: dates come in as arguments."""
    for node, name in _calls(module):
        word = name == "numpy.datetime64" and [a for a in node.args if _is_text(a)]
        if name == FRONT_CLOCK and module.is_in("pages"):
            continue
        if CLOCKS.search(name) or (word and word[0].value in {"now", "today"}):
            yield _at(node, f"calls {name}")


def chance_has_a_seed(module: Module) -> Iterator[str]:
    """Random numbers come from a generator made with a seed that was passed in."""
    for node, name in _calls(module):
        unseeded = name in {"numpy.random.default_rng", "random.Random"} and not node.args
        shared = re.match(r"(numpy\.random\.[a-z_]+|random\.[a-z]+)$", name)
        if unseeded or (shared and name != "numpy.random.default_rng"):
            yield _at(node, f"calls {name} without a seed")


@functools.cache
def _taken_names() -> frozenset[str]:
    libraries = importlib.metadata.packages_distributions()
    return frozenset({*sys.stdlib_module_names, *dir(builtins), *libraries, *ROOMS})


def pages_shadow_nothing(module: Module) -> Iterator[str]:
    """Streamlit puts a page's folder on the path: a page named like a library would hide it."""
    if not module.is_in("pages") or module.path.endswith("__init__.py"):
        return
    for part in module.path.removesuffix(".py").split("/")[1:]:
        if part in _taken_names():
            yield f"line 1: {part} is the name of a library"


LONGEST = 80


def pages_are_short(module: Module) -> Iterator[str]:
    """A page reads like a table of contents: no function, and no script, over 80 lines."""
    if not module.is_in("pages", "app.py"):
        return
    parts = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in module.walk(*parts[:2]):
        if _lines(node) > LONGEST:
            yield _at(node, f"{node.name} is {_lines(node)} lines long")
    script = sum(_lines(node) for node in module.tree.body if not isinstance(node, parts))
    if script > LONGEST:
        yield f"line 1: the script outside functions is {script} lines long"


def _lines(node: ast.AST) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def public_functions_are_documented(module: Module) -> Iterator[str]:
    """Every public function, class and method of analysis and geodata says what it is for."""
    if not module.is_in("analysis", "geodata"):
        return
    if not ast.get_docstring(module.tree):
        yield "line 1: the module has no docstring"
    yield from _undocumented(module.tree)


def _undocumented(parent: ast.AST) -> Iterator[str]:
    for node in getattr(parent, "body", []):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or any("overload" in _dotted(d) for d in node.decorator_list):
            continue
        if not ast.get_docstring(node):
            yield _at(node, f"{node.name} has no docstring")
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(node)


RULES: tuple[Rule, ...] = (
    rooms_import_downwards,
    analysis_imports_downwards,
    front_ends_call_jobs,
    streamlit_stays_in_pages,
    epsg_numbers_stay_in_crs,
    files_are_read_in_geodata,
    files_are_written_in_two_places,
    nothing_calls_out,
    escaping_has_one_home,
    audiences_are_told_apart_in_one_place,
    files_leave_by_one_door,
    logs_say_what_and_never_for_whom,
    library_code_neither_prints_nor_asserts,
    nothing_is_swallowed,
    the_clock_is_a_parameter,
    chance_has_a_seed,
    pages_shadow_nothing,
    pages_are_short,
    public_functions_are_documented,
)

EXCEPTIONS: dict[tuple[Rule, str], str] = {
    (the_clock_is_a_parameter, "geodata/durable.py"): "a retired file is kept for some seconds",
    (the_clock_is_a_parameter, "analysis/jobs/demo.py"): "clears away what was left an hour ago",
    (the_clock_is_a_parameter, "analysis/commands/words.py"): "tells a job when it was asked for",
    (the_clock_is_a_parameter, "pages/server/clock.py"): "pages and routes ask it for the time",
    (files_are_read_in_geodata, "analysis/jobs/demo.py"): "looks whether a folder is free",
    (files_are_read_in_geodata, "analysis/disclosure/scanning.py"): "opens packed bytes, no file",
    (files_are_read_in_geodata, "pages/server/promptly.py"): "lists sockets, which are no data",
    (files_are_written_in_two_places, "analysis/jobs/demo.py"): "moves a whole demo into place",
    (nothing_calls_out, "pages/server/promptly.py"): "sets a switch on the socket that listens",
    (files_are_written_in_two_places, "pages/components/uploads.py"): "uploads, for a moment",
}
"""Where a rule does not hold, and why: a module each, no folders."""

LONG_PAGE = "def main():\n" + "    x = 1\n" * 80
LONG_SCRIPT = "x = 1\n" * 81

BROKEN: tuple[tuple[Rule, str, str], ...] = (
    (rooms_import_downwards, "geodata/wards.py", "import analysis.score"),
    (rooms_import_downwards, "geodata/wards.py", "def f():\n    from analysis import score"),
    (rooms_import_downwards, "analysis/score.py", "from pages.explore import hotspots"),
    (rooms_import_downwards, "pages/router.py", "import app"),
    (rooms_import_downwards, "analysis/score.py", "from ..pages import router"),
    (rooms_import_downwards, "geodata/wards.py", "import_module('analysis.score')"),
    (rooms_import_downwards, "analysis/score.py", "from tests import helpers"),
    (analysis_imports_downwards, "analysis/score.py", "from analysis.jobs import score"),
    (analysis_imports_downwards, "analysis/score.py", "from analysis import report"),
    (analysis_imports_downwards, "analysis/score.py", "from .report import maps"),
    (analysis_imports_downwards, "analysis/score.py", "from geodata.workspace import Workspace"),
    (analysis_imports_downwards, "analysis/score.py", "from geodata import store"),
    (analysis_imports_downwards, "analysis/report/maps.py", "import analysis.jobs.maps"),
    (analysis_imports_downwards, "analysis/jobs/maps.py", "from analysis.cli import main"),
    (front_ends_call_jobs, "pages/explore/hotspots.py", "from geodata.store import commit"),
    (front_ends_call_jobs, "analysis/cli.py", "from geodata import store"),
    (front_ends_call_jobs, "analysis/commands/data.py", "from geodata.store import commit"),
    (front_ends_call_jobs, "pages/router.py", "from analysis.commands import data"),
    (analysis_imports_downwards, "analysis/commands/data.py", "from analysis.cli import main"),
    (analysis_imports_downwards, "analysis/jobs/a.py", "from analysis.commands import words"),
    (front_ends_call_jobs, "pages/router.py", "import analysis.cli"),
    (streamlit_stays_in_pages, "analysis/jobs/score.py", "import streamlit as st"),
    (streamlit_stays_in_pages, "geodata/wards.py", "from streamlit_folium import st_folium"),
    (epsg_numbers_stay_in_crs, "geodata/wards.py", "crs = 'EPSG:27700'"),
    (epsg_numbers_stay_in_crs, "analysis/score.py", "frame.to_crs(4326)"),
    (epsg_numbers_stay_in_crs, "pages/router.py", "crs = 'epsg:2154'"),
    (epsg_numbers_stay_in_crs, "analysis/score.py", "url = f'urn:ogc:def:crs:EPSG::{27700}'"),
    (epsg_numbers_stay_in_crs, "geodata/a.py", '"""Doc.\n\n>>> f(crs="EPSG:27700")\n"""'),
    (files_are_read_in_geodata, "analysis/score.py", "open('a.csv')"),
    (files_are_read_in_geodata, "analysis/cli.py", "Path('a.csv').read_text()"),
    (files_are_read_in_geodata, "pages/router.py", "import pandas as pd\npd.read_csv('a.csv')"),
    (files_are_read_in_geodata, "analysis/a.py", "from geopandas import read_file\nread_file(p)"),
    (files_are_read_in_geodata, "analysis/a.py", "Path('.').glob('*.csv')"),
    (files_are_read_in_geodata, "analysis/a.py", "import json\njson.load(handle)"),
    (files_are_written_in_two_places, "analysis/cli.py", "out.write_text(page)"),
    (files_are_written_in_two_places, "analysis/jobs/maps.py", "frame.to_csv(path)"),
    (files_are_written_in_two_places, "pages/router.py", "import shutil\nshutil.copy(a, b)"),
    (nothing_calls_out, "geodata/fetch.py", "import requests"),
    (nothing_calls_out, "geodata/mail.py", "import requests"),
    (nothing_calls_out, "pages/router.py", "import smtplib"),
    (nothing_calls_out, "analysis/a.py", "from urllib.request import urlopen"),
    (escaping_has_one_home, "analysis/report/maps.py", "import html\nhtml.escape(name)"),
    (escaping_has_one_home, "pages/router.py", "from html import escape"),
    (escaping_has_one_home, "pages/router.py", "from markupsafe import Markup"),
    (audiences_are_told_apart_in_one_place, "pages/router.py", "if audience == 'public': pass"),
    (audiences_are_told_apart_in_one_place, "analysis/a.py", "x = 'internal' != audience"),
    (files_leave_by_one_door, "pages/a.py", "from analysis.jobs.maps import map_file"),
    (files_leave_by_one_door, "analysis/commands/a.py", "from analysis.disclosure import protect"),
    (
        files_leave_by_one_door,
        "pages/a.py",
        "import analysis.jobs.public_numbers as p\np.guarded()",
    ),
    (logs_say_what_and_never_for_whom, "analysis/a.py", "_log.info('done')"),
    (logs_say_what_and_never_for_whom, "pages/server/a.py", "_log.info(f'read {path}')"),
    (library_code_neither_prints_nor_asserts, "geodata/wards.py", "print('done')"),
    (library_code_neither_prints_nor_asserts, "analysis/score.py", "assert x > 0"),
    (nothing_is_swallowed, "geodata/a.py", "try:\n    f()\nexcept Exception:\n    pass"),
    (nothing_is_swallowed, "pages/a.py", "try:\n    f()\nexcept:\n    x = 1"),
    (
        nothing_is_swallowed,
        "pages/a.py",
        "try:\n    f()\nexcept (ValueError, Exception):\n    pass",
    ),
    (nothing_is_swallowed, "geodata/a.py", "import contextlib\ncontextlib.suppress(Exception)"),
    (the_clock_is_a_parameter, "analysis/score.py", "from datetime import date\ndate.today()"),
    (the_clock_is_a_parameter, "geodata/demo.py", "import datetime as d\nd.datetime.now(tz)"),
    (the_clock_is_a_parameter, "geodata/demo.py", "import time\ntime.time()"),
    (the_clock_is_a_parameter, "pages/router.py", "import pandas as pd\npd.Timestamp.today()"),
    (the_clock_is_a_parameter, "geodata/a.py", "import numpy as np\nnp.datetime64('now')"),
    (chance_has_a_seed, "geodata/demo.py", "import numpy as np\nnp.random.default_rng()"),
    (chance_has_a_seed, "geodata/demo.py", "import numpy as np\nnp.random.normal(0, 1)"),
    (chance_has_a_seed, "geodata/demo.py", "import random\nrandom.choice(xs)"),
    (pages_shadow_nothing, "pages/explore/calendar.py", ""),
    (pages_shadow_nothing, "pages/folium/wards.py", ""),
    (pages_shadow_nothing, "pages/explore/analysis.py", ""),
    (pages_are_short, "pages/explore/hotspots.py", LONG_PAGE),
    (pages_are_short, "pages/explore/hotspots.py", LONG_SCRIPT),
    (public_functions_are_documented, "geodata/a.py", '"""Doc."""\ndef f():\n    pass'),
    (public_functions_are_documented, "geodata/a.py", "x = 1"),
    (
        public_functions_are_documented,
        "analysis/a.py",
        '"""Doc."""\nclass A:\n    """Doc."""\n    def f(self):\n        pass',
    ),
)

KEPT: tuple[tuple[Rule, str, str], ...] = (
    (rooms_import_downwards, "analysis/score.py", "from geodata import months\nimport numpy"),
    (rooms_import_downwards, "pages/router.py", "from analysis.jobs.score import score"),
    (analysis_imports_downwards, "analysis/jobs/maps.py", "from analysis.report import maps"),
    (analysis_imports_downwards, "analysis/jobs/a.py", "from geodata.workspace import Workspace"),
    (analysis_imports_downwards, "analysis/score.py", "from analysis.reporting_gaps import f"),
    (front_ends_call_jobs, "pages/router.py", "from geodata.months import label"),
    (streamlit_stays_in_pages, "pages/router.py", "import streamlit as st"),
    (epsg_numbers_stay_in_crs, "geodata/crs.py", "BNG = 'EPSG:27700'"),
    (epsg_numbers_stay_in_crs, "geodata/a.py", '"""Everything is in BNG (EPSG:27700)."""'),
    (epsg_numbers_stay_in_crs, "geodata/a.py", "easting = 527700.0\ncount = 14326"),
    (files_are_read_in_geodata, "geodata/wards.py", "open('a.csv')"),
    (
        files_are_read_in_geodata,
        "analysis/jobs/a.py",
        "from geodata.store import read_incidents\nfrom geodata.workspace import Workspace\n"
        "Workspace.open(path)\nread_incidents(w)",
    ),
    (files_are_read_in_geodata, "analysis/cli.py", "import os\nos.open(os.devnull, 1)"),
    (files_are_written_in_two_places, "analysis/report/tables.py", "frame.to_parquet(path)"),
    (files_are_written_in_two_places, "pages/router.py", "text = frame.to_csv(index=False)"),
    (nothing_calls_out, "geodata/a.py", "from urllib.parse import urlsplit"),
    (nothing_calls_out, "geodata/fetch/http.py", "import urllib3"),
    (escaping_has_one_home, "analysis/report/escaping.py", "import html\nhtml.escape(name)"),
    (escaping_has_one_home, "analysis/a.py", "import re\nre.escape(name)"),
    (audiences_are_told_apart_in_one_place, "analysis/disclosure/gate.py", "audience == 'public'"),
    (audiences_are_told_apart_in_one_place, "pages/router.py", "prepare(frame, 'public')"),
    (files_leave_by_one_door, "pages/a.py", "from analysis.jobs.handing_out import map_for"),
    (files_leave_by_one_door, "analysis/jobs/a.py", "from analysis.jobs.maps import map_file"),
    (logs_say_what_and_never_for_whom, "pages/server/a.py", "_log.info('%s %s', route, status)"),
    (library_code_neither_prints_nor_asserts, "geodata/a.py", '"""\n>>> print(1)\n1\n"""'),
    (nothing_is_swallowed, "geodata/a.py", "try:\n    f()\nexcept OSError:\n    pass"),
    (nothing_is_swallowed, "geodata/a.py", "try:\n    f()\nexcept Exception:\n    g()\n    raise"),
    (the_clock_is_a_parameter, "geodata/a.py", "import time\ntime.perf_counter()"),
    (
        chance_has_a_seed,
        "geodata/a.py",
        "import numpy as np\nr = np.random.default_rng(seed)\nr.normal()",
    ),
    (pages_shadow_nothing, "pages/explore/hotspots.py", ""),
    (pages_are_short, "pages/explore/hotspots.py", LONG_PAGE.replace("    x = 1\n", "", 1)),
    (pages_are_short, "analysis/score.py", LONG_PAGE),
    (public_functions_are_documented, "geodata/a.py", '"""Doc."""\ndef _f():\n    pass'),
)


def _modules() -> list[Module]:
    files = [
        ROOT / "app.py",
        *(f for room in ROOMS[:3] for f in sorted(ROOT.glob(f"{room}/**/*.py"))),
    ]
    return [Module.parse(f.relative_to(ROOT).as_posix(), f.read_text("utf-8")) for f in files]


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    return _modules()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_house_keeps_the_rule(rule: Rule, modules: list[Module]) -> None:
    held = [m for m in modules if (rule, m.path) not in EXCEPTIONS]
    faults = [f"{m.path}, {fault}" for m in held for fault in rule(m)]
    assert not faults, f"{rule.__doc__}\n" + "\n".join(faults)


@pytest.mark.parametrize(("rule", "path"), EXCEPTIONS)
def test_an_exception_is_still_needed(rule: Rule, path: str, modules: list[Module]) -> None:
    (module,) = (m for m in modules if m.path == path)
    assert list(rule(module)), f"{path} keeps the rule by now: take it off the list"


@pytest.mark.parametrize(("rule", "path", "source"), BROKEN)
def test_a_rule_sees_what_breaks_it(rule: Rule, path: str, source: str) -> None:
    assert list(rule(Module.parse(path, source)))


@pytest.mark.parametrize(("rule", "path", "source"), KEPT)
def test_a_rule_lets_pass_what_keeps_it(rule: Rule, path: str, source: str) -> None:
    assert list(rule(Module.parse(path, source))) == []


def test_every_rule_is_tried_both_ways() -> None:
    assert {r for r, *_ in BROKEN} == {r for r, *_ in KEPT} == set(RULES)


def test_the_whole_house_is_walked(modules: list[Module]) -> None:
    seen = {m.path for m in modules}
    assert {"app.py", "analysis/cli.py", "geodata/crs.py", "pages/router.py"} <= seen
