"""Read the bytes that are about to leave, and find what no public file may hold.

The last gate, after everything else has done its work: it knows nothing of columns or tables, only
text. It opens zips, spreadsheets and packed streams, reads GeoPackages and PDFs as far as plain
text goes, and looks for what identifies a person.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from geodata.errors import SaferWalksError

DEEPEST = 4
LARGEST = 64 * 2**20
"""How deep zips are opened, and how many bytes one packed file may hold."""

KINDS: dict[str, re.Pattern[str]] = {
    "an e-mail address": re.compile(
        r"(?<![\w.+-])[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}(?!\w)"
    ),
    "a telephone number": re.compile(
        r"(?<![\w.,#-])(?:\+44\s?\(?0?\)?\s?[1-9]\d{1,3}|\(?0(?:1\d{2,3}|2\d|3\d{2}|7\d{3})\)?)"
        r"[\s-]?\d{3,4}[\s-]?\d{3,4}(?![\w.,-]?\d)"
    ),
    "a property number (UPRN)": re.compile(r"(?i)\bUPRN\b\W{0,8}\d{6,12}\b"),
    "a case reference": re.compile(
        r"(?i)\b(?:(?:case|crime|cad)\W{0,3}(?:no\.?|number|id|ref(?:erence)?)|ref(?:erence)?\b|"
        r"source_ref|case_ref)\W{0,5}[A-Z]{0,6}[-/]?\d{4,}(?:[-/]\d+)*\b"
    ),
    "a full postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}\b"),
    "a date of birth": re.compile(r"(?i)\b(?:d\.?o\.?b\.?|date of birth)\W{1,4}\d"),
    "a national insurance number": re.compile(
        r"\b(?![DFIQUV])[A-CEGHJ-PR-TW-Z][A-NP-Z](?: ?\d\d){3} ?[A-D]\b"
    ),
}
"""What is looked for anywhere, and its pattern."""

COLUMNS = re.compile(
    r"(?i)[\"'<,;\t\n](incident_uid|source_ref|case_ref|merged_into|uprn|usrn|repeat_reporter_key|"
    r"restricted|is_hate_flag|is_vawg_flag|contact_(?:name|email|phone)|submission_key|"
    r"respondent|reporter_name)[\"'>,;\t\n]"
)
"""Columns no file holds (`analysis.disclosure.NEVER`), as headings or properties."""

ALLOWED = frozenset({"999", "101", "112", "0800 555 111", "0800555111"})
"""Numbers anybody may be given: emergency services and Crimestoppers."""


@dataclass(frozen=True)
class Found:
    """Something that must not leave.

    Attributes
    ----------
    kind : str
        What it is, in words.
    where : str
        Which file, and inside which packed file.
    text : str
        A few letters of it, most of them covered.
    """

    kind: str
    where: str
    text: str


def scan(
    data: bytes,
    *,
    name: str = "file",
    words: Collection[str] = (),
    allowed: Collection[str] = (),
    points: Collection[tuple[float, float]] = (),
) -> list[Found]:
    """List what a file holds that no public file may.

    Parameters
    ----------
    data : bytes
        The file; zips, spreadsheets and compressed streams are opened.
    name : str
        What it is called; the name is looked at, too.
    words : collection of str
        Names and references known to this workspace: of people, of cases. Whole words, any case;
        fewer than four letters are too few to tell.
    allowed : collection of str
        What may stand there although it looks like one of the kinds: published contacts.
    points : collection of (float, float)
        Points of persons' reports, in any one reference system: easting and northing as they would
        be written, rounded to metres, or longitude and latitude to 5 decimals.

    Returns
    -------
    list of Found
        Each thing once a file.

    Examples
    --------
    >>> [(f.kind, f.text) for f in scan(b"Call Ann on 07700 900123")]
    [('a telephone number', '07*********3')]
    >>> scan(b"12 reports near Mile End"), scan(b"Call 101, or Crimestoppers on 0800 555 111")
    ([], [])
    """
    known = _whole_words(words)
    fine = {_bare(a) for a in (*ALLOWED, *allowed)}
    found: dict[tuple[str, str, str], Found] = {}
    for where, raw in _opened(data, name, DEEPEST):
        text = f"{where}\n{_text(raw)}"
        hits = [(kind, hit) for kind, pattern in KINDS.items() for hit in pattern.findall(text)]
        hits += [("a column no file holds", hit) for hit in COLUMNS.findall(text)]
        hits += [("a name or reference of this workspace", h) for h in known(text)]
        hits += [("the point of a person's report", h) for h in _points(text, points)]
        for kind, hit in hits:
            if _bare(hit) not in fine and not _is_listed(hit, fine):
                found[kind, where, hit] = Found(kind, where, _covered(hit))
    return list(found.values())


def require_clean(
    files: dict[str, bytes],
    *,
    words: Collection[str] = (),
    allowed: Collection[str] = (),
    points: Collection[tuple[float, float]] = (),
) -> None:
    """Refuse to hand out files that hold what no public file may.

    Parameters
    ----------
    files : dict of str to bytes
        Name -> content of all that leaves together.
    words, allowed, points
        As `scan`.

    Raises
    ------
    SaferWalksError
        Naming the kind, the file and a covered piece of what was found; never the thing itself.

    Examples
    --------
    >>> require_clean({"a.csv": b"ward,count"})
    """
    found = [
        hit
        for name, data in files.items()
        for hit in scan(data, name=name, words=words, allowed=allowed, points=points)
    ]
    if found:
        first = found[0]
        raise SaferWalksError(
            "Nothing was published: a file holds what identifies a person",
            got=f"{len(found)} of these, such as {first.kind}",
            first_bad=f"{first.text} in {first.where}",
            todo="take it out of the text it stands in and publish again",
        )  # fmt: skip


def _opened(data: bytes, name: str, depth: int) -> Iterator[tuple[str, bytes]]:
    """Give a file and everything packed in it."""
    if data[:4] == b"PK\x03\x04" and depth:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if info.file_size > LARGEST:
                    raise SaferWalksError(
                        "A packed file is too large to be looked through", got=info.filename
                    )
                yield from _opened(archive.read(info), f"{name}: {info.filename}", depth - 1)
        return
    yield name, _without_pixels(data)
    for number, stream in enumerate(_streams(data), start=1):
        if _is_text(stream):
            yield f"{name}: stream {number}", stream


def _without_pixels(data: bytes) -> bytes:
    """Leave out packed pixels, fonts and streams: in so many bytes chance writes anything."""
    if data.startswith(b"%PDF"):
        return re.sub(rb"stream\r?\n.*?endstream", b"", data, flags=re.DOTALL)
    if not data.startswith(b"\x89PNG"):
        return data
    kept, at = [], 8
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if kind != b"IDAT":
            kept.append(data[at + 4 : at + 8 + length])
        at += length + 12
    return b"\n".join(kept)


def _is_text(stream: bytes) -> bool:
    """Tell words and drawing instructions from fonts and pictures."""
    part = stream[:4096]
    plain = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in part)
    return plain > 0.85 * len(part)


def _streams(data: bytes) -> Iterator[bytes]:
    """Unpack the compressed streams of a PDF and the like."""
    if not data.startswith(b"%PDF"):
        return
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            yield zlib.decompressobj().decompress(found[1], LARGEST)
        except zlib.error:
            yield found[1]


_ENTITIES = {"&#64;": "@", "&commat;": "@", "&amp;": "&", "&#43;": "+", "\\u0040": "@"}


def _text(raw: bytes) -> str:
    text = raw.decode("utf-8", "replace") if b"\x00" not in raw[:200] else _strings(raw)
    for code, letter in _ENTITIES.items():
        text = text.replace(code, letter)
    return text


def _strings(raw: bytes) -> str:
    """Read what stands in plain letters in a binary file."""
    pieces = re.findall(rb"[\x20-\x7e\xc2-\xf4\x80-\xbf]{4,}", raw)
    return "\n".join(piece.decode("utf-8", "replace") for piece in pieces)


def _whole_words(words: Collection[str]) -> Callable[[str], list[str]]:
    wanted = sorted({w.strip() for w in words if len(w.strip()) >= 4}, key=len, reverse=True)
    if not wanted:
        return lambda _: []
    pattern = re.compile(rf"(?i)(?<!\w)(?:{'|'.join(map(re.escape, wanted))})(?!\w)")
    return pattern.findall


def _points(text: str, points: Collection[tuple[float, float]]) -> Iterator[str]:
    """Find a point whose two numbers stand beside each other."""
    for x, y in points:
        digits = 0 if max(abs(x), abs(y)) > 200 else 5
        first, second = (f"{v:.{digits}f}" for v in (x, y))
        tail = r"\d*" if digits else r"(?:\.\d+)?"
        for a, b in ((first, second), (second, first)):
            pattern = rf"(?<![\d.]){re.escape(a)}{tail}[^\d-]{{1,12}}{re.escape(b)}{tail}(?!\d)"
            if re.search(pattern, text):
                yield f"{first} {second}"
                break


def _bare(text: str) -> str:
    return re.sub(r"[\s()-]", "", text).casefold()


def _is_listed(hit: str, fine: Collection[str]) -> bool:
    bare = _bare(hit)
    return any(len(known) >= 8 and (known in bare or bare in known) for known in fine)


def _covered(hit: str) -> str:
    text = " ".join(hit.split())
    return text[:2] + "*" * max(1, len(text) - 3) + text[-1:]
