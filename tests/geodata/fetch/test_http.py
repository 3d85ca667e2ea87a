"""The client against a real server on loopback, well and unwell."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from geodata.errors import FetchCancelledError, FetchError
from geodata.fetch.cache import Cache
from geodata.fetch.http import Client, Patience
from geodata.fetch.rates import TokenBucket
from geodata.fetch.sources import POLICE_API
from tests.replay_server import Asked, Replay, Reply, json_reply, replaying

QUICK = Patience(tries=4, pause_s=0.01, longest_s=5.0, connect_s=2.0, read_s=0.3)
GOOD = {"all": "well"}


def answers(asked: Asked) -> Reply | None:
    return json_reply(GOOD) if asked.path in ("/thing", "/elsewhere") else None


@pytest.fixture
def server() -> Iterator[Replay]:
    with replaying(answers) as running:
        yield running


class Naps:
    """Counts the seconds slept, and sleeps none of them."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, seconds: float) -> None:
        self.seconds += seconds


def client(server: Replay, folder: Path, **more: object) -> Client:
    source = replace(POLICE_API, address=server.address)
    given = {"at": "2026-11-22T10:00:00+00:00", "patience": QUICK, "sleep": Naps(), **more}
    return Client(source, Cache(folder / "cache"), **given)


# What comes back, and what is kept


def test_an_answer_is_kept_and_used_only_after_asking(server: Replay, tmp_path: Path) -> None:
    assert client(server, tmp_path).get_json("thing") == GOOD
    later = client(server, tmp_path, at="2026-11-23T10:00:00+00:00")
    again = later.ask("GET", f"{server.address}/thing")
    assert (again.kept, again.fetched_at) == (True, "2026-11-22T10:00:00+00:00")
    assert len(server.asked) == 2
    assert "if-none-match" in server.asked[1].headers


def test_a_changed_answer_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    said = [{"edition": 1}]
    with replaying(lambda _asked: json_reply(said[-1])) as server:
        assert client(server, tmp_path).get_json("thing") == {"edition": 1}
        said.append({"edition": 2})
        assert client(server, tmp_path).get_json("thing") == {"edition": 2}


def test_answers_without_a_validator_are_asked_for_anew(tmp_path: Path) -> None:
    with replaying(lambda _asked: Reply(body=b"[1]")) as server:
        for _ in range(2):
            assert client(server, tmp_path).get_json("thing") == [1]
        assert [("if-none-match" in a.headers) for a in server.asked] == [False, False]


def test_under_the_mark_of_a_stopped_fetch_nothing_is_asked_twice(
    server: Replay, tmp_path: Path
) -> None:
    cache = Cache(tmp_path / "cache")
    marks = []

    def stop_half_way() -> None:
        with cache.unfinished("months") as mark:
            marks.append(mark)
            client(server, tmp_path, mark=mark).get_json("thing")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stop_half_way()
    with cache.unfinished("months") as again:
        assert again == marks[0]
        assert client(server, tmp_path, mark=again).get_json("thing") == GOOD
    assert len(server.asked) == 1
    with cache.unfinished("months") as fresh:  # the fetch was finished: now it asks again
        assert fresh != marks[0]
        client(server, tmp_path, mark=fresh).get_json("thing")
    assert len(server.asked) == 2


def test_a_damaged_cache_is_no_answer(server: Replay, tmp_path: Path) -> None:
    client(server, tmp_path).get_json("thing")
    (body,) = (tmp_path / "cache").glob("*.body")
    body.write_bytes(b'{"all": "ill"}')
    assert client(server, tmp_path).get_json("thing") == GOOD
    assert "if-none-match" not in server.asked[1].headers


def test_deleting_the_cache_does_no_harm(server: Replay, tmp_path: Path) -> None:
    client(server, tmp_path).get_json("thing")
    for file in (tmp_path / "cache").iterdir():
        file.unlink()
    (tmp_path / "cache").rmdir()
    assert client(server, tmp_path).get_json("thing") == GOOD


# Faults


