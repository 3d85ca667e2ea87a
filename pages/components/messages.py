"""What people see when there is nothing to show, or something is wrong: one box, and what to do.

Boxes are HTML, not Streamlit's own, because their words come from files: Streamlit's boxes read
Markdown, in which a ward's name could be a link.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NoReturn

import streamlit as st

from analysis.report.escaping import html_text
from geodata import months as m
from geodata.errors import NotEnoughDataError, SaferWalksError

BRING_IN = "data/bring_in.py"

Kind = Literal["note", "done", "attention", "problem"]
_WORDS: dict[Kind, str] = {
    **{"note": "Note", "done": "Done", "attention": "Please note", "problem": "There is a problem"},
}


def box(kind: Kind, title: str, lines: dict[str, str] | None = None) -> None:
    """Show a message.

    Parameters
    ----------
    kind : {'note', 'done', 'attention', 'problem'}
        Said in words as well as by colour; a problem is announced by screen readers at once.
    title : str
        What it is about, one sentence.
    lines : dict of str to str, optional
        Further lines, each under a label; a label of '' stands for none.
    """
    role = "alert" if kind == "problem" else "status"
    parts = [f"<p><strong>{_WORDS[kind]}: {html_text(title)}</strong></p>"]
    for label, text in (lines or {}).items():
        before = f"<strong>{html_text(label)}:</strong> " if label else ""
        parts.append(f"<p>{before}{html_text(text)}</p>")
    st.html(f'<div class="sw-box sw-{kind}" role="{role}">{"".join(parts)}</div>')


class PageEnd(Exception):  # noqa: N818 - no fault: a page has said what there is to say
    """A page ends here. What stands around it is still drawn, which after `st.stop` nothing is."""


def end_page() -> NoReturn:
    """End the page here."""
    raise PageEnd


@contextmanager
def faults_in_a_box() -> Iterator[None]:
    """Show an error that a person can mend as one box, and end the page there.

    Anything else is a fault of ours and goes on up.
    """
    try:
        yield
    except NotEnoughDataError as error:
        not_enough(error)
        end_page()
    except SaferWalksError as error:
        fault(error)
        end_page()


def fault(error: SaferWalksError, *, reassurance: str = "") -> None:
    """Show one error: what is wrong, what was got, the first bad row, what to do."""
    lines = {
        "Found": m.in_words(error.got),
        "First": error.first_bad,
        "What to do": m.in_words(error.todo),
        "": reassurance,
    }
    what = m.in_words(error.what)
    box("problem", what, {label: text for label, text in lines.items() if text})


def not_enough(error: NotEnoughDataError) -> None:
    """Say that the stored months cannot answer, and lead to where reports are brought in."""
    found = {"Found": m.in_words(error.got)} if error.got else None
    box("attention", m.in_words(error.what), found)
    to_bring_in()


def to_bring_in() -> None:
    """Lead to where reports are brought in."""
    st.page_link(BRING_IN, label="Go to Bring in reports", icon=":material/arrow_forward:")
