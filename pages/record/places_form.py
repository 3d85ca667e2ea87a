"""Add a place, or change one: what it is, what it is called, and how it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from analysis.jobs.records import read_history
from analysis.jobs.sites import add_place, change_place, retire_place
from geodata.records.fields import clean
from geodata.records.kinds import kind_of
from geodata.records.labels import in_words
from geodata.records.vocabularies import SITE_KINDS
from geodata.workspace import Workspace
from pages.components import frame, sign_in, tables
from pages.record import places_where, saving

FORM = "place"
MAY = "edit places"
KNOWN: dict[str, bool | None] = {"not known": None, "yes": True, "no": False}
ASKED = kind_of("sites").labels
FACTS = {name: ASKED[name] for name in ("step_free", "kerb_space")}
HISTORY = {"when": "When", "who": "By", "said": "What"}
WORDS = {"create": "added", "delete": "deleted"}


def add(here: Workspace) -> None:
    """Add a place: where it is, then what it is."""
    st.header("Add a place", anchor=False)
    where = places_where.ask(here)
    turn = st.session_state.get("_place_turn", 0)
    with st.form("new-place"):
        values = _about({}, key=f"new-{turn}")
        sent = st.form_submit_button("Add the place", type="primary")
    if sent:
        saving.store(MAY, partial(add_place, here, values | where), _added)


def _added(record: Any) -> str:  # noqa: ANN401 - a record
    places_where.begin_anew()
    st.session_state["_place_turn"] = st.session_state.get("_place_turn", 0) + 1
    ward = "" if record["ward_code"] else " It lies in none of the wards."
    return f"{record['name']} is added as {record.id}.{ward}"


def change(here: Workspace, row: Mapping[Any, Any]) -> None:
    """Change what is said of a place, and where it is if that is asked for."""
    seen = saving.seen(FORM, str(row["site_id"]), row)
    site_id, version = str(seen["site_id"]), int(seen["version"])
    where: dict[str, Any] = {}
    if st.toggle("It lies elsewhere: set its point or outline anew", key="place-moves"):
        where = places_where.ask(here)
    with st.form(f"place-{site_id}"):
        values = _about(seen, key=f"{site_id}-{version}")
        sent = st.form_submit_button("Save", type="primary")
    if sent:
        told = saving.changed(seen, values) | where
        saving.store(MAY, partial(change_place, here, site_id, told, version=version), _changed)
    _retire(here, site_id, version, is_retired=seen["status"] == "retired")


def _changed(record: Any) -> str:  # noqa: ANN401 - a record
    places_where.begin_anew()
    return f"{record['name']} is saved."


def _retire(here: Workspace, site_id: str, version: int, *, is_retired: bool) -> None:
    label = "Take it into use again" if is_retired else "Retire this place"
    said = "It is offered again." if is_retired else "It is retired: kept, and offered no more."
    if st.button(label, help="What names it stays as it is."):
        job = partial(retire_place, here, site_id, version=version, again=is_retired)
        saving.store(MAY, job, lambda record: f"{record['name']}: {said}")


def _about(seen: Mapping[Any, Any], *, key: str) -> dict[str, Any]:
    """Ask for everything but where it is."""
    left, right = st.columns(2)
    name = left.text_input(
        ASKED["name"], str(seen.get("name", "")), max_chars=200, key=f"{key}-name"
    )
    kinds = list(SITE_KINDS)
    kind = right.selectbox(
        ASKED["kind"], kinds, index=kinds.index(seen.get("kind") or "street"),
        format_func=lambda code: SITE_KINDS[code], key=f"{key}-kind",
    )  # fmt: skip
    values: dict[str, Any] = {"name": name.strip(), "kind": kind}
    for column, (fact, label) in zip((left, right), FACTS.items(), strict=True):
        now = list(KNOWN).index(_known(seen.get(fact)))
        values[fact] = KNOWN[column.selectbox(label, list(KNOWN), index=now, key=f"{key}-{fact}")]
    values["note"] = st.text_area(
        ASKED["note"], str(seen.get("note", "")),
        key=f"{key}-note", height=80,
    )  # fmt: skip
    return values


def _known(value: Any) -> str:  # noqa: ANN401 - yes, no, or nothing, of a frame
    is_known = value is not None and not pd.isna(value)
    return next(word for word, is_so in KNOWN.items() if is_so == (value if is_known else None))


def facts(row: Mapping[Any, Any]) -> None:
    """Say what is known of a place."""
    pairs: dict[str, object] = {
        "Kind": row["kind_name"], "Also known as": row["also"], "Ward": row["ward_name"] or "none",
        "People can meet here": "yes" if row["meets"] else "not by its kind",
        **{label: _known(row[fact]) for fact, label in FACTS.items()},
        "Merged into": row["merged_name"], "Records that name it": f"{row['used']:,}",
        "Id": row["site_id"],
    }  # fmt: skip
    if sign_in.allowed("field", "staff"):
        pairs["Opening hours, notes"] = row["note"]
    tables.facts({label: value for label, value in pairs.items() if value not in ("", None)})


def show_history(here: Workspace, site_id: str) -> None:
    """Tell who changed what of a place, and when."""
    told = read_history(here, kind="sites", record_id=site_id)
    with st.expander("Its history"):
        if told.empty:
            frame.say(["The history does not tell of it."])
            return
        shown = told.assign(
            when=told["at"].map(lambda at: f"{at:%d %b %Y, %H:%M}"), who=told["by"],
            said=[_said(row) for row in told.to_dict("records")],
        )  # fmt: skip
        tables.show(shown, HISTORY, caption="Latest first", tall=True)


def _said(row: Mapping[Any, Any]) -> str:
    if not row["field"]:
        return WORDS.get(row["doing"], row["doing"])
    about = kind_of("sites").fields[row["field"]]
    if row["hidden"]:
        return f"{about.label} changed"
    old, new = (
        in_words(about, clean(replace(about, required=False), row[n])) for n in ("old", "new")
    )
    return f"{about.label}: {old} became {new}"
