"""The app in a real browser: a filter changed, a cold start, fifty visitors; beside st_folium.

The peer is what a user would write first: a script that counts rows by hexagon and rebuilds a
folium map when the filter changes. It gets our own copy of Leaflet, or offline it would draw
nothing. Memory is that of the server with its children, at the end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from benchmarks.measure import ROOT, Taken, Work

FLAGS = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
CHANGES = 5
CLIENTS, CLICKS, EVERY_S, MOST_S = 50, 6, 10.0, 60.0
AREAS = ".leaflet-overlay-pane path.leaflet-interactive"
PEER = """
import folium, geopandas as gpd, pandas as pd, streamlit as st
from streamlit_folium import st_folium
from geodata.crs import BNG
from geodata.hexagons import hexagon_codes, hexagon_polygons

@st.cache_data
def rows():
    return pd.read_parquet({data!r})

side = st.selectbox("Size of hexagon", [200, 350])
found = rows()
code, q, r = hexagon_codes(found["easting"].to_numpy(), found["northing"].to_numpy(), side)
cells = gpd.GeoDataFrame({{"n": pd.Series(code).value_counts().sort_index().to_numpy()}},
                         geometry=hexagon_polygons(q, r, side), crs=BNG).to_crs(4326)
west, south, east, north = cells.total_bounds
shown = folium.Map(location=[(south + north) / 2, (west + east) / 2], zoom_start=12, tiles=None)
shown.default_js = [("leaflet", "../../app/static/leaflet.js")]
shown.default_css = [("leaflet_css", "../../app/static/leaflet.css")]
most = cells["n"].max()
folium.GeoJson(cells, style_function=lambda f: {{"weight": 1, "fillOpacity": .7,
    "fillColor": "#800026" if f["properties"]["n"] > most / 4 else "#fed976"}}).add_to(shown)
