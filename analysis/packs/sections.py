"""The sections of a ward's pack, in the order of the ward panels' handbook."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from analysis.actions import DONE
from analysis.change import change_words
from analysis.disclosure import reports_alone
from analysis.packs.evidence import Evidence, Reports
from analysis.packs.model import SEEN_BY, Figure, Section, Table, day_words
from geodata import months as m

PLACES_LISTED = 8
CANDIDATES = 5

NOT_SAFE = (
    "The numbers are of reports received. Much goes unreported, so few reports do not mean that a "
    "place is safe, and many do not make the people there a danger."
)
MASKED = (
    "A range such as “1 to {most}”, or the word “withheld”, stands where a number could point at a "
    "person or would give such a number away."
)
CHOSE_TO_COME = (
    "People chose to come on a walk, and few did: what they said is theirs and not everybody's. "
    "Places cannot be compared as if the same people had judged them all."
)


def sections_of(evidence: Evidence, ward_code: str) -> tuple[Section, ...]:
    """Make every section of a ward's pack.

    Parameters
    ----------
    evidence : Evidence
        Of all wards.
    ward_code : str
        Which.
    """
    one = _Ward(evidence, ward_code)
    parts = [
        _summary(one), _actions(one), _told(one), _priorities(one), *_reports(one), _map(one),
        _walks(one), _concerns(one), _candidates(one), _method(one),
    ]  # fmt: skip
    return tuple(part for part in parts if part is not None)


class _Ward:
    """The rows of one ward."""

    def __init__(self, evidence: Evidence, ward_code: str) -> None:
        self.all = evidence
        self.code = ward_code
        self.ward = evidence.wards.set_index("ward_code").loc[ward_code]
        self.name = str(self.ward["ward_name"])
        self.actions = self._own(evidence.actions)
        self.told = self._own(evidence.told)
        self.said = self._own(evidence.said)
        self.candidates = self._own(evidence.candidates)
        self.priorities = self._own(evidence.priorities)
        self.events = self._among(evidence.events)
        self.meetings = self._among(evidence.meetings)

    def _own(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["ward_code"] == self.code].reset_index(drop=True)

    def _among(self, frame: pd.DataFrame) -> pd.DataFrame:
        mine = [self.code in codes for codes in frame["ward_codes"]]
        return frame[pd.Series(mine, frame.index, dtype=bool)].reset_index(drop=True)

    @property
    def masked(self) -> str:
        """Say what a masked number stands for."""
        return MASKED.format(most=self.all.least - 1)

    @property
    def met_on(self) -> dt.date | None:
        """The last meeting of the panel, if any was written down."""
        held = pd.to_datetime(self.meetings["held_on"])
        past = held[held <= pd.Timestamp(self.all.as_at)]
        return None if past.empty else past.max().date()

    def own(self, reports: Reports) -> pd.Series:
        """Give the ward's numbers of one source."""
        return reports.by_ward[reports.by_ward["ward_code"] == self.code].iloc[0]


def _summary(one: _Ward) -> Section:
    rows = [_reports_number(one), *_counted_numbers(one)]
    table = Table(
        "summary", f"Three numbers, {one.all.period}",
        (("what", "What"), ("now", "These 12 months" if _is_year(one) else "This period"),
         ("before", "Same months a year before")),
        pd.DataFrame(rows), missing="cannot be compared", widths=(2.6, 1, 1.2),
    )  # fmt: skip
    lines = (_say_reports(one), _say_actions(one), _say_concern(one))
    return Section("summary", "On one page", lines, (), (table,))


def _is_year(one: _Ward) -> bool:
    return len(m.span(one.all.first, one.all.last)) == 12


def _reports_number(one: _Ward) -> dict[str, object]:
    first = one.all.reports[0]
    row = one.own(first)
    months = "" if first.period == one.all.period else f", {first.period}"
    only = f", {first.compared}" if first.compared else ""
    return {
        "what": f"{first.label}: {first.what}{months}{only}",
        # What cannot be compared can still be told.
        "now": row["count"] if only == "" else row["same"],
        "now_withheld": row["withheld"] if only == "" else row["same_withheld"],
        "before": row["before"], "before_withheld": row["before_withheld"],
    }  # fmt: skip


