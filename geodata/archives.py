"""Open zip archives that come from outside without trusting what they say about themselves.

A zip states the names and sizes of what it holds, and may lie about both. Names are checked before
anything is opened; sizes are counted while reading. Nothing is ever written outside the folder
given, and an archive inside an archive is refused rather than followed or passed over in silence.
"""

from __future__ import annotations

import io
import lzma
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from geodata.errors import UnsafeArchiveError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MIB = 2**20
GIB = 2**30

_ARCHIVES = (".zip", ".7z", ".rar", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".lz4", ".kmz")
_UNSAFE_CHARACTER = re.compile(r"[^\w .,()&'+-]")
_RATIO_FROM = 16 * MIB
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(ValueError, OverflowError, NotImplementedError, RuntimeError),
)
"""What zipfile was seen to raise over damaged bytes, or a way of packing it does not know."""


@dataclass(frozen=True)
class Limits:
    """What an archive may unpack to.

    Attributes
    ----------
    members : int
        Files and folders listed in the archive.
    total_bytes : int
        Bytes unpacked, all opened members together.
    member_bytes : int
        Bytes unpacked from one member.
    ratio : float
        Unpacked bytes per packed byte of one member, looked at beyond 16 MiB: text packs about
        ten to one, a zip bomb about a thousand to one.
    """

    members: int = 20_000
    total_bytes: int = 16 * GIB
    member_bytes: int = 4 * GIB
    ratio: float = 200.0


@dataclass
class _Budget:
    """What is left of `Limits.total_bytes`; shared by the members of one archive."""

    limits: Limits
    archive: str
    spent: int = 0

    def spend(self, count: int, member: zipfile.ZipInfo, so_far: int) -> None:
        self.spent += count
        if self.spent > self.limits.total_bytes:
            raise _too_big(self.archive, member.filename, self.limits.total_bytes)
        if so_far > self.limits.member_bytes:
            raise _too_big(self.archive, member.filename, self.limits.member_bytes)
        if so_far > _RATIO_FROM and so_far > self.limits.ratio * max(member.compress_size, 1):
            raise UnsafeArchiveError(
                f"{self.archive} unpacks to far more than a real file would",
                got=f"over {self.limits.ratio:g} bytes for each packed byte",
                first_bad=member.filename,
                todo="ask the sender for the file itself",
            )


@dataclass(frozen=True)
class Member:
    """One file inside an archive; readable while its archive is open.

    Attributes
    ----------
    name : str
        Its path inside the archive, with forward slashes.
    size : int
        Unpacked bytes as the archive states them: a hint, not a promise.
    """

    name: str
    size: int
    _archive: zipfile.ZipFile = field(repr=False)
    _info: zipfile.ZipInfo = field(repr=False)
    _budget: _Budget = field(repr=False)

    def open(self) -> io.BufferedReader:
        """Open the member for reading bytes; the limits are enforced on every read.

        Raises
        ------
        UnsafeArchiveError
            Now or while reading, if a limit is passed or the packed bytes are damaged.
        """
        with _plain_errors(self._budget.archive, self.name):
            packed = self._archive.open(self._info)
        return io.BufferedReader(_Counted(packed, self._info, self._budget), 256 * 1024)


class _Counted(io.RawIOBase):
    def __init__(self, packed: IO[bytes], info: zipfile.ZipInfo,
                 budget: _Budget) -> None:  # fmt: skip
        self._packed, self._info, self._budget, self._read = packed, info, budget, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        with _plain_errors(self._budget.archive, self._info.filename):
            chunk = self._packed.read(len(view))
        self._read += len(chunk)
        self._budget.spend(len(chunk), self._info, self._read)
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._packed.close()
        super().close()


def is_zip(path: Path) -> bool:
    r"""Tell by its first bytes, not its name, whether a file is a zip archive.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "a.zip"
    ...     _ = path.write_bytes(b"PK\x03\x04...")
    ...     is_zip(path)
    True
    """
    with path.open("rb") as file:
        return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")


def open_members(
    path: Path | str, *, suffixes: Sequence[str], limits: Limits | None = None
) -> Iterator[Member]:
    """Step through the files of an archive whose names end in one of `suffixes`.

    Parameters
    ----------
    path : pathlib.Path or str
        The zip file.
    suffixes : sequence of str
        Endings such as '.csv', in any case; others are passed over, as are the hidden files that
        macOS adds.
    limits : Limits, optional
        What it may unpack to.

    Yields
    ------
    Member
        In the archive's order. Read it before asking for the next but one step is over: the
        archive is closed when the iteration ends.

    Raises
    ------
    UnsafeArchiveError
        Before the first member if the archive is damaged, encrypted, holds too many members, a
        name that leads out of its folder, a link, the same name twice or another archive; later,
        while reading, if it unpacks to more than allowed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "months.zip"
    ...     with zipfile.ZipFile(path, "w") as made:
    ...         made.writestr("2026-04/a-street.csv", "Month")
    ...         made.writestr("readme.txt", "")
    ...     for member in open_members(path, suffixes=[".csv"]):
    ...         with member.open() as file:
    ...             print(member.name, file.read())
    2026-04/a-street.csv b'Month'
    """
    path, limits = Path(path), limits or Limits()
    endings = tuple(s.lower() for s in suffixes)
    with _plain_errors(path.name, ""):
        archive = zipfile.ZipFile(path)
    with archive:
        wanted = _checked(path.name, archive.infolist(), endings, limits)
        budget = _Budget(limits, path.name)
        for name, info in wanted:
            yield Member(name, info.file_size, archive, info, budget)


