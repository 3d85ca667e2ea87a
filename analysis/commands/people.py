"""Who may sign in: `users list`, `users grant`, `users revoke`."""

from __future__ import annotations

import datetime as dt
import getpass
from typing import Annotated

import typer

from analysis.commands.answers import Answer
from analysis.commands.words import Json, opened, this_moment

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
    _json: Json = False,
) -> Answer:
    """Give somebody roles, beside those they have."""
    from analysis.jobs.people import grant as give

    about = {"name": name, "agency": agency, "phone": phone, "subject": subject}
    return give(opened(ctx), email, roles, by=_who(), at=_now(), about=about)


@app.command()
def revoke(ctx: typer.Context, email: Email, roles: RolesOrAll, _json: Json = False) -> Answer:
    """Take roles away; all of them where none is named. It holds at the person's next click."""
    from analysis.jobs.people import revoke as take

    return take(opened(ctx), email, roles, by=_who(), at=_now())


def _who() -> str:
    return f"command line ({getpass.getuser()})"


def _now() -> dt.datetime:
    return dt.datetime.fromisoformat(this_moment())
