"""Make text safe for where it is going: the only module that escapes.

Names of wards, places and categories come from files that anybody may have made. They end up in
HTML, in scripts that folium writes, in spreadsheets and in file names, and each of these has its
own way of taking text for an instruction. Escape once, at the moment of writing, with the function
named after the destination.
"""

from __future__ import annotations

import html
import json
import math
import numbers
import re
import unicodedata

from markupsafe import Markup

# folium writes JavaScript template literals, in which `${...}` runs even after html.escape.
_TEMPLATE_LITERAL = {ord(c): f"&#{ord(c)};" for c in "\\`${}"}
# Characters that HTML must not hold, or that reorder what a reader sees.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]"
    "|[\ud800-\udfff]"
)
_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20")  # Excel takes these for = + - @ as well
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def html_text(value: object) -> str:
    r"""Escape text for HTML: between tags, inside quoted attributes, inside folium's scripts.

    `html.escape`, then backslash, backtick, dollar and braces as numeric entities, so that the
    result is also inert in a JavaScript template literal. Control characters and marks that
    reverse the reading direction are dropped. Missing values give an empty string.

    Examples
    --------
    >>> html_text('<b onclick="x()">St Peter\'s & Co</b>')
    '&lt;b onclick=&quot;x()&quot;&gt;St Peter&#x27;s &amp; Co&lt;/b&gt;'
    >>> html_text("${alert(1)}`\\")
    '&#36;&#123;alert(1)&#125;&#96;&#92;'
    """
    text = "" if _missing(value) else _UNSEEN.sub("", str(value))
    return html.escape(text, quote=True).translate(_TEMPLATE_LITERAL)


def plain_text(value: object) -> str:
    r"""Keep what a reader sees of a text, for a format whose writer escapes the rest by itself.

    Control characters, of which XML may hold none, and marks that reverse the reading direction
    are dropped. Missing values give an empty string.

    Examples
    --------
    >>> plain_text("a\x00b\u202ec & <d>"), plain_text(None)
    ('abc & <d>', '')
    """
    return "" if _missing(value) else _UNSEEN.sub("", str(value))


def safe_html(value: object) -> Markup:
    """Escape text with `html_text` and mark it as done, so that no template escapes it twice.

    Examples
    --------
    >>> safe_html(safe_html("a & b"))
    Markup('a &amp; b')
    """
    return value if isinstance(value, Markup) else Markup(html_text(value))


def our_html(text: str) -> Markup:
    """Mark HTML that our own code put together, every foreign word in it escaped already.

    Examples
    --------
    >>> safe_html(our_html("<b>Bow</b>"))
    Markup('<b>Bow</b>')
    """
    return Markup(text)  # noqa: S704


def js_json(value: object) -> str:
    r"""Write a value as JSON that is safe inside a <script> element.

    No tag, comment or entity can begin in it, and the two line separators that older scripts
    refuse are written as escapes. NaN and infinity are refused: JSON has neither.

    Raises
    ------
    ValueError
        If the value holds NaN or infinity.

    Examples
    --------
    >>> js_json({"name": "</script><!--"})
    '{"name":"\\u003c/script\\u003e\\u003c!--"}'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    text = re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)
    for character, escape in _SCRIPT.items():
        text = text.replace(character, escape)
    return text


def js_string(text: str) -> str:
    r"""Write text as a string literal of a script that is itself put into a template.

    folium reads what it has rendered as a Jinja template once more, so that `{{ ... }}` in a name
    would run on the server. Braces, template literals and tags are written as escapes.

    Examples
    --------
    >>> print(js_string("{{ 7*7 }} `$"), js_string("</b>"))
    "\u007b\u007b 7*7 \u007d\u007d \u0060\u0024" "\u003c/b\u003e"
    """
    return re.sub(r"[{}`$%#]", lambda c: f"\\u{ord(c.group()):04x}", js_json(text))


def css_string(text: str) -> str:
    r"""Write text as a quoted string of a style sheet that nothing in it can end.

    Examples
    --------
    >>> print(css_string('DEMO "x"</style>'))
    "DEMO \22 x\22 \3c \2f style\3e "
    """
    plain = _UNSEEN.sub("", text)
    return '"' + re.sub(r"[^\w .,:;()·-]", lambda c: f"\\{ord(c.group()):x} ", plain) + '"'


def csv_cell(value: object) -> object:
    r"""Keep a spreadsheet from running a cell as a formula.

    Text that begins, after blanks, with = + - @ (also full width), | or %, or with a tab or line
    break, gets an apostrophe in front, which spreadsheets take to mean "this is text". Numbers are
    left alone, also negative ones, and so is text that is nothing but a number. Line breaks become
    LF, which every writer of CSV quotes.

    Examples
    --------
    >>> csv_cell("=1+1"), csv_cell("-0.5"), csv_cell(-0.5), csv_cell("St Peter's")
    ("'=1+1", '-0.5', -0.5, "St Peter's")
    >>> csv_cell("\tx"), csv_cell(" @SUM(A1)"), csv_cell("- none")
    ("'\tx", "' @SUM(A1)", "'- none")
    """
    if value is None or isinstance(value, numbers.Number):
        return value
    # A lone carriage return ends a row for most readers, but writers leave it unquoted.
    text = str(value).replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    start = text.lstrip(" \xa0\u200b\ufeff")
    risky = start.startswith(_FORMULA + _FULL_WIDTH)
    return f"'{text}" if risky and not _is_number(text) else text


def plain_cell(text: str) -> str:
    r"""Take the apostrophe off that `csv_cell` put in front; all other text stays as it is.

    Examples
    --------
    >>> plain_cell("'=1+1"), plain_cell("' @SUM(A1)"), plain_cell("'tis"), plain_cell("-0.5")
    ('=1+1', ' @SUM(A1)', "'tis", '-0.5')
    """
    bare = text.removeprefix("'")
    return bare if bare != text and csv_cell(bare) == text else text


def safe_filename(text: str, ending: str = "") -> str:
    """Make a file name that every system takes, from a title.

    Letters, digits, dots and hyphens; at most 100 characters before the ending; never hidden,
    never a name Windows keeps for itself, never empty, and never a path.

    Examples
    --------
    >>> safe_filename("ASB by ward: St. Katharine's & Wapping, April 2026", ".html")
    'asb-by-ward-st.-katharines-and-wapping-april-2026.html'
    >>> safe_filename("../../etc/passwd"), safe_filename("CON", ".csv"), safe_filename("?")
    ('etc-passwd', 'file-con.csv', 'file')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"['`]", "", plain.lower()).replace("&", " and ")
    plain = re.sub(r"[^a-z0-9.]+", "-", plain)
    plain = re.sub(r"\.{2,}", ".", plain).strip("-.")[:100].strip("-.")
    if not plain or _RESERVED.match(plain):
        plain = f"file-{plain}".strip("-")
    return plain + ending


def _missing(value: object) -> bool:
    if value is None:
        return True
    # pandas' NA and NaT are not floats and refuse comparison; both call themselves by these names.
    return (isinstance(value, float) and math.isnan(value)) or type(value).__name__ in (
        "NAType",
        "NaTType",
    )


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text.strip(" ")) is not None
