"""Bring reports in: by upload or from a folder, with a progress bar; nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.jobs.imports import import_files
from geodata.batches import ImportReport, Mode
from geodata.errors import SaferWalksError, StoreConflictError
from geodata.workspace import Workspace
from pages.components import messages, tables, uploads

_RESULT, _CONFLICT, _ROUND = "_import_result", "_import_conflict", "_import_round"

NOTHING_LOST = "Nothing was stored and nothing that was stored before has changed."
BALANCE = {
    "rows_in": "Rows in the files",
    "inside": "Inside the wards: counted",
    "outside": "Outside the wards: kept, not counted",
    "no_location": "Without a location: kept, not counted",
    "rejected": "Rejected: kept with the reason",
    "already_imported": "Imported before: not counted twice",
}
MODES: dict[Mode, str] = {
    "replace": "Replace: these files stand for the whole month",
    "add": "Add: these files cover another area, both count",
}


def show(workspace: Workspace) -> None:
    """Offer the ways to bring reports in."""
    st.header("Bring in reports", anchor=False)
    st.html(
        '<p class="sw-text">Monthly files as downloaded from police.uk: .csv, .csv.gz, or a zip of '
        "them. Bringing in the same file twice changes nothing.</p>"
    )
    turn = st.session_state.setdefault(_ROUND, 0)
    files = st.file_uploader(
        "Files of reports", type=["csv", "gz", "zip"], accept_multiple_files=True,
        key=f"reports-{turn}",
    )  # fmt: skip
    folder = _folder_box(turn)
    if st.button("Bring in reports", type="primary", disabled=not (files or folder)):
        st.session_state.pop(_CONFLICT, None)
        _bring_in(workspace, files or [], folder, "correct")
    conflict = st.session_state.get(_CONFLICT)
    if conflict is not None:
        _ask_what_is_meant(workspace, conflict, files or [], folder)


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


def _folder_box(turn: int) -> str:
    if not uploads.may_name_folders():
        return ""
    return st.text_input(
        "Or a folder or file on this computer",
        placeholder="for example a folder of months downloaded from police.uk",
        key=f"folder-{turn}",
    ).strip()


def _bring_in(
    workspace: Workspace, files: Sequence[uploads.Upload], folder: str, mode: Mode
) -> None:
    bar = st.progress(0.0, "Reading the files")
    try:
        with uploads.on_disk(files) as paths:
            paths += [Path(folder).expanduser()] if folder else []
            report = import_files(
                workspace, paths, mode=mode,
                progress=partial(_advance, bar), at=_now(),
            )  # fmt: skip
    except StoreConflictError as error:
        st.session_state[_CONFLICT] = error
    except SaferWalksError as error:
        messages.fault(error, reassurance=NOTHING_LOST)
    else:
        st.session_state[_RESULT] = report
        st.session_state.pop(_CONFLICT, None)
        st.session_state[_ROUND] += 1
        st.rerun()
    finally:
        bar.empty()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _advance(bar: DeltaGenerator, share: float, words: str) -> None:
    bar.progress(min(max(share, 0.0), 1.0), words)


def _ask_what_is_meant(
    workspace: Workspace,
    conflict: StoreConflictError,
    files: Sequence[uploads.Upload],
    folder: str,
) -> None:
    lines = {"Found": conflict.got, "What to do": "Say below what these files are."}
    messages.box("attention", conflict.what, {**lines, "": NOTHING_LOST})
    mode = st.radio("What are these files?", list(MODES), format_func=MODES.__getitem__)
    go, leave, _ = st.columns([1, 1, 3])
    if go.button("Bring in like this", type="primary", disabled=not (files or folder)):
        _bring_in(workspace, files, folder, mode)
        st.rerun()
    if leave.button("Leave them out"):
        del st.session_state[_CONFLICT]
        st.session_state[_ROUND] += 1
        st.rerun()


def _remarks(report: ImportReport) -> dict[str, str]:
    remarks = {
        "Months": ", ".join(report.months),
        "Months missing in between": ", ".join(report.months_missing),
        "Files passed over": "; ".join(f"{s.file} ({s.reason})" for s in report.skipped),
        "To know": " ".join(report.flags),
    }
    return {label: text for label, text in remarks.items() if text}