FAULTS = {
    "429 that names a time": Reply(429, b"slow down", {"Retry-After": "3"}),
    "429": Reply(429),
    "502": Reply(502),
    "503": Reply(503, b"<html>busy</html>"),
    "504": Reply(504),
    "half a body": Reply(200, json.dumps({"all": "x" * 500}).encode(), cut=200),
    "nothing of the body": Reply(200, b"[1, 2]", cut=6),
    "wrong JSON": Reply(200, b'{"all": "we'),
    "a page instead of JSON": Reply(200, b"<html>Log in to the network</html>"),
    "an empty answer": Reply(200, b""),
    "a slow answer": Reply(200, b"[1]", slow=0.6),
    "not what it says it is packed as": Reply(200, b"[1]", {"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_is_outlasted(server: Replay, tmp_path: Path, fault: str) -> None:
    server.faults += [FAULTS[fault]] * 2
    assert client(server, tmp_path).get_json("thing") == GOOD
    assert len(server.asked) == 3


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_gives_one_sentence_and_the_way_by_hand(
    server: Replay, tmp_path: Path, fault: str
) -> None:
    server.faults += [FAULTS[fault]] * 10
    with pytest.raises(FetchError, match="could not be fetched") as caught:
        client(server, tmp_path).get_json("thing")
    assert len(server.asked) == QUICK.tries
    assert "https://data.police.uk/data/" in caught.value.todo
    assert "safer-walks import" in caught.value.todo
    assert "urllib3" not in str(caught.value)
    assert not list((tmp_path / "cache").glob("*.body")), "a faulty answer was kept"


def test_the_pause_is_the_servers_own_where_it_names_one(server: Replay, tmp_path: Path) -> None:
    naps = Naps()
    server.faults.append(Reply(429, headers={"Retry-After": "3"}))
    client(server, tmp_path, sleep=naps).get_json("thing")
    assert naps.seconds == pytest.approx(3.0 + QUICK.pause_s, abs=0.01)


def test_pauses_grow(server: Replay, tmp_path: Path) -> None:
    naps = Naps()
    server.faults += [Reply(503)] * 3
    client(server, tmp_path, sleep=naps).get_json("thing")
    assert naps.seconds == pytest.approx(QUICK.pause_s * (1 + 2 + 4))


def test_a_server_that_asks_for_an_hour_is_not_waited_for(server: Replay, tmp_path: Path) -> None:
    server.faults.append(Reply(429, headers={"Retry-After": "3600"}))
    with pytest.raises(FetchError, match="come back in 3,600 seconds"):
        client(server, tmp_path).get_json("thing")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_plain_no_is_taken_at_once(server: Replay, tmp_path: Path, status: int) -> None:
    server.faults.append(Reply(status))
    with pytest.raises(FetchError, match=str(status)):
        client(server, tmp_path).get_json("thing")
    assert len(server.asked) == 1


def test_a_refused_connection_says_so(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        gone = Replay(f"http://127.0.0.1:{probe.getsockname()[1]}")
    with pytest.raises(FetchError, match="no connection"):
        client(gone, tmp_path).get_json("thing")


def test_an_answer_without_end_is_cut_off(server: Replay, tmp_path: Path) -> None:
    server.faults.append(Reply(200, b"[" + b"1," * 50_000 + b"1]"))
    with pytest.raises(FetchError, match="larger than"):
        client(server, tmp_path, largest=10_000).get_json("thing")


# Redirects


def test_a_redirect_within_the_house_is_followed(server: Replay, tmp_path: Path) -> None:
    server.faults.append(Reply(302, headers={"Location": "/elsewhere"}))
    assert client(server, tmp_path).get_json("thing") == GOOD
    assert server.paths() == ["/thing", "/elsewhere"]


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/elsewhere", "file:///etc/passwd", "//example.invalid/x"]
)
def test_a_redirect_to_a_stranger_is_refused(server: Replay, tmp_path: Path, target: str) -> None:
    server.faults.append(Reply(302, headers={"Location": target}))
    with pytest.raises(FetchError, match="a stranger"):
        client(server, tmp_path).get_json("thing")
    assert len(server.asked) == 1


def test_a_redirect_to_a_named_host_is_followed(server: Replay, tmp_path: Path) -> None:
    with replaying(answers) as other:
        asker = client(server, tmp_path)
        asker.source = replace(asker.source, also=(other.address.removeprefix("http://"),))
        server.faults.append(Reply(302, headers={"Location": f"{other.address}/elsewhere"}))
        assert asker.get_json("thing") == GOOD
        assert other.paths() == ["/elsewhere"]


def test_redirects_in_a_ring_end(server: Replay, tmp_path: Path) -> None:
    server.faults += [Reply(302, headers={"Location": "/thing"})] * 20
    with pytest.raises(FetchError, match="more than 5 times"):
        client(server, tmp_path).get_json("thing")


@pytest.mark.parametrize(("status", "method"), [(301, "POST"), (307, "POST"), (303, "GET")])
def test_a_question_is_put_again_after_a_redirect(
    server: Replay, tmp_path: Path, status: int, method: str
) -> None:
    server.faults.append(Reply(status, headers={"Location": "/elsewhere"}))
    client(server, tmp_path).ask("POST", f"{server.address}/thing", {"date": "2018-06"})
    assert server.asked[1].method == method
    assert server.asked[1].form == ({"date": "2018-06"} if method == "POST" else {})


# Rate and cancelling


def test_no_more_requests_than_the_rate_allows(server: Replay, tmp_path: Path) -> None:
    now, naps = [0.0], Naps()

    def sleep(seconds: float) -> None:
        naps(seconds)
        now[0] += seconds

    bucket = TokenBucket(15.0, 30, clock=lambda: now[0])
    asker = client(server, tmp_path, rate=bucket, sleep=sleep)
    for _ in range(60):
        asker.get_json("thing")
    # thirty at once, the other thirty at fifteen a second
    assert naps.seconds == pytest.approx(2.0, abs=1e-6)


def test_a_cancelled_fetch_stops_before_the_next_request(server: Replay, tmp_path: Path) -> None:
    stop = [False]
    asker = client(server, tmp_path, cancel=lambda: stop[0])
    asker.get_json("thing")
    stop[0] = True
    with pytest.raises(FetchCancelledError, match="was stopped"):
        asker.get_json("elsewhere")
    assert len(server.asked) == 1


def test_a_long_pause_can_be_cancelled(server: Replay, tmp_path: Path) -> None:
    naps = Naps()
    server.faults.append(Reply(429, headers={"Retry-After": "5"}))
    asker = client(server, tmp_path, sleep=naps, cancel=lambda: naps.seconds >= 1.0)
    with pytest.raises(FetchCancelledError):
        asker.get_json("thing")
    assert naps.seconds < 1.5


# Large files

FILE = bytes(range(256)) * 20_000


def files(asked: Asked) -> Reply | None:
    return Reply(body=FILE, headers={"ETag": '"one"'}) if asked.path == "/big.zip" else None


def test_a_download_arrives_whole(tmp_path: Path) -> None:
    shares: list[float] = []
    with replaying(files) as server:
        asker = client(server, tmp_path)
        path = asker.download(f"{server.address}/big.zip", tmp_path / "b", progress=shares.append)
    assert path.read_bytes() == FILE
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["b"]


def test_a_download_that_broke_off_goes_on_where_it_stopped(tmp_path: Path) -> None:
    with replaying(files) as server:
        cut = Reply(200, FILE, {"ETag": '"one"'}, cut=3_000_000)
        server.faults.append(cut)
        path = client(server, tmp_path).download(f"{server.address}/big.zip", tmp_path / "b")
        assert path.read_bytes() == FILE
        assert server.asked[1].headers["range"].startswith("bytes=")
        assert int(server.asked[1].headers["range"][6:-1]) > 1_000_000


def test_a_cancelled_download_goes_on_the_next_time(tmp_path: Path) -> None:
    seen: list[float] = []
    with replaying(files) as server:
        asker = client(server, tmp_path, cancel=lambda: len(seen) >= 2)
        with pytest.raises(FetchCancelledError):
            asker.download(f"{server.address}/big.zip", tmp_path / "b", progress=seen.append)
        assert not (tmp_path / "b").exists()
        again = client(server, tmp_path)
        path = again.download(f"{server.address}/big.zip", tmp_path / "b")
        assert path.read_bytes() == FILE
        assert "range" in server.asked[-1].headers


def test_a_download_killed_before_its_last_step_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "b.part").write_bytes(FILE)
    (tmp_path / "b.json").write_bytes(b'{"edition": "\\"one\\""}')
    with replaying(files) as server:
        path = client(server, tmp_path).download(f"{server.address}/big.zip", tmp_path / "b")
        assert [a.headers.get("range") for a in server.asked] == [f"bytes={len(FILE)}-", None]
    assert path.read_bytes() == FILE


def test_another_edition_meanwhile_starts_the_download_anew(tmp_path: Path) -> None:
    with replaying(lambda _a: Reply(body=FILE[::-1], headers={"ETag": '"two"'})) as server:
        server.faults.append(Reply(200, FILE, {"ETag": '"one"'}, cut=3_000_000))
        path = client(server, tmp_path).download(f"{server.address}/big.zip", tmp_path / "b")
    assert path.read_bytes() == FILE[::-1]


def test_a_proxy_of_the_system_is_not_asked_for_this_machine(
    server: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert client(server, tmp_path).get_json("thing") == GOOD