def _counted_numbers(one: _Ward) -> list[dict[str, object]]:
    done = pd.to_datetime(one.actions["completed_on"])
    held = one.events.loc[one.events["status"] == "held", "date"]
    rows = []
    for what, dates in (("Promised actions completed", done), ("Walks and events held", held)):
        now, before = (_within(one, pd.to_datetime(dates), back) for back in (0, 12))
        rows.append({"what": what, "now": now, "now_withheld": "", "before": before,
                     "before_withheld": ""})  # fmt: skip
    return rows


def _within(one: _Ward, dates: pd.Series, back: int) -> int:
    """Count the dates in the months of the pack, or in the same ones some months before."""
    first = pd.Timestamp(f"{m.shift(one.all.first, -back)}-01")
    end = pd.Timestamp(f"{m.shift(one.all.last, 1 - back)}-01")
    return int(((dates >= first) & (dates < end)).sum())


def _say_reports(one: _Ward) -> str:
    first = one.all.reports[0]
    row = one.own(first)
    if first.left_out:
        return f"{first.label}: {first.left_out}"
    told = f"{first.label}, {first.period}: "
    if pd.isna(row["count"]):
        return f"{told}{row['withheld'] or 'no data'} {first.what} in the ward."
    if pd.isna(row["before"]) or pd.isna(row["same"]):
        return (
            f"{told}{row['count']:,.0f} {first.what} in the ward. The year before cannot be "
            "compared."
        )
    words = change_words(float(row["same"]), float(row["before"]))
    where = f" in the ward. Of {first.compared}: " if first.compared else " in the ward, "
    return f"{told}{row['count']:,.0f} {first.what}{where}{words}."


def _say_actions(one: _Ward) -> str:
    promised = one.actions[~one.actions["status"].isin(("proposed", "superseded"))]
    if promised.empty:
        return "No action has been promised here yet: a walkabout or the panel can ask for one."
    done = int(promised["status"].isin(DONE).sum())
    late = promised[promised["is_overdue"]]
    text = f"Of {_count(len(promised), 'action')} promised here, {done} {_are(done)} done"
    if late.empty:
        return f"{text} and none is overdue."
    worst = late.sort_values("due", kind="stable").iloc[0]
    longest = _stripped(worst["action_text"])
    return (
        f"{text} and {len(late)} {_are(len(late))} overdue. Longest: {longest} "
        f"({worst['agency_name']}, due {day_words(worst['due'])})."
    )


def _say_concern(one: _Ward) -> str:
    known = one.said[one.said["unsafe"].notna() & one.said["people"].notna()]
    asked = one.said[one.said["people"].notna()]
    if known.empty and len(asked):
        most = asked.iloc[int(asked["people"].astype(float).to_numpy().argmax())]
        return (
            f"{most['people']:,.0f} people told us on a walk how they feel at {most['place']} "
            f"{_light_words(most['light'])}; {most['unsafe_withheld']} of them felt unsafe."
        )
    if known.empty:
        return (
            "Too few people have told us on a walk how they feel here for a number. That does not "
            "mean that they feel safe."
        )
    share = known["unsafe"].astype(float) / known["people"].astype(float)
    worst = known.iloc[int(share.to_numpy().argmax())]
    if not worst["unsafe"]:
        return f"On walks at {worst['place']}, none of {worst['people']:,.0f} people felt unsafe."
    return (
        f"{worst['place']} is a place where people told us they feel unsafe: "
        f"{worst['unsafe']:,.0f} of {worst['people']:,.0f} {_light_words(worst['light'])}."
    )


def _light_words(light: str) -> str:
    words = {"day": "by day", "dusk": "at dusk", "dark": "after dark"}
    return words.get(str(light), "on a walk")


