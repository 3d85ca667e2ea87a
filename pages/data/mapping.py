"""The mapping step: a file's columns beside ours, tried on real rows, saved as a profile."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pandas as pd
import streamlit as st

from analysis.jobs import mapping as job
from analysis.jobs import profiles
from analysis.jobs.mapping import Fit, Look, Preview
from geodata.council import Profile
from geodata.council.fields import FIELD_BY_NAME
from geodata.council.profiles import guess_record_level
from geodata.errors import ProfileError, SaferWalksError
from geodata.forces import force_slug
from geodata.vocabularies import CATEGORIES, CATEGORY_BY_CODE, Source
from geodata.workspace import Workspace
from pages.components import frame, messages, tables
from pages.data import mapping_words as w

_LOOK, _COUNTS = "_mapping_look", "_mapping_counts"

NOTHING_STORED = "Nothing is stored before you press the button at the end."
NEW = "A new profile"
LEAVE_EMPTY = "Not in this file"
NOT_KNOWN = "Leave as not known"
SHOWN_ROWS, SHOWN_REJECTED, SHOWN_KINDS, SHOWN_COLUMNS = 8, 4, 30, 400
ROWS = {
    "line": "Row of the file", "becomes": "What becomes of it", "when": "When",
    "kind": "Kind", "where": "Where", "ward": "Ward",
}  # fmt: skip
KINDS = {"value": "In the file", "rows": "Rows", "ours": "In our list"}
LEFT_OUT = {"column": "Column", "reason": "Why it stays out"}


@dataclass(frozen=True)
class _Form:
    """A mapping being made: the file, the profile it starts from, and whose widgets these are."""

    workspace: Workspace
    found: Look
    base: Profile | None
    as_at: str
    prefix: str

    def key(self, *parts: str) -> str:
        return "-".join((self.prefix, *parts))


def show(workspace: Workspace, paths: Sequence[Path], *, as_at: str) -> str | None:
    """Find out with the person how these files are read.

    Returns
    -------
    str or None
        The name of the saved profile to import them with, once they say so.
    """
    try:
        found = _looked_at(paths[0])
    except SaferWalksError as error:
        messages.fault(error, reassurance="Nothing was stored.")
        return None
    fits = job.fitting(workspace, found.columns)
    chosen = _choose(found, fits)
    if chosen is None:
        return _make(_Form(workspace, found, None, as_at, _prefix(found, "")))
    return _use(workspace, found, chosen, as_at)


def _looked_at(path: Path) -> Look:
    """Open the file once for as long as it and the sheet stay the same."""
    sheet = st.session_state.get(_sheet_key(path), "")
    held: tuple[tuple[Path, str], Look] | None = st.session_state.get(_LOOK)
    if held is None or held[0] != (path, sheet):
        with st.spinner("Looking at the file"):
            held = ((path, sheet), job.look(path, sheet=sheet))
        st.session_state[_LOOK] = held
    return held[1]


def _sheet_key(path: Path) -> str:
    return f"sheet-{path}"


def _prefix(found: Look, profile: str) -> str:
    told = "|".join((str(found.path), found.table.digest, found.table.name, profile))
    return f"map-{hashlib.sha256(told.encode()).hexdigest()[:10]}"


# Which profile


def _choose(found: Look, fits: Sequence[Fit]) -> Fit | None:
    st.header("How the file is read", anchor=False)
    more = f", and {found.others} more of the same zip" if found.others else ""
    frame.say([f"{found.table.name}{more}: {len(found.columns)} columns. {NOTHING_STORED}"])
    frame.say(found.table.notes)
    if found.sheets:
        words = {"": f"The fullest ({found.table.name})", **{s: s for s in found.sheets}}
        st.selectbox(
            "Sheet or layer to read", list(words), format_func=words.__getitem__,
            key=_sheet_key(found.path),
        )  # fmt: skip
    if not fits:
        return None
    by_name = {fit.name: fit for fit in fits}
    options = ["", *by_name]
    name = st.selectbox(
        "Saved profile", options, index=options.index(job.proposed(fits)),
        format_func=lambda n: _fit_words(by_name[n]) if n else NEW,
        key=f"profile-{found.path}-{found.table.name}",
        help="A profile remembers which column is what. The one whose columns fit is proposed.",
    )  # fmt: skip
    return by_name.get(name)


def _fit_words(fit: Fit) -> str:
    if fit.fault:
        return f"{fit.name} (cannot be read)"
    if fit.missing:
        return f"{fit.name} (does not fit: {len(fit.missing)} of {fit.columns} columns missing)"
    return f"{fit.name} (fits: all {fit.columns} columns are here)"


def _use(workspace: Workspace, found: Look, fit: Fit, as_at: str) -> str | None:
    """Read with a saved profile, or change it first."""
    try:
        profile = profiles.load(workspace, fit.name)
        profile.resolve(found.columns, found.table.name)
    except ProfileError as error:
        messages.fault(error, reassurance="Nothing was stored.")
        if fit.fault:
            return None
        frame.say(["Or choose the columns anew below; the profile is changed when you save it."])
        return _change(workspace, found, profiles.load(workspace, fit.name), as_at)
    if st.toggle("Change how this file is read", key=f"change-{_prefix(found, fit.name)}"):
        return _change(workspace, found, profile, as_at)
    try:
        shown = job.preview_rows(workspace, found, profile, as_at=as_at)
    except SaferWalksError as error:
        messages.fault(error, reassurance="Nothing was stored.")
        return None
    _say_new(shown)
    pressed = st.button("Bring in reports", type="primary")
    with st.expander("What the first rows become"):
        _preview(found, profile, shown)
    _left_out(shown)
    return fit.name if pressed else None


def _say_new(shown: Preview) -> None:
    """Say what this month's file has that the profile does not know."""
    unmapped = shown.file.unmapped
    frame.say([w.summary(shown)])
    if len(unmapped):
        words = ", ".join(f"“{v}”" for v in unmapped["value"].head(6))
        lines = {"": "They come in as not known. To map them, change how this file is read."}
        messages.box("attention", f"Kinds that the profile does not map: {words}.", lines)
    frame.say([f"{note[:1].upper()}{note[1:]}." for note in shown.file.notes])


