"""Fetch open data into a workspace: ward boundaries, police reports, residents, places.

Each job takes `progress`, told the share done (0 to 1) and what is being done, and `cancel`, asked
between requests. What a stopped job had fetched lies in the workspace's `cache` folder, so that
the same job, started again on the same day, goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.jobs import repair
from analysis.jobs.initialise import InitReport, initialise
from geodata import layers, months, police_uk, store
from geodata.batches import Batch, ImportReport, Mode, Skipped
from geodata.errors import FetchError, StoreConflictError
from geodata.fetch import archive, gazetteer, ons, police_api, population, streets
from geodata.fetch.cache import Cache, checksum, open_cache
from geodata.fetch.http import Client, Patience
from geodata.fetch.search_areas import search_areas
from geodata.fetch.sources import (
    ARCHIVE,
    NOMIS,
    ONS,
    OS_OPEN,
    OVERPASS,
    POLICE_API,
    Source,
    configured,
)
from geodata.spooling import spooling
from geodata.workspace import Workspace

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]

PATIENCE = Patience()
"""How long a source is asked before it counts as out of reach."""

_WARDS_FIRST = 0.1
_FETCHING = 0.8
"""Shares of a job that wards fetched on the way, and fetching itself, take on a progress bar."""


@dataclass(frozen=True)
class LayerReport:
    """What came of storing layers beside the wards.

    Attributes
    ----------
    rows : dict
        Name of each layer to the rows it has now.
    unchanged : bool
        The workspace held these very layers already.
    """

    rows: dict[str, int]
    unchanged: bool

    @property
    def message(self) -> str:
        """Say in one sentence what happened."""
        counted = ", ".join(f"{count:,} {name}" for name, count in self.rows.items())
        if self.unchanged:
            return f"Nothing changed: the workspace has these {counted} already."
        return f"Stored: {counted}."

    def to_json(self) -> dict[str, Any]:
        """Turn the report into what JSON can hold."""
        return {"rows": self.rows, "unchanged": self.unchanged, "message": self.message}


@dataclass(frozen=True)
class FetchReport:
    """What came of a fetch.

    Attributes
    ----------
    result : InitReport, ImportReport or LayerReport
        What was stored.
    origin : dict
        Source, address, licence, attribution, time.
    notes : tuple of str
        What a person should know, in sentences.
    """

    result: InitReport | ImportReport | LayerReport
    origin: layers.Origin
    notes: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """Say in one sentence what happened."""
        return self.result.message

    def to_json(self) -> dict[str, Any]:
        """Turn the report into what JSON can hold: keys of the import, then the origin."""
        found = {"import_id": ""} | self.result.to_json()
        return found | self.origin | {"notes": [*found.get("notes", []), *self.notes]}


def fetch_wards(
    path: Path,
    authority: str,
    *,
    vintage: str = "",
    at: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FetchReport:
    """Fetch the ward boundaries of a local authority and give them to a workspace.

    Parameters
    ----------
    path : Path
        Folder of the workspace; made if it is not there.
    authority : str
        Any local authority of England or Wales, by name or code.
    vintage : str, optional
        Year, or month YYYY-MM, of the boundaries; the newest by default.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress, cancel : callable, optional
        See the module.

    Returns
    -------
    FetchReport
        With an `InitReport`. Boundaries that are the stored ones change nothing.

    Raises
    ------
    FetchError
        If the portal cannot be reached or has no such authority or vintage.
    WorkspaceError
        If the folder holds a demo.
    """
    lasting = Workspace.exists(path)
    if lasting:
        Workspace.open(path).require_real("Fetching ward boundaries")
    tell = progress or _silent
    source = configured(ONS, path)
    with (
        open_cache(path, lasting=lasting) as cache,
        cache.unfinished(f"wards {source.address} {authority} {vintage} {at[:10]}") as mark,
    ):
        client = _client(source, cache, at, cancel, mark)
        tell(0.0, "Asking which wards there are")
        names = ons.services(client)
        newest = ons.choose_layer(client, names)
        layer = ons.choose_layer(client, names, vintage) if vintage else newest
        found = ons.find_authority(client, names, layer, authority)
        codes = ons.ward_codes(client, names, layer, found)
        current = codes if layer == newest else ons.ward_codes(client, names, newest, found)
        data = ons.fetch_boundaries(
            client, layer, codes,
            progress=lambda share: tell(0.1 + 0.7 * share, f"Fetching the wards of {found.name}"),
        )  # fmt: skip
        origin = _origin(source, at) | {
            "authority": found.name, "authority_code": found.code, "vintage_date": layer.vintage,
            "layer": layer.service, "sha256": checksum(data),
        }  # fmt: skip
        file = cache.path_of(f"wards_{found.code}_{layer.vintage}.geojson")
        cache.write(file, data)
        report = initialise(
            path, file, register=current if layer == newest else None,
            origin=_first_seen(path, origin), at=at,
            progress=lambda share, what: tell(_FETCHING + 0.2 * share, what),
        )  # fmt: skip
    old = sorted(codes - current)
    note = f"{len(old)} of these {len(codes)} wards are no longer current in {newest.vintage}."
    return FetchReport(report, origin, (note,) if old else ())


def fetch_reports(
    path: Path,
    first: str,
    last: str,
    *,
    authority: str = "",
    mode: Mode = "correct",
    at: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FetchReport:
    """Fetch the police reports of some months in and round the wards of a workspace.

    The police.uk API is asked ward by ward, with 500 m more outside the outermost wards; it
    answers for every force, City of London and British Transport Police included. All months are
    stored in one step at the end, or none.

    Parameters
    ----------
    path : Path
        Folder of the workspace. Where there is none yet, `authority` says which wards to fetch.
    first, last : str
        Months YYYY-MM, both included.
    authority : str, optional
        Name or code; checked against the wards' own where these were fetched.
    mode : {'correct', 'replace'}
        'replace' lets the API's reports take the place of files that hold the same months.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress, cancel : callable, optional
        See the module.

    Returns
    -------
    FetchReport
        With an `ImportReport`. A month that the API does not have is listed as skipped; one that
        is as it was stored changes nothing.

    Raises
    ------
    FetchError
        If the API cannot be reached, or has none of the months.
    StoreConflictError
        If files hold the same months of the same area, and `mode` is not 'replace'.
    WorkspaceError
        If the folder holds a demo, or there is no workspace and no authority.
    """
    start = _WARDS_FIRST if authority and not Workspace.exists(path) else 0.0
    workspace = _workspace_for(path, authority, at, _part(progress, 0.0, start), cancel)
    tell = _part(progress, start, 1.0)
    if mode != "replace":
        _refuse_beside_files(workspace, months.span(first, last))
    source = configured(POLICE_API, path)
    areas = search_areas(workspace.wards())
    with (
        open_cache(path, lasting=True) as cache,
        cache.unfinished(f"reports {source.address} {first} {last} {at[:10]}") as mark,
    ):
        client = _client(source, cache, at, cancel, mark)
        client.rate = police_api.rate_limit()
        tell(0.0, "Asking which months there are")
        wanted, skipped, notes = _months_to_fetch(client, first, last)

        def fetched() -> Iterator[Batch]:
            for done, month in enumerate(wanted):

                def tell_area(count: int, name: str, done: int = done, month: str = month) -> None:
                    share = (done + count / len(areas)) / len(wanted)
                    tell(_FETCHING * share, f"Fetching {months.label(month)}, {name}")

                names = police_api.category_names(client, month)
                rows = police_api.search(client, month, areas, progress=tell_area)
                yield police_api.to_batch(rows, month, names)

        with spooling() as held:
            batches, _ = held.put_all(fetched())
            report = store.commit(
                workspace, batches, mode=mode, skipped=skipped, at=at,
                progress=lambda share, what: tell(_FETCHING + (1 - _FETCHING) * share, what),
            )  # fmt: skip
    origin = _origin(source, at)
    if not report.unchanged:
        layers.put(workspace, "reports", origin)
    return FetchReport(report, origin, tuple(notes))


def fetch_latest(
    path: Path,
    *,
    authority: str = "",
    length: int = 12,
    at: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FetchReport:
    """Fetch the newest months of police reports that there are, and the wards first if need be.

    Parameters
    ----------
    path : Path
        Folder of the workspace. Where there is none yet, `authority` says which wards to fetch.
    authority : str, optional
        Name or code of a local authority of England or Wales.
    length : int
        How many months.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress, cancel : callable, optional
        See the module.

    Returns
    -------
    FetchReport
        As `fetch_reports`.

    Raises
    ------
    FetchError
        If a source cannot be reached, or does not say which months it has.
    StoreConflictError, WorkspaceError
        As `fetch_reports`.
    """
    start = _WARDS_FIRST if authority and not Workspace.exists(path) else 0.0
    workspace = _workspace_for(path, authority, at, _part(progress, 0.0, start), cancel)
    source = configured(POLICE_API, workspace.path)
    with open_cache(path, lasting=True) as cache:
        there = police_api.months_available(_client(source, cache, at, cancel, ""))
    if there is None:
        raise FetchError(
            "The police API does not say which months it has", got=source.address,
            todo="name the months to fetch",
        )  # fmt: skip
    return fetch_reports(
        path, there[-length:][0], there[-1], at=at, progress=_part(progress, start, 1.0),
        cancel=cancel,
    )  # fmt: skip


def fetch_archive(
    path: Path,
    first: str,
    last: str,
    forces: Sequence[str],
    *,
    mode: Mode = "correct",
    at: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FetchReport:
    """Fetch the monthly archive of police.uk and import whole forces from it.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    first, last : str
        Months YYYY-MM, both included. The archive of `last` holds three years up to it.
    forces : sequence of str
        Names or slugs as police.uk writes them: metropolitan, city-of-london, btp.
    mode : {'correct', 'replace', 'add'}
        As in an import of files.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress, cancel : callable, optional
        See the module.

    Returns
    -------
    FetchReport
        With an `ImportReport`; months and forces that the archive does not hold are skipped.

    Raises
    ------
    FetchError
        If the archive cannot be reached, or holds nothing of what was asked for.
    ReportFileError, UnsafeArchiveError, StoreConflictError, WorkspaceError
        As in an import of files.
    """
    tell = progress or _silent
    workspace = Workspace.open(path)
    workspace.require_real("Fetching reports")
    source = configured(ARCHIVE, path)
    with open_cache(path, lasting=True) as cache:
        client = _client(source, cache, at, cancel, "")
        file = archive.fetch(
            client, last,
            progress=lambda share: tell(0.6 * share, f"Fetching the archive of {last}"),
        )  # fmt: skip
        tell(0.6, "Reading the archive")
        with spooling() as held:
            batches, skipped = held.put_all(archive.read(file, months.span(first, last), forces))
            report = store.commit(
                workspace, batches, mode=mode, skipped=skipped, at=at,
                progress=lambda share, what: tell(_FETCHING + (1 - _FETCHING) * share, what),
            )  # fmt: skip
    origin = _origin(source, at)
    if not report.unchanged:
        layers.put(workspace, "reports", origin)
    return FetchReport(report, origin)


def fetch_population(
    path: Path,
    *,
    file: Path | None = None,
    lookup: Path | None = None,
    year: int | None = None,
    at: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FetchReport:
    """Fetch the residents of each ward from Nomis, or read them from a file.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    file : Path, optional
        CSV of residents by ward or LSOA, instead of asking Nomis.
    lookup : Path, optional
        CSV of LSOAs to wards, for a file that counts LSOAs.
    year : int, optional
        Year of the estimates, where the file does not say it.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress, cancel : callable, optional
        See the module.

    Raises
    ------
    FetchError
        If Nomis cannot be reached.
    ReportFileError, VintageError
        If the table cannot be used, or is of other wards.
    """
    tell, workspace = progress or _silent, Workspace.open(path)
    workspace.require_real("Fetching residents")
    source = configured(NOMIS, path)
    codes = workspace.wards()["ward_code"].tolist()
    tell(0.0, "Fetching residents")
    if file is not None:
        found = population.read_population(file, codes, lookup=lookup, year=year)
    else:
        with open_cache(path, lasting=True) as cache:
            client = _client(source, cache, at, cancel, "")
            found = population.fetch_population(client, codes)
    tell(_FETCHING, "Storing residents")
    origin = _origin(source, at, file) | {"year": found.year}
    changed = layers.put(workspace, "population", origin, population=found.frame)
    tell(1.0, "Done")
    result = LayerReport({"wards with residents": len(found.frame)}, unchanged=not changed)
    return FetchReport(result, origin, found.notes)


def fetch_streets(
    path: Path,
    *,
    file: Path | None = None,
    kind: str = "station",
    at: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FetchReport:
    """Fetch the walking network and what lies along it from OpenStreetMap, or read a file.

    Streets one can walk along, cut where they meet; lamps and crossings; stations and parks.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    file : Path, optional
        An .osm.pbf extract, a saved answer of Overpass, or GeoJSON with OpenStreetMap's tags,
        instead of asking Overpass.
    kind : str
        What the points of a GeoJSON are that have a name and no telling tag.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress, cancel : callable, optional
        See the module.

    Raises
    ------
    FetchError
        If Overpass cannot be reached.
    ReportFileError
        If the file cannot be used.
    """
    tell, workspace = progress or _silent, Workspace.open(path)
    workspace.require_real("Fetching streets")
    source = configured(OVERPASS, path)
    tell(0.0, "Fetching streets, stations and parks")
    if file is not None:
        found = streets.read_streets(file, workspace.wards(), kind=kind)
    else:
        with open_cache(path, lasting=True) as cache:
            client = _client(source, cache, at, cancel, "")
            found = streets.fetch_streets(client, workspace.wards())
    tell(_FETCHING, "Storing streets and places")
    origin = _origin(source, at, file)
    network = {"streets": found.streets, "lamps": found.lamps, "crossings": found.crossings}
    # A file of stations alone says nothing about streets.
    changed = layers.put(
        workspace, "streets", origin, places=found.places, **(network if len(found.streets) else {})
    )
    tell(1.0, "Done")
    rows = {name: len(frame) for name, frame in {**network, "places": found.places}.items()}
    return FetchReport(LayerReport(rows, unchanged=not changed), origin, _lit_note(found.streets))


def _lit_note(network: gpd.GeoDataFrame) -> tuple[str, ...]:
    """Say of how much of the network the map tells whether it is lit."""
    if network.empty:
        return ()
    known = network.loc[network["lit"] != "unknown", "length_m"].sum() / network["length_m"].sum()
    return (f"The map says of {known:.0%} of the length of the streets whether it is lit; the rest "
            "is not known.",)  # fmt: skip


GAZETTEERS = ("codepoint", "opennames")
"""What is fetched unless products are named. OS Open UPRN is 700 MB and rarely needed."""


def fetch_gazetteer(
    path: Path,
    *,
    file: Path | None = None,
    products: Sequence[str] = GAZETTEERS,
    at: str = "",
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FetchReport:
    """Fetch postcodes and names from the Ordnance Survey's open data, or read them from a zip.

    Stored reports that could not be found on the map before are then looked for again.

    Parameters
    ----------
    path : Path
        Folder of the workspace.
    file : Path, optional
        Code-Point Open, OS Open Names or OS Open UPRN, as CSV in a zip, instead of asking.
    products : sequence of str
        Which to fetch: 'codepoint', 'opennames', 'openuprn'.
    at : str
        The time, for the record, as the caller tells it (ISO 8601).
    progress, cancel : callable, optional
        See the module.

    Raises
    ------
    FetchError
        If the Ordnance Survey cannot be reached; products that were stored before it stay.
    ReportFileError, UnsafeArchiveError
        If the file cannot be used.
    """
    tell, workspace = progress or _silent, Workspace.open(path)
    workspace.require_real("Reading a gazetteer")
    source = configured(OS_OPEN, path)
    changed, rows = False, Counter[str]()
    with ExitStack() as stack:
        if file is None:
            cache = stack.enter_context(open_cache(path, lasting=True))
            client = _client(source, cache, at, cancel, "")
        for number, key in enumerate(products if file is None else [""]):
            part = _part(tell, number / len(products), (number + 1) / len(products))
            part = tell if file else part
            zipped = file or _gazetteer_zip(client, gazetteer.PRODUCTS[key], part)
            part(0.6, f"Reading {zipped.name}")
            found = gazetteer.read_gazetteer(zipped, workspace.wards())
            origin = _origin(source, at, file) | {"product": found.product.title}
            changed |= layers.put(
                workspace, found.product.layer, origin, **{found.product.layer: found.frame}
            )
            rows.update({f"{k}s": int(n) for k, n in found.frame["kind"].value_counts().items()})
    placed = repair.locate_again(Workspace.open(path), at=at)
    tell(1.0, "Done")
    note = (f"{placed:,} stored rows were found on the map with it.",) if placed else ()
    return FetchReport(LayerReport(dict(sorted(rows.items())), not changed), origin, note)


def _gazetteer_zip(client: Client, product: gazetteer.Product, tell: Progress) -> Path:
    words = f"Fetching {product.title}"
    tell(0.0, words)
    return gazetteer.fetch_gazetteer(
        client, product, progress=lambda share: tell(0.6 * share, words)
    )


_WHAT = {
    "wards": "Ward boundaries", "reports": "Police reports", "population": "Residents",
    "streets": "Streets, lamps, crossings and places",
}  # fmt: skip


def origins_table(workspace: Workspace) -> pd.DataFrame:
    """List where the open data of a workspace came from.

    Returns
    -------
    pandas.DataFrame
        `what`, `source`, `address`, `licence`, `attribution`, `fetched_at`, one row a thing.
    """
    rows = []
    for name, origin in layers.origins(workspace).items():
        what = _WHAT.get(name) or origin.get("title") or origin.get("product") or name
        told = (origin.get(k, "") for k in ("source_name", "address", "licence", "attribution"))
        rows.append((what, *told, origin.get("fetched_at", "")))
    columns = ["what", "source", "address", "licence", "attribution", "fetched_at"]
    return pd.DataFrame(rows, columns=columns).astype("str")


def by_hand(kind: str) -> str:
    """Say where to download by hand what a fetch would bring: 'wards', 'reports' and so on."""
    sources = {"wards": ONS, "reports": POLICE_API, "population": NOMIS, "streets": OVERPASS,
               "gazetteer": OS_OPEN}  # fmt: skip
    return sources[kind].by_hand


def _workspace_for(
    path: Path, authority: str, at: str, tell: Progress, cancel: Cancel | None
) -> Workspace:
    """Open the workspace; fetch its wards first where there is none and an authority is named."""
    if authority and not Workspace.exists(path):
        fetch_wards(path, authority, at=at, progress=tell, cancel=cancel)
    workspace = Workspace.open(path)
    workspace.require_real("Fetching reports")
    known = layers.origins(workspace).get("wards", {})
    names = {str(known.get(key, "")).casefold() for key in ("authority", "authority_code")} - {""}
    if authority and names and authority.strip().casefold() not in names:
        raise FetchError(
            f"This workspace holds the wards of {known['authority']}, not of {authority}",
            got=str(path),
            todo="leave --authority out, or name another folder with --workspace",
        )
    return workspace


def _refuse_beside_files(workspace: Workspace, wanted: Sequence[str]) -> None:
    """Say before fetching what storing would say after it."""
    for part in workspace.manifest().live:
        same = part.source == police_uk.SOURCE and part.channel == "file"
        if same and part.inside and part.month in wanted:
            raise StoreConflictError(
                f"Files already hold {months.label(part.month)} for this area",
                got=f"{part.inside:,} reports of {part.force} inside the wards",
                todo="choose other months, or say --replace to keep only what the police.uk API "
                "gives for them",
            )


def _months_to_fetch(
    client: Client, first: str, last: str
) -> tuple[list[str], list[Skipped], list[str]]:
    asked = months.span(first, last)
    there = police_api.months_available(client)
    if there is None:
        return asked, [], ["This server does not say which months it has."]
    wanted = [month for month in asked if month in there]
    if not wanted:
        raise FetchError(
            "The police API has none of these months",
            got=f"{first} to {last}; it has {there[0]} to {there[-1]}",
            todo="ask for months it has; for older ones download the archive from "
            "https://data.police.uk/data/archive/ and import its files",
        )
    reason = f"the police API has {there[0]} to {there[-1]} only"
    skipped = [Skipped(month, reason) for month in asked if month not in there]
    return wanted, skipped, []


def _first_seen(path: Path, origin: layers.Origin) -> layers.Origin:
    """Keep the stored origin where the very same boundaries come again on another day."""
    if not Workspace.exists(path):
        return origin
    known = layers.origins(Workspace.open(path)).get("wards", {})
    same = {k: v for k, v in known.items() if k != "fetched_at"} == {
        k: v for k, v in origin.items() if k != "fetched_at"
    }
    return known if same else origin


def _client(source: Source, cache: Cache, at: str, cancel: Cancel | None, mark: str) -> Client:
    return Client(
        source, cache, at=at, patience=PATIENCE, cancel=cancel or (lambda: False), mark=mark
    )


def _origin(source: Source, at: str, file: Path | None = None) -> layers.Origin:
    """Say where something came from; of a file brought by hand, its usual publisher."""
    return {
        "source_name": source.title,
        "address": file.name if file else source.address,
        "licence": source.licence,
        "attribution": source.attribution,
        "fetched_at": at,
    }


def _part(progress: Progress | None, start: float, end: float) -> Progress:
    """Tell a part of a job as its share of the whole."""
    if progress is None:
        return _silent
    return lambda share, what: progress(start + (end - start) * share, what)


def _silent(_share: float, _what: str) -> None:
    """Take progress that nobody wants."""
