"""Fetching, end to end: from a publisher's answer to rows in the workspace, and back again."""

from __future__ import annotations

import gzip
import io
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest

from analysis.jobs import fetch
from analysis.jobs.imports import import_files
from analysis.jobs.initialise import initialise
from geodata import layers
from geodata.crs import to_lonlat
from geodata.errors import (
    FetchCancelledError,
    FetchError,
    StoreConflictError,
    UnsafeArchiveError,
    VintageError,
    WorkspaceError,
)
from geodata.fetch.http import Patience
from geodata.store import months_missing, read_incidents, read_rejected
from geodata.workspace import Workspace
from tests.builders import EAST, ORIGIN, WEST, two_wards
from tests.geodata.fetch.test_ons import NEWEST, OnsPortal, portal
from tests.replay_server import Asked, PoliceApi, Replay, Reply, replaying, report
from tests.street_files import street_csv

AT, LATER = "2026-11-22T10:00:00+00:00", "2026-11-23T10:00:00+00:00"
MONTHS = ("2026-03", "2026-04")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing outside is ever asked: what a test does not serve is refused at once."""
    monkeypatch.setattr(fetch, "PATIENCE", Patience(tries=2, pause_s=0.01, read_s=5.0))
    for name in ("POLICE_API", "ARCHIVE", "ONS", "NOMIS"):
        monkeypatch.setenv(f"SAFER_WALKS_{name}", "http://127.0.0.1:1")


def at(east: float, north: float) -> tuple[float, float]:
    """Longitude and latitude of a place by metres from the wards' corner."""
    lon, lat = to_lonlat([ORIGIN[0] + east], [ORIGIN[1] + north])
    return float(lon[0]), float(lat[0])


def reports(month: str) -> list[dict]:
    """Six reports: two in West, one of East near its edge, one in the collar, two alike."""
    places = [(100, 100), (900, 900), (1995, 500), (2300, 500), (1500, 500), (1500, 500)]
    start = int(month.replace("-", "")) * 100
    return [
        report(start + n, month, *at(*place), "anti-social-behaviour")
        for n, place in enumerate(places)
    ]


