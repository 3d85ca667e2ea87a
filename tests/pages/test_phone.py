"""The routes of the phone form: what they take, what they refuse, what stands in the log."""

from __future__ import annotations

import datetime as dt
import re
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from geodata.records import feedback
from geodata.workspace import VARIABLE
from pages.phone import endpoints
from pages.server import sessions
from pages.server.access import Access
from pages.server.routes import FORM_PATHS, ROUTES
from pages.server.sessions import LAPTOP, Visitor
from tests.walks import LEAD, Walk, a_walk

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from starlette.testclient import TestClient

NOW = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)
KEY = "0123456789abcdef0123456789abcdef"
HIDDEN = "behind the bins a man waits"


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Walk:
    made = a_walk(tmp_path / "w", at=NOW)
    monkeypatch.setenv(VARIABLE, str(made.workspace.path))
    monkeypatch.setattr(endpoints, "now", lambda: NOW)
    return made


@pytest.fixture
def lead(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """The phone of the walk's lead."""
    return phone(monkeypatch, "walk_lead", user_id=walk.lead_id)


def phone(monkeypatch: pytest.MonkeyPatch, *roles: Any, user_id: str = "") -> TestClient:
    visitor = Visitor("person", LEAD, "Lead", frozenset(roles), user_id) if roles else LAPTOP
    monkeypatch.setattr(sessions, "visitor", lambda cookies: visitor)
    app = Starlette(routes=ROUTES, middleware=[Middleware(Access)])
    return TestClient(
        app, base_url="http://localhost", client=("127.0.0.1", 5000),
        headers={"Origin": "http://localhost", "X-Safer-Walks": "form"},
    )  # fmt: skip


def counted(walk: Walk) -> pd.DataFrame:
    """Answers that people gave about themselves."""
    with walk.records.reading() as connection:
        return feedback.monitoring(connection)


def answer(walk: Walk, **changed: Any) -> dict[str, Any]:
    said = {
        "event_id": walk.event_id, "stop_id": walk.stops[1], "mode": "individual", "n_people": 1,
        "said_on": "2026-11-22", "feel_now": 2, "open_reason": HIDDEN, "issues": ["poor_lighting"],
        "suggestion": "", "consent_store": True, "consent_quote": False,
        "lon": -0.0332, "lat": 51.5255,
    } | changed  # fmt: skip
    return {"key": KEY, "said": {name: value for name, value in said.items() if value != "gone"}}


def test_an_answer_is_stored_once_however_often_it_comes(walk: Walk, lead: TestClient) -> None:
    first = lead.post("/phone/send", json=answer(walk))
    again = lead.post("/phone/send", json=answer(walk))
    assert (first.status_code, first.json()) == (200, again.json())
    (stored,) = walk.answers()
    assert stored["feel_now"] == 2
    assert stored["issues"] == ("poor_lighting",)
    assert (stored["form"], stored["channel"]) == ("quick", "phone_form")
    # Mile End station by the Ordnance Survey's own grid, to a metre.
    assert stored["easting"] == pytest.approx(536_539, abs=1)
    assert stored["northing"] == pytest.approx(182_565, abs=1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"consent_store": False}, "without consent nothing is stored"),
        ({"feel_now": 7}, "'How safe do you feel here, now?' is 7"),
        ({"issues": ["a_dragon"]}, "'What is wrong here?' cannot be"),
        ({"event_id": "EVT-2026-0099"}, "no event of this id"),
        ({"event_id": ["x"]}, "no event"),
        ({"stop_id": "STP-2026-0099"}, "'Stop' names STP-2026-0099"),
        ({"open_reason": "x" * 20_000}, "characters"),
        ({"behaviours": ["followed"]}, "not asked for"),
        ({"participant_key": "me"}, "not asked for"),
        ({"lat": "gone"}, "no pair of numbers"),
        ({"lat": "51"}, "no pair of numbers"),
        ({"lon": 100.0}, "not in Great Britain"),
        ({"mode": "individual", "n_people": 4}, "must be 1 when one person answered"),
    ],
)
def test_what_cannot_be_stored_is_said_and_not_stored(
    changed: dict[str, Any], said: str, walk: Walk, lead: TestClient
) -> None:
    told = lead.post("/phone/send", json=answer(walk, **changed))
    assert told.status_code == 422
    assert said in told.json()["error"]
    assert walk.answers() == []


def test_a_key_used_for_something_else_is_refused(walk: Walk, lead: TestClient) -> None:
    assert lead.post("/phone/send", json=answer(walk)).status_code == 200
    assert lead.post("/phone/send", json=answer(walk, feel_now=3)).status_code == 422
    assert [stored["feel_now"] for stored in walk.answers()] == [2]