def _actions(one: _Ward) -> Section:
    met, as_at = one.met_on, pd.Timestamp(one.all.as_at)
    since = pd.Timestamp(met) if met else pd.Timestamp(f"{one.all.first}-01")
    rows = one.actions
    done = pd.to_datetime(rows["completed_on"])
    fell_due = rows["is_open"] & (rows["due"] <= as_at + pd.Timedelta(days=30))
    undated = rows["is_open"] & rows["due"].isna()
    shown = rows[fell_due | undated | ((done >= since) & (done <= as_at))]
    start = f"the last panel meeting on {day_words(met)}" if met else m.label(one.all.first)
    late = int(shown["is_overdue"].sum())
    lines = [f"Actions that were due, are overdue or were completed since {start}."]
    lines += [f"{_count(late, 'action')} {_are(late)} overdue." if late else "None is overdue."]
    if shown.empty:
        return Section("actions", "Actions due since the last meeting", (
            f"No action was due or completed since {start}.",))  # fmt: skip
    return Section("actions", "Actions due since the last meeting", tuple(lines), (), (
        _action_table(shown, one),))  # fmt: skip


def _action_table(shown: pd.DataFrame, one: _Ward) -> Table:
    frame = shown.assign(
        stands=shown["rag_word"] + ": " + shown["rag_reason"],
        issue=shown["issue_text"].where(shown["issue_text"] != "", shown["you_said"]),
    )[["action_id", "issue", "action_text", "agency_name", "due", "stands", "status_name"]]
    return Table(
        "actions", f"Actions in {one.name} as at {day_words(one.all.as_at)}",
        (("issue", "What is wrong"), ("action_text", "What will be done"),
         ("agency_name", "Who"), ("due", "By when"), ("stands", "How it stands")),
        frame, missing="no date yet", widths=(1.8, 1.9, 1.2, 1.1, 1.7),
    )  # fmt: skip


def _told(one: _Ward) -> Section:
    title = "You said, we did, not yet, cannot"
    if one.told.empty:
        return Section("told", title, ("No promise is written down for this ward yet.",))
    counted = one.told["heading"].value_counts()
    parts = [f"{counted.get(h, 0)} {h.lower()}" for h in ("We did", "Not yet", "We cannot")]
    return Section(
        "told", title,
        (f"Everything promised here, whenever it was: {', '.join(parts)}.",), (),
        (Table(
            "told", f"You said, we did, not yet, cannot: {one.name}",
            (("you_said", "You said"), ("heading", "What came of it"), ("answer", "Our answer"),
             ("due", "Promised for")),
            one.told[["action_id", "you_said", "heading", "answer", "due"]],
            missing="no date", widths=(2, 0.9, 2.4, 1),
        ),),
    )  # fmt: skip


def _priorities(one: _Ward) -> Section:
    title = "Progress on the panel's priorities"
    start = pd.to_datetime(one.priorities["period_start"])
    end = pd.to_datetime(one.priorities["period_end"])
    as_at = pd.Timestamp(one.all.as_at)
    current = one.priorities[
        one.priorities["status"].isin(("active", "continued"))
        & ~(start > as_at)
        & ~(end < pd.Timestamp(f"{one.all.first}-01"))
    ]
    if current.empty:
        return Section("priorities", title, ("No current priority of the panel is written down.",))
    about = one.actions.groupby(one.actions["priority_id"])
    done = about["status"].agg(lambda s: int(s.isin(DONE).sum()))
    frame = current.assign(
        actions=[
            f"{done.get(p, 0)} of {about.size().get(p, 0)} done" if p in done else "none linked"
            for p in current["priority_id"]
        ],
        votes=current["votes_n"],
    )
    columns = (("title", "Priority"), ("aim_text", "Aim"), ("measure", "Measured by"),
               ("actions", "Actions"), ("votes", "Votes"), ("status_name", "Status"))  # fmt: skip
    lines = (f"{_count(len(current), 'priority', 'priorities')} of the panel {_are(len(current))} "
             "current.",)  # fmt: skip
    kept = frame[["priority_id", *(c for c, _ in columns)]]
    table = Table("priorities", f"Current priorities of {one.name}", columns, kept,
                  missing="not given", widths=(1.6, 1.9, 1.2, 0.9, 0.7, 0.9))  # fmt: skip
    return Section("priorities", title, lines, (), (table,))


def _reports(one: _Ward) -> list[Section]:
    every = enumerate(one.all.reports)
    parts = [(_report_section(one, found, n == 0), _week(one, found)) for n, found in every]
    return [part for pair in parts for part in pair if part is not None]


