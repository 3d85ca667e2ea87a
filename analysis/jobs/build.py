"""Count a county, a region or the country, a partition at a time, on one machine or many.

One graph of tasks: each partition is joined and counted; the columns of hexagons are then cut into
stretches that hold about as many reports each, and each stretch is added up over the partitions,
with its baselines; the facts are written last and are the only commit. With no scheduler the same
functions run one after the other in this process. Tasks hand one another a few numbers and no
table: tables go through the storage, so that memory follows the size of a partition, and a worker
that dies costs the time of its task.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from analysis.region import HEXAGON_KEYS, WARD_KEYS, add_up, baselines, stretches
from geodata import months as m
from geodata import shards
from geodata.counting import (
    HexagonCounts,
    Places,
    PointCounts,
    WardCounts,
    count_hexagons,
    count_points,
    count_wards,
    rows_nowhere,
)
from geodata.errors import NotEnoughDataError, ReportFileError, SaferWalksError
from geodata.hexagons import DEFAULT_SIDE
from geodata.store import stored_levels
from geodata.ward_join import check_wards
from geodata.workspace import Workspace

if TYPE_CHECKING:
    from distributed import Client, Future

Progress = Callable[[float, str], None]
Facts = dict[str, Any]

REPORTS_A_FILE = 1_000_000
"""Reports whose counts go into one file, about; the second step holds one such file."""
NOT_SAID = "not said"
"""Category of a report that names none."""
FACTS = "build.json"
CONNECT_S, ALONE_S = 20, 60
"""Seconds to wait for a scheduler and its first worker; and for another when all are gone."""
_BY = {"month": "", "category": NOT_SAID}
_PARTS = "parts"
_ADDRESS = re.compile(r"(tcp|tls|ws|wss)://[^/]+:[0-9]+")
_RECIPE = 1
"""To be raised when a task writes something else, so that no half of a build is gone on with."""


@dataclass(frozen=True)
class Plan:
    """What every task has to know; small, and sent once to each.

    Attributes
    ----------
    partitions : tuple of str
        Addresses of the files, in order.
    out : str
        Address that everything is written below; every worker must reach it.
    side, files : int
        Side of the hexagons in metres; number of files the hexagons are cut into.
    wards : str
        Digest of the wards: a worker may remember others that were written at the same address.
    """

    partitions: tuple[str, ...]
    out: str
    side: int
    files: int
    wards: str


@dataclass(frozen=True)
class BuildResult:
    """What was built.

    Attributes
    ----------
    out : str
        Where: `hexagons/` and `baselines/` (files from west to east), `wards.parquet`,
        `build.json`.
    partitions, rows, inside, outside, no_location : int
        Files read and what became of each of their rows.
    months : tuple of str
        Months that have a row.
    hexagons, wards : int
        Rows of the tables of counts.
    """

    out: str
    partitions: int
    rows: int
    inside: int
    outside: int
    no_location: int
    months: tuple[str, ...]
    hexagons: int
    wards: int

    def to_json(self) -> dict[str, Any]:
        """Every figure."""
        return asdict(self)


def build(
    wards: gpd.GeoDataFrame,
    source: str | Sequence[str],
    out: str,
    *,
    side: int = DEFAULT_SIDE,
    scheduler: str = "",
    workers: int = 0,
    progress: Progress = lambda _share, _what: None,
) -> BuildResult:
    """Join and count every partition, by hexagon and by ward.

    Parameters
    ----------
    wards : geopandas.GeoDataFrame
        `ward_code` and polygons, British National Grid.
    source : str or sequence of str
        Folder or bucket of parquet files with `month` and `category` (`geodata.shards.opened`), or
        the files: any address that fsspec reaches.
    out : str
        Folder or bucket to write to; nothing may have been built there.
    side : int, default 200
        Side of the hexagons, metres.
    scheduler : str, optional
        Address of a Dask scheduler (`tcp://host:8786`). Its workers need this package and both
        addresses.
    workers : int, optional
        Start that many processes on this machine instead.
    progress : callable, optional
        Told the share done and what is being done.

    Returns
    -------
    BuildResult

    Raises
    ------
    SaferWalksError
        If something else lies there, the storage or the scheduler cannot be reached, a worker
        cannot, or Dask is not installed and was asked for.
    ReportFileError
        If a partition cannot be read: most often before any is counted.

    Notes
    -----
    The tables are the same, byte for byte, whoever ran which task, and however the same reports are
    dealt out to partitions: counts are whole numbers, each table is ordered by its keys, and where
    hexagons are cut into files depends on how many reports lie where. A build that was interrupted
    goes on where it was when it is begun again with the same reports, wards and side.
    """
    found = shards.find_shards(source) if isinstance(source, str) else source
    check_wards(wards)
    files = tuple(map(shards.absolute, found))
    rows = shards.total_rows(files, tuple(_BY))
    plan = Plan(
        files, shards.absolute(out), side, files=max(1, -(-rows // REPORTS_A_FILE)),
        wards=hashlib.sha256(shards.ward_bytes(wards)).hexdigest()[:16],
    )  # fmt: skip
    with _running(scheduler, workers) as client:
        _begin(plan, wards)
        run = _in_turn if client is None else _on_dask(client)
        parts, tables = run(plan, progress)
    result = _result(plan, parts, tables)
    shards.write_facts(f"{plan.out}/{FACTS}", {**result.to_json(), "side": side})
    shards.remove(f"{plan.out}/{_PARTS}")
    shards.sweep(plan.out)
    return result


def build_workspace(
    workspace: Workspace,
    out: str,
    *,
    source: str = "police_uk",
    **how: Any,  # noqa: ANN401
) -> BuildResult:
    """Build from the stored reports of one source of a workspace, with its present wards.

    Only files that count are read: what was replaced or undone is not. `how` is as for `build`.

    Raises
    ------
    NotEnoughDataError
        If nothing of that source is stored.
    SaferWalksError
        If the source counts incidents as well as complaints or cases, which are never added.
    """
    levels = set(stored_levels(workspace, source=source)["record_level"])
    if len(levels) > 1:
        raise SaferWalksError(
            "This source holds several kinds of record, which are never added",
            got=f"{source}: {', '.join(sorted(levels))}",
            todo="build from a folder that holds one of them",
        )  # fmt: skip
    files = [
        str(workspace.path / partition.path)
        for partition in workspace.manifest().live
        if partition.source == source and partition.path
    ]
    if not files:
        raise NotEnoughDataError("Nothing of this source is stored", got=source)
    return build(workspace.wards(), sorted(files), out, **how)


def _begin(plan: Plan, wards: gpd.GeoDataFrame) -> None:
    """Lay down what is to be built, unless that was done before; refuse what else lies there."""
    if shards.exists(f"{plan.out}/{FACTS}"):
        raise SaferWalksError(
            "Something was built here before", got=plan.out,
            todo="name a folder that is not there yet",
        )  # fmt: skip
    begun = f"{plan.out}/{_PARTS}/plan.json"
    words = [_RECIPE, plan, *shards.versions(plan.partitions)]
    facts = {"plan": hashlib.sha256("\n".join(map(str, words)).encode()).hexdigest()}
    if shards.exists(begun):
        if shards.read_facts(begun) != facts:
            raise SaferWalksError(
                "Another build was begun here and is not done", got=plan.out,
                todo="name another folder; or delete this one, if nobody builds in it",
            )  # fmt: skip
        return
    there = shards.anything_below(plan.out)
    if there:
        raise SaferWalksError(
            "This folder is not empty", got=there, todo="name a folder that is not there yet"
        )
    shards.write_wards(_wards_file(plan), wards)
    shards.write_facts(begun, facts)


def partition_task(plan: Plan, number: int) -> Facts:
    """Count one partition and write its tables; give its accounts."""
    done = f"{_part(plan, number)}/done.json"
    if shards.exists(done):  # before an interruption
        return shards.read_facts(done)
    url, places = plan.partitions[number], _places(_wards_file(plan), plan.side)
    counts = count_points([url], places, by=_BY, workers=1)
    _check_months(url, counts)
    [hexagons], [wards] = count_hexagons(counts, places), count_wards(counts, places)
    nowhere = counts.unlocated + rows_nowhere(counts, places)
    inside = int(hexagons.count.sum())
    shards.write_ordered(
        f"{_part(plan, number)}/hexagons.parquet", _hexagon_table(counts, hexagons)
    )
    shards.write_ordered(f"{_part(plan, number)}/wards.parquet", _ward_table(counts, wards, places))
    columns, which = np.unique(hexagons.q, return_inverse=True)
    reports = np.bincount(which, hexagons.count, minlength=len(columns)).astype("int64")
    facts = {
        "rows": counts.rows, "inside": inside, "no_location": nowhere,
        "outside": counts.rows - inside - nowhere,
        "months": sorted({counts.words[0][code] for code in np.unique(hexagons.words[0])}),
        "columns": [columns.tolist(), reports.tolist()],
    }  # fmt: skip
    shards.write_facts(done, facts)
    return facts


def _check_months(url: str, counts: PointCounts) -> None:
    wrong = sorted(word for word in counts.words[0] if not m.is_month(word))
    if wrong:
        raise ReportFileError(
            "A month of this partition is not understood", got=f"{url}: {wrong[0]!r}",
            todo="write months 2026-01",
        )  # fmt: skip


def _hexagon_table(counts: PointCounts, found: HexagonCounts) -> pd.DataFrame:
    return pd.DataFrame({"q": found.q, "r": found.r, **_worded(counts, found)})


def _ward_table(counts: PointCounts, found: WardCounts, places: Places) -> pd.DataFrame:
    codes = pd.Index(places.codes, dtype="str")
    ward = pd.Categorical.from_codes(found.ward, codes)
    return pd.DataFrame({"ward_code": ward, **_worded(counts, found)})


def _worded(counts: PointCounts, found: HexagonCounts | WardCounts) -> dict[str, Any]:
    words = zip(_BY, counts.words, found.words, strict=True)
    named = {
        name: pd.Categorical.from_codes(code, pd.Index(known, dtype="str"))
        for name, known, code in words
    }
    return {**named, "count": found.count}


def stretch_task(plan: Plan, which: int, cut: Facts) -> Facts:
    """Add up one stretch of hexagons over all partitions, with its baselines."""
    _places.cache_clear()  # all partitions are counted: what is known of places is not needed
    low, high = cut["stretches"][which]
    tables = (
        shards.read_between(f"{_part(plan, number)}/hexagons.parquet", low, high)
        for number in range(len(plan.partitions))
    )
    counts = add_up(tables, HEXAGON_KEYS)
    last = baselines(counts, cut["as_at"])
    shards.write_table(f"{plan.out}/hexagons/{which:04d}.parquet", counts)
    shards.write_table(f"{plan.out}/baselines/{which:04d}.parquet", last)
    return {"hexagons": len(counts)}


def wards_task(plan: Plan) -> Facts:
    """Add up the wards over all partitions."""
    numbers = range(len(plan.partitions))
    tables = (shards.read_table(f"{_part(plan, number)}/wards.parquet") for number in numbers)
    counts = add_up(tables, WARD_KEYS)
    shards.write_table(f"{plan.out}/wards.parquet", counts)
    return {"wards": len(counts)}


@lru_cache(maxsize=1)
def _places(url: str, side: int) -> Places:
    """Read the wards once a process; the graph itself stays small, and no worker holds the last."""
    return Places(side, shards.read_wards(url))


def _wards_file(plan: Plan) -> str:
    return f"{plan.out}/{_PARTS}/wards-{plan.wards}.parquet"


def _part(plan: Plan, number: int) -> str:
    return f"{plan.out}/{_PARTS}/{number:06d}"


def _cut(plan: Plan, parts: Sequence[Facts]) -> Facts:
    """Say what the second step has to know of the first."""
    columns = [dict(zip(*part["columns"], strict=True)) for part in parts]
    months = [month for part in parts for month in part["months"]]
    return {"as_at": max(months, default="0001-01"), "stretches": stretches(columns, plan.files)}


Answers = tuple[list[Facts], list[Facts]]
Run = Callable[[Plan, Progress], Answers]


def _in_turn(plan: Plan, progress: Progress) -> Answers:
    numbers = range(len(plan.partitions))
    parts = []
    for number in numbers:
        progress(0.8 * number / len(numbers), f"partition {number + 1} of {len(numbers)}")
        parts.append(partition_task(plan, number))
    cut, tables = _cut(plan, parts), []
    for which in range(plan.files):
        progress(0.8 + 0.2 * which / plan.files, f"file {which + 1} of {plan.files}")
        tables.append(stretch_task(plan, which, cut))
    return parts, [*tables, wards_task(plan)]


def _on_dask(client: Client) -> Run:
    def run(plan: Plan, progress: Progress) -> Answers:
        from dask import delayed

        one, second = delayed(partition_task), delayed(stretch_task)
        parts = [one(plan, number) for number in range(len(plan.partitions))]
        cut = delayed(_cut)(plan, parts)
        tables = [second(plan, which, cut) for which in range(plan.files)]
        # The wards' table reads what every partition wrote, so it waits for them all.
        tables.append(delayed(_wards_after)(plan, cut))
        futures = client.compute([*parts, *tables])
        for done, future in enumerate(_finished(client, futures), start=1):
            if future.status == "error":
                break  # what cannot be mended by going on; others stop when the client goes
            progress(done / len(futures), f"task {done} of {len(futures)}")
        with _explained():
            answers = client.gather(futures)
        return answers[: len(parts)], answers[len(parts) :]

    return run


def _finished(client: Client, futures: Sequence[Future]) -> Iterator[Future]:
    """Give tasks as they are done; give up when there is nobody left to do them."""
    from distributed import wait

    left = set(futures)
    while left:
        try:
            with client.as_current():
                done = wait(left, timeout=ALONE_S, return_when="FIRST_COMPLETED").done
        except TimeoutError as fault:
            if client.scheduler_info()["workers"]:
                continue
            raise SaferWalksError(
                "All workers are gone", got=f"{len(left)} of {len(futures)} tasks are not done",
                todo="look into their logs, start some, and build again: it goes on where it was",
            ) from fault  # fmt: skip
        yield from done
        left -= done


@contextmanager
def _explained() -> Iterator[None]:
    """Say what went wrong on other machines in words that an operator can use."""
    from distributed import KilledWorker

    try:
        yield
    except KilledWorker as fault:
        raise SaferWalksError(
            "Workers died again and again over the same task", got=str(fault).split(". ")[0],
            todo="look into their logs; most often they need more memory, or smaller partitions",
        ) from fault  # fmt: skip
    except (ImportError, RuntimeError) as fault:
        lines = str(fault.__cause__ or fault).strip().splitlines()
        raise _unlike(lines[0] if lines else repr(fault)) from fault


def _wards_after(plan: Plan, _cut: Facts) -> Facts:
    return wards_task(plan)


@contextmanager
def _running(scheduler: str, workers: int) -> Iterator[Client | None]:
    """Give a client of the scheduler that was asked for; None for this process alone."""
    if not scheduler and not workers:
        yield None
        return
    try:
        from distributed import Client, LocalCluster
    except ImportError as fault:
        raise SaferWalksError(
            "Dask is not installed", todo='install the extra: pip install "safer-walks[scale]"'
        ) from fault
    if scheduler:
        with _connected(scheduler) as client:
            yield client
        return
    # Any free port of this machine: the default is one port for all, open to the network.
    own = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        LocalCluster(**own) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


@contextmanager
def _connected(scheduler: str) -> Iterator[Client]:
    from distributed import Client

    try:
        if not _ADDRESS.fullmatch(scheduler):  # others are waited for, and not understood
            raise ValueError(scheduler)
        client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as fault:
        raise SaferWalksError(
            "The scheduler does not answer", got=scheduler,
            todo="start it with `dask scheduler`, and check the address (tcp://HOST:PORT)",
        ) from fault  # fmt: skip
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as fault:
            raise SaferWalksError(
                "The scheduler has no workers", got=scheduler,
                todo=f"start some with `dask worker {scheduler}`",
            ) from fault  # fmt: skip
        _check_workers(client)
        yield client


def _check_workers(client: Client) -> None:
    """Ask each worker for its version: whoever lacks this package would die of the first task."""
    try:
        told = client.run(_recipe)
    except Exception as fault:  # a bare one is all that Dask raises here
        raise _unlike(str(fault)) from fault
    if set(told.values()) - {_RECIPE}:
        raise _unlike("another version")


def _unlike(got: str) -> SaferWalksError:
    return SaferWalksError(
        "The cluster cannot run this", got=got,
        todo="install the same version of safer-walks[scale] on the scheduler and each worker",
    )  # fmt: skip


def _recipe() -> int:
    return _RECIPE


def _result(plan: Plan, parts: Sequence[Facts], tables: Sequence[Mapping[str, int]]) -> BuildResult:
    def total(name: str) -> int:
        return sum(int(each.get(name, 0)) for each in (*parts, *tables))

    return BuildResult(
        out=plan.out,
        partitions=len(plan.partitions),
        rows=total("rows"),
        inside=total("inside"),
        outside=total("outside"),
        no_location=total("no_location"),
        months=tuple(sorted({month for part in parts for month in part["months"]})),
        hexagons=total("hexagons"),
        wards=total("wards"),
    )