def _change(workspace: Workspace, found: Look, base: Profile, as_at: str) -> str | None:
    return _make(_Form(workspace, found, base, as_at, _prefix(found, base.name)))


# Making one


def _make(form: _Form) -> str | None:
    settings = _where_from(form)
    columns = _columns(form)
    counted = _counted(form.found, columns)
    settings["categories"] = _said_kinds(form, counted, settings["source"])
    profile, shown = _tried(form, columns, settings)
    if profile is not None and shown is not None:
        st.header("What the first rows become", anchor=False)
        frame.say([w.summary(shown)])
        _preview(form.found, profile, shown)
    _kinds(form, counted, settings["source"])
    if shown is not None:
        _left_out(shown)
    return _save(form, profile)


def _where_from(form: _Form) -> dict[str, Any]:
    base = form.base
    with st.container(border=True):
        st.subheader("Where the file comes from", anchor=False)
        left, middle, right = st.columns(3)
        sources = list(w.COUNCIL_SOURCES)
        source = left.selectbox(
            "Whose reports these are", sources, format_func=w.COUNCIL_SOURCES.__getitem__,
            index=sources.index(base.source) if base and base.source in sources else 0,
            key=form.key("source"),
            help="Sources are shown side by side and never added up: two of them may tell of the "
            "same event.",
        )  # fmt: skip
        provider = middle.text_input(
            "Who recorded them", value=base.provider if base else "", key=form.key("provider"),
            placeholder="for example Tower Hamlets",
            help="Stands beside every report, so that the files of two teams are told apart.",
        )  # fmt: skip
        levels = list(w.LEVELS)
        likely = base.record_level if base else guess_record_level(form.found.guess)
        level = right.selectbox(
            "What one row is", levels, format_func=w.LEVELS.__getitem__,
            index=levels.index(likely),
            key=form.key("level"), help="Complaints and cases are different counts.",
        )  # fmt: skip
    return {
        "source": cast("Source", source), "provider": force_slug(provider),
        "record_level": level,
    }  # fmt: skip


def _columns(form: _Form) -> dict[str, str]:
    """Ask which column is what: our fields in groups, each with the file's columns to choose."""
    start = _mapping_at_first(form)
    st.header("Which column is what", anchor=False)
    frame.say(
        ["We guessed from the names and the first values. Correct what is wrong; a date is all "
         "that is needed."]
    )  # fmt: skip
    chosen: dict[str, str] = {}
    for group, names in w.GROUPS.items():
        with st.container(border=True):
            st.subheader(group, anchor=False)
            first = [n for n in names if n in start or n in w.ALWAYS]
            rest = [n for n in names if n not in first]
            chosen |= _fields(form, first, start)
            if rest:
                with st.expander(f"More about this ({len(rest)})"):
                    chosen |= _fields(form, rest, start)
    return chosen


def _mapping_at_first(form: _Form) -> dict[str, str]:
    if form.base is not None:
        return job.saved_mapping(form.found, form.base)
    return dict(form.found.guess)