def _report_section(one: _Ward, reports: Reports, is_first: bool) -> Section:
    if reports.left_out:
        return Section(f"reports-{reports.source}", reports.label, (reports.left_out,))
    months = reports.by_month
    figures: tuple[Figure, ...] = ()
    if len(months):
        own = months[months["ward_code"] == one.code].drop(columns="ward_code")
        figures = (Figure("months", f"months-{reports.source}", own, _capital(reports.what)),)
    kinds = reports.by_kind[reports.by_kind["ward_code"] == one.code]
    kinds = kinds[(kinds["same"] > 0) | (kinds["same_withheld"] != "") | (kinds["before"] > 0)]
    kinds = kinds.assign(order=-kinds["same"].fillna(-1))
    frame = kinds.sort_values(["order", "label"], kind="stable").drop(
        columns=["order", "ward_code"]
    )
    only = f", {reports.compared}" if reports.compared else ""
    table = Table(
        f"kinds-{reports.source}",
        f"{reports.label} in {one.name} by kind, {reports.period}{only}",
        (("label", "Kind"), ("same", "Number"), ("before", "A year before")), frame,
        missing="no data", widths=(2.4, 1, 1),
    )  # fmt: skip
    row = one.own(reports)
    total = row["withheld"] or (f"{row['count']:,.0f}" if pd.notna(row["count"]) else "no data")
    lines = [f"{reports.period}: {total} {reports.what} in the ward."]
    lines += _rates(one, row["count"])
    if not is_first:
        lines.append("They are counted apart from other sources: two reports may be of one event.")
    notes = reports.notes if len(reports.by_hour) else (*reports.notes, reports.hours_note)
    if _masks(frame):
        notes = (*notes, one.masked)
    return Section(
        f"reports-{reports.source}", f"{reports.label}", tuple(lines), figures,
        (table,) if len(frame) else (), notes,
    )  # fmt: skip


def _rates(one: _Ward, count: float) -> list[str]:
    """Say what a number is of: how many people live there, and how large the ward is."""
    if not count > 0:
        return []
    area = float(one.ward.geometry.area) / 1e6
    size = f"{count / area:,.0f} for each square kilometre (the ward has {area:,.2f})"
    residents = float(one.ward["residents"])
    if not residents > 0:
        return [f"That is {size}. How many people live there is not stored."]
    people = f"{1000 * count / residents:,.0f} for every 1,000 of its {residents:,.0f} residents"
    return [f"That is {people}, and {size}. Many who are there live elsewhere."]


def _masks(frame: pd.DataFrame) -> bool:
    held = [c for c in frame.columns if str(c).endswith("withheld")]
    return any(frame[c].fillna("").ne("").any() for c in held)


def _week(one: _Ward, reports: Reports) -> Section | None:
    """Lay the week out where times are known: days by four hours, drawn and as a table."""
    if reports.by_hour.empty:
        return None
    mine = reports.by_hour[reports.by_hour["ward_code"] == one.code]
    cells = mine[mine["hour"] >= 0].drop(columns="ward_code").reset_index(drop=True)
    left = mine[mine["hour"] < 0].iloc[0]
    row = one.own(reports)
    of = "" if pd.isna(row["count"]) else f" of {row['count']:,.0f}"
    out = left["withheld"] or f"{left['count']:,.0f}"
    lines = (
        f"Left out because their time is not known well enough: {out}{of}.", reports.hours_note,
    )  # fmt: skip
    title = f"{_capital(reports.what)} in {one.name} by day and hours, {reports.period}"
    notes = (one.masked,) if _masks(cells) else ()
    return Section(
        f"week-{reports.source}", f"{reports.label}: when in the week", lines,
        (Figure("week", f"week-{reports.source}", cells, _capital(reports.what)),),
        (_week_table(f"week-{reports.source}", title, cells),), notes,
    )  # fmt: skip


