"""Read the bytes that are about to leave, and find what no public file may hold.

The last gate, after everything else has done its work: it knows nothing of columns or tables, only
text. It opens zips, spreadsheets and packed streams, takes GeoPackages apart, reads the letters of
a PDF as they are drawn, and looks for what identifies a person.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from analysis.disclosure import pdf_text
from geodata.errors import SaferWalksError
from geodata.package_texts import package_texts

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


@dataclass(frozen=True)
class Known:
    """What a workspace knows of persons, made ready to be looked for.

    Attributes
    ----------
    words : collection of str
        Names, references, property numbers, and what somebody wrote: whole words, any case, however
        they are parted. Fewer than four letters, or seven figures, are too few to tell.
    allowed : collection of str
        What may stand there although it looks like one of the kinds: published contacts.
    points : collection of (float, float)
        Points of persons' reports: easting and northing, or longitude and latitude.

    Examples
    --------
    >>> Known(words=["Jo Sample"]).said("seen by JO-SAMPLE")
    ['jo sample']
    """

    words: Collection[str] = ()
    allowed: Collection[str] = ()
    points: Collection[tuple[float, float]] = ()
    _phrases: dict[str, set[tuple[str, ...]]] = field(init=False, repr=False)
    _places: frozenset[tuple[int, int]] = field(init=False, repr=False)
    fine: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index what is looked for, so that a file is read once however much is known."""
        phrases: dict[str, set[tuple[str, ...]]] = {}
        for words in map(_tokens, {w for w in self.words if _tells(w)}):
            phrases.setdefault(words[0], set()).add(tuple(words))
        object.__setattr__(self, "_phrases", phrases)
        object.__setattr__(self, "_places", frozenset(_place(x, y) for x, y in self.points))
        fine = frozenset(_bare(a) for a in (*ALLOWED, *self.allowed))
        object.__setattr__(self, "fine", fine)

    def said(self, text: str) -> list[str]:
        """List the known words that stand in a text."""
        if not self._phrases:
            return []
        tokens = _tokens(text)
        return [
            " ".join(phrase)
            for at, token in enumerate(tokens)
            for phrase in self._phrases.get(token, ())
            if tuple(tokens[at : at + len(phrase)]) == phrase
        ]

    def shown(self, text: str) -> list[str]:
        """List the known points that stand in a text, other than as a corner of an outline."""
        if not self._places:
            return []
        numbers = list(_NUMBER.finditer(text))
        pairs = [(a, b) for a, b in pairwise(numbers) if b.start() - a.end() <= _APART]
        found = [(a, b) for a, b in pairs if self._holds(a[0], b[0])]
        outlines = [_outline(run, self._holds) for run in _runs(pairs, text)] if found else []
        return [
            f"{a[0]} {b[0]}" for a, b in found
            if not any(start <= a.start() < end for start, end in outlines)
        ]  # fmt: skip

    def _holds(self, first: str, second: str) -> bool:
        return any(
            _place(x, y, cut=cut) in self._places
            for x, y in ((float(first), float(second)), (float(second), float(first)))
            for cut in (False, True)
        )


def scan(data: bytes, *, name: str = "file", known: Known | None = None) -> list[Found]:
    """List what a file holds that no public file may.

    Parameters
    ----------
    data : bytes
        The file; zips, spreadsheets, GeoPackages and compressed streams are opened.
    name : str
        What it is called; the name is looked at, too.
    known : Known, optional
        What this workspace knows of persons.

    Returns
    -------
    list of Found
        Each thing once a file.

    Raises
    ------
    SaferWalksError
        If a packed file is too large to be looked through.

    Examples
    --------
    >>> [(f.kind, f.text) for f in scan(b"Call Ann on 07700 900123")]
    [('a telephone number', '07*********3')]
    >>> scan(b"12 reports near Mile End"), scan(b"Call 101, or Crimestoppers on 0800 555 111")
    ([], [])
    """
    known = known or Known()
    found: dict[tuple[str, str, str], Found] = {}
    for where, raw in _opened(data, name, DEEPEST):
        text = f"{where}\n{_text(raw)}"
        hits = [(kind, hit) for kind, pattern in KINDS.items() for hit in pattern.findall(text)]
        hits += [("a column no file holds", hit) for hit in COLUMNS.findall(text)]
        hits += [("a name or reference of this workspace", h) for h in known.said(text)]
        hits += [("the point of a person's report", h) for h in known.shown(text)]
        for kind, hit in hits:
            if _bare(hit) not in known.fine and not _is_listed(hit, known.fine):
                found[kind, where, hit] = Found(kind, where, _covered(hit))
    return list(found.values())


def require_clean(files: Mapping[str, bytes], known: Known | None = None) -> None:
    """Refuse to hand out files that hold what no public file may.

    Parameters
    ----------
    files : mapping of str to bytes
        Name -> content of all that leaves together.
    known : Known, optional
        As `scan`.

    Raises
    ------
    SaferWalksError
        Naming the kind, the file and a covered piece of what was found; never the thing itself.

    Examples
    --------
    >>> require_clean({"a.csv": b"ward,count"})
    """
    known = known or Known()
    found = [hit for name, data in files.items() for hit in scan(data, name=name, known=known)]
    if found:
        first = found[0]
        raise SaferWalksError(
            "Nothing was handed out: a file holds what identifies a person",
            got=f"{len(found)} of these, such as {first.kind}",
            first_bad=f"{first.text} in {_unnamed(first.where, known)}",
            todo="take it out of the text it stands in and try again",
        )  # fmt: skip


