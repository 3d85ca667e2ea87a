"""Open data, fetched: pick what, watch it come, stop it, go on; or bring the file by hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.jobs import background, fetch
from analysis.jobs.imports import import_files
from analysis.jobs.initialise import initialise
from geodata import months as m
from geodata.batches import Mode
from geodata.errors import FetchCancelledError, SaferWalksError
from geodata.forces import FORCES
from geodata.workspace import Workspace, default_path
from pages.components import frame, messages, tables, uploads
from pages.server import clock

Kind = str
FULL = "all"
EVERY_S = 0.7
LONDON_FORCES = ("metropolitan", "city-of-london", "btp")

KINDS: dict[Kind, str] = {
    "reports": "Police reports (data.police.uk)",
    "wards": "Ward boundaries (ONS)",
    "population": "Residents by ward (ONS)",
    "streets": "Streets, lamps, crossings, stations and parks (OpenStreetMap)",
    "gazetteer": "Postcodes and street names (Ordnance Survey)",
}
FILES: dict[Kind, tuple[str, list[str]]] = {
    "reports": ("Monthly files of police.uk, or a zip of them", ["csv", "gz", "zip"]),
    "wards": ("Ward boundaries", ["gpkg", "zip", "geojson", "json", "fgb", "parquet"]),
    "population": ("CSV of residents by ward or LSOA", ["csv", "gz"]),
    "streets": ("OpenStreetMap extract (.osm.pbf) or GeoJSON", ["pbf", "geojson", "json"]),
    "gazetteer": ("Code-Point Open, OS Open Names or OS Open UPRN, as the zip of CSV", ["zip"]),
}
ORIGINS = {
    "what": "What", "source": "From", "fetched_at": "Fetched or read", "licence": "Licence",
    "address": "Address or file", "attribution": "To be named as",
}  # fmt: skip
API = "In and round the wards (about a second a ward and month)"
ARCHIVE = "Whole forces, from the monthly archive (one file of 1.7 GB)"


def show_task() -> bool:
    """Show the fetch that runs or has just ended; True while one runs."""
    task = background.task_of(default_path())
    if task is None:
        return False
    if task.is_done:
        _outcome(task)
        return False
    _running()
    return True


def start_own() -> None:
    """From the demo: name a local authority, and have its wards and a year of reports."""
    st.header("Real data in two clicks", anchor=False)
    frame.say(
        [
            "Name a local authority of England or Wales. Its ward boundaries and the last 12 "
            "months of police reports are fetched into a workspace of your own; the demo stays "
            "as it is."
        ]
    )
    name, go = st.columns([3, 2], vertical_alignment="bottom")
    authority = name.text_input("Local authority", placeholder="Tower Hamlets, or E09000030")
    # Never greyed out: a press right after typing must count.
    if go.button("Fetch wards and 12 months of reports", type="primary"):
        job = partial(fetch.fetch_latest, default_path(), authority=authority, at=_now())
        _start(f"Wards and reports of {authority}", job if authority.strip() else NAME_FIRST, FULL)
    with st.expander("No way out to the internet? Bring the ward boundaries by hand"):
        frame.say([f"To begin, {fetch.by_hand('wards')}, or drop the file here."])
        _drop_in("wards")


def show(workspace: Workspace) -> None:
    """Offer what can be fetched, and say where what is here came from."""
    st.header("Fetch", anchor=False)
    kind = st.selectbox("What to fetch", list(KINDS), format_func=KINDS.__getitem__)
    if kind is not None:
        job = _ASK[kind](workspace)
        if st.button("Fetch", type="primary", key="fetch-go"):
            _start(KINDS[kind], job, kind)
        with st.expander("Or bring the file by hand"):
            frame.say(
                [f"Where this machine has no way out: {fetch.by_hand(kind)}, or drop it here."]
            )
            _drop_in(kind)
    origins(workspace)


def origins(workspace: Workspace) -> None:
    """List where everything came from, under which licence, and when."""
    known = fetch.origins_table(workspace)
    if known.empty:
        return
    st.header("Where it came from", anchor=False)
    known["fetched_at"] = known["fetched_at"].map(tables.day)
    tables.show(
        known, tables.known(known, ORIGINS), caption="Sources, their licences and dates", tall=True
    )


Job = Callable[..., object]
NAME_FIRST = "Name a local authority first"
"""Stands for a job that cannot be done yet: what is wanting, in words."""


def _ask_reports(workspace: Workspace) -> Job | str:
    now = clock.now().strftime("%Y-%m")
    listed = {month: m.label(month) for month in m.span(m.shift(now, -60), m.shift(now, -1))}
    names, left, right = list(listed), *st.columns(2)
    start = _pick(left, "From", listed, index=len(names) - 13)
    later = {month: words for month, words in listed.items() if month >= start}
    end = _pick(right, "To", later, index=min(len(later) - 1, 11))
    way = st.radio("Which", [API, ARCHIVE])
    replace = st.checkbox(
        "In place of files stored for the same months",
        help="Without this, months that files hold already are left as they are.",
    )
    mode: Mode = "replace" if replace else "correct"
    path = workspace.path
    if way == API:
        return partial(fetch.fetch_reports, path, start, end, mode=mode, at=_now())
    forces = st.multiselect(
        "Forces", list(FORCES), default=list(LONDON_FORCES), format_func=FORCES.__getitem__
    )
    if not forces:
        return "Choose a force first"
    return partial(fetch.fetch_archive, path, start, end, forces, mode=mode, at=_now())


def _pick(where: DeltaGenerator, label: str, options: dict[str, str], *, index: int) -> str:
    names = list(options)
    return where.selectbox(label, names, index=index, format_func=options.__getitem__) or names[0]


def _ask_wards(workspace: Workspace) -> Job | str:
    name, year = st.columns([2, 1])
    authority = name.text_input("Local authority", placeholder="Tower Hamlets, or E09000030")
    vintage = year.text_input("Year", placeholder="the newest").strip()
    frame.say(
        ["Stored reports are joined to the new wards; the boundaries of now stay to go back to."]
    )
    if not authority.strip():
        return NAME_FIRST
    return partial(fetch.fetch_wards, workspace.path, authority, vintage=vintage, at=_now())


def _ask_population(workspace: Workspace) -> Job:
    return partial(fetch.fetch_population, workspace.path, at=_now())


def _ask_streets(workspace: Workspace) -> Job:
    return partial(fetch.fetch_streets, workspace.path, at=_now())


def _ask_gazetteer(workspace: Workspace) -> Job:
    return partial(fetch.fetch_gazetteer, workspace.path, at=_now())


_ASK: dict[Kind, Callable[[Workspace], Job | str]] = {
    "reports": _ask_reports,
    "wards": _ask_wards,
    "population": _ask_population,
    "streets": _ask_streets,
    "gazetteer": _ask_gazetteer,
}


def _start(title: str, job: Job | str, kind: Kind) -> None:
    if isinstance(job, str):
        messages.box("attention", job)
        return
    _begin(title, lambda tell, stop: job(progress=tell, cancel=stop), kind)


def _begin(title: str, job: background.Job, kind: Kind) -> None:
    with messages.faults_in_a_box():
        background.start(default_path(), title, job, topic=kind)
    st.rerun()


@st.fragment(run_every=EVERY_S)
def _running() -> None:
    """Show how far it is, and let it be stopped; draws itself anew until it has ended."""
    task = background.task_of(default_path())
    if task is None or task.is_done:
        st.rerun()
        return
    st.header(task.title, anchor=False)
    st.progress(task.share, f"{task.doing}: {task.share:.0%}")
    frame.say(["You may leave this page; it goes on, and you find it here."])
    if st.button("Stopping…" if task.is_stopping else "Stop", disabled=task.is_stopping):
        task.stop()
        st.rerun(scope="fragment")


def _outcome(task: background.Task) -> None:
    """Say how it ended, until a person has read it."""
    again = ""
    try:
        report = task.result()
    except FetchCancelledError:
        messages.box("note", f"{task.title}: stopped", {"": _what_stays(task)})
        again = "Go on"
    except SaferWalksError as error:
        messages.fault(error, reassurance=_what_stays(task))
        again = "Try again"
    else:
        messages.box("done", report.message, {"": " ".join(report.notes)} if report.notes else None)
    with st.container(horizontal=True):
        if again and task.job and st.button(again, type="primary", key="fetch-again"):
            _begin(task.title, task.job, task.topic)
        if st.button("Close", key="fetch-close"):
            background.dismiss(default_path())
            st.rerun()
    if again == "Try again":
        _drop_in("wards" if task.topic == FULL else task.topic, key="fault")


def _what_stays(task: background.Task) -> str:
    """Say what a fetch that ended early left behind."""
    if task.topic == FULL and Workspace.exists(default_path()):
        return (
            "The wards are here; no report was stored. What had arrived is kept: started again, "
            "it goes on from there."
        )
    return (
        "Nothing has changed. What had arrived is kept: start it again and it goes on from there."
    )


def _drop_in(kind: Kind, key: str = "hand") -> None:
    """Take a file that was downloaded by hand."""
    label, endings = FILES[kind]
    file = st.file_uploader(label, type=endings, key=f"{key}-{kind}")
    lookup, year = None, None
    if kind == "population":
        beside, when = st.columns([2, 1])
        lookup = beside.file_uploader(
            "LSOAs to wards, where the file counts LSOAs", type=["csv"], key=f"{key}-lookup"
        )
        year = when.number_input(
            "Year, if the file does not say", 2001, 2049, None, key=f"{key}-year"
        )
    if not st.button("Read this file", key=f"{key}-{kind}-go", disabled=file is None):
        return
    given = [f for f in (file, lookup) if f is not None]
    with (
        messages.faults_in_a_box(),
        st.spinner("Reading the file"),
        uploads.on_disk(given) as paths,
    ):
        said = _read(kind, paths, year)
    background.dismiss(default_path())
    st.session_state[_SAID] = said
    st.rerun()


_SAID = "_fetch_said"


def show_result() -> None:
    """Say, once, what came of a file brought by hand."""
    said = st.session_state.pop(_SAID, "")
    if said:
        messages.box("done", said)


def _read(kind: Kind, paths: list[Path], year: float | None) -> str:
    path, at, file = default_path(), _now(), paths[0]
    if kind == "wards":
        return initialise(path, file, at=at).message
    if kind == "reports":
        return import_files(Workspace.open(path), [file], at=at).message
    if kind == "population":
        lookup = paths[1] if len(paths) > 1 else None
        when = int(year) if year else None
        return fetch.fetch_population(path, file=file, lookup=lookup, year=when, at=at).message
    if kind == "streets":
        return fetch.fetch_streets(path, file=file, at=at).message
    return fetch.fetch_gazetteer(path, file=file, at=at).message


def _now() -> str:
    return clock.now().isoformat(timespec="seconds")