st_folium(shown, returned_objects=[], height=500)
"""


def write(folder: Path, rows: int) -> None:
    """Store reports in a workspace, and the same points for the peer."""
    from analysis.jobs.imports import import_files
    from benchmarks.import_police_uk import made_up_wards, write_months
    from geodata.store import read_incidents
    from geodata.workspace import Workspace

    with tempfile.TemporaryDirectory() as inner:
        paths = write_months(Path(inner), rows, 12, min(30_000, rows), 1)
        place = Workspace.create(
            folder / "workspace", kind="real", wards=made_up_wards(), ward_info={}
        )
        import_files(place, paths)
    found = read_incidents(
        place.reopen(), columns=["easting", "northing", "ward_match", "category"]
    )
    inside = found["ward_match"].eq("inside") & found["category"].eq("police_uk_unspecified")
    if not inside.any():
        inside = found["ward_match"].eq("inside")
    found.loc[inside, ["easting", "northing"]].to_parquet(folder / "points.parquet")
    _write_peer(folder)


def write_demo(folder: Path) -> None:
    """Make the demo, and a hello-world with a map for the peer."""
    from analysis.jobs.demo import make_demo

    make_demo(folder / "workspace")
    chance = np.random.default_rng(1)
    few = pd.DataFrame({"easting": chance.uniform(5e5, 5.1e5, 300),
                        "northing": chance.uniform(1e5, 1.1e5, 300)})  # fmt: skip
    few.to_parquet(folder / "points.parquet")
    _write_peer(folder)


def _write_peer(folder: Path) -> None:
    from xstatic.pkg import leaflet

    shutil.copytree(leaflet.BASE_DIR, folder / "static")
    script = PEER.format(data=str(folder / "points.parquet"))
    (folder / "peer.py").write_text(script, encoding="utf-8")


@contextlib.contextmanager
def _served(folder: Path, script: Path) -> Iterator[tuple[str, Any]]:
    """Start a server on a free port; give its address and its process."""
    import psutil

    from tests.serving import free_port

    port = free_port()
    words = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    words += ["--server.headless=true", "--server.enableStaticServing=true"]
    words += ["--browser.gatherUsageStats=false", "--server.address=127.0.0.1"]
    told = {**os.environ, "SAFER_WALKS_WORKSPACE": str(folder / "workspace")}
    told["PYTHONPATH"] = str(ROOT)
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(words, cwd=folder, env=told, stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{port}", psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(timeout=20)


@contextlib.contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        yield browser.new_page(viewport={"width": 1280, "height": 900})
        browser.close()


def _held_mb(server: Any) -> float:  # noqa: ANN401 - a process of psutil
    family = [server, *server.children(recursive=True)]
    return sum(each.memory_info().rss for each in family) / 2**20


def _opened(page: Any, address: str) -> None:  # noqa: ANN401 - a page of playwright
    """Go to a page as soon as something listens there.

    The browser is kept out of the waiting: each page that it fails to open costs a tenth of a
    second of both processors, and so would hold back the start that is measured.
    """
    where = urlsplit(address)
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            socket.create_connection((where.hostname, where.port), 1).close()
            break
        time.sleep(0.01)
    page.goto(address, wait_until="commit")


def _areas(page: Any) -> int:  # noqa: ANN401 - a page of playwright
    from playwright.sync_api import Error

    for frame in page.frames:
        with contextlib.suppress(Error):  # a frame that is being replaced
            if count := frame.locator(AREAS).count():
                return int(count)
    return 0


def _until(page: Any, good: Any, most_s: float = 120) -> None:  # noqa: ANN401
    until = time.monotonic() + most_s
    while not good(_areas(page)):
        if time.monotonic() > until:
            raise TimeoutError("the map did not come")
        page.wait_for_timeout(15)


def _quiet(page: Any) -> None:  # noqa: ANN401 - a page of playwright
    """Wait until the script has not run for a second."""
    state = "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState"
    still = 0
    while still < 10:
        still = still + 1 if page.evaluate(state) == "notRunning" else 0
        page.wait_for_timeout(100)


def _changed(folder: Path, script: Path, path: str) -> tuple[str, float, float]:
    """Change the size of hexagon there and back; the median of the redraws."""
    with _served(folder, script) as (address, server), _browser() as page:
        _opened(page, f"{address}{path}")
        _until(page, lambda n: n > 0)
        _quiet(page)  # until whatever comes after the map has come
        taken = []
        for number in range(CHANGES + 1):
            before = _areas(page)
            page.get_by_role("combobox", name="Size of hexagon").click()
            option = page.get_by_role("option").nth((number + 1) % 2)
            option.wait_for()
            start = time.perf_counter()
            option.click()
            _until(page, lambda n, before=before: n not in (0, before))
            taken.append(time.perf_counter() - start)
            _quiet(page)
        return f"first {taken[0]:.2f} s", float(np.median(taken[1:])), _held_mb(server)


def ours_filter(folder: Path) -> tuple[str, float, float]:
    """Change the filter on the Hotspots page."""
    return _changed(folder, ROOT / "app.py", "/hotspots?side=350")


def peer_filter(folder: Path) -> tuple[str, float, float]:
    """Change it in a plain script."""
    return _changed(folder, folder / "peer.py", "/")


def ours_cold(folder: Path) -> tuple[str, float, float]:
    """From starting the server to the first map."""
    return _cold(folder, ROOT / "app.py", "/hotspots")


def peer_cold(folder: Path) -> tuple[str, float, float]:
    """Start hello-world in the same way."""
    return _cold(folder, folder / "peer.py", "/")


def _cold(folder: Path, script: Path, path: str) -> tuple[str, float, float]:
    with _browser() as page:
        start = time.perf_counter()
        with _served(folder, script) as (address, server):
            _opened(page, f"{address}{path}")
            _until(page, lambda n: n > 0)
            return "drawn", time.perf_counter() - start, _held_mb(server)


def ours_visitors(folder: Path) -> tuple[str, float, float]:
    """Fifty web sockets, each with a click every ten seconds, for a minute."""
    with _served(folder, ROOT / "app.py") as (address, server):
        with _browser() as page:
            _opened(page, f"{address}/hotspots")
            _until(page, lambda n: n > 0)
            _quiet(page)
        opened: list[float] = []
        clicked: list[float] = []
        before = sum(server.cpu_times()[:2])
        told = asyncio.run(_visits(address.replace("http", "ws"), opened, clicked))
        used = sum(server.cpu_times()[:2]) - before
        faults = sum(isinstance(each, BaseException) for each in told)
        words = (
            f"{len(clicked)} clicks, {faults} faults, first look {np.percentile(opened, 95):.2f} s,"
            f" {1000 * used / (len(clicked) + len(opened)):.0f} ms of processor a run"
        )
        return words, float(np.percentile(clicked, 95)), _held_mb(server)


async def _visits(address: str, opened: list[float], clicked: list[float]) -> list[Any]:
    visits = (_visit(address, number, opened, clicked) for number in range(CLIENTS))
    return await asyncio.gather(*visits, return_exceptions=True)


async def _visit(address: str, number: int, opened: list[float], clicked: list[float]) -> None:
    """Open the page and change a filter six times, as Streamlit's own front end would."""
    import websockets

    await asyncio.sleep(number * EVERY_S / CLIENTS)
    where = f"{address}/_stcore/stream"
    async with websockets.connect(
        where, subprotocols=["streamlit"], max_size=None, open_timeout=60
    ) as socket:
        opened.append(await _ran(socket, ""))
        for click in range(CLICKS):
            await asyncio.sleep(EVERY_S)
            clicked.append(await _ran(socket, f"side={(100, 200, 350)[(click + number) % 3]}"))


