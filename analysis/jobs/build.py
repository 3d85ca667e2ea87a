"""Count a county, a region or the country, a partition at a time, on one machine or many.

One graph of tasks: each partition is joined, counted and dealt out to buckets of hexagons; each
bucket is then added up with its baselines; the facts are written last and are the only commit.
With no scheduler the same functions run one after the other in this process. Tasks hand one another
a few numbers and no table: tables go through the storage, so that memory follows the size of a
partition, and a worker that dies costs the time of its task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import geopandas as gpd

from analysis.region import (
    HEXAGON_KEYS,
    WARD_KEYS,
    Places,
    add_up,
    baselines,
    bucket_of,
    count_partition,
)
from geodata import shards
from geodata.errors import NotEnoughDataError, SaferWalksError
from geodata.hexagons import DEFAULT_SIDE
from geodata.store import stored_levels
from geodata.ward_join import check_wards
from geodata.workspace import Workspace

if TYPE_CHECKING:
    from distributed import Client

Progress = Callable[[float, str], None]
Facts = dict[str, Any]

BUCKETS, BUCKET_BYTES = 16, 16_000_000
"""Fewest files that hexagons are dealt out to, and bytes of reports that may go into each."""
FACTS = "build.json"
CONNECT_S = 20
_PARTS = "parts"


@dataclass(frozen=True)
class Plan:
    """What every task has to know; small, and sent once to each.

    Attributes
    ----------
    partitions : tuple of str
        Addresses of the files, in order.
    out : str
        Address that everything is written below; every worker must reach it.
    side, buckets : int
        Side of the hexagons in metres; number of files the hexagons are dealt out to.
    """

    partitions: tuple[str, ...]
    out: str
    side: int
    buckets: int


@dataclass(frozen=True)
class BuildResult:
    """What was built.

    Attributes
    ----------
    out : str
        Where: `hexagons/`, `baselines/` (a file a bucket), `wards.parquet`, `build.json`.
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
    buckets: int = 0,
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
        Folder or bucket of parquet files (`geodata.shards.read_reports`), or the files: any address
        that fsspec reaches.
    out : str
        Folder or bucket to write to; nothing may have been built there.
    side : int, default 200
        Side of the hexagons, metres.
    buckets : int, optional
        Files that hexagons are dealt out to. Memory of the second step is a bucket's; without a
        number there are as many as keep it the same however many reports there are.
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
        If something was built there already, the storage or the scheduler cannot be reached, or
        Dask is not installed and was asked for.
    ReportFileError
        If a partition cannot be read; nothing is committed then.

    Notes
    -----
    The tables are the same, byte for byte, whoever ran which task: counts are whole numbers, and
    each table is ordered by its keys.
    """
    files = shards.find_shards(source) if isinstance(source, str) else source
    buckets = buckets or max(BUCKETS, -(-shards.total_bytes(files) // BUCKET_BYTES))
    plan = Plan(tuple(files), out.rstrip("/"), side, buckets)
    if shards.exists(f"{plan.out}/{FACTS}"):
        raise SaferWalksError(
            "Something was built here before", got=out, todo="name a folder that is not there yet"
        )
    check_wards(wards)
    shards.write_wards(_wards_file(plan), wards)
    with _running(scheduler, workers) as client:
        run = _in_turn if client is None else _on_dask(client)
        parts, tables = run(plan, progress)
    result = _result(plan, parts, tables)
    shards.write_facts(f"{plan.out}/{FACTS}", {**result.to_json(), "side": side})
    shards.remove(f"{plan.out}/{_PARTS}")
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


def partition_task(plan: Plan, number: int) -> Facts:
    """Count one partition and write its tables; give its accounts."""
    reports = shards.read_reports(plan.partitions[number])
    part = count_partition(reports, _places(_wards_file(plan)), plan.side)
    bucket = bucket_of(part.hexagons, plan.buckets)
    for which in range(plan.buckets):
        shards.write_table(_part(plan, number, which), part.hexagons[bucket == which])
    shards.write_table(_part(plan, number, "wards"), part.wards)
    months = sorted(part.hexagons["month"].unique())
    counted = {name: getattr(part, name) for name in ("rows", "inside", "outside", "no_location")}
    return {**counted, "months": months}


def bucket_task(plan: Plan, which: int, as_at: str) -> Facts:
    """Add up one bucket of hexagons over all partitions, with its baselines."""
    numbers = range(len(plan.partitions))
    tables = (shards.read_table(_part(plan, number, which)) for number in numbers)
    counts = add_up(tables, HEXAGON_KEYS)
    shards.write_table(f"{plan.out}/hexagons/{which:04d}.parquet", counts)
    shards.write_table(f"{plan.out}/baselines/{which:04d}.parquet", baselines(counts, as_at))
    return {"hexagons": len(counts)}


def wards_task(plan: Plan) -> Facts:
    """Add up the wards over all partitions."""
    numbers = range(len(plan.partitions))
    tables = (shards.read_table(_part(plan, number, "wards")) for number in numbers)
    counts = add_up(tables, WARD_KEYS)
    shards.write_table(f"{plan.out}/wards.parquet", counts)
    return {"wards": len(counts)}


@lru_cache(maxsize=1)
def _places(url: str) -> Places:
    """Read the wards once a process; the graph itself stays small, and no worker holds the last."""
    return Places(shards.read_wards(url))


def _wards_file(plan: Plan) -> str:
    return f"{plan.out}/{_PARTS}/wards.parquet"


def _part(plan: Plan, number: int, which: int | str) -> str:
    name = which if isinstance(which, str) else f"{which:04d}"
    return f"{plan.out}/{_PARTS}/{number:06d}/{name}.parquet"


def _as_at(parts: Sequence[Facts]) -> str:
    return max((month for part in parts for month in part["months"]), default="0001-01")


Answers = tuple[list[Facts], list[Facts]]
Run = Callable[[Plan, Progress], Answers]


def _in_turn(plan: Plan, progress: Progress) -> Answers:
    numbers = range(len(plan.partitions))
    parts = []
    for number in numbers:
        progress(0.8 * number / len(numbers), f"partition {number + 1} of {len(numbers)}")
        parts.append(partition_task(plan, number))
    tables = []
    for which in range(plan.buckets):
        progress(0.8 + 0.2 * which / plan.buckets, f"bucket {which + 1} of {plan.buckets}")
        tables.append(bucket_task(plan, which, _as_at(parts)))
    return parts, [*tables, wards_task(plan)]


def _on_dask(client: Client) -> Run:
    def run(plan: Plan, progress: Progress) -> Answers:
        from dask import delayed
        from distributed import as_completed

        one, second = delayed(partition_task), delayed(bucket_task)
        parts = [one(plan, number) for number in range(len(plan.partitions))]
        as_at = delayed(_as_at)(parts)
        tables = [second(plan, which, as_at) for which in range(plan.buckets)]
        # The wards' table reads what every partition wrote, so it waits for them all.
        tables.append(delayed(_wards_after)(plan, as_at))
        futures = client.compute([*parts, *tables])
        for done, _future in enumerate(
            as_completed(futures, loop=client.loop, raise_errors=False), start=1
        ):
            progress(done / len(futures), f"task {done} of {len(futures)}")
        answers = client.gather(futures)
        return answers[: len(parts)], answers[len(parts) :]

    return run


def _wards_after(plan: Plan, _as_at: str) -> Facts:
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
        try:
            client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
        except OSError as fault:
            raise SaferWalksError(
                "The scheduler does not answer", got=scheduler,
                todo="start it with `dask scheduler`, and check the address and the port",
            ) from fault  # fmt: skip
        with client:
            yield client
        return
    # Any free port of this machine: the default is one port for all, open to the network.
    own = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
    with (
        LocalCluster(**own) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


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
