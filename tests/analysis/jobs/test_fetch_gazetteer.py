"""Fetching gazetteers by the OS Downloads API, against a server of our own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from analysis.jobs import fetch, repair
from geodata import layers
from geodata.errors import FetchError, ReportFileError, WorkspaceError
from geodata.fetch.http import Patience
from geodata.workspace import Workspace
from tests.analysis.jobs.test_repair import council, said
from tests.builders import workspace_of
from tests.geodata.fetch.test_gazetteer import names_row, place, uprn_csv, zipped
from tests.replay_server import Asked, Reply, json_reply, replaying

AT = "2026-11-22T10:00:00+00:00"
CODE_POINT = f'"E1 6AN",10,{place(1500, 500)},"E","","","","E","E"'
NAMES = names_row("Side Street", "Named Road", place(500, 500))


@dataclass
class Downloads:
    """Answers as api.os.uk/downloads/v1 does: a list of files, then the file after a redirect."""

    files: dict[str, bytes]
    lie: bool = False
    offered: Callable[[str], object] | None = None
    address: str = field(default="", init=False)

    def __call__(self, asked: Asked) -> Reply | None:
        name = asked.path.split("/")[2] if asked.path.startswith("/products/") else ""
        if name in self.files and asked.path == f"/products/{name}/downloads":
            if "redirect" in asked.query:
                return Reply(307, headers={"Location": f"{self.address}/blob/{name}.zip"})
            return json_reply(self._offer(name, asked))
        name = asked.path.removeprefix("/blob/").removesuffix(".zip")
        return Reply(body=self.files[name]) if name in self.files else None

    def _offer(self, name: str, asked: Asked) -> object:
        if self.offered:
            return self.offered(name)
        md5 = "0" * 32 if self.lie else hashlib.md5(self.files[name]).hexdigest()
        url = f"{self.address}{asked.path}?area=GB&format=CSV&redirect"
        return [{"url": url, "fileName": "x.zip", "md5": md5, "format": "CSV", "area": "GB"}]


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Downloads]:
    texts = {"CodePointOpen": CODE_POINT, "OpenNames": NAMES,
             "OpenUPRN": uprn_csv([(100021, 10, 20)])}  # fmt: skip
    files = {n: zipped(tmp_path, data=text).read_bytes() for n, text in texts.items()}
    api = Downloads(files)
    monkeypatch.setattr(fetch, "PATIENCE", Patience(tries=2, pause_s=0.01, read_s=5.0))
    with replaying(api) as running:
        monkeypatch.setenv("SAFER_WALKS_OS_OPEN", running.address)
        api.address, api.running = running.address, running
        yield api


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [said(postcode="E1 6AN"), said("Side St"), said(uprn="100021"), said("Nowhere")]
    return workspace_of(tmp_path / "ws", council(rows)).path


def test_postcodes_and_names_are_fetched_and_waiting_rows_are_placed(
    served: Downloads, folder: Path
) -> None:
    told: list[float] = []
    done = fetch.fetch_gazetteer(folder, at=AT, progress=lambda share, _: told.append(share))
    assert done.result.rows == {"postcodes": 1, "streets": 1}
    assert done.notes == ("2 stored rows were found on the map with it.",)
    assert told == sorted(told)
    assert told[-1] == 1.0
    known = layers.origins(Workspace.open(folder))
    assert known["gazetteer_codepoint"]["product"] == "Code-Point Open"
    assert known["gazetteer_opennames"]["fetched_at"] == AT
    assert len(layers.gazetteer(Workspace.open(folder))) == 2
    assert repair.waiting(Workspace.open(folder)).placed == {"postcode": 1, "street": 1}
    before = Workspace.open(folder).version
    assert "Nothing changed" in fetch.fetch_gazetteer(folder, at=AT).message
    assert Workspace.open(folder).version == before
    assert sum(p.startswith("/blob/") for p in served.running.paths()) == 2  # kept: not asked again


def test_property_numbers_are_fetched_when_asked_for(served: Downloads, folder: Path) -> None:
    done = fetch.fetch_gazetteer(folder, products=["openuprn"], at=AT)
    assert done.result.rows == {"uprns": 1}
    assert repair.waiting(Workspace.open(folder)).placed == {"uprn": 1}


def test_a_file_that_is_not_what_was_announced_is_not_kept(served: Downloads, folder: Path) -> None:
    served.lie = True
    with pytest.raises(FetchError, match="is not what the Ordnance Survey announced"):
        fetch.fetch_gazetteer(folder, at=AT)
    assert layers.gazetteer(Workspace.open(folder)) is None
    served.lie = False
    assert not fetch.fetch_gazetteer(folder, at=AT).result.unchanged


@pytest.mark.parametrize("offered", [[], {"error": 1}, [{"url": "", "format": "CSV"}], "no"])
def test_an_offer_without_csv_names_the_manual_way(
    served: Downloads, folder: Path, offered: object
) -> None:
    served.offered = lambda _name: offered
    with pytest.raises(FetchError, match=r"does not offer Code-Point Open.*by hand"):
        fetch.fetch_gazetteer(folder, at=AT)


def test_a_stranger_is_never_asked(served: Downloads, folder: Path) -> None:
    served.address = "http://localhost:1"
    with pytest.raises(FetchError, match=r"a stranger.*osdatahub.os.uk"):
        fetch.fetch_gazetteer(folder, at=AT)


def test_a_network_that_refuses_gives_the_manual_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "PATIENCE", Patience(tries=1, pause_s=0.01, connect_s=0.5))
    monkeypatch.setenv("SAFER_WALKS_OS_OPEN", "http://127.0.0.1:1")
    with pytest.raises(FetchError, match="safer-walks fetch gazetteer --file"):
        fetch.fetch_gazetteer(folder, at=AT)


def test_zips_are_dropped_in_beside_each_other(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    fetch.fetch_gazetteer(folder, file=zipped(tmp_path / "a", e=CODE_POINT), at=AT)
    done = fetch.fetch_gazetteer(folder, file=zipped(tmp_path, tq=NAMES), at=AT)
    assert done.origin["product"] == "OS Open Names"
    assert set(layers.gazetteer(Workspace.open(folder))["kind"]) == {"postcode", "street"}
    with pytest.raises(ReportFileError, match="holds no postcode"):
        fetch.fetch_gazetteer(folder, file=zipped(tmp_path, x="a,b"), at=AT)


def test_a_demo_takes_no_gazetteer(tmp_path: Path) -> None:
    from tests.builders import two_wards

    Workspace.create(tmp_path / "d", kind="demo", wards=two_wards(), ward_info={})
    with pytest.raises(WorkspaceError, match="demo"):
        fetch.fetch_gazetteer(tmp_path / "d", file=tmp_path / "x.zip")
