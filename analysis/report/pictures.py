"""A chart or a map as one PNG that explains itself wherever it is pasted.

Title, months, what it shows in words, whose data it rests on and who may have it stand in the
picture; the words also stand in the file, where programs look for the description of a picture.
No browser and no network are used: typst sets it in the one font that ships with us.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from analysis.report.pdf import pdf_pages_png

DOTS_PER_INCH = 144.0
_START = b"\x89PNG\r\n\x1a\n"
_AFTER_HEADER = len(_START) + 25
"""The first chunk of every PNG, its header, is 25 bytes long."""


@dataclass(frozen=True)
class Words:
    """What a picture says of itself.

    Attributes
    ----------
    title : str
        What is drawn.
    period : str
        Which months, or as at which day.
    alt : str
        What it shows, with its numbers: printed below, and read out in place of the picture.
    sources : tuple of str
        Whose data it rests on, and their licences.
    marks : tuple of str
        Who may have it, and whether it is the demo.
    """

    title: str
    period: str
    alt: str
    sources: tuple[str, ...]
    marks: tuple[str, ...] = ()


def picture_png(svg: str, words: Words) -> bytes:
    """Set a drawing with its words as PNG.

    Parameters
    ----------
    svg : str
        A drawing of our own, light, whose text names the font of `analysis.report.pdf`.
    words : Words
        What stands around it.

    Returns
    -------
    bytes
        1,120 pixels wide, with title, description and copyright in the file (iTXt).
    """
    data = {
        "title": words.title, "period": words.period, "alt": words.alt, "svg": svg,
        "sources": list(words.sources), "marks": list(words.marks),
    }  # fmt: skip
    [drawn] = pdf_pages_png("picture.typ", data, dots_per_inch=DOTS_PER_INCH)
    told = {"Title": words.title, "Description": words.alt, "Copyright": " ".join(words.sources)}
    return described(drawn, told)


def described(png: bytes, words: Mapping[str, str]) -> bytes:
    r"""Write words into a PNG (PNG specification, section 11.3.3.4: iTXt, UTF-8, uncompressed).

    Parameters
    ----------
    png : bytes
        The picture.
    words : mapping of str to str
        Keyword ('Title', 'Description', 'Copyright') -> text.

    Returns
    -------
    bytes
        The same picture.

    Raises
    ------
    ValueError
        If it is no PNG.
    """
    if not png.startswith(_START):
        raise ValueError("only a PNG can be described")
    chunks = b"".join(_chunk(word, text) for word, text in words.items())
    return png[:_AFTER_HEADER] + chunks + png[_AFTER_HEADER:]


def _chunk(keyword: str, text: str) -> bytes:
    # After the keyword: not compressed, by no method, in no named language, no translated keyword.
    content = b"iTXt" + keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8")
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
