"""The records people write: `events`, `feedback`, `actions`, `requests`, each with the same verbs.

`records` does the same for all of them at once; `backup` and `restore` keep the whole workspace.
"""

from __future__ import annotations

import datetime as dt
import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import (
    Audience,
    Json,
    calendar_day,
    folder,
    opened,
    this_moment,
    with_ending,
)

app = typer.Typer()

SHEET_ENDINGS = (".csv", ".xlsx")
HELP = {
    "events": "The programme: engagement days, surgeries, walkabouts, walks and their stops.",
    "feedback": "What people said on walks.",
    "actions": "What was promised, who owns it, what was done.",
    "requests": "Requests for a Walk and Talk, and the register of who asks for walks where.",
    "records": "All records at once.",
}


def _sheet_file(value: Path) -> Path:
    return with_ending(value, SHEET_ENDINGS)


def _pairs(values: list[str]) -> list[str]:
    wrong = [text for text in values if "=" not in text]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is not COLUMN=VALUE.")
    return values


Pairs = Annotated[
    list[str],
    typer.Argument(
        metavar="COLUMN=VALUE...", callback=_pairs,
        help="As status=agreed; several codes with semicolons.",
    ),
]  # fmt: skip
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--where", metavar="COLUMN=VALUE", callback=lambda values: _pairs(values or []),
        help="Only those; repeatable.",
    ),
]  # fmt: skip
SheetFile = Annotated[
    Path, typer.Option("--out", callback=_sheet_file, help="File to write: .csv or .xlsx.")
]
SheetIn = Annotated[Path, typer.Argument(metavar="FILE", help="A .csv or .xlsx list of records.")]
WhoFor = Annotated[
    Audience, typer.Option(help="Public lists have no free text of people and no people.")
]
Key = Annotated[
    str, typer.Option(metavar="KEY", help="Your own mark for this record: sent twice, added once.")
]
AsAtDay = Annotated[
    str | None,
    typer.Option(
        callback=calendar_day, metavar="YYYY-MM-DD", help="The day asked for. Default: today."
    ),
]


def _now() -> dt.datetime:
    return dt.datetime.fromisoformat(this_moment())


def _who() -> str:
    return f"command line ({getpass.getuser()})"


def _split(pairs: list[str]) -> dict[str, str]:
    return {name.strip(): value for name, _, value in (pair.partition("=") for pair in pairs)}


def by_hand() -> dict[str, Any]:
    """Say who does what a command does, and when, as jobs that write take it."""
    return {"by": _who(), "at": _now()}


def group(name: str, said: str) -> typer.Typer:
    """Make the commands of one group of records: list, add, import, export."""
    made = typer.Typer(no_args_is_help=True, help=said)

    @made.command("list")
    def list_(ctx: typer.Context, where: Filters = None, _json: Json = False) -> Answer:
        """List them, without what only a role that needs it may see."""
        from analysis.jobs.records import TOGETHER, plain_rows

        rows = plain_rows(opened(ctx), TOGETHER[name][0], _split(where or []))
        filled = [{column: text for column, text in row.items() if text} for row in rows]
        return {"count": len(rows), name: rows if ctx.obj.as_json else filled}

    @made.command()
    def add(ctx: typer.Context, values: Pairs, key: Key = "", _json: Json = False) -> Answer:
        """Add one; `safer-walks records columns` lists what can be said of it."""
        from analysis.jobs.records import TOGETHER, add_record

        record = add_record(
            opened(ctx), TOGETHER[name][0], _split(values), by=_who(), at=_now(), key=key,
            headings={},
        )  # fmt: skip
        return {"id": record.id, "version": record.version}

    @made.command("import")
    def import_(ctx: typer.Context, file: SheetIn, _json: Json = False) -> Answer:
        """Bring a list in: whole, or not at all; nothing that others changed is overwritten."""
        if name == "events" and file.suffix.lower() in (".txt", ".md"):
            from analysis.jobs.events import import_programme

            return import_programme(opened(ctx), file, by=_who(), at=_now())
        from analysis.jobs.records import import_records

        return import_records(opened(ctx), name, file, by=_who(), at=_now()).to_json()

    @made.command()
    def export(
        ctx: typer.Context, out: SheetFile, audience: WhoFor = "internal", _json: Json = False
    ) -> Answer:
        """Write them to a spreadsheet that can be worked in and brought back."""
        from analysis.jobs.records import export_records

        rows = export_records(opened(ctx), name, out, audience=audience)
        return {"rows": rows, "out": str(out)}

    return made


