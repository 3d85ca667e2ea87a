"""Bring reports in: by upload or from a folder, with a progress bar; nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.jobs.imports import import_files
from analysis.jobs.mapping import recognise
from geodata import months as m
from geodata.batches import ImportReport, Mode
from geodata.council.rules import MEANINGS
from geodata.errors import SaferWalksError, StoreConflictError
from geodata.workspace import Workspace
from pages.components import kept, messages, tables, uploads
from pages.data import mapping
from pages.server.clock import stamp

_RESULT, _CONFLICT, _ROUND = "_import_result", "_import_conflict", "_import_round"
_FILES = "_import_files"
REJECTED = "data/rejected.py"

ENDINGS = [
    *("csv", "gz", "zip", "tsv", "tab", "txt", "xlsx", "xlsm", "xls", "ods"),
    *("geojson", "json", "gpkg", "fgb", "parquet", "geoparquet"),
]
UNMAPPED = {"value": "In the file", "rows": "Rows"}
FOUND = {"what": "Found", "rows": "Rows"}

NOTHING_LOST = "Nothing was stored and nothing that was stored before has changed."
BALANCE = {
    "rows_in": "Rows in the files",
    "inside": "Inside the wards: counted",
    "outside": "Outside the wards: kept, not counted",
    "no_location": "Without a location: kept, not counted",
    "merged": "Merged into another case: kept, not counted",
    "duplicates": "Repeats of another row: kept, not counted",
    "rejected": "Rejected: kept with the reason",
    "already_imported": "Imported before: not counted twice",
}
MODES: dict[Mode, str] = {
    "replace": "Replace: these files stand for the whole month",
    "add": "Add: these files cover another area, both count",
}


@dataclass(frozen=True)
class _Asked:
    """What a person must say before files come in, and the profile they are read with."""

    error: StoreConflictError
    profile: str | None


def show(workspace: Workspace) -> None:
    """Offer the ways to bring reports in."""
    st.html(
        '<p class="sw-text">Monthly files as downloaded from police.uk come in as they are. So '
        "does any table of a council or another source: CSV, Excel, OpenDocument, GeoJSON, "
        "GeoPackage, parquet, or a zip of them. Bringing in the same file twice changes nothing."
        "</p>"
    )
    turn = st.session_state.setdefault(_ROUND, 0)
    files = st.file_uploader(
        "Files of reports", type=ENDINGS, accept_multiple_files=True, key=f"reports-{turn}"
    )
    folder = _folder_box(turn)
    paths = kept.paths(files or [], key=_FILES)
    paths += [Path(folder).expanduser()] if folder else []
    conflict = st.session_state.get(_CONFLICT)
    if conflict is not None:
        _ask_what_is_meant(workspace, conflict, paths)
    elif paths:
        _offer(workspace, paths)


def _offer(workspace: Workspace, paths: Sequence[Path]) -> None:
    """Offer to bring the files in: police.uk at once, others once it is known how they are read."""
    try:
        kind = recognise(paths)
    except SaferWalksError as error:
        messages.fault(error, reassurance=NOTHING_LOST)
        return
    if kind == "police_uk":
        if st.button("Bring in reports", type="primary"):
            _bring_in(workspace, paths, "correct", None)
        return
    profile = mapping.show(workspace, paths, as_at=stamp()[:10])
    if profile is not None:
        _bring_in(workspace, paths, "correct", profile)


def show_result() -> None:
    """Show, once, what the last import did."""
    report: ImportReport | None = st.session_state.pop(_RESULT, None)
    if report is None:
        return
    messages.box("note" if report.unchanged else "done", report.message, _remarks(report))
    numbers = report.to_json()
    pairs = {words: f"{numbers[key]:,}" for key, words in BALANCE.items()}
    near = f"{report.near_boundary:,} of those inside the wards"
    tables.facts({**pairs, "Within 25 m of a ward boundary": near})
    _findings(report)
    if report.rejected:
        st.page_link(
            REJECTED, label="See the rejected rows, and how to correct them",
            icon=":material/arrow_forward:",
        )  # fmt: skip
    st.header("Bring in more", anchor=False)


def _sentences(report: ImportReport) -> list[str]:
    """Give what to know as sentences, without what the table of findings says row by row."""
    meanings = tuple(meaning for _, meaning in MEANINGS.values())
    kept = [f for f in report.flags if not (report.rules and f.endswith(meanings))]
    said = [f"{f[:1].upper()}{f[1:]}" for f in kept]
    return [f if f.endswith(".") else f"{f}." for f in said]


def _findings(report: ImportReport) -> None:
    """Show what was found in the rows of a council's file, rule by rule."""
    if report.unmapped:
        rows = pd.DataFrame([{"value": u.value, "rows": u.rows} for u in report.unmapped])
        with st.expander(f"Kinds that came in as not known: {len(rows)}"):
            tables.show(rows, UNMAPPED, caption="Kinds that nothing maps", tall=True)
    if report.rules:
        words = {rule.code: meaning for rule, (_, meaning) in MEANINGS.items()}
        found = [(c, n) for c, n in report.rules.items() if c in words]
        rows = pd.DataFrame([{"what": words[c], "rows": n} for c, n in found])
        with st.expander("What was found in the rows"):
            tables.show(rows, FOUND, caption="What was found in the rows", tall=True)
    if report.left_out:
        rows = pd.DataFrame([{"column": c.column, "reason": c.reason} for c in report.left_out])
        rows = rows.drop_duplicates()
        with st.expander(f"Columns that did not come in: {len(rows)}"):
            tables.show(rows, mapping.LEFT_OUT, caption="Columns left out", tall=True)