async def _ran(socket: Any, query: str) -> float:  # noqa: ANN401 - a web socket
    """Ask for a run of the page, take all that comes, and give the seconds until it has finished.

    A run that ends because the page wants another (its hot spots are worked out, say) is not the
    end: what counts is the one after which nothing more comes.
    """
    from streamlit.proto.BackMsg_pb2 import BackMsg  # noqa: TID251
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg  # noqa: TID251

    ask = BackMsg()
    ask.rerun_script.query_string = query
    ask.rerun_script.page_name = "hotspots"
    start = time.perf_counter()
    await socket.send(ask.SerializeToString())
    while True:
        heard = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), MOST_S))
        kind = heard.WhichOneof("type")
        if kind == "script_finished" and heard.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
            return time.perf_counter() - start
        wrong = kind == "session_event" or (
            kind == "delta" and heard.delta.new_element.WhichOneof("type") == "exception"
        )
        if wrong:
            raise RuntimeError(str(heard)[:400])


def works(quick: bool) -> list[Work]:
    """List the lines of the table."""
    peer = "a plain st_folium rebuild"

    def redrawn(taken: Taken, _peers: dict[str, Taken]) -> bool:
        return taken.seconds <= 0.5

    def started(taken: Taken, _peers: dict[str, Taken]) -> bool:
        return taken.seconds <= 3.0 and taken.memory_mb <= 400

    def served(taken: Taken, _peers: dict[str, Taken]) -> bool:
        good = taken.seconds <= 1.0 and taken.memory_mb <= 1536
        return good and " 0 faults" in taken.answer

    sizes = (100_000, 1_000_000) if not quick else (100_000,)
    return [
        Work("filter", "a filter changed -> map redrawn", "ours_filter", {peer: "peer_filter"},
             {f"{n:,} reports": {"rows": n} for n in sizes},
             "<= 0.5 s, and no slower with ten times the reports", redrawn, "write", same=False),
        Work("cold", "cold start to the first map", "ours_cold",
             {"st_folium hello-world": "peer_cold"}, {"demo": {}}, "<= 3 s, 400 MB", started,
             "write_demo", same=False),
        Work("visitors", "50 visitors, a click each 10 s: p95", "ours_visitors", {}, {"demo": {}},
             "<= 1 s, 1.5 GB, no fault", served, "write_demo"),
    ]  # fmt: skip