@pytest.mark.parametrize("key", ["", "short", "../../../../etc/passwd", "x" * 65, None, 7])
def test_a_key_that_is_none_is_refused(key: Any, walk: Walk, lead: TestClient) -> None:
    assert lead.post("/phone/send", json=answer(walk) | {"key": key}).status_code in (400, 422)
    assert walk.answers() == []


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"X-Safer-Walks": ""}, b"{}", 415),
        ({"Content-Type": "text/plain"}, b"{}", 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, b"key=1", 415),
        ({}, b"not json", 400),
        ({}, b"[1, 2]", 400),
        ({}, b'{"key": "k"}', 400),
        ({}, b'{"key": "k", "said": []}', 400),
        ({}, b"x" * (64 * 1024 + 1), 413),
        ({"Origin": "https://evil.example"}, b"{}", 403),
    ],
)
def test_what_the_form_never_sends_is_refused(
    headers: dict[str, str], content: bytes, status: int, walk: Walk, lead: TestClient
) -> None:
    with_type = {"Content-Type": "application/json"} | headers
    assert lead.post("/phone/send", content=content, headers=with_type).status_code == status
    assert walk.answers() == []


def test_a_lead_records_their_own_walks_and_no_others(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = phone(monkeypatch, "walk_lead", user_id="USR-2026-0099")
    assert other.get("/phone/walks.json").json() == {"walks": []}
    told = other.post("/phone/send", json=answer(walk))
    assert (told.status_code, walk.answers()) == (422, [])
    manager = phone(monkeypatch, "manager")
    (offered,) = manager.get("/phone/walks.json").json()["walks"]
    assert offered["event_id"] == walk.event_id
    assert [stop["name"] for stop in offered["stops"]] == ["Station entrance", "Underpass"]
    assert manager.post("/phone/send", json=answer(walk)).status_code == 200


def test_walks_are_offered_from_a_week_before_to_two_weeks_after(
    walk: Walk, lead: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = []
    for days in (-8, -7, 14, 15):
        day = NOW + dt.timedelta(days)
        monkeypatch.setattr(endpoints, "now", lambda day=day: day)
        offered.append(len(lead.get("/phone/walks.json").json()["walks"]))
    assert offered == [0, 1, 1, 0]


def test_a_concern_goes_to_its_own_table_and_says_nothing_of_the_answer(
    walk: Walk, lead: TestClient
) -> None:
    said = {"event_id": walk.event_id, "stop_id": walk.stops[0], "detail": HIDDEN, "contact": ""}
    for _ in range(2):
        assert lead.post("/phone/raise", json={"key": KEY, "said": said}).status_code == 200
    assert lead.post("/phone/send", json=answer(walk)).status_code == 200
    (concern,) = walk.concerns()
    assert (concern["detail"], concern["raised_by"]) == (HIDDEN, LEAD)
    (stored,) = walk.answers()
    assert not {"detail", "safeguarding_flag", "alert_id"} & set(stored)
    assert stored["response_id"] not in str(concern)


def test_the_log_names_the_record_and_the_role_and_no_word_of_it(
    walk: Walk, lead: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    said = {"event_id": walk.event_id, "detail": HIDDEN, "contact": "07700 900123"}
    lead.post("/phone/raise", json={"key": KEY, "said": said})
    lead.post("/phone/send", json=answer(walk))
    lead.post("/phone/send", json=answer(walk, suggestion=HIDDEN, feel_now=9))
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("safer_walks"))
    assert "stored ALT-2026-0001 for roles walk_lead" in ours
    assert "stored RSP-2026-0001 for roles walk_lead" in ours
    assert "refused what a form sent, for roles walk_lead" in ours
    everything = caplog.text
    for word in (HIDDEN, "07700", "poor_lighting", LEAD):
        assert word not in everything


def test_the_history_keeps_no_word_of_it_either(walk: Walk, lead: TestClient) -> None:
    lead.post("/phone/send", json=answer(walk))
    said = {"event_id": walk.event_id, "detail": HIDDEN, "contact": "07700 900123"}
    lead.post("/phone/raise", json={"key": KEY, "said": said})
    assert HIDDEN not in walk.records.history().to_string()


def test_the_page_carries_its_own_strict_rules(walk: Walk, lead: TestClient) -> None:
    page = lead.get("/phone")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'; script-src 'self'" in policy
    assert page.headers["Permissions-Policy"].startswith("geolocation=(self)")
    assert "onclick" not in page.text
    assert " style=" not in page.text
    for way in ("999", "101", "0800 555 111", "text 61016", "StreetSafe", "OWL"):
        assert way in page.text
    assert '<a class="ring" href="tel:02073640000">020 7364 0000</a>' in page.text
    assert '<p class="warn">Sign-in is off' not in page.text


def test_without_sign_in_the_page_says_what_a_phone_needs(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = phone(monkeypatch).get("/phone").text
    assert '<p class="warn">Sign-in is off' in page
    assert "On a phone it needs sign-in and HTTPS" in page


def test_the_worker_may_look_after_the_page(walk: Walk, lead: TestClient) -> None:
    worker = lead.get("/phone/worker.js")
    assert worker.headers["Service-Worker-Allowed"] == "/phone"
    for name in ("/phone", "/phone-audit", "/phone-paper", "/phone/map.js"):
        assert f'"{name[1:]}"' in worker.text
        assert lead.get(name).status_code == 200
    assert lead.get("/phone/other.js").status_code == 404
    assert lead.get("/phone/endpoints.py").status_code == 404


AUDIT = {
    "feel_day": 5, "feel_day_recalled": False, "feel_dark": 2, "feel_dark_recalled": True,
    "experience": "today_on_site", "lighting": 0, "upkeep": None, "not_applicable": ["upkeep"],
    "behaviours": ["followed"], "monitoring": {"age_band": "25_34"},
}  # fmt: skip


def test_a_full_audit_is_stored_with_memory_apart_from_the_moment(
    walk: Walk, lead: TestClient
) -> None:
    sent = answer(walk, **AUDIT)
    for _ in range(2):
        assert lead.post("/phone/audit", json=sent).status_code == 200
    (stored,) = walk.answers()
    assert (stored["feel_now"], stored["feel_day"], stored["feel_dark"]) == (2, 5, 2)
    assert (stored["feel_day_recalled"], stored["feel_dark_recalled"]) == (False, True)
    assert (stored["lighting"], stored["not_applicable"]) == (0, ("upkeep",))
    assert (stored["form"], stored["channel"]) == ("full", "tablet")
    assert "25_34" not in str(stored)
    assert counted(walk)[["answer", "people"]].to_numpy().tolist() == [["25_34", 1]]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"channel": "paper"}, "not asked for"),
        ({"monitoring": "25_34"}, "not asked for"),
        ({"monitoring": {"age_band": "old"}}, "not in its list"),
        ({"lighting": 4}, "'Lighting' is 4"),
        ({"consent_store": False}, "without consent nothing is stored"),
    ],
)
def test_a_full_audit_that_cannot_be_stored_says_why(
    changed: dict[str, Any], said: str, walk: Walk, lead: TestClient
) -> None:
    told = lead.post("/phone/audit", json=answer(walk, **AUDIT, **changed) if not set(changed)
                     & set(AUDIT) else answer(walk, **(AUDIT | changed)))  # fmt: skip
    assert (told.status_code, walk.answers()) == (422, [])
    assert said in told.json()["error"]
    assert counted(walk).empty