def _fields(form: _Form, names: Sequence[str], start: Mapping[str, str]) -> dict[str, str]:
    offered = list(dict.fromkeys([*form.found.columns[:SHOWN_COLUMNS], *start.values()]))
    options = ["", *offered]
    chosen = {}
    with st.container(horizontal=True, key=form.key("fields", *names[:1], str(len(names)))):
        for name in names:
            field = FIELD_BY_NAME[name]
            with st.container(width=300):
                column = st.selectbox(
                    field.label, options, index=options.index(start.get(name, "")),
                    format_func=lambda c: c or LEAVE_EMPTY, key=form.key("field", name),
                    help=w.HELP[name],
                )  # fmt: skip
                examples = form.found.examples(column) if column else []
                if examples:
                    frame.small(f"In the file: {'; '.join(examples)}")
            if column:
                chosen[name] = column
    return chosen


def _tried(
    form: _Form, columns: Mapping[str, str], settings: Mapping[str, Any]
) -> tuple[Profile | None, Preview | None]:
    """Try the mapping on the first rows; what is wrong with it is one sentence."""
    basis = "occurred" if "occurred_from" in columns else "reported"
    said = dict(settings, date_basis=basis)
    if form.base is not None and form.base.date_basis == "recorded":
        said["date_basis"] = "recorded"
    name = st.session_state.get(form.key("name")) or _name_at_first(form, settings["source"])
    source = said.pop("source")
    kept = [c for c in form.found.columns if st.session_state.get(form.key("keep", c))]
    try:
        profile = job.make_profile(
            form.found, name, source=source, columns=columns, base=form.base,
            keep_personal=tuple(kept), **said,
        )  # fmt: skip
        shown = job.preview_rows(form.workspace, form.found, profile, as_at=form.as_at)
    except SaferWalksError as error:
        messages.fault(error)
        return None, None
    unsure = _personal(form, columns, shown)
    return (None if unsure else profile), shown


def _personal(form: _Form, columns: Mapping[str, str], shown: Preview) -> list[str]:
    """Ask about chosen columns that look personal; list those that nobody has said yes to."""
    start = set(_mapping_at_first(form).values())
    looks = job.personal_columns(form.found, [c for c in columns.values() if c not in start])
    asked = dict.fromkeys([*looks, *shown.blanked])
    if not asked:
        return []
    with st.container(border=True):
        st.subheader("Values that look personal", anchor=False)
        frame.say(
            ["Values that look like a name, a telephone number or an e-mail address are left "
             "blank. Say otherwise only where they are none, such as the name of a building."]
        )  # fmt: skip
        for column in asked:
            why = f" ({looks[column]})" if column in looks else ""
            st.checkbox(f"Let in the values of “{column}” as they are{why}",
                        key=form.key("keep", column))  # fmt: skip
    unsure = [c for c in looks if not st.session_state[form.key("keep", c)]]
    if unsure:
        messages.box("attention", f"The column “{unsure[0]}” looks personal.", {
            "What to do": "Leave its field empty, or say above that its values may come in.",
        })  # fmt: skip
    return unsure


# What the rows become


def _preview(found: Look, profile: Profile, shown: Preview) -> None:
    frame.say(w.how_read(found, profile, shown))
    rows = shown.rows
    good = rows[rows["state"].eq("usable")].head(SHOWN_ROWS)
    bad = rows[rows["state"].ne("usable")].head(SHOWN_REJECTED)
    some = pd.concat([good, bad]).sort_values("line")
    tables.show(
        _written(some), ROWS, caption="Rows of the file, and what each becomes: "
        f"the first {len(good)} that come in" + (f", the first {len(bad)} that do not" if len(bad)
                                                 else ""),
    )  # fmt: skip


def _written(rows: pd.DataFrame) -> pd.DataFrame:
    written = []
    for row in rows.to_dict("records"):
        usable = row["state"] == "usable"
        if not usable:
            becomes = f"{w.STATES[row['state']]}: {row['reason']}"
            written.append({"line": row["line"], "becomes": becomes, **dict.fromkeys(
                ("when", "kind", "where", "ward"), "")})  # fmt: skip
            continue
        label = CATEGORY_BY_CODE[row["category"]].label
        words = row["source_category"]
        place = " · ".join(filter(None, [row["place"], w.PRECISIONS[row["geo_precision"]]]))
        written.append({
            "line": row["line"], "becomes": w.STATES["usable"], "when": w.when(row),
            "kind": f"{label} (“{words}”)" if words else label, "where": place,
            "ward": row["ward"],
        })  # fmt: skip
    return pd.DataFrame(written, columns=list(ROWS))


