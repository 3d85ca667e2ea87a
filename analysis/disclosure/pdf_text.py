"""Read the words of a PDF as they are drawn: with embedded fonts they stand in no plain letters.

Pages draw glyphs by number; each font says which letters its glyphs are (`ToUnicode`). Every page
is read with every font: what comes out with the wrong one is nonsense, and nonsense finds nothing.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

LARGEST = 64 * 2**20
"""Bytes one stream may unpack to."""

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_SHOWN = re.compile(
    rb"\[((?:[^\]\\]|\\.)*)\]\s*TJ|(<[0-9A-Fa-f\s]*>|\((?:[^()\\]|\\.)*\))\s*Tj", re.DOTALL
)
_PIECE = re.compile(rb"<([0-9A-Fa-f\s]*)>|\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_WIDE = re.compile(rb"\(\xfe\xff((?:[^()\\]|\\.)*)\)|<(FEFF[0-9A-F]*)>", re.DOTALL | re.IGNORECASE)


def inflated(data: bytes, largest: int = LARGEST) -> bytes:
    """Unpack a stream; nothing where it is not packed.

    Examples
    --------
    >>> inflated(zlib.compress(b"words")), inflated(b"words")
    (b'words', b'')
    """
    try:
        return zlib.decompressobj().decompress(data, largest)
    except zlib.error:
        return b""


def words_of(data: bytes) -> Iterator[str]:
    """Give the words of a PDF, a part at a time.

    Parameters
    ----------
    data : bytes
        The file.

    Returns
    -------
    iterator of str
        Titles and descriptions, streams that are plain text, and pages by every font.
    """
    yield "\n".join(_titles(data))
    streams = [inflated(found[1]) or found[1] for found in _STREAM.finditer(data)]
    fonts = [_letters(s) for s in streams if b"beginbf" in s]
    for stream in streams:
        if b" Tf" not in stream:
            if _is_text(stream):
                yield stream.decode("utf-8", "replace")
            continue
        yield "\n".join(_titles(stream))
        lines = [_pieces(a or b) for a, b in _SHOWN.findall(stream)]
        for letters in fonts:
            yield "\n".join("".join(letters.get(g, "") for g in line) for line in lines)


def _titles(data: bytes) -> Iterator[str]:
    """Read the texts that stand outside the drawing in two-byte letters."""
    for plain, coded in _WIDE.findall(data):
        raw = bytes.fromhex(coded.decode())[2:] if coded else _unescaped(plain)
        yield raw.decode("utf-16-be", "replace")


def _is_text(stream: bytes) -> bool:
    """Tell words and drawing instructions from fonts and pictures."""
    part = stream[:4096]
    plain = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in part)
    return plain > 0.85 * len(part)


def _letters(cmap: bytes) -> dict[int, str]:
    """Read which letters the glyphs of a font are."""
    found: dict[int, str] = {}
    for part in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        codes = [re.sub(rb"\s", b"", c).decode() for c in _HEX.findall(part)]
        found |= {int(g, 16): _utf16(u) for g, u in zip(codes[::2], codes[1::2], strict=False)}
    for part in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        codes = [re.sub(rb"\s", b"", c).decode() for c in _HEX.findall(part)]
        for low, high, to in zip(codes[::3], codes[1::3], codes[2::3], strict=False):
            start = int(to, 16)
            span = range(int(low, 16), min(int(high, 16), int(low, 16) + 255) + 1)
            found |= {g: _utf16(f"{start + n:0{len(to)}x}") for n, g in enumerate(span)}
    return found


def _utf16(code: str) -> str:
    return bytes.fromhex(code.zfill(4)).decode("utf-16-be", "replace")


def _pieces(shown: bytes) -> list[int]:
    """List the glyphs a line draws, two bytes each."""
    raw = b"".join(
        bytes.fromhex(re.sub(rb"\s", b"", coded).decode().ljust(2, "0"))
        if coded
        else _unescaped(plain)
        for coded, plain in _PIECE.findall(shown)
    )
    return [int.from_bytes(raw[at : at + 2], "big") for at in range(0, len(raw) - 1, 2)]


_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def _unescaped(text: bytes) -> bytes:
    def one(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if code[:1].isdigit():
            return bytes([int(code, 8) & 255])
        return _ESCAPES.get(code, b"" if code == b"\n" else code)

    return re.sub(rb"\\([0-7]{1,3}|.)", one, text, flags=re.DOTALL)
