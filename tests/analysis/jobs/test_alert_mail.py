"""Officers are told by e-mail that something waits, and of what it is not a word leaves."""

from __future__ import annotations

import datetime as dt
import logging
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.jobs.alert_mail import standing, tell_officers
from analysis.jobs.people import grant, revoke
from analysis.jobs.safeguarding import acknowledge
from geodata import mail
from geodata.errors import SaferWalksError
from geodata.records.database import open_records
from geodata.records.feedback import raise_alert
from tests.walks import OFFICER, Walk, a_walk

NOW = dt.datetime(2026, 11, 22, 18, tzinfo=dt.UTC)
COVER = "cover@council.uk"
HIDDEN = "followed home from the station"


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it is given; it refuses whom it is told to refuse."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.taken: list[tuple[str, str]] = []
        self.refused = ""


class Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink: Sink = self.server  # type: ignore[assignment]
        self.wfile.write(b"220 sink\r\n")
        to = ""
        while line := self.rfile.readline().decode().strip():
            word = line.split(" ")[0].split(":")[0].upper()
            if word == "RCPT":
                to = line.split("<")[1].split(">")[0]
                answer = b"550 no\r\n" if to == sink.refused else b"250 ok\r\n"
            elif word == "DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                sink.taken.append((to, "".join(lines)))
                answer = b"250 ok\r\n"
            else:
                answer = b"221 bye\r\n" if word == "QUIT" else b"250 ok\r\n"
            self.wfile.write(answer)


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with Sink() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(mail.URL, f"smtp://127.0.0.1:{server.server_address[1]}")
        monkeypatch.setenv(mail.SENDER, "walks@council.uk")
        monkeypatch.setenv(mail.ADDRESS, "https://walks.council.uk/")
        yield server
        server.shutdown()


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    """A walk, an officer and a cover, and a concern that nobody has seen."""
    made = a_walk(tmp_path / "w", at=NOW)
    grant(made.workspace, COVER, ["safeguarding_officer"], by="t", at=NOW)
    with open_records(made.workspace).changing(by="t", at=NOW) as change:
        raise_alert(change, {"event_id": made.event_id, "detail": HIDDEN, "contact": "07700"})
    return made


def later(minutes: float) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def test_officer_and_cover_are_told_until_somebody_acknowledges_it(walk: Walk, sink: Sink) -> None:
    here = walk.workspace
    assert (tell_officers(here, at=NOW).sent, len(sink.taken)) == (2, 2)
    assert tell_officers(here, at=later(14)).sent == 0
    assert tell_officers(here, at=later(15)).sent == 2
    (alert,) = walk.concerns()
    acknowledge(here, str(alert["alert_id"]), by="Sam", at=later(20))
    assert tell_officers(here, at=later(60)).waiting == 0
    assert sorted(to for to, _ in sink.taken) == [COVER, COVER, OFFICER, OFFICER]
    message = sink.taken[0][1]
    assert "Subject: Safer Walks: an alert waits for you" in message
    assert "https://walks.council.uk/safeguarding" in message
    for word in (HIDDEN, "07700", "station", str(alert["alert_id"]), "Sam"):
        assert word not in "".join(text for _, text in sink.taken)


def test_a_new_concern_is_told_of_at_once(walk: Walk, sink: Sink) -> None:
    tell_officers(walk.workspace, at=NOW)
    with open_records(walk.workspace).changing(by="t", at=NOW) as change:
        raise_alert(change, {"event_id": walk.event_id, "detail": "Another"})
    assert tell_officers(walk.workspace, at=later(1)).sent == 2


def test_who_no_longer_is_an_officer_is_not_told(walk: Walk, sink: Sink) -> None:
    revoke(walk.workspace, COVER, by="t", at=NOW, reason="left")
    assert tell_officers(walk.workspace, at=NOW).sent == 1


def test_a_failure_is_shown_and_logged_without_content(
    walk: Walk, sink: Sink, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setattr(logging.getLogger("safer_walks"), "propagate", True)
    sink.refused = COVER
    told = tell_officers(walk.workspace, at=NOW)
    assert (told.sent, told.failed) == (1, 1)
    stands = standing(walk.workspace)
    assert (stands["fault"], stands["is_on"]) == ("the mail server did not take the message", True)
    monkeypatch.setenv(mail.URL, "smtp://127.0.0.1:1")
    told = tell_officers(walk.workspace, at=later(20))
    assert told.fault.startswith("the mail server could not be reached")
    assert "an alert could not be e-mailed" in caplog.text
    for word in (HIDDEN, COVER, OFFICER, "07700"):
        assert word not in caplog.text
        assert word not in (walk.workspace.path / mail.LOG_NAME).read_text()
    monkeypatch.setenv(mail.URL, f"smtp://127.0.0.1:{sink.server_address[1]}")
    sink.refused = ""
    assert tell_officers(walk.workspace, at=later(21)).sent == 2  # tried again at once
    assert standing(walk.workspace)["fault"] == ""


def test_two_servers_take_turns(walk: Walk, sink: Sink) -> None:
    with mail.log(walk.workspace.path) as known:
        assert known == {}
        assert tell_officers(walk.workspace, at=NOW).sent == 0
    assert sink.taken == []


def test_it_is_off_unless_it_is_set_up(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(mail.URL, raising=False)
    assert not tell_officers(walk.workspace, at=NOW).is_on


@pytest.mark.parametrize(
    ("url", "match"),
    [("smtp://mail.example.org", "in clear"), ("http://mail", "not fully"), ("smtps://", "not")],
)
def test_what_would_be_unsafe_is_refused(
    url: str, match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(mail.URL, url)
    monkeypatch.setenv(mail.SENDER, "walks@council.uk")
    with pytest.raises(SaferWalksError, match=match):
        mail.post()


def test_a_password_is_read_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(mail.URL, "smtp+starttls://walks:p%40ss@mail.example.org")
    monkeypatch.setenv(mail.SENDER, "walks@council.uk")
    post = mail.post()
    assert post is not None
    assert (post.user, post.password, post.port) == ("walks", "p@ss", 587)
    assert "p@ss" not in repr(post)
