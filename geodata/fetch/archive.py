"""The monthly archive of data.police.uk: one zip of three years of every force, some 1.7 GB.

It is streamed to the workspace's cache, a stopped download going on where it stopped, and only the
street files of the forces and months asked for are read from it, by the reader of files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from geodata import archives, police_uk
from geodata.archives import GIB, Limits
from geodata.batches import Batch, Skipped
from geodata.errors import FetchError, UnsafeArchiveError
from geodata.fetch.http import Client
from geodata.forces import force_slug

LIMITS = Limits(members=50_000, total_bytes=16 * GIB, member_bytes=GIB)


def fetch(client: Client, month: str, *, progress: Callable[[float], None] | None = None) -> Path:
    """Bring the archive of a month into the cache; one that is there already stays.

    Parameters
    ----------
    client : Client
        Of the archive.
    month : str
        YYYY-MM: the last month it holds.
    progress : callable, optional
        Told the share that has arrived.

    Raises
    ------
    FetchError, FetchCancelledError
        If it cannot be fetched; what has arrived stays.
    """
    path = client.cache.path_of(f"archive-{month}.zip")
    if path.is_file():
        return path
    return client.download(f"{client.source.address}/{month}.zip", path, progress=progress)


def read(path: Path, months: Sequence[str], forces: Sequence[str]) -> Iterator[Batch | Skipped]:
    """Read the street files of some forces and months from an archive, one after another.

    Parameters
    ----------
    path : Path
        The zip.
    months : sequence of str
        YYYY-MM.
    forces : sequence of str
        Names or slugs.

    Yields
    ------
    Batch or Skipped
        One batch a file; what was asked for and is not there is skipped.

    Raises
    ------
    FetchError
        If nothing of it is there.
    UnsafeArchiveError, ReportFileError
        If the zip or one of its files cannot be read. A damaged archive is deleted, so that the
        next fetch brings it anew.
    """
    wanted = {f"{m}-{force_slug(f)}-street.csv" for m in months for f in forces}
    met = set()
    try:
        for member in archives.open_members(path, suffixes=[".csv"], limits=LIMITS):
            name = PurePosixPath(member.name).name
            if name in wanted:
                met.add(name)
                with member.open() as packed:
                    data = packed.read()
                yield police_uk.read_street_file(name, data)
    except UnsafeArchiveError:
        path.unlink(missing_ok=True)
        raise
    if not met:
        raise FetchError(
            "The archive holds none of these forces and months",
            got=f"{path.name}; asked for {', '.join(sorted(wanted)[:3])}",
            todo="check the forces; their names are those of https://data.police.uk/data/",
        )
    yield from (Skipped(n, "not in the archive") for n in sorted(wanted - met))