def _unnamed(where: str, known: Known) -> str:
    """Name a file in a message, unless its own name is what was found."""
    hits = [h for pattern in KINDS.values() for h in pattern.findall(where)]
    return "the name of a file" if hits or known.said(where) else where


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
    if data.startswith(b"%PDF"):
        for number, words in enumerate(pdf_text.words_of(data), start=1):
            yield f"{name}: part {number}", words.encode()
    if data.startswith(b"SQLite format 3\x00"):
        yield f"{name}: tables", "\n".join(package_texts(data)).encode()


def _without_pixels(data: bytes) -> bytes:
    """Leave out packed pixels, fonts and streams: in so many bytes chance writes anything."""
    if data.startswith(b"%PDF"):
        return re.sub(rb"stream\r?\n.*?endstream", b"", data, flags=re.DOTALL)
    if not data.startswith(b"\x89PNG"):
        return data
    kept, at = [], 8
    while at + 8 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + length]
        if kind in (b"zTXt", b"iTXt"):
            kept.append(_unpacked(content))
        if kind != b"IDAT":
            kept.append(kind + content)
        at += length + 12
    return b"\n".join(kept)


def _unpacked(content: bytes) -> bytes:
    """Give a packed text of a picture as it reads; as it is where it is not packed."""
    for start in range(min(len(content), 256)):
        if content[start : start + 1] == b"\x78":
            words = pdf_text.inflated(content[start:], LARGEST)
            if words:
                return words
    return content


def _text(raw: bytes) -> str:
    """Read bytes as a person's program would: entities, escapes and folded lines undone."""
    text = raw.decode("utf-8", "replace") if b"\x00" not in raw[:200] else _strings(raw)
    if text.startswith("BEGIN:VCALENDAR"):
        text = re.sub(r"\r?\n[ \t]", "", text)
    if "\\u00" in text:
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return html.unescape(text) if "&" in text else text


def _strings(raw: bytes) -> str:
    """Read what stands in plain letters in a binary file."""
    pieces = re.findall(rb"[\x20-\x7e\xc2-\xf4\x80-\xbf]{4,}", raw)
    return "\n".join(piece.decode("utf-8", "replace") for piece in pieces)


_TOKEN = re.compile(r"(?<![0-9]\.)\b\w+")
"""Words and whole numbers; what stands behind a decimal point is neither."""

_NUMBER = re.compile(r"(?<![\w.])(?:-?\d{1,3}\.\d{5,}|\d{5,7}(?:\.\d+)?)(?!\w)")
"""A number that could be half of a point: metres, or a degree to five decimals."""

_APART = 12
_METRES, _DEGREES = 200, 5
_BETWEEN = re.compile(r"\s*\]?\s*,?\s*\[?\s*")


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold().replace("_", " "))


def _tells(word: str) -> bool:
    """Tell whether a word is long enough to be more than chance."""
    bare = re.sub(r"\W", "", word)
    return len(bare) >= (_FIGURES if bare.isdigit() else _LETTERS)


_LETTERS, _FIGURES = 4, 7


def _place(x: float, y: float, *, cut: bool = False) -> tuple[int, int]:
    """Give a point to the metre, or to five decimals of a degree."""
    scale = 1 if max(abs(x), abs(y)) > _METRES else 10**_DEGREES
    if cut:
        return int(x * scale), int(y * scale)
    return round(x * scale), round(y * scale)


Pair = tuple[re.Match[str], re.Match[str]]


def _runs(pairs: list[Pair], text: str) -> Iterator[list[Pair]]:
    """Give runs of pairs that follow one another like the corners of an outline."""
    run: list[Pair] = []
    for pair in pairs:
        if run and pair[0].start() < run[-1][1].end():
            continue  # the second number of one and the first of the next are no point
        if run and not _BETWEEN.fullmatch(text[run[-1][1].end() : pair[0].start()]):
            yield run
            run = []
        run.append(pair)
    yield run


def _outline(run: list[Pair], holds: Callable[[str, str], bool]) -> tuple[int, int]:
    """Say from where to where an outline goes: of many corners a few are anybody's by chance.

    A run many of which are points of reports is no outline but a list of them.
    """
    hits = sum(holds(a[0], b[0]) for a, b in run)
    if len(run) < _LEAST_CORNERS or hits > max(1, _BY_CHANCE * len(run)):
        return 0, 0
    return run[0][0].start(), run[-1][1].end()


_LEAST_CORNERS, _BY_CHANCE = 4, 0.1


def _bare(text: str) -> str:
    return re.sub(r"[\s()-]", "", text).casefold()


def _is_listed(hit: str, fine: Collection[str]) -> bool:
    bare = _bare(hit)
    return any(len(known) >= 8 and (known in bare or bare in known) for known in fine)


def _covered(hit: str) -> str:
    text = " ".join(hit.split())
    return text[:2] + "*" * max(1, len(text) - 3) + text[-1:]