def _folder_box(turn: int) -> str:
    if not uploads.may_name_folders():
        return ""
    return st.text_input(
        "Or a folder or file on this computer",
        placeholder="for example a folder of months downloaded from police.uk",
        key=f"folder-{turn}",
    ).strip()


def _bring_in(workspace: Workspace, paths: Sequence[Path], mode: Mode, profile: str | None) -> None:
    bar = st.progress(0.0, "Reading the files")
    try:
        report = import_files(
            workspace,
            paths,
            profile=profile,
            mode=mode,
            progress=partial(_advance, bar),
            at=stamp(),
        )
    except StoreConflictError as error:
        st.session_state[_CONFLICT] = _Asked(error, profile)
        st.rerun()
    except SaferWalksError as error:
        messages.fault(error, reassurance=NOTHING_LOST)
    else:
        st.session_state[_RESULT] = report
        _start_again()
        st.rerun()
    finally:
        bar.empty()


def _start_again() -> None:
    """Forget the files, and offer an empty box for others."""
    st.session_state.pop(_CONFLICT, None)
    st.session_state[_ROUND] += 1


def _advance(bar: DeltaGenerator, share: float, words: str) -> None:
    bar.progress(min(max(share, 0.0), 1.0), words)


def _ask_what_is_meant(workspace: Workspace, asked: _Asked, paths: Sequence[Path]) -> None:
    lines = {"Found": asked.error.got, "What to do": "Say below what these files are."}
    messages.box("attention", asked.error.what, {**lines, "": NOTHING_LOST})
    mode = st.radio("What are these files?", list(MODES), format_func=MODES.__getitem__)
    row = st.container(horizontal=True)
    if row.button("Bring in like this", type="primary", disabled=not paths):
        del st.session_state[_CONFLICT]
        _bring_in(workspace, paths, mode, asked.profile)
    if row.button("Leave them out"):
        _start_again()
        st.rerun()


def _remarks(report: ImportReport) -> dict[str, str]:
    remarks = {
        "Months": ", ".join(map(m.label, report.months)),
        "Months missing in between": ", ".join(map(m.label, report.months_missing)),
        "Files passed over": "; ".join(f"{s.file} ({s.reason})" for s in report.skipped),
        "To know": " ".join(_sentences(report)),
    }
    return {label: text for label, text in remarks.items() if text}
