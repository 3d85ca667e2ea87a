"""Documents as tagged PDF, and drawings as PNG: set with typst, in the one font that ships with us.

A document is a template of `analysis/report/templates` (after `house.typ`, which says what all of
them look like) and its words as data. Text reaches typst as JSON and is never read as its markup,
so nothing that somebody wrote can run. Fonts of the machine are ignored: the same words give the
same bytes everywhere, and a letter that the font lacks is an error rather than an empty box. Every
PDF declares PDF/UA-1, and typst refuses to write one without title, language, alternative texts or
with skipped headings. Whether a text says the right thing, people must check.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any

import font_source_sans_pro  # type: ignore[import-untyped]
import typst

from geodata.errors import SaferWalksError
from geodata.package_files import package_text

FONT = "Source Sans Pro"
"""The family that every drawing and document must name."""

STANDARD: typst.PDFStandard = "ua-1"

_LACKING = re.compile(r"the text `\"(.*?)\"` could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_FAMILY = re.compile(r"font-family\s*[=:]\s*[\"']?([^\"';>]+)")
_LOCAL = threading.local()


def pdf_bytes(template: str, data: Mapping[str, Any], *, made_on: dt.date) -> bytes:
    """Set a document as PDF/UA-1.

    Parameters
    ----------
    template : str
        File in `analysis/report/templates`, typst, which reads `d` and uses what `house.typ`
        defines: `title()`, headings, `sentences`, `small`, `data-table`, `drawing`.
    data : mapping
        What JSON can hold: `title`, and what the template asks for. `house.typ` also reads
        `marks` (printed on top of every page), `watermark`, `footer`, `lang`, `region`, `paper`
        and `author`. Drawings are SVG whose text names `FONT`.
    made_on : date
        Written into the file as its date; the same data give the same bytes.

    Returns
    -------
    bytes

    Raises
    ------
    SaferWalksError
        If a text holds a character that the font lacks, or a font is asked for that is not there.
    ValueError
        If the document has no title, or typst refuses it for a fault of the template.
    """
    if not data.get("title"):
        raise ValueError("a document needs a title")
    made_at = dt.datetime.combine(made_on, dt.time(), tzinfo=dt.UTC)
    return _compiled(
        _source(template), data, format="pdf", pdf_standards=[STANDARD], timestamp=made_at
    )


def pdf_pages_png(
    template: str, data: Mapping[str, Any], *, dots_per_inch: float = 72
) -> list[bytes]:
    """Draw the pages of a document as PNG: what they look like, for a preview and for tests.

    Raises
    ------
    SaferWalksError
        As `pdf_bytes`, but for letters that the font lacks: a picture shows boxes for them.
    """
    pages = _compiled(_source(template), data, format="png", ppi=dots_per_inch)
    return pages if isinstance(pages, list) else [pages]


def svg_png(svg: str, *, width_px: int = 1_600) -> bytes:
    r"""Draw an SVG as PNG on white.

    Parameters
    ----------
    svg : str
        A drawing of our own, with a `viewBox`, whose text names `FONT`.
    width_px : int, default 1600
        Width of the picture.

    Raises
    ------
    SaferWalksError
        If the drawing asks for a font that is not there.

    Examples
    --------
    >>> dot = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="9"/></svg>'
    >>> svg_png(dot, width_px=90)[:4]
    b'\x89PNG'
    """
    source = (
        "#set page(width: 72pt, height: auto, margin: 0pt, fill: white)\n"
        '#image(bytes(json(bytes(sys.inputs.data)).svg), format: "svg", width: 100%)'
    )
    return _compiled(source, {"svg": svg}, format="png", ppi=float(width_px))


def families() -> list[str]:
    """List the families of fonts that a document may name."""
    return _fonts().families()


def _source(template: str) -> str:
    parts = ("house.typ", template)
    return "\n".join(package_text("analysis.report", f"templates/{name}") for name in parts)


def _compiled(source: str, data: Mapping[str, Any], **how: Any) -> Any:  # noqa: ANN401
    _require_fonts_of_drawings(data)
    words = json.dumps(data, ensure_ascii=False, allow_nan=False)
    try:
        content, warnings = _compiler().compile_with_warnings(
            input=source.encode("utf-8"), sys_inputs={"data": words}, **how
        )
    except typst.TypstError as fault:
        raise _explained(fault) from fault
    unknown = [w.message for w in warnings if "unknown font" in w.message]
    if unknown:
        raise _no_such_font(unknown[0].rpartition(":")[2].strip())
    return content


def _explained(fault: typst.TypstError) -> Exception:
    said = f"{fault.message}\n{fault.diagnostic}"
    lacking = [_ESCAPED.sub(lambda c: chr(int(c[1], 16)), x) for x in _LACKING.findall(said)]
    if not lacking:
        return ValueError(f"typst refuses a document of ours: {fault.diagnostic or fault.message}")
    shown = [f"{c} (U+{ord(c[0]):04X})" if c else "a label of a drawing" for c in lacking]
    return SaferWalksError(
        "A text holds characters that the PDF's font cannot draw",
        got=", ".join(dict.fromkeys(shown[:8])),
        todo="write it without them, or hand out the HTML page: it uses the reader's own fonts",
    )


def _require_fonts_of_drawings(data: Any) -> None:  # noqa: ANN401
    """Refuse a drawing that names another font: typst would draw it in ours and say nothing."""
    if isinstance(data, Mapping):
        drawing = data.get("svg")
        if isinstance(drawing, str):
            others = {name.strip() for name in _FAMILY.findall(drawing)} - {*families()}
            if others:
                raise _no_such_font(min(others))
        for value in data.values():
            _require_fonts_of_drawings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            _require_fonts_of_drawings(value)


def _no_such_font(name: str) -> SaferWalksError:
    return SaferWalksError(
        "A document asks for a font that does not come with Safer Walks", got=name,
        todo=f"use {FONT}, or add a Python package with the font to those it is installed with",
    )  # fmt: skip


def _compiler() -> typst.Compiler:
    """Keep a compiler a thread: it holds the fonts, and remembers what it has set before."""
    if not hasattr(_LOCAL, "compiler"):
        _LOCAL.compiler = typst.Compiler(font_paths=_fonts())
    return _LOCAL.compiler


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False,
        font_paths=[str(font_source_sans_pro.font_directory)],
    )  # fmt: skip