@pytest.fixture
def police(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    api = PoliceApi([r for m in MONTHS for r in reports(m)])
    with replaying(api) as running:
        monkeypatch.setenv("SAFER_WALKS_POLICE_API", running.address)
        running.api = api
        yield running


@pytest.fixture
def ons(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    with replaying(portal()) as running:
        monkeypatch.setenv("SAFER_WALKS_ONS", running.address)
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with the two wards."""
    Workspace.create(tmp_path / "ws", kind="real", wards=two_wards(), ward_info={})
    return tmp_path / "ws"


# Wards


def test_wards_start_a_workspace_and_say_where_they_came_from(ons: Replay, tmp_path: Path) -> None:
    done = fetch.fetch_wards(tmp_path / "ws", "Tower Hamlets", at=AT)
    workspace = Workspace.open(tmp_path / "ws")
    assert workspace.wards()["ward_code"].tolist() == [WEST, EAST]
    known = layers.origins(workspace)["wards"]
    assert known["authority_code"] == "E09000030"
    assert known["vintage_date"] == "2025-05"
    assert known["licence"] == "Open Government Licence v3.0"
    assert known["fetched_at"] == AT
    assert done.to_json()["vintage"] == "current"


def test_the_same_wards_on_another_day_change_nothing(ons: Replay, tmp_path: Path) -> None:
    fetch.fetch_wards(tmp_path / "ws", "Tower Hamlets", at=AT)
    before = Workspace.open(tmp_path / "ws").version
    again = fetch.fetch_wards(tmp_path / "ws", "E09000030", at=LATER)
    assert "Nothing changed" in again.message
    assert Workspace.open(tmp_path / "ws").version == before


def test_older_wards_are_fetched_when_asked_for_and_said_to_be_old(
    ons: Replay, tmp_path: Path
) -> None:
    done = fetch.fetch_wards(tmp_path / "ws", "Tower Hamlets", vintage="2022", at=AT)
    assert done.origin["vintage_date"] == "2022-12"
    assert done.notes == ("1 of these 2 wards are no longer current in 2025-05.",)


def test_new_wards_join_the_stored_reports_again(
    ons: Replay, police: Replay, tmp_path: Path
) -> None:
    fetch.fetch_wards(tmp_path / "ws", "Tower Hamlets", vintage="2022", at=AT)
    fetch.fetch_reports(tmp_path / "ws", "2026-04", "2026-04", at=AT)
    done = fetch.fetch_wards(tmp_path / "ws", "Tower Hamlets", at=LATER)
    assert done.to_json()["rejoined"] == 6
    assert layers.origins(Workspace.open(tmp_path / "ws"))["wards"]["vintage_date"] == "2025-05"
    assert layers.origins(Workspace.open(tmp_path / "ws"))["reports"]["fetched_at"] == AT


def test_a_network_that_refuses_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="safer-walks init --wards FILE"):
        fetch.fetch_wards(tmp_path / "ws", "Tower Hamlets", at=AT)
    assert not (tmp_path / "ws").exists()


def test_a_demo_takes_no_real_data(ons: Replay, police: Replay, tmp_path: Path) -> None:
    Workspace.create(tmp_path / "demo", kind="demo", wards=two_wards(), ward_info={})
    with pytest.raises(WorkspaceError, match="demo"):
        fetch.fetch_wards(tmp_path / "demo", "Tower Hamlets")
    with pytest.raises(WorkspaceError, match="demo"):
        fetch.fetch_reports(tmp_path / "demo", *MONTHS)
    assert not ons.asked
    assert not police.asked


def test_wards_of_a_file_forget_where_others_were_fetched(ons: Replay, tmp_path: Path) -> None:
    fetch.fetch_wards(tmp_path / "ws", "Tower Hamlets", at=AT)
    two_wards().assign(ward_code=["E05999983", "E05999984"]).to_file(tmp_path / "w.gpkg")
    initialise(tmp_path / "ws", tmp_path / "w.gpkg")
    assert "wards" not in layers.origins(Workspace.open(tmp_path / "ws"))


def test_codes_are_held_against_the_register(tmp_path: Path) -> None:
    two_wards().to_file(tmp_path / "w.gpkg")
    with pytest.raises(VintageError, match="not the current ones"):
        initialise(tmp_path / "ws", tmp_path / "w.gpkg", register=[WEST])


# Reports


def test_reports_of_two_months_come_in_with_their_collar(police: Replay, folder: Path) -> None:
    shares: list[float] = []
    done = fetch.fetch_reports(
        folder, *MONTHS, at=AT, progress=lambda share, _what: shares.append(share)
    )
    answer = done.to_json()
    assert [answer[k] for k in ("rows_in", "inside", "outside", "in_collar", "near_boundary")] == [
        *(12, 10, 2, 2, 2)
    ]
    assert (answer["months"], answer["months_missing"]) == (list(MONTHS), [])
    assert (answer["licence"], answer["fetched_at"]) == ("Open Government Licence v3.0", AT)
    assert answer["import_id"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    rows = read_incidents(Workspace.open(folder))
    assert rows["ward_code"].value_counts().to_dict() == {EAST: 6, WEST: 4}
    assert set(rows["force"]) == {"police-uk-api"}
    assert Workspace.open(folder).manifest().imports[0].at == AT


def test_an_unchanged_month_changes_nothing_and_says_so(police: Replay, folder: Path) -> None:
    fetch.fetch_reports(folder, *MONTHS, at=AT)
    before = Workspace.open(folder).version
    again = fetch.fetch_reports(folder, *MONTHS, at=LATER)
    assert "Nothing changed" in again.message
    assert again.to_json()["already_imported"] == 12
    assert Workspace.open(folder).version == before
    assert "if-none-match" in police.asked[-1].headers


def test_a_changed_month_is_replaced_whole(police: Replay, folder: Path) -> None:
    fetch.fetch_reports(folder, *MONTHS, at=AT)
    # All but one report have gone from the month, so it holds few of the places stored before.
    police.api.reports[:] = reports("2026-03") + reports("2026-04")[:1]
    again = fetch.fetch_reports(folder, *MONTHS, at=LATER).to_json()
    assert (again["replaced"], again["already_imported"], again["inside"]) == (6, 6, 1)
    assert len(read_incidents(Workspace.open(folder), months=["2026-04"])) == 1


def test_months_the_api_lacks_are_listed(police: Replay, folder: Path) -> None:
    done = fetch.fetch_reports(folder, "2026-02", "2026-05", at=AT).to_json()
    assert [s["file"] for s in done["skipped"]] == ["2026-02", "2026-05"]
    assert done["months"] == list(MONTHS)
    with pytest.raises(FetchError, match="2026-03 to 2026-04"):
        fetch.fetch_reports(folder, "2027-01", "2027-02")


def test_a_month_without_reports_is_not_missing(police: Replay, folder: Path) -> None:
    police.api.months = ["2026-03", "2026-04", "2026-05"]
    police.api.reports[:] = reports("2026-03") + [
        r | {"month": "2026-05", "id": r["id"] + 9_000} for r in reports("2026-04")
    ]
    fetch.fetch_reports(folder, "2026-03", "2026-05", at=AT)
    assert months_missing(Workspace.open(folder)) == []


def test_rejected_reports_are_kept_with_their_reason(police: Replay, folder: Path) -> None:
    police.api.reports.append(report(None, "2026-04", *at(500, 500)))
    done = fetch.fetch_reports(folder, "2026-04", "2026-04", at=AT).to_json()
    assert (done["rows_in"], done["rejected"]) == (7, 1)
    assert "no id" in read_rejected(Workspace.open(folder))["reason"][0]


def test_a_stopped_fetch_goes_on_where_it_stopped(police: Replay, folder: Path) -> None:
    with pytest.raises(FetchCancelledError, match="start it again"):
        fetch.fetch_reports(folder, *MONTHS, at=AT, cancel=lambda: len(police.asked) >= 5)
    assert read_incidents(Workspace.open(folder)).empty
    before = len(police.asked)
    fetch.fetch_reports(folder, *MONTHS, at=AT)
    assert len(read_incidents(Workspace.open(folder))) == 12
    together = len(police.asked)
    assert together - before < 5
    # The months, two lists of categories, two areas a month; and once more what was under way.
    assert together <= 1 + 2 + 2 * 2 + 1


def test_no_workspace_yet_means_wards_first(ons: Replay, police: Replay, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no workspace"):
        fetch.fetch_reports(tmp_path / "ws", *MONTHS)
    shares: list[float] = []
    done = fetch.fetch_reports(
        tmp_path / "ws", *MONTHS, authority="Tower Hamlets", at=AT,
        progress=lambda share, _what: shares.append(share),
    )  # fmt: skip
    assert done.to_json()["inside"] == 10
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    with pytest.raises(FetchError, match="the wards of Tower Hamlets, not of Newham"):
        fetch.fetch_reports(tmp_path / "ws", *MONTHS, authority="Newham")


# The API and files of the same month


def street_file(folder: Path, force: str, name: str, *places: tuple[float, float]) -> Path:
    path = folder / f"2026-04-{force}-street.csv"
    lines = [f",2026-04,{name},{name},{x:.6f},{y:.6f},On or near A Street,,,Burglary,,"
             for x, y in (at(*p) for p in places)]  # fmt: skip
    path.write_text(street_csv(lines), encoding="utf-8")
    return path


def test_files_and_the_api_never_both_count(police: Replay, folder: Path, tmp_path: Path) -> None:
    met = street_file(tmp_path, "metropolitan", "Metropolitan Police Service", (100, 100))
    import_files(Workspace.open(folder), [met])
    before = len(police.asked)
    with pytest.raises(StoreConflictError, match="--replace"):
        fetch.fetch_reports(folder, "2026-04", "2026-04", at=AT)
    assert len(police.asked) == before, "it is said before anything is fetched"
    done = fetch.fetch_reports(folder, "2026-04", "2026-04", mode="replace", at=AT).to_json()
    assert (done["replaced"], done["rows_in"]) == (1, 6)
    assert len(read_incidents(Workspace.open(folder))) == 6


@pytest.mark.parametrize("force", ["city-of-london", "btp", "metropolitan"])
def test_a_file_of_any_force_meets_what_the_api_brought(
    police: Replay, folder: Path, tmp_path: Path, force: str
) -> None:
    fetch.fetch_reports(folder, "2026-04", "2026-04", at=AT)
    file = street_file(tmp_path, force, force, (100, 100), (300, 300))
    for mode in ("correct", "add"):
        with pytest.raises(StoreConflictError, match="already stored from the police.uk API"):
            import_files(Workspace.open(folder), [file], mode=mode)
    done = import_files(Workspace.open(folder), [file], mode="replace")
    assert any("held every force" in flag for flag in done.flags)
    assert len(read_incidents(Workspace.open(folder))) == 2


def test_a_file_of_elsewhere_counts_beside_the_api(
    police: Replay, folder: Path, tmp_path: Path
) -> None:
    fetch.fetch_reports(folder, "2026-04", "2026-04", at=AT)
    file = street_file(tmp_path, "kent", "Kent Police", (-300, 500))
    import_files(Workspace.open(folder), [file])
    assert len(read_incidents(Workspace.open(folder))) == 7


def test_several_files_replace_one_search_once(
    police: Replay, folder: Path, tmp_path: Path
) -> None:
    fetch.fetch_reports(folder, "2026-04", "2026-04", at=AT)
    files = [street_file(tmp_path, f, f, (100 + n, 100)) for n, f in enumerate(("btp", "kent"))]
    done = import_files(Workspace.open(folder), files, mode="replace")
    assert (done.replaced, done.inside) == (6, 2)


# The archive


def an_archive(*names: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            month = name[:7]
            lon, lat = at(500, 500)
            line = f",{month},{name[8:]},X,{lon:.6f},{lat:.6f},On or near A Street,,,Burglary,,"
            archive.writestr(f"{month}/{name}", street_csv([line]))
    return made.getvalue()


ARCHIVE = an_archive(
    *(f"{m}-{f}-{kind}.csv" for m in MONTHS for f in ("metropolitan", "kent", "btp")
      for kind in ("street", "outcomes"))
)  # fmt: skip


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replay]:
    def answer(asked: Asked) -> Reply | None:
        whole = Reply(body=ARCHIVE, headers={"ETag": '"a"'})
        return whole if asked.path == "/2026-04.zip" else None

    with replaying(answer) as running:
        monkeypatch.setenv("SAFER_WALKS_ARCHIVE", running.address)
        yield running


def test_forces_are_picked_out_of_the_archive(archive: Replay, folder: Path) -> None:
    forces = ["Metropolitan Police Service", "btp", "city-of-london"]
    done = fetch.fetch_archive(folder, *MONTHS, forces, at=AT).to_json()
    assert (done["rows_in"], done["inside"]) == (4, 4)
    assert [s["file"] for s in done["skipped"]] == [
        f"{m}-city-of-london-street.csv" for m in MONTHS
    ]
    again = fetch.fetch_archive(folder, *MONTHS, ["btp"], at=LATER)
    assert "Nothing changed" in again.message
    assert len(archive.asked) == 1, "the archive of a month does not change"


def test_forces_the_archive_lacks_are_an_error(archive: Replay, folder: Path) -> None:
    with pytest.raises(FetchError, match="none of these forces"):
        fetch.fetch_archive(folder, *MONTHS, ["gotham"])


def test_an_archive_that_is_not_there_yet_says_the_way_by_hand(
    archive: Replay, folder: Path
) -> None:
    with pytest.raises(FetchError, match="nothing under this address"):
        fetch.fetch_archive(folder, "2026-05", "2026-05", ["btp"])


def test_a_damaged_archive_is_thrown_away(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = ARCHIVE[:200] + bytes(50) + ARCHIVE[250:]
    with replaying(lambda _a: Reply(body=bad)) as server:
        monkeypatch.setenv("SAFER_WALKS_ARCHIVE", server.address)
        with pytest.raises(UnsafeArchiveError):
            fetch.fetch_archive(folder, *MONTHS, ["metropolitan", "kent", "btp"])
    assert not list((folder / "cache").glob("*.zip"))


# Settings


def test_addresses_may_stand_in_the_workspace(
    police: Replay, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SAFER_WALKS_POLICE_API")
    (folder / "settings.toml").write_text(f'[sources]\npolice_api = "{police.address}/"\n')
    assert fetch.fetch_reports(folder, *MONTHS, at=AT).to_json()["rows_in"] == 12
    (folder / "settings.toml").write_text('[sources]\npolice_api = "ftp://example.invalid"\n')
    with pytest.raises(FetchError, match="not one that can be asked"):
        fetch.fetch_reports(folder, *MONTHS)
    (folder / "settings.toml").write_text("sources = [")
    with pytest.raises(FetchError, match="settings cannot be read"):
        fetch.fetch_reports(folder, *MONTHS)


def test_a_refused_connection_names_the_way_by_hand(folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
    with pytest.raises(FetchError, match="no connection") as caught:
        fetch.fetch_reports(folder, *MONTHS)
    assert "https://data.police.uk/data/" in caught.value.todo


# The real borough, recorded


def test_a_recorded_month_goes_all_the_way(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded = sorted((shared_data / "police" / "api" / "newham_2018-06").glob("*.json.gz"))
    if not recorded:
        pytest.skip("the recorded answers of the police API are not beside this checkout")
    rows = [r for p in recorded for r in json.loads(gzip.decompress(p.read_bytes()))]
    wards = gpd.read_file(shared_data / "wards" / "newham_wards_bng.gpkg")
    wards = wards.rename(columns={"GSS_CODE": "WD25CD", "NAME": "WD25NM"})
    wards = wards.assign(LAD25CD="E09000025", LAD25NM="Newham")
    with (
        replaying(PoliceApi(rows, most=700)) as police,
        replaying(OnsPortal({NEWEST: wards}, page=7)) as portal_,
    ):
        monkeypatch.setenv("SAFER_WALKS_POLICE_API", police.address)
        monkeypatch.setenv("SAFER_WALKS_ONS", portal_.address)
        done = fetch.fetch_reports(
            tmp_path / "ws", "2018-06", "2018-06", authority="Newham", at=AT
        ).to_json()
    assert done["rows_in"] == len({r["id"] for r in rows}) == 3_764
    assert done["inside"] + done["outside"] == 3_764
    assert done["outside"] == done["in_collar"]
