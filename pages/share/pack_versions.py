"""Packs that were published: freeze new ones, fetch old ones, check them against the workspace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pandas as pd
import streamlit as st

from analysis.jobs.pack import (
    PackResult,
    check_published,
    publish_packs,
    published_file,
    published_packs,
)
from geodata.workspace import Workspace
from pages.components import frame, messages, sign_in, tables
from pages.record import saving

ACTION = "record panel meetings"
WORD = "publish"
COLUMNS = {"ward": "Ward", "for": "For", "months": "Months", "version": "Version",
           "when": "Published", "by": "By", "changed": "What changed"}  # fmt: skip


def offer(here: Workspace, make: Callable[[], PackResult], count: int) -> None:
    """Freeze the packs, once the word is typed."""
    with st.expander("Publish"):
        frame.say([
            "A published pack loses its watermark and is kept for good, with what it was made "
            "from. A later correction is a new version that says what changed.",
        ])  # fmt: skip
        why = st.text_input("For a correction: what was wrong", max_chars=300)
        word = st.text_input(f"Type “{WORD}” to go on", key="pack-word")
        if st.button(f"Publish {count} pack{'' if count == 1 else 's'}"):
            if word.strip().lower() != WORD:
                messages.box("problem", f"Type “{WORD}” first", {"Found": word or "nothing"})
                return
            saving.store(ACTION, _job(here, make, why), _said)


def _job(here: Workspace, make: Callable[[], PackResult], why: str) -> Callable[..., int]:
    def job(*, by: str, at: dt.datetime) -> int:
        return len(publish_packs(here, make(), by=by, at=at, why=why))

    return job


def _said(count: int) -> str:
    return f"{count} pack{' is' if count == 1 else 's are'} published, and kept below."


def show(here: Workspace) -> None:
    """List what was published; fetch one, or check it."""
    st.header("Published packs", anchor=False)
    mine = sign_in.reach("download", "panel pack")
    found = published_packs(here)
    found = found[found["ward_code"].map(lambda code: mine.covers([code])).astype(bool)]
    if not sign_in.allowed("download", "internal"):
        found = found[found["audience"].ne("internal")]
    if found.empty:
        frame.say(["Nothing is published yet. Make drafts above, look at them, and publish them."])
        return
    tables.show(_readable(found), COLUMNS, caption=f"{len(found)} published, newest last")
    names = [f"{r['ward']}, {r['audience']}, {r['first']} to {r['last']}, version {r['version']}"
             for r in found.to_dict("records")]  # fmt: skip
    at = st.selectbox("Version", range(len(names)), len(names) - 1, format_func=names.__getitem__)
    row = found.iloc[at]
    name, version = str(row["name"]), int(row["version"])
    with st.container(horizontal=True):
        st.download_button(
            "Fetch it (zip)", lambda: published_file(here, name, version),
            f"{name}-v{version}.zip", "application/zip", key="pack-old", on_click="ignore",
        )  # fmt: skip
        check = st.button("Check its numbers")
    if check:
        _check(here, name, version)


def _check(here: Workspace, name: str, version: int) -> None:
    checked = check_published(here, name, version=version)
    messages.box("done" if checked.equal else "attention", checked.to_json()["message"])
    frame.say(list(checked.differences))


def _readable(found: pd.DataFrame) -> pd.DataFrame:
    when = pd.to_datetime(found["published_at"], utc=True).dt.strftime("%d/%m/%Y %H:%M")
    changed = found["why"].where(found["why"].eq(""), found["why"] + ". ") + found["changed"]
    return found.assign(
        months=found["first"] + " to " + found["last"], when=when, changed=changed,
        **{"for": found["audience"]},
    ).sort_values(["ward", "audience", "first", "version"], kind="stable")  # fmt: skip