def _left_out(shown: Preview) -> None:
    left = shown.file.left_out
    if not left:
        return
    personal = sum(c.personal for c in left)
    told = f", {personal} of them because they look personal" if personal else ""
    with st.expander(f"Columns that do not come in: {len(left)}{told}"):
        frame.say(
            ["Only columns that are chosen for a field come in. Nothing of the others is kept: "
             "what is about a person is not needed to choose where to walk."]
        )  # fmt: skip
        rows = pd.DataFrame([{"column": c.column, "reason": c.reason} for c in left])
        tables.show(rows, LEFT_OUT, caption="Columns left out", tall=True)


# Kinds of report


def _counted(found: Look, columns: Mapping[str, str]) -> dict[str, int]:
    """Count the file's words for kinds over the whole file, once for each choice of columns."""
    wanted = {f: c for f, c in columns.items() if f in ("category", "category_detail")}
    key = (str(found.path), found.table.name, tuple(sorted(wanted.items())))
    held = st.session_state.get(_COUNTS)
    if held is None or held[0] != key:
        with st.spinner("Counting the kinds of report"):
            held = (key, job.wordings(found, wanted))
        st.session_state[_COUNTS] = held
    return held[1]


def _at_first(form: _Form, counted: Mapping[str, int], source: Source) -> pd.DataFrame:
    mapped = form.base.categories if form.base else {}
    return job.kinds(counted, mapped, source=source)


def _said_kinds(form: _Form, counted: Mapping[str, int], source: Source) -> dict[str, str]:
    """Gather what is mapped: the profile's own words, what is known, and what the person chose."""
    said = dict(form.base.categories) if form.base else {}
    for row in _at_first(form, counted, source).to_dict("records"):
        code = st.session_state.get(form.key("kind", row["value"]), row["category"])
        said.pop(row["value"], None)
        said |= {row["value"]: code} if code else {}
    return said


def _kinds(form: _Form, counted: Mapping[str, int], source: Source) -> None:
    if not counted:
        return
    st.header("Kinds of report", anchor=False)
    table = _at_first(form, counted, source)
    unmapped, mapped = table[table["category"].eq("")], table[table["category"].ne("")]
    if unmapped.empty:
        frame.say([f"All {len(mapped):,} kinds of this file are matched to our list."])
    else:
        frame.say(
            [f"{len(unmapped):,} kinds are not matched to our list yet, the commonest first. What "
             "you leave comes in as not known: it is kept, and can be matched later."]
        )  # fmt: skip
        _kind_choices(form, unmapped.head(SHOWN_KINDS))
        _and_more(len(unmapped) - SHOWN_KINDS)
    if len(mapped):
        with st.expander(f"Kinds that are matched: {len(mapped):,}"):
            _kind_choices(form, mapped.head(SHOWN_KINDS))
            _and_more(len(mapped) - SHOWN_KINDS)


def _and_more(rest: int) -> None:
    if rest > 0:
        frame.say([f"And {rest:,} more, which are not shown."])


def _kind_choices(form: _Form, table: pd.DataFrame) -> None:
    codes = ["", *(c.code for c in CATEGORIES)]
    labels = {c.code: c.label for c in CATEGORIES} | {"": NOT_KNOWN}
    with st.container(horizontal=True):
        for row in table.to_dict("records"):
            with st.container(width=300):
                st.selectbox(
                    f"“{row['value']}” ({row['rows']:,} rows)", codes,
                    index=codes.index(row["category"]), format_func=labels.__getitem__,
                    key=form.key("kind", row["value"]),
                )  # fmt: skip


# Saving


def _name_at_first(form: _Form, source: Source) -> str:
    return form.base.name if form.base else w.COUNCIL_SOURCES[source]


def _save(form: _Form, profile: Profile | None) -> str | None:
    st.header("Save and bring in", anchor=False)
    source = cast("Source", st.session_state[form.key("source")])
    name = st.text_input(
        "Name of the profile", value=_name_at_first(form, source), key=form.key("name"),
        help="Next month's file of the same kind is then read in the same way.",
    )  # fmt: skip
    sure = _may_replace(form, name)
    cannot = profile is None or not sure or not name.strip()
    row = st.container(horizontal=True)
    with_files = row.button("Save and bring in", type="primary", disabled=cannot)
    alone = row.button("Save the profile only", disabled=cannot)
    if profile is None or not (with_files or alone):
        return None
    try:
        path = profiles.save(form.workspace, profile)
    except SaferWalksError as error:
        messages.fault(error)
        return None
    if with_files:
        return profile.name
    messages.box("done", f"The profile “{profile.name}” is saved.", {"File": path.name})
    return None


def _may_replace(form: _Form, name: str) -> bool:
    own = form.base is not None and form.base.name == name
    if own or not name.strip() or not profiles.exists(form.workspace, name):
        return True
    return st.checkbox(
        f"Put it in the place of the saved profile “{name}”", key=form.key("replace", name)
    )
