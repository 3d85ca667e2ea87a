"""Drafts of packs to look at and take away."""

from __future__ import annotations

import base64
import datetime as dt

import streamlit as st

from analysis.jobs.pack import MadePack, PackResult, preview
from analysis.report.escaping import html_text
from geodata.pack_store import zip_bytes
from pages.components import downloads, frame, messages, sign_in

ZIP = "application/zip"


def show(made: PackResult) -> None:
    """Show one of the packs that were made, and offer all of them."""
    st.header("The drafts", anchor=False)
    frame.say([
        "For colleagues to look at, and not to hand out: only what is published is checked against "
        "everything published before, and everything published later against it.",
    ])  # fmt: skip
    names = [one.pack.ward_name for one in made.made]
    chosen = st.selectbox("Look at", names) if len(names) > 1 else names[0]
    one = next(o for o in made.made if o.pack.ward_name == chosen)
    if one.no_pdf:
        messages.box("attention", "This pack has no PDF", {"": one.no_pdf})
    _page(one)
    if not sign_in.allowed("download", "internal"):
        frame.say(["A pack can be fetched, below, once it is published."])
        return
    with downloads.row("pack-downloads"):
        _offer(f"{chosen} (zip)", one.zipped(), one.file, "one")
        if len(names) > 1:
            _offer(f"All {len(names)} (zip)", _together(made), "panel-packs.zip", "all")


def _page(one: MadePack) -> None:
    """Show what the first page says, in words and as it looks."""
    summary = one.pack.sections[0]
    left, right = st.columns([4, 5], gap="medium")
    with left:
        st.subheader(summary.title, anchor=False)
        frame.say(summary.lines)
        frame.small(f"{len(one.files)} files: a page, a PDF, a workbook, tables and a map.")
    with right:
        picture = preview(one)
        if picture:
            # Streamlit's own picture has no alternative text.
            alt = html_text(f"First page of the pack of {one.pack.ward_name}: {summary.title}")
            data = base64.b64encode(picture).decode()
            st.html(f'<img class="sw-sheet" alt="{alt}" src="data:image/png;base64,{data}">')


def _offer(label: str, content: bytes, name: str, key: str) -> None:
    st.download_button(
        label, content, name, ZIP, key=f"pack-{key}", on_click="ignore", icon=":material/download:"
    )


def _together(made: PackResult) -> bytes:
    files = {one.file: one.zipped() for one in made.made}
    return zip_bytes(files, dt.date.fromisoformat(made.inputs["as_at"]))