groups = {name: group(name, said) for name, said in HELP.items()}
panels = group("panels", "Meetings, plans and answers, priorities, publications of ward panels.")
groups["records"].add_typer(panels, name="panels")


@panels.command()
def show(
    ctx: typer.Context,
    ward: Annotated[
        str, typer.Argument(metavar="WARD", help="The ward's code, as E05009327, or its name.")
    ],
    as_at: AsAtDay = None,
    _json: Json = False,
) -> Answer:
    """Tell everything that the panel of a ward has before it on a day."""
    from analysis.jobs.panels import ward_panel
    from geodata.ward_names import ward_code_for

    day, here = dt.date.fromisoformat(as_at) if as_at else _now().date(), opened(ctx)
    return ward_panel(here, ward_code_for(ward, here.wards()), day).to_json()


@groups["records"].command()
def columns(
    kind: Annotated[str, typer.Argument(help="As events, stops, responses, actions.")],
    _json: Json = False,
) -> Answer:
    """List the columns of a kind of record, their codes, and who may see them."""
    from analysis.jobs.records import fields_of

    return {"columns": list(fields_of(kind))}


@groups["records"].command()
def history(
    ctx: typer.Context,
    record_id: Annotated[str, typer.Argument(metavar="[ID]", help="Only of this record.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most so many, latest first.")] = 50,
    _json: Json = False,
) -> Answer:
    """Tell who changed what, when, from what to what."""
    from analysis.jobs.records import read_history

    told = read_history(opened(ctx), record_id=record_id, limit=limit)
    rows: list[dict[str, Any]] = [
        {str(k): None if v is None or v != v else v for k, v in row.items()}
        for row in told.assign(at=told["at"].astype(str)).to_dict("records")
    ]
    return {"count": len(rows), "history": rows}


@groups["actions"].command()
def standing(ctx: typer.Context, as_at: AsAtDay = None, _json: Json = False) -> Answer:
    """Say how the actions stand: red, amber, green, what is late and whose, and the figures."""
    from analysis.jobs.actions import action_log

    day = dt.date.fromisoformat(as_at) if as_at else _now().date()
    return action_log(opened(ctx), day).to_json()


@groups["requests"].command("delete-due-contacts")
def delete_due(ctx: typer.Context, _json: Json = False) -> Answer:
    """Delete the contact details whose day has come. Run it every day."""
    from analysis.jobs.requests import delete_due_contacts

    return {"deleted": delete_due_contacts(opened(ctx), by=_who(), at=_now())}


@groups["requests"].command("deletion-schedule")
def schedule(ctx: typer.Context, _json: Json = False) -> Answer:
    """List on which day the contact details of which request will be deleted."""
    from analysis.jobs.requests import deletion_schedule

    due = deletion_schedule(opened(ctx))
    rows = due.assign(delete_after=due["delete_after"].dt.strftime("%Y-%m-%d"))
    return {"count": len(rows), "contacts": rows.to_dict("records")}


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup to write, a .zip.")],
    _json: Json = False,
) -> Answer:
    """Back up the workspace and its records in one file, while others go on working."""
    from analysis.jobs.backup import back_up

    return back_up(opened(ctx), file, at=_now())


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="In the place of what is there, which is kept beside.")
    ] = False,
    expired: Annotated[bool, typer.Option("--expired", help="Although its time is over.")] = False,
    _json: Json = False,
) -> Answer:
    """Restore a backup into the workspace's folder: whole, or not at all."""
    from analysis.jobs.backup import restore_backup

    return restore_backup(file, folder(ctx), at=_now(), replace=replace, expired=expired)
