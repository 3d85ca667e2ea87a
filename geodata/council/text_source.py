"""Read any text file as blocks of UTF-8: UTF-8 with or without a mark, UTF-16, Windows-1252, gzip.

One pass over the whole file settles its encoding, so that a pound sign in the last line of two
gigabytes does not stop an import half way; the same pass gives the digest. Memory stays at a few
blocks whatever the size.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from geodata.archives import GIB, MIB
from geodata.council.table import damaged
from geodata.errors import ReportFileError

BLOCK = 8 * MIB
MAX_BYTES = 64 * GIB
"""Bytes that a text file may hold, or unpack to."""

_GZIP = b"\x1f\x8b"
_RATIO, _RATIO_FROM = 200, 16 * MIB
_SAMPLE = MIB
_CONTROL = bytes({*range(0x20), 0x7F} - {9, 10, 12, 13})
_CONTROL_SHARE = 0.005
_UTF8_MARK = codecs.BOM_UTF8
_UNDEFINED_1252 = b"\x81\x8d\x8f\x90\x9d"


@dataclass(frozen=True)
class TextSource:
    """A text file whose encoding is known.

    Attributes
    ----------
    path : pathlib.Path
        Where it lies.
    name : str
        What to call it in a message.
    encoding : str
        Python's name of the encoding.
    digest : str
        First 32 digits of the SHA-256 of the file's bytes.
    notes : tuple of str
        What a person should know about the encoding.
    old_mac : bool
        True if its lines end in carriage returns alone; they are turned into line feeds.
    """

    path: Path
    name: str
    encoding: str
    digest: str
    notes: tuple[str, ...] = ()
    old_mac: bool = False

    def blocks(self, size: int = BLOCK) -> Iterator[bytes]:
        """Step through the text as blocks of UTF-8, without a byte order mark."""
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        first = True
        with _opened(self.path, self.name) as file:
            while block := _read(file, size, self.name):
                text = self._as_utf8(block, decoder)
                if first and text:
                    text, first = text.removeprefix(_UTF8_MARK), False
                if text:
                    yield text
            if rest := decoder.decode(b"", final=True).encode():
                yield rest

    def _as_utf8(self, block: bytes, decoder: codecs.IncrementalDecoder) -> bytes:
        text = block if self.encoding == "utf-8" else decoder.decode(block).encode()
        return text.replace(b"\r", b"\n") if self.old_mac else text


def open_text(path: Path, name: str) -> TextSource:
    r"""Settle the encoding of a text file.

    Parameters
    ----------
    path : pathlib.Path
        The file, gzip-packed or not.
    name : str
        What to call it in a message.

    Raises
    ------
    ReportFileError
        If it is empty, not text, damaged, or larger than `MAX_BYTES`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "a.csv"
    ...     _ = file.write_bytes("Fee\n\xa35\n".encode("cp1252"))
    ...     source = open_text(file, "a.csv")
    ...     source.encoding, b"".join(source.blocks()).decode()
    ('cp1252', 'Fee\n£5\n')
    """
    with _opened(path, name) as file:
        start = _read(file, _SAMPLE, name)
    if not start.strip():
        raise ReportFileError(f"{name} is empty", todo="export it again")
    wide = _wide(start)
    if not wide:
        _require_text(start, name)
    survey = _survey(path, name, wide)
    notes: tuple[str, ...] = ()
    if survey.encoding == "cp1252":
        notes = (f"{name} is written in Windows-1252, as older Excel does",)
        if survey.undefined:
            notes = (*notes, f"{survey.undefined} characters that no encoding explains became �")
    return TextSource(path, name, survey.encoding, survey.digest, notes, _is_old_mac(start, wide))


@dataclass(frozen=True)
class _Survey:
    encoding: str
    digest: str
    undefined: int


def _survey(path: Path, name: str, wide: str) -> _Survey:
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, undefined = wide or "utf-8", 0
    with _opened(path, name) as file:
        while block := _read(file, BLOCK, name):
            digest.update(block)
            undefined += sum(block.count(c) for c in _UNDEFINED_1252) if not block.isascii() else 0
            if encoding == "utf-8" and not _decodes(decoder, block):
                encoding = "cp1252"
    if encoding == "utf-8" and not _decodes(decoder, b"", final=True):
        encoding = "cp1252"
    return _Survey(encoding, digest.hexdigest()[:32], undefined)


def _decodes(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    if block.isascii() and decoder.getstate()[0] == b"":
        return True
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _wide(start: bytes) -> str:
    """Name the order of a UTF-16 file by its mark, or by every other byte being zero."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if start.startswith(mark):
            return encoding
    head = start[:200]
    half = len(head) // 2
    if half >= 2 and b"\0" in head:
        if head[1 : 2 * half : 2].count(0) == half:
            return "utf-16-le"
        if head[0 : 2 * half : 2].count(0) == half:
            return "utf-16-be"
    return ""


def _require_text(start: bytes, name: str) -> None:
    odd = len(start) - len(start.translate(None, _CONTROL))
    if odd > _CONTROL_SHARE * len(start) or b"\0" in start:
        raise ReportFileError(
            f"{name} is neither a text table nor a file of a kind that is known here",
            got="bytes that no text holds",
            todo="give CSV, Excel, OpenDocument, GeoJSON, GeoPackage, parquet or a zip of these",
        )


def _is_old_mac(start: bytes, wide: str) -> bool:
    text = start.decode(wide, "replace").encode() if wide else start
    return b"\r" in text and b"\n" not in text


@contextmanager
def _opened(path: Path, name: str) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw:
        packed = raw.read(2) == _GZIP
        raw.seek(0)
        if not packed:
            yield raw
            return
        with gzip.open(raw) as file:
            yield _Limited(file, path.stat().st_size, name)  # type: ignore[misc]


class _Limited:
    """A gzip stream that refuses to unpack to far more than a real file would."""

    def __init__(self, file: gzip.GzipFile, packed: int, name: str) -> None:
        self._file, self._packed, self._name, self._read = file, packed, name, 0

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        self._read += len(block)
        bomb = self._read > _RATIO_FROM and self._read > _RATIO * self._packed
        if bomb or self._read > MAX_BYTES:
            raise ReportFileError(
                f"{self._name} unpacks to far more than a real file would",
                got=f"over {self._read / MIB:,.0f} MiB", todo="ask the sender for the file itself",
            )  # fmt: skip
        return block


def _read(file: IO[bytes], size: int, name: str) -> bytes:
    try:
        return file.read(size)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise damaged(name, str(error)) from error
