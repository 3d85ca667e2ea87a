"""Who is looking at this page, what they may do, and the way in and out."""

from __future__ import annotations

import pandas as pd
import streamlit as st
from streamlit.navigation.page import StreamlitPage

from analysis.report.escaping import html_text
from geodata.errors import SaferWalksError
from geodata.roles import LABELS, PAGES, Kind, Reach, may
from geodata.roles import reach as reach_of
from pages.components import messages
from pages.server import sessions
from pages.server.access import FRONT_PAGE
from pages.server.sessions import Visitor

_KEY = "_visitor"


def enter() -> Visitor:
    """Ask who is looking, at the start of every run: a role taken away is gone at once.

    Raises
    ------
    SaferWalksError
        If sign-in is half set up, or the list of users cannot be read.
    """
    visitor = sessions.visitor(st.context.cookies)
    st.session_state[_KEY] = visitor
    return visitor


def visitor() -> Visitor:
    """Return whom this run asked for; nobody where none did."""
    return st.session_state.get(_KEY, Visitor("stranger"))


def allowed(kind: Kind, name: str) -> bool:
    """Tell whether whoever is looking may have something, by `geodata.roles`."""
    return may(visitor().roles, kind, name)


def reach(kind: Kind, name: str) -> Reach:
    """Tell how much of a thing whoever is looking has: all, or that of the own wards or agency."""
    who = visitor()
    return reach_of(who.roles, kind, name, wards=who.wards, agency=who.agency)


def own_of(
    frame: pd.DataFrame, kind: Kind, name: str, *, wards: str, agency: str = ""
) -> pd.DataFrame:
    """Keep the rows of a table that whoever is looking may see, and say it where some are not.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows.
    kind, name
        What they are part of, as `geodata.roles.OWN` names it.
    wards, agency : str
        Columns: codes of wards, several a row; and the agency they belong to, if any.
    """
    mine = reach(kind, name)
    if mine.everything:
        return frame
    owners = frame[agency] if agency else pd.Series("", frame.index)
    seen = [mine.covers(codes, owner) for codes, owner in zip(frame[wards], owners, strict=True)]
    say_own(mine)
    return frame[pd.Series(seen, frame.index, dtype="bool")].reset_index(drop=True)


def say_own(mine: Reach) -> None:
    """Say that only a part is shown, and what to do where there is none."""
    if mine.everything:
        return
    if not mine.wards and not mine.agency:
        messages.box(
            "attention", "No ward or agency is set for you",
            {"What to do": "ask whoever manages people here to name the wards of your panel"},
        )  # fmt: skip
        return
    of = [words for words, held in (("your wards", mine.wards), ("your agency", mine.agency))
          if held]  # fmt: skip
    st.html(f'<p class="sw-small">Only what is of {" and ".join(of)} is shown and counted.</p>')


def require(action: str) -> None:
    """Make sure that whoever is looking may do something, just before it is done.

    Raises
    ------
    SaferWalksError
        If none of their roles has it.
    """
    if not may(enter().roles, "action", action):
        raise SaferWalksError(
            "None of your roles may do this", got=action, todo="ask whoever manages people here"
        )


def address(page: StreamlitPage) -> str:
    """Give the name a page has in the table of roles; the front page has none in its address."""
    return page.url_path or FRONT_PAGE


def allowed_pages(
    pages: dict[str, list[StreamlitPage]],
) -> dict[str, list[StreamlitPage]]:
    """Keep the pages that whoever is looking may open; groups left empty go.

    Raises
    ------
    LookupError
        If a page is not in the table of roles, where everything has to be: a fault of ours.
    """
    unknown = [address(p) for members in pages.values() for p in members if address(p) not in PAGES]
    if unknown:
        raise LookupError(f"geodata.roles.PAGES does not say who may open {', '.join(unknown)}")
    kept = {
        group: [page for page in members if allowed("page", address(page))]
        for group, members in pages.items()
    }
    return {group: members for group, members in kept.items() if members}


def refuse(page: StreamlitPage) -> None:
    """Say why a page is not shown, and what to do."""
    who = visitor()
    if who.kind == "stranger":
        st.title("Sign in", anchor=False)
        messages.box("attention", "You are not signed in, or your sign-in has ended")
        st.html('<p><a href="./" target="_self">Sign in</a></p>')
        return
    st.title("Your roles do not include this page", anchor=False)
    messages.box(
        "attention", f"“{page.title}” is for other roles",
        {"You are signed in as": who.name, "Your roles": role_words(who),
         "What to do": "ask whoever manages people here, if your work needs this page"},
    )  # fmt: skip


def standing() -> None:
    """Say in the side bar who is signed in, with the way out; or that sign-in is off."""
    who = visitor()
    with st.sidebar, st.container(key="standing"):
        if who.kind == "laptop":
            st.html(
                '<dl class="sw-facts"><dt>Sign-in is off</dt><dd>Only this machine is answered; '
                "whoever uses it may see and change everything.</dd></dl>"
            )
        elif who.kind == "stranger":
            st.button("Sign in", on_click=st.login, key="sign-in")
        else:
            facts = {"Signed in as": who.name, "Roles": role_words(who)}
            rows = "".join(
                f"<dt>{label}</dt><dd>{html_text(text)}</dd>" for label, text in facts.items()
            )
            st.html(f'<dl class="sw-facts">{rows}</dl>')
            st.button("Sign out", on_click=st.logout, key="sign-out")


def role_words(who: Visitor) -> str:
    """Name a visitor's roles for people.

    Examples
    --------
    >>> role_words(Visitor("person", "a@b.uk", "A", frozenset({"walk_lead", "analyst"})))
    'Walk lead, Analyst'
    """
    return ", ".join(LABELS[role] for role in LABELS if role in who.roles) or "none yet"
