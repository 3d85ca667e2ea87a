"""The Panel packs page: choose wards, months and readers; look, download, publish, look back."""

from __future__ import annotations

from collections.abc import Hashable
from typing import cast

import streamlit as st

from analysis.jobs.pack import PackResult, Wanted, make_packs
from analysis.jobs.releases import minimum
from analysis.jobs.selection import select
from analysis.jobs.voices import records_stamp
from analysis.packs.model import LABELS, PackAudience
from geodata import months as m
from pages.components import address, cached, frame, messages, sign_in
from pages.components.session import workspace
from pages.record import saving
from pages.server.clock import now
from pages.share import pack_versions, pack_views, sheets, smallest

_MADE = "_packs"
SHORT = {"public": "Anybody", "panel": "Ward panel", "internal": "Colleagues"}


def choose() -> Wanted:
    """Ask for wards, months and readers: a chair has the own wards, and no internal pack."""
    mine = sign_in.reach("download", "panel pack")
    sign_in.say_own(mine)
    names = {
        name: code
        for name, code in zip(wards["ward_name"], wards["ward_code"], strict=True)
        if mine.covers([code])
    }
    if not names:
        messages.end_page()
    every = "All wards" if mine.everything else "All of your wards"
    chosen = st.multiselect("Wards", sorted(names), placeholder=every, key="pack-wards")
    chosen = chosen or ([] if mine.everything else sorted(names))
    stored = list(select(here).cover.present)
    left, right = st.columns(2)
    first_of = m.shift(stored[-1], -11)
    start = next((n for n, month in enumerate(stored) if month >= first_of), 0)
    first = left.selectbox("From", stored, start, format_func=m.label)
    last = right.selectbox("To", stored, len(stored) - 1, format_func=m.label)
    readers = dict(SHORT)
    if not sign_in.allowed("download", "internal"):
        del readers["internal"]
    audience = address.choose(
        "Who may have it", readers, key="audience", default="panel", widget=st.segmented_control
    )
    frame.small(LABELS[audience] + ".")
    who = st.text_input("Prepared by (a team or post)", "Community safety team", max_chars=120)
    codes = tuple(names[name] for name in chosen)
    return Wanted(codes, cast("PackAudience", audience), first, last, None, who)


def make(wanted: Wanted, *, draft: bool) -> PackResult:
    """Make the packs, with a bar that says which one."""
    bar = st.progress(0.0, "Reading reports and records")

    def tell(share: float, words: str) -> None:
        bar.progress(share, words)

    made = make_packs(here, wanted, at=now(), draft=draft, progress=tell)
    bar.empty()
    return made


def key_of(wanted: Wanted) -> Hashable:
    """Name the packs of a choice by the state they are made from."""
    asked = (records_stamp(here), minimum(here).count, repr(wanted), now().date())
    return cached.key_of(here, "packs", *asked)


def show(wanted: Wanted) -> None:
    """Make drafts when asked, show and offer them."""
    if st.button("Make drafts", type="primary"):
        if (wanted.first or "") > (wanted.last or ""):
            messages.box("problem", "The first month is after the last one")
            return
        found = make(wanted, draft=True)
        # The state after it was made: the first reading of a workspace's records makes them.
        st.session_state[_MADE] = key_of(wanted)
        cached.shelf().put(key_of(wanted), found)
    key = key_of(wanted)
    made = cached.shelf().get(key) if st.session_state.get(_MADE) == key else None
    if made is None:
        messages.box("note", "Nothing is made yet for this choice", {
            "What to do": "choose above, then press “Make drafts”. All wards take about 20 seconds",
        })  # fmt: skip
        return
    pack_views.show(made)
    if sign_in.allowed("action", pack_versions.ACTION):
        pack_versions.offer(here, lambda: make(wanted, draft=False), len(made.made))


here = workspace()
wards = here.wards()
frame.heading(
    "Panel packs",
    "One file a ward with what was promised, what was done, what is late and what could be next: "
    "a page, a PDF, tables and a map, made to be handed on.",
)
with messages.faults_in_a_box():
    saving.show_done()
    show(choose())
    pack_versions.show(here)
    sheets.show(here)
    smallest.show(here)
