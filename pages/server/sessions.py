"""Who is asking: the one place that turns a browser's cookie into a person with roles.

Streamlit signs people in by OpenID Connect and keeps what their provider said in a signed cookie,
`_streamlit_user`. Here that cookie is read by Streamlit's own means (same secret, same signature),
and held to more than Streamlit asks: this client is in the audience, the sign-in is not older than
the council allows, and nobody has signed out with it.

Nothing is remembered between two questions, so that a role taken away is gone at the next click.
A role that the provider names is as old as the sign-in: it holds for `claim_minutes`, after which
the person signs in once more and the provider is asked anew. Whoever was taken off our own list has
no role from the provider either.

Settings stand in `.streamlit/secrets.toml`, outside the repository. Sign-in is off while that has
no `[auth]`; `[safer_walks]` may say more:

    [safer_walks]
    session_hours = 12            # how long one sign-in holds
    public_viewing = false        # pages for viewers without signing in
    user_claim = "email"          # what a person is called in `safer-walks users`
    role_claim = "roles"          # optional: roles from the provider too
    claim_minutes = 60            # how long what the provider said of roles holds
    claim_roles = { "Walks managers" = "manager" }
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import streamlit as st
from streamlit.auth_util import (
    get_cookie_with_chunks,
    get_origin_from_redirect_uri,
    get_secrets_auth_section,
)
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from geodata import signed_out
from geodata.errors import SaferWalksError
from geodata.roles import PUBLIC, THIS_LAPTOP, Role, check_roles
from pages.server.clock import now
from pages.server.hosts import LOCAL_HOSTS

if TYPE_CHECKING:
    from analysis.jobs.people import Person
    from geodata.workspace import Workspace

_log = logging.getLogger("safer_walks.sessions")

Kind = Literal["laptop", "person", "stranger"]

NEEDED = ("redirect_uri", "cookie_secret")
PROVIDER_NEEDED = ("client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32


@dataclass(frozen=True)
class SignIn:
    """How people sign in here.

    Attributes
    ----------
    clients : mapping of str to str
        Name of each provider to the client id it knows this app by.
    session_hours : float
        Age at which a sign-in is no longer good.
    public_viewing : bool
        Whether viewers' pages need no sign-in.
    user_claim : str
        Claim that names a person in the list of users.
    role_claim : str
        Claim that holds groups or roles; '' where the provider has no say.
    claim_minutes : float
        Age of a sign-in at which what it said of roles no longer holds.
    claim_roles : mapping of str to str
        A value of that claim to one of our roles.
    """

    clients: Mapping[str, str]
    session_hours: float = 12.0
    public_viewing: bool = False
    user_claim: str = "email"
    role_claim: str = ""
    claim_minutes: float = 60.0
    claim_roles: Mapping[str, Role] = field(default_factory=dict)


@dataclass(frozen=True)
class Visitor:
    """Whoever is asking.

    Attributes
    ----------
    kind : {'laptop', 'person', 'stranger'}
        Somebody at a machine without sign-in, somebody signed in, or anybody else.
    user : str
        What the list of users calls the person; '' for anybody else.
    name : str
        What to show.
    roles : frozenset of str
        What they may do, by `geodata.roles`.
    user_id : str
        Names the person in the records; '' where they are not on the list of users.
    agency : str
        Whose actions an action owner may change.
    wards : frozenset of str
        Codes of the wards whose panel they sit on.
    """

    kind: Kind
    user: str = ""
    name: str = ""
    roles: frozenset[Role] = frozenset()
    user_id: str = ""
    agency: str = ""
    wards: frozenset[str] = frozenset()


LAPTOP = Visitor("laptop", "this-laptop", "This laptop", THIS_LAPTOP)

_signed_out: set[str] = set()


def sign_in() -> SignIn | None:
    """Read how people sign in; None where sign-in is off.

    Raises
    ------
    SaferWalksError
        If sign-in is half set up: then nobody may have anything.
    """
    if not secrets_singleton.load_if_toml_exists():
        _refuse_broken_secrets()
        return None
    auth = get_secrets_auth_section()
    if not auth:
        return None
    said: dict[str, Any] = auth.to_dict()
    _check(said, NEEDED, "[auth]")
    _check_address(str(said["redirect_uri"]))
    if len(str(said["cookie_secret"])) < SHORTEST_SECRET:
        raise SaferWalksError(
            "The cookie secret is too short to keep a sign-in from being forged",
            todo=f"give [auth] a cookie_secret of {SHORTEST_SECRET} random characters or more",
        )
    return SignIn(_clients(said), **_further())


def is_https() -> bool:
    """Tell whether people reach this app by HTTPS, going by where their provider sends them."""
    return (get_origin_from_redirect_uri() or "").startswith("https://")


def _refuse_broken_secrets() -> None:
    """Do not take a file of secrets that cannot be read for none: that would let anybody in."""
    held = [path for path in st.get_option("secrets.files") if Path(path).exists()]
    if held:
        raise SaferWalksError(
            "The file of secrets cannot be read, so it is not known how people sign in",
            got=Path(held[0]).name,
            todo="mend it (it is TOML) and start the server again",
        )


def _check_address(redirect_uri: str) -> None:
    """Let no sign-in travel in clear, except within one machine."""
    parts = urlsplit(redirect_uri)
    if parts.scheme != "https" and parts.hostname not in LOCAL_HOSTS:
        raise SaferWalksError(
            "Sign-in needs HTTPS", got=f"redirect_uri = {redirect_uri}",
            todo="put a web server with TLS in front and write redirect_uri with https://",
        )  # fmt: skip


def _check(section: Mapping[str, Any], names: tuple[str, ...], where: str) -> None:
    missing = [name for name in names if not section.get(name)]
    if missing:
        raise SaferWalksError(
            "Sign-in is not fully set up, so nobody can be let in",
            got=f"{where} in secrets.toml without {', '.join(missing)}",
            todo="add what is missing, or remove [auth] to use the app on this machine alone",
        )


def _clients(auth: Mapping[str, Any]) -> dict[str, str]:
    named = {name: part for name, part in auth.items() if _is_provider(part)}
    if not named or auth.get("client_id"):
        _check(auth, PROVIDER_NEEDED, "[auth]")
        named["default"] = auth
    for name, part in named.items():
        _check(part, PROVIDER_NEEDED, f"[auth.{name}]")
    return {name: str(part["client_id"]) for name, part in named.items()}


def _is_provider(part: object) -> bool:
    return isinstance(part, Mapping) and any(name in part for name in PROVIDER_NEEDED)


def _further() -> dict[str, Any]:
    said = secrets_singleton.get("safer_walks") or {}
    known: dict[str, Callable[[Any], Any]] = {
        "session_hours": float,
        "public_viewing": _yes_or_no,
        "user_claim": str,
        "role_claim": str,
        "claim_minutes": float,
        "claim_roles": _claim_roles,
    }
    unknown = [name for name in said if name not in known]
    if unknown:
        raise SaferWalksError(
            "A setting of [safer_walks] is not known", got=unknown[0],
            todo=f"use {', '.join(known)}",
        )  # fmt: skip
    return {name: read(said[name]) for name, read in known.items() if name in said}


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise SaferWalksError(
            "public_viewing is neither true nor false", got=str(value), todo="write true or false"
        )
    return value


def _claim_roles(value: Mapping[str, str]) -> dict[str, Role]:
    return {str(group): check_roles([role])[0] for group, role in dict(value).items()}


def visitor(cookies: Mapping[str, str]) -> Visitor:
    """Tell who is asking, from the cookies of one request.

    Parameters
    ----------
    cookies : mapping of str to str
        As the browser sent them.

    Raises
    ------
    SaferWalksError
        If sign-in is half set up.
    """
    settings = sign_in()
    if settings is None:
        return LAPTOP
    anybody = Visitor("stranger", roles=PUBLIC if settings.public_viewing else frozenset())
    claims = _claims(cookies, settings)
    if claims is None:
        return anybody
    user = _user(claims, settings)
    if not user:
        return anybody
    person = _person(user)
    named = _from_claim(claims, settings)
    if named and person.is_shut_out:
        named = frozenset()
    elif named and _read(cookies, hours=settings.claim_minutes / 60) is None:
        return anybody  # their provider is asked again: it sends a fresh cookie at once
    roles = person.roles | named | anybody.roles
    name = str(claims.get("name") or user)
    return Visitor("person", user, name, roles, person.user_id, person.agency, person.wards)


def sign_out(cookies: Mapping[str, str]) -> None:
    """Refuse this sign-in from now on, by every server of the workspace, copies of it too."""
    if not (cookie := cookies.get(USER_COOKIE_NAME)):
        return
    mark = signed_out.mark_of(cookie)
    _signed_out.add(mark)
    here = _workspace()
    settings = sign_in()
    if here is None or settings is None:
        return
    try:
        signed_out.add(here.path, mark, at=now(), hours=settings.session_hours)
    except OSError as fault:  # this process refuses it all the same
        _log.error("other servers are not told of a sign-out: %s", type(fault).__name__)


def _is_signed_out(cookie: str) -> bool:
    mark = signed_out.mark_of(cookie)
    if mark in _signed_out:
        return True
    here = _workspace()
    return here is not None and signed_out.holds(here.path, mark)


def _workspace() -> Workspace | None:
    from analysis.jobs.people import standing_workspace
    from geodata.workspace import default_path

    return standing_workspace(default_path())


def _person(user: str) -> Person:
    from analysis.jobs.people import find_person
    from geodata.workspace import default_path

    return find_person(default_path(), user)


def _read(cookies: Mapping[str, str], *, hours: float) -> Any:  # noqa: ANN401 - text, or nothing
    """Read the cookie if we signed it, and not longer ago than that."""

    def signed(name: str) -> bytes | None:
        raw = cookies.get(name)
        if raw is None:
            return None
        return decode_signed_value(get_cookie_secret(), name, raw, max_age_days=hours / 24)

    return get_cookie_with_chunks(signed, USER_COOKIE_NAME)


def _claims(cookies: Mapping[str, str], settings: SignIn) -> dict[str, Any] | None:
    """Read the signed cookie; None unless it is good in every way."""
    held = _read(cookies, hours=settings.session_hours)
    if held and _is_signed_out(cookies.get(USER_COOKIE_NAME, "")):
        return None
    try:
        claims = json.loads(held) if held else None
    except ValueError:
        return None
    return claims if isinstance(claims, dict) and _is_ours(claims, settings) else None


def _is_ours(claims: Mapping[str, Any], settings: SignIn) -> bool:
    """Tell whether this app asked for the sign-in: Streamlit leaves the audience unchecked."""
    client = settings.clients.get(str(claims.get("provider")))
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    return (
        claims.get("is_logged_in") is True
        and claims.get("origin") == get_origin_from_redirect_uri()
        and client is not None
        and client in named
    )


def _user(claims: Mapping[str, Any], settings: SignIn) -> str:
    if settings.user_claim == "email" and claims.get("email_verified") is False:
        return ""
    value = claims.get(settings.user_claim)
    return value.strip().lower() if isinstance(value, str) else ""


def _from_claim(claims: Mapping[str, Any], settings: SignIn) -> frozenset[Role]:
    held = claims.get(settings.role_claim) if settings.role_claim else None
    groups = [held] if isinstance(held, str) else held if isinstance(held, list) else []
    return frozenset(settings.claim_roles[g] for g in groups if g in settings.claim_roles)