def extract_to(
    path: Path | str, folder: Path, suffixes: Sequence[str], limits: Limits | None = None
) -> list[tuple[str, Path]]:
    """Unpack the files whose names end in one of `suffixes` into `folder`.

    Folders inside the archive are kept; characters that some systems do not allow in a file name
    become underscores.

    Returns
    -------
    list of (str, pathlib.Path)
        Name in the archive and where it was written, in the archive's order.

    Raises
    ------
    UnsafeArchiveError
        As `open_members`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "wards.zip"
    ...     with zipfile.ZipFile(path, "w") as made:
    ...         made.writestr("shapes/wards.geojson", "{}")
    ...     [(name, to.name) for name, to in extract_to(path, Path(folder), [".geojson"])]
    [('shapes/wards.geojson', 'wards.geojson')]
    """
    written: list[tuple[str, Path]] = []
    taken: set[str] = set()
    for member in open_members(path, suffixes=suffixes, limits=limits):
        parts = [_UNSAFE_CHARACTER.sub("_", part) for part in PurePosixPath(member.name).parts]
        target = folder.joinpath(*parts)
        if str(target).casefold() in taken:
            raise _twice(Path(path).name, member.name)
        taken.add(str(target).casefold())
        target.parent.mkdir(parents=True, exist_ok=True)
        with member.open() as packed, target.open("wb") as out:
            shutil.copyfileobj(packed, out, MIB)
        written.append((member.name, target))
    return written


def _checked(
    archive: str, infos: list[zipfile.ZipInfo], endings: tuple[str, ...], limits: Limits
) -> list[tuple[str, zipfile.ZipInfo]]:
    if len(infos) > limits.members:
        raise UnsafeArchiveError(
            f"{archive} holds too many files",
            got=f"{len(infos):,}, where {limits.members:,} are allowed",
            todo="unpack it and give the files that are needed",
        )
    wanted: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = info.filename.replace("\\", "/")
        _check_member(archive, name, info)
        if info.is_dir() or not name.lower().endswith(endings) or _is_litter(name):
            _refuse_archive(archive, name)
            continue
        if name in wanted:
            raise _twice(archive, name)
        wanted[name] = info
    stated = sum(info.file_size for info in wanted.values())
    if stated > limits.total_bytes:
        raise _too_big(archive, max(wanted, key=lambda n: wanted[n].file_size), limits.total_bytes)
    return list(wanted.items())


def _check_member(archive: str, name: str, info: zipfile.ZipInfo) -> None:
    parts = name.split("/")
    mode = info.external_attr >> 16
    problem = ""
    if name.startswith("/") or ".." in parts or re.match(r"^[A-Za-z]:", name) or "\0" in name:
        problem = "holds a name that leads out of its own folder"
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        problem = "holds a link or a device instead of a file"
    elif info.flag_bits & 0x1:
        problem = "is protected with a password"
    if problem:
        raise UnsafeArchiveError(
            f"{archive} {problem}", first_bad=name, todo="unpack it yourself and give the files"
        )


def _refuse_archive(archive: str, name: str) -> None:
    if name.lower().endswith(_ARCHIVES) and not _is_litter(name):
        raise UnsafeArchiveError(
            f"{archive} holds another archive, which is not looked into",
            first_bad=name,
            todo="unpack it and give the files inside",
        )


def _is_litter(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or parts[-1].startswith("._")


def _too_big(archive: str, member: str, allowed: int) -> UnsafeArchiveError:
    return UnsafeArchiveError(
        f"{archive} unpacks to more than allowed",
        got=f"over {allowed / MIB:,.0f} MiB",
        first_bad=member,
        todo="unpack it and give the files that are needed",
    )


def _twice(archive: str, name: str) -> UnsafeArchiveError:
    return UnsafeArchiveError(
        f"{archive} holds two files of one name", first_bad=name, todo="pack it again without one"
    )


@contextmanager
def _plain_errors(archive: str, member: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as cause:
        if isinstance(cause, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        raise UnsafeArchiveError(
            f"{archive} cannot be unpacked: it is damaged, incomplete or packed in an unusual way",
            got=str(cause),
            first_bad=member,
            todo="fetch it again, or unpack it yourself and give the files",
        ) from cause