def _week_table(name: str, title: str, cells: pd.DataFrame) -> Table:
    days = list(dict.fromkeys(cells["day"]))
    hours = sorted(set(cells["hour"]))
    columns, frame = [("day", "Day")], pd.DataFrame({"day": days})
    for hour in hours:
        own = cells[cells["hour"] == hour].set_index("day").reindex(days)
        frame[f"h{hour}"] = own["count"].to_numpy()
        frame[f"h{hour}_withheld"] = own["withheld"].to_numpy()
        columns.append((f"h{hour}", f"{hour:02d} to {hour + 24 // len(hours):02d}"))
    return Table(name, title, tuple(columns), frame, widths=(1.7, *(1.0 for _ in hours)))


def _map(one: _Ward) -> Section:
    reports = one.all.reports[0]
    mine = [one.code in codes for codes in reports.cells["ward_codes"]]
    cells = reports.cells[pd.Series(mine, reports.cells.index, dtype=bool)].reset_index(drop=True)
    order = cells["count"].fillna(-1)
    listed = cells.assign(order=-order).sort_values(["order", "hexagon"], kind="stable")
    listed = listed.drop(columns=["order", "ward_codes"])
    top = listed.head(PLACES_LISTED)
    title = f"{_capital(reports.what)}, {reports.period}"
    figure = Figure("map", "map", cells, title)
    rest = len(listed) - len(top)
    more = f" {rest} more are in the file map.csv." if rest else ""
    columns = (("name", "Place"), ("count", "Number"), ("ward_shares", "Lies in"))
    first = Table("places", f"Places with most reports: {title}", columns,
                  pd.DataFrame(top.drop(columns="geometry")), "no data", (2.2, 0.7, 2))  # fmt: skip
    lines = (
        f"The map shows {len(cells)} hexagons that touch the ward, each about 350 m across, "
        f"and the table the {len(top)} with most reports.{more}",
    )
    return Section("map", "Where", lines, (figure,), (first,), (NOT_SAFE,))


def _walks(one: _Ward) -> Section:
    title = "Walks held and planned"
    start = pd.Timestamp(f"{one.all.first}-01")
    held = one.events[(one.events["status"] == "held") & (one.events["date"] >= start)]
    coming = one.events[one.events["status"].isin(("confirmed", "planned_tbc"))]
    coming = coming[~(coming["date"] < pd.Timestamp(one.all.as_at))]
    lines = [
        f"{_count(len(held), 'walk or event', 'walks and events')} held, "
        f"{len(coming)} planned.",
    ]  # fmt: skip
    tables = []
    if len(held):
        tables.append(Table(
            "held", f"Walks and events held in {one.name} since {m.label(one.all.first)}",
            (("type_name", "What"), ("place", "Where"), ("when", "When"), ("light_name", "Light"),
             ("people", "People who answered"), ("named", "Named most, and liked")),
            held.assign(named=_named_and_liked(held))[
                ["type_name", "place", "when", "light_name", "people", "withheld", "named"]
            ],
            missing="not asked", widths=(1.2, 1.4, 1.1, 0.8, 1, 1.8),
        ))  # fmt: skip
    if len(coming):
        tables.append(Table(
            "planned", f"Walks and events planned in {one.name}",
            (("type_name", "What"), ("place", "Where"), ("when", "When"), ("light_name", "Light")),
            coming[["type_name", "place", "when", "light_name"]], "to be confirmed",
            (1.3, 1.6, 1.2, 0.8),
        ))  # fmt: skip
    if not tables:
        lines = ["No walk was held here in these months, and none is planned."]
    return Section("walks", title, tuple(lines), (), tuple(tables))


def _named_and_liked(held: pd.DataFrame) -> pd.Series:
    pairs = zip(held["named"], held["liked"], strict=True)
    words = [
        (named if isinstance(named, str) and named else "",
         f"Liked: {liked}" if isinstance(liked, str) and liked else "")
        for named, liked in pairs
    ]  # fmt: skip
    said = [". ".join(part for part in pair if part) for pair in words]
    return pd.Series(said, held.index, dtype="str")


