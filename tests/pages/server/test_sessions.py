"""Who is asking: good cookies and bad ones, and settings that are half there."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from analysis.jobs.people import grant, revoke
from geodata.errors import SaferWalksError
from geodata.roles import PUBLIC, THIS_LAPTOP
from geodata.workspace import VARIABLE, Workspace
from pages.server import sessions
from tests.builders import once, workspace_of

SECRET = "0123456789abcdef0123456789abcdef"
NOW = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": SECRET,
    "client_id": "safer-walks",
    "client_secret": "s",
    "server_metadata_url": "http://localhost:9000/.well-known/openid-configuration",
}
CLAIMS = {
    "provider": "default", "origin": "http://localhost:8501", "is_logged_in": True,
    "aud": "safer-walks", "email": "Amina@Council.uk", "name": "Amina", "email_verified": True,
}  # fmt: skip

Setup = Callable[..., None]


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Setup:
    """Write the secrets of a server: `setup(auth, safer_walks)`."""

    def write(auth: dict[str, Any] | None = None, **ours: Any) -> None:
        held: dict[str, Any] = {"auth": AUTH if auth is None else auth}
        if ours:
            held["safer_walks"] = ours
        monkeypatch.setattr(secrets_singleton, "_secrets", held)

    monkeypatch.setattr(sessions, "_signed_out", set())
    return write


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    folder = tmp_path / "w"

    def make() -> None:
        grant(workspace_of(folder), "amina@council.uk", ["manager"], by="test", at=NOW)

    once(folder, make, "amina")
    monkeypatch.setenv(VARIABLE, str(folder))
    return Workspace.open(folder)


def cookie(secret: str = SECRET, **changed: Any) -> dict[str, str]:
    """The cookie Streamlit would set after a sign-in with these claims."""
    claims = {k: v for k, v in (CLAIMS | changed).items() if v is not None}
    value = create_signed_value(secret, "_streamlit_user", json.dumps(claims))
    return {"_streamlit_user": value.decode()}


def test_without_settings_it_is_this_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_singleton, "_secrets", {"other": {"key": "x"}})
    assert sessions.visitor({}).roles == THIS_LAPTOP
    assert sessions.visitor(cookie()).kind == "laptop"


def test_a_good_cookie_is_a_person_with_the_roles_of_the_list(
    setup: Setup, workspace: Workspace
) -> None:
    setup()
    who = sessions.visitor(cookie())
    assert (who.kind, who.user, who.name) == ("person", "amina@council.uk", "Amina")
    assert who.roles == {"manager"}
    assert who.user_id.startswith("USR-")


def test_a_role_given_or_taken_holds_at_the_next_question(
    setup: Setup, workspace: Workspace
) -> None:
    setup()
    held = cookie()
    grant(workspace, "AMINA@council.uk", ["analyst"], by="test", at=NOW)
    assert sessions.visitor(held).roles == {"manager", "analyst"}
    revoke(workspace, "amina@council.uk", ["manager"], by="test", at=NOW)
    assert sessions.visitor(held).roles == {"analyst"}
    revoke(workspace, "amina@council.uk", by="test", at=NOW)
    assert sessions.visitor(held).roles == frozenset()


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "another-app"},
        {"aud": ["another-app"], "azp": "safer-walks"},
        {"aud": None},
        {"origin": "https://elsewhere.example"},
        {"is_logged_in": False},
        {"provider": "unknown"},
        {"email": None},
        {"email": ""},
        {"email_verified": False},
    ],
)
def test_a_sign_in_that_is_not_for_this_app_is_nobody(
    changed: dict[str, Any], setup: Setup, workspace: Workspace
) -> None:
    setup()
    assert sessions.visitor(cookie(**changed)) == sessions.Visitor("stranger")


def test_several_audiences_may_name_this_app(setup: Setup, workspace: Workspace) -> None:
    setup()
    assert sessions.visitor(cookie(aud=["another", "safer-walks"])).kind == "person"


@pytest.mark.parametrize(
    "held",
    [
        {},
        {"_streamlit_user": ""},
        {"_streamlit_user": "rubbish"},
        cookie(secret="another secret of thirty-two chars"),
        {"_streamlit_user_tokens": cookie()["_streamlit_user"]},
        {"_streamlit_user": cookie()["_streamlit_user"][:-2] + "xx"},
    ],
    ids=["none", "empty", "rubbish", "other secret", "other name", "changed"],
)
def test_a_cookie_we_did_not_sign_is_nobody(
    held: dict[str, str], setup: Setup, workspace: Workspace
) -> None:
    setup()
    assert sessions.visitor(held).kind == "stranger"


def test_a_sign_in_ends_after_its_hours(
    setup: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = cookie()
    setup(session_hours=2)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 7100)
    assert sessions.visitor(held).kind == "person"
    monkeypatch.setattr(time, "time", lambda: now + 7300)
    assert sessions.visitor(held).kind == "stranger"
    assert URLSafeTimedSerializer(SECRET, salt="_streamlit_user").loads(held["_streamlit_user"])


def test_who_signs_out_is_out_wherever_the_cookie_was_copied_to(
    setup: Setup, workspace: Workspace
) -> None:
    setup()
    held = cookie()
    assert sessions.visitor(held).kind == "person"
    sessions.sign_out(held)
    assert sessions.visitor(held).kind == "stranger"
    assert sessions.visitor(cookie(nonce="another sign-in")).kind == "person"


def test_public_viewing_gives_strangers_the_viewers_role(
    setup: Setup, workspace: Workspace
) -> None:
    setup(public_viewing=True)
    assert sessions.visitor({}).roles == PUBLIC
    assert sessions.visitor(cookie(email="new@council.uk")).roles == PUBLIC
    assert sessions.visitor(cookie()).roles == PUBLIC | {"manager"}


def test_the_provider_may_name_roles_where_the_council_says_so(
    setup: Setup, workspace: Workspace
) -> None:
    setup()
    held = cookie(groups=["Walks", "Other"])
    assert sessions.visitor(held).roles == {"manager"}
    setup(role_claim="groups", claim_roles={"Walks": "walk_lead"})
    assert sessions.visitor(held).roles == {"manager", "walk_lead"}


def test_a_role_of_the_provider_holds_for_its_minutes(
    setup: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup(role_claim="groups", claim_roles={"Walks": "walk_lead"}, claim_minutes=30)
    held, plain = cookie(groups=["Walks"]), cookie()
    start = time.time()
    monkeypatch.setattr(time, "time", lambda: start + 1700)
    assert sessions.visitor(held).roles == {"manager", "walk_lead"}
    monkeypatch.setattr(time, "time", lambda: start + 1900)
    assert sessions.visitor(held).kind == "stranger"  # asked to sign in again
    assert sessions.visitor(plain).roles == {"manager"}  # the list of users is asked each time


def test_who_was_taken_off_the_list_has_nothing_from_the_provider(
    setup: Setup, workspace: Workspace
) -> None:
    setup(role_claim="groups", claim_roles={"Walks": "walk_lead"})
    held = cookie(groups=["Walks"])
    revoke(workspace, "amina@council.uk", by="test", at=NOW)
    who = sessions.visitor(held)
    assert (who.kind, who.roles) == ("person", frozenset())


def test_signing_out_is_known_to_every_server_of_the_workspace(
    setup: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup(session_hours=2)
    held = cookie()
    old = workspace.path / "signed-out" / "an-old-one"
    old.parent.mkdir()
    old.touch()
    os.utime(old, (time.time() - 7300,) * 2)
    sessions.sign_out(held)
    monkeypatch.setattr(sessions, "_signed_out", set())  # another process
    assert sessions.visitor(held).kind == "stranger"
    assert sessions.visitor(cookie(nonce="another")).kind == "person"
    (line,) = old.parent.iterdir()  # what is too old to be good has gone
    assert "amina" not in line.name
    assert line.stat().st_size == 0


def test_a_workspace_that_cannot_be_written_to_signs_out_all_the_same(
    setup: Setup, workspace: Workspace
) -> None:
    setup()
    held = cookie()
    (workspace.path / "signed-out").write_text("in the way")
    sessions.sign_out(held)
    assert sessions.visitor(held).kind == "stranger"


def test_people_may_be_known_by_another_claim(setup: Setup, workspace: Workspace) -> None:
    setup(user_claim="oid")
    grant(workspace, "b@council.uk", ["analyst"], by="t", at=NOW, about={"subject": "00-AF"})
    assert sessions.visitor(cookie(oid="00-af")).roles == {"analyst"}
    assert sessions.visitor(cookie()).kind == "stranger"


@pytest.mark.parametrize("missing", [*AUTH])
def test_half_a_set_up_lets_nobody_in(missing: str, setup: Setup) -> None:
    setup({name: value for name, value in AUTH.items() if name != missing})
    with pytest.raises(SaferWalksError, match=f"not fully set up.*{missing}"):
        sessions.visitor({})


@pytest.mark.parametrize(
    ("auth", "ours", "match"),
    [
        ({"cookie_secret": "short"}, {}, "too short"),
        ({"redirect_uri": "http://walks.example/oauth2callback"}, {}, "needs HTTPS"),
        ({}, {"sesion_hours": 2}, "not known. Got: sesion_hours"),
        ({}, {"public_viewing": "no"}, "neither true nor false"),
        ({}, {"role_claim": "g", "claim_roles": {"G": "boss"}}, "no role. Got: boss"),
    ],
)
def test_a_set_up_that_would_be_unsafe_is_refused(
    auth: dict[str, Any], ours: dict[str, Any], match: str, setup: Setup
) -> None:
    setup(AUTH | auth, **ours)
    with pytest.raises(SaferWalksError, match=match):
        sessions.visitor({})


def test_several_providers_have_a_section_each(setup: Setup, workspace: Workspace) -> None:
    part = {name: AUTH[name] for name in ("client_id", "client_secret", "server_metadata_url")}
    setup({"redirect_uri": AUTH["redirect_uri"], "cookie_secret": SECRET, "entra": part})
    assert sessions.visitor(cookie(provider="entra")).kind == "person"
    assert sessions.visitor(cookie()).kind == "stranger"


def test_secrets_that_cannot_be_read_do_not_pass_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\n")
    monkeypatch.setattr(secrets_singleton, "_secrets", None)
    monkeypatch.setattr(sessions.st, "get_option", lambda name: [str(broken)])
    monkeypatch.setattr("streamlit.config.get_option", lambda name: [str(broken)])
    with pytest.raises(SaferWalksError, match="cannot be read"):
        sessions.visitor({})
