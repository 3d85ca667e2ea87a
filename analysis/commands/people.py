"""Who may sign in: `users list`, `grant`, `revoke`, `history`, `roles`."""

from __future__ import annotations

import datetime as dt
import getpass
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import Json, opened, this_moment

REASONS = ("left", "moved", "not_needed", "lapsed", "misused", "mistake")
"""As `geodata.records.users.REASONS` has them; a test holds the two together."""

app = typer.Typer(help="Who may sign in, and in what roles.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="As the provider names the person.")]
Roles = Annotated[list[str], typer.Argument(metavar="ROLE...", help="One or several.")]
RolesOrAll = Annotated[
    list[str],
    typer.Argument(metavar="[ROLE...]", default_factory=list, help="All where none is named."),
]


@app.command("list")
def list_(ctx: typer.Context, _json: Json = False) -> Answer:
    """List everybody who may sign in, with their roles."""
    from analysis.jobs.people import list_people

    return {"users": list_people(opened(ctx))}


@app.command()
def grant(
    ctx: typer.Context,
    email: Email,
    roles: Roles,
    name: Annotated[str, typer.Option(help="What to call them.")] = "",
    agency: Annotated[str, typer.Option(help="Whose actions an action owner may change.")] = "",
    phone: Annotated[
        str, typer.Option(help="To ring them: shown on the forms for a safeguarding officer.")
    ] = "",
    subject: Annotated[str, typer.Option(help="The provider's own name for them.")] = "",
    ward: Annotated[
        list[str] | None,
        typer.Option(help="Code of the ward whose panel they sit on; repeatable."),
    ] = None,
    _json: Json = False,
) -> Answer:
    """Give somebody roles, beside those they have, and say more about them."""
    from analysis.jobs.people import grant as give

    about = {
        "name": name, "agency": agency, "phone": phone, "subject": subject,
        "ward_codes": [code.strip().upper() for code in ward or []],
    }  # fmt: skip
    return give(opened(ctx), email, roles, by=_who(), at=_now(), about=about)


@app.command()
def revoke(
    ctx: typer.Context,
    email: Email,
    roles: RolesOrAll,
    reason: Annotated[str, typer.Option(help=f"Why: {', '.join(REASONS)}.")],
    _json: Json = False,
) -> Answer:
    """Take roles away; all of them where none is named. It holds at the person's next click."""
    from analysis.jobs.people import revoke as take

    if reason not in REASONS:
        raise typer.BadParameter(f"{reason!r} is not one of {', '.join(REASONS)}.")
    return take(opened(ctx), email, roles, by=_who(), at=_now(), reason=reason)


@app.command()
def history(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, latest first.")] = 50,
    _json: Json = False,
) -> Answer:
    """Tell who was given and who lost what, by whom and why."""
    from analysis.jobs.people import role_changes

    told = role_changes(opened(ctx), limit=limit)
    rows = told.assign(at=told["at"].astype(str)).to_dict("records")
    return {"count": len(rows), "history": rows}


@app.command("roles")
def roles_(_json: Json = False) -> Answer:
    """List which roles may open which pages, do what, and take away what."""
    from analysis.jobs.people import who_may

    return {"roles": who_may().to_dict("records")}


@app.command("alert-officers")
def alert_officers(ctx: typer.Context, _json: Json = False) -> Answer:
    """E-mail the safeguarding officers if a concern waits; the server does it by itself."""
    from dataclasses import asdict

    from analysis.jobs.alert_mail import tell_officers

    return asdict(tell_officers(opened(ctx), at=_now()))


def _who() -> str:
    return f"command line ({getpass.getuser()})"


def _now() -> dt.datetime:
    return dt.datetime.fromisoformat(this_moment())