def test_a_virtual_walk_is_never_said_to_be_seen_on_site(walk: Walk, lead: TestClient) -> None:
    with walk.records.changing(by="t", at=NOW) as change:
        change.update("events", walk.event_id, {"event_type": "virtual_walk"}, version=None)
    told = lead.post("/phone/audit", json=answer(walk, **AUDIT))
    assert "not seen on site" in told.json()["error"]
    assert lead.post("/phone/paper", json=paper(walk)).status_code == 200
    (stored,) = walk.answers()
    assert stored["experience"] == "image_only"


def paper(walk: Walk, **changed: str) -> dict[str, Any]:
    typed = {
        "stop": "2", "feel_now": "3", "feel_dark": "1", "issues": "2 14", "help": "1",
        "ratings": "3210-n-----", "keep": "y", "why": "Dark",
    } | changed  # fmt: skip
    return {"key": KEY, "said": {"event_id": walk.event_id, **typed}}


def test_paper_is_typed_by_its_numbers(walk: Walk, lead: TestClient) -> None:
    assert lead.post("/phone/paper", json=paper(walk)).status_code == 200
    (stored,) = walk.answers()
    assert stored["issues"] == ("poor_lighting", "broken_glass")
    assert (stored["feel_now"], stored["feel_dark"], stored["channel"]) == (3, 1, "paper")
    assert (stored["lighting"], stored["people"]) == (3, 0)
    assert (stored["not_applicable"], stored["stop_id"]) == (("path",), walk.stops[1])
    assert (stored["open_reason"], stored["said_on"]) == ("Dark", NOW.date())