def _concerns(one: _Ward) -> Section:
    title = "What people told us"
    asked = one.all.asked[one.all.asked["ward_code"] == one.code]
    number = asked["withheld"].iloc[0] or f"{asked['count'].iloc[0]:,.0f}" if len(asked) else "0"
    lines = [f"Asked for a walk here, {one.all.said_period}: {number} people and bodies."]
    if one.said.empty:
        lines.append("Nobody has told us on a walk yet how they feel here.")
        return Section("concerns", title, tuple(lines), notes=(CHOSE_TO_COME,))
    frame = one.said.assign(light_name=one.said["light"].map(_light_words))
    frame = frame.rename(columns={"withheld": "people_withheld"}).drop(columns=["ward_code"])
    table = Table(
        "concerns", f"What people said on walks in {one.name}, {one.all.said_period}",
        (("place", "Place"), ("light_name", "Light"), ("people", "People"),
         ("unsafe", "Felt unsafe"), ("named", "Named most"), ("positives", "Liked")),
        frame, missing="not asked", widths=(1.4, 0.8, 0.7, 0.9, 1.8, 1.1),
    )  # fmt: skip
    return Section("concerns", title, tuple(lines), (), (table,), (CHOSE_TO_COME,))


def _candidates(one: _Ward) -> Section | None:
    title = "What could be next"
    rows = one.candidates.head(CANDIDATES)
    if not one.all.candidates_note:
        return None  # not for this audience
    if rows.empty:
        return Section("candidates", title, (one.all.candidates_note,))
    columns = [("name", "Place"), ("reports", "Reports"), ("people", "Asked on walks"),
               ("unsafe", "Felt unsafe"), ("asking", "Asked for a walk"),
               ("owed", "Open actions"), ("unknown", "What is not known")]  # fmt: skip
    held = [c for c, _ in columns if c in rows]
    side = Table(
        "candidates", f"Candidate places in {one.name}, what each source of evidence says",
        tuple((c, h) for c, h in columns if c in held),
        rows[[c for c in rows if c not in ("ward_code", "why", "coverage")]], "not known",
        tuple(2.0 if c in ("name", "unknown") else 0.85 for c in held),
    )  # fmt: skip
    why = Table("reasons", f"Why each place is suggested: {one.name}",
                (("name", "Place"), ("ranks", "Rank in the borough"),
                 ("evidence", "Evidence held, of 100"), ("why", "Why here")),
                rows.assign(evidence=rows["coverage"].round())[
                    ["name", "ranks", "evidence", "why"]
                ], "not ranked", (1.4, 0.9, 0.9, 2.6))  # fmt: skip
    lines = (
        "Places that may be worth a walk or a priority, for the panel to choose from. Each kind of "
        "evidence stands by itself: they are not added up here.",
        one.all.candidates_note,
    )
    return Section("candidates", title, lines, (), (side, why))


def _method(one: _Ward) -> Section:
    names = [f"{r.label}: {r.period}" for r in one.all.reports]
    lines = (
        f"Data used: {'; '.join(names)}.",
        "A report is something that somebody told the police or the council. It is not the same as "
        "what happened: much is never reported, and one event may be reported twice.",
        "“ASB” is anti-social behaviour. A hexagon is a patch of fixed size on the map; its number "
        "is its class, from 1 (fewest) to 5 (most). “After dark” is when the sun is more than 6 "
        "degrees below the horizon.",
        "Only reports inside the ward's boundary are counted. Police.uk moves every report to a "
        "nearby map point first, so a place is known to about 200 m.",
        "A number is called more or fewer than a year before only if chance hardly explains the "
        "difference (beyond three standard deviations). Otherwise it is about the same.",
        "An action is red when it is overdue, revised twice or silent for 60 days; amber when it "
        "is due within 14 days, revised once or silent for 30; green otherwise.",
        _about_people(one),
    )
    ways = Table("ways", "How to report, and whom to ask", (("what", "For"), ("how", "How")),
                 pd.DataFrame(one.all.ways, columns=["what", "how"]), widths=(2, 2))  # fmt: skip
    return Section("method", "How this was made, and how to report", lines, (), (ways,))


def _about_people(one: _Ward) -> str:
    if not reports_alone(SEEN_BY[one.all.audience]):
        return "Small numbers about people stand here as they are: this pack is not passed on."
    return (
        f"Numbers about people below {one.all.least} are masked, and others where they would give "
        "a masked one away. Such numbers cover calendar quarters or 12 months."
    )


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _are(n: int) -> str:
    return "is" if n == 1 else "are"


def _stripped(text: str) -> str:
    return str(text).strip().rstrip(".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