@pytest.mark.parametrize(
    ("box", "text", "said"),
    [
        ("feel_now", "7", "type a number from 1 to 6"),
        ("issues", "99", "this number is not on the list"),
        ("issues", "light", "only the numbers on paper"),
        ("ratings", "333", "one sign for each of the 11"),
        ("keep", "perhaps", "type y or n"),
        ("stop", "3", "type a number from 1 to 2"),
        ("channel", "phone", "not asked for"),
    ],
)
def test_what_was_mistyped_is_said(
    box: str, text: str, said: str, walk: Walk, lead: TestClient
) -> None:
    told = lead.post("/phone/paper", json=paper(walk, **{box: text}))
    assert (told.status_code, walk.answers()) == (422, [])
    assert said in told.json()["error"]


def test_two_people_on_one_device_are_told_apart(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mark(page: str) -> str:
        found = re.search(r"mark&quot;: &quot;([0-9a-f]{16})", page)
        return found.group(1) if found else ""

    lead = phone(monkeypatch, "walk_lead", user_id=walk.lead_id).get("/phone-audit").text
    assert LEAD not in lead
    other = Visitor("person", "b@council.uk", "B", frozenset({"walk_lead"}))
    monkeypatch.setattr(sessions, "visitor", lambda cookies: other)
    app = Starlette(routes=ROUTES, middleware=[Middleware(Access)])
    mine = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 5000))
    marks = {mark(lead), mark(mine.get("/phone-audit").text)}
    assert len(marks - {""}) == 2


def test_the_map_of_a_walk_is_for_whoever_records_it(
    walk: Walk, lead: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"easting": 700.0, "northing": 500.0}
    with walk.records.changing(by="t", at=NOW) as change:
        change.update("stops", walk.stops[1], place, version=None)
    found = lead.get(f"/phone/map.json?walk={walk.event_id}").json()
    ((name, lat, lon),) = found["stops"]
    south, west, north, east = found["bounds"]
    assert name == "Underpass"
    assert south < lat < north
    assert west < lon < east
    assert 450 < (lat - south) * 111_200 < 600  # drawn 500 m around the stop
    assert len(found["wards"]) == 2
    assert lead.get("/phone/map.json?walk=EVT-2026-0099").status_code == 404
    other = phone(monkeypatch, "walk_lead", user_id="USR-2026-0099")
    assert other.get(f"/phone/map.json?walk={walk.event_id}").status_code == 404


@pytest.mark.parametrize("role", ["viewer", "panel_chair", "action_owner", "safeguarding_officer"])
def test_the_form_is_for_those_who_lead_walks(
    role: Any, walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = phone(monkeypatch, role)
    assert ask.get("/phone").status_code == 403
    assert ask.get("/phone/walks.json").status_code == 403
    assert ask.post("/phone/send", json=answer(walk)).status_code == 403
    assert ask.get("/paper").status_code == 403
    assert walk.answers() == []


def test_the_paper_twin_has_the_walk_and_the_same_codes(walk: Walk, lead: TestClient) -> None:
    paper = lead.get(f"/paper?walk={walk.event_id}").text
    assert "Mile End station" in paper
    assert "Underpass" in paper
    assert '<span class="box">2</span>Poor lighting' in paper
    assert "Mile End station" not in lead.get("/paper?walk=EVT-1999-0001").text


def test_a_language_needs_no_code(walk: Walk, lead: TestClient) -> None:
    folder = walk.workspace.path / "wording"
    folder.mkdir()
    (folder / "so.toml").write_text(
        'language = "Soomaali"\n[form]\nfeel_now = "Sidee baad u dareemaysaa <b>?"\n'
        '[list.environment_issue]\npoor_lighting = "Iftiin yar"\n'
    )
    page = lead.get("/phone?lang=so").text
    assert '<html lang="so">' in page
    assert "Sidee baad u dareemaysaa &lt;b&gt;?" in page
    assert "Iftiin yar" in page
    assert "What would help?" in page  # not translated yet: English
    assert '<html lang="en-GB">' in lead.get("/phone?lang=../../etc").text


def test_the_server_hands_every_route_of_the_forms_on() -> None:
    """They are loaded when one is first asked for, so their list stands twice."""
    asked = {re.sub(r"/phone/.+", "/phone/{name}", each.path) for each in endpoints.FORM_ROUTES}
    assert asked == set(FORM_PATHS)
