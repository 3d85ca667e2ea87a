"""The frame around every page: the mark of invented data, the menu, and where we are."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from analysis.report.escaping import html_text
from geodata import months as m
from geodata.package_files import package_text
from geodata.workspace import Workspace
from pages.components import address, cached

NAME = "Safer Walks"
SIDE_BAR = 248
"""Width in pixels; on a phone it is closed at first."""
DEMO_TEXT = (
    "This borough is invented: the reports are made up and the boundaries schematic. "
    "Nothing here is about a real place."
)


def dress() -> None:
    """Put in the styles, and the script that mends Streamlit's page for assistive technology."""
    st.html(f"<style>{package_text('pages', 'assets/app.css')}</style>")
    script = package_text("pages", "assets/mend.js")
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def page_config(title: str) -> None:
    """Name the browser's tab after the page, and give it an icon that is not fetched."""
    st.set_page_config(
        page_title=f"{title} - {NAME}", page_icon=_icon(), layout="wide",
        initial_sidebar_state=SIDE_BAR,
    )  # fmt: skip


def navigation() -> tuple[dict[str, list[StreamlitPage]], StreamlitPage]:
    """List the pages as people think of them, and tell which one was asked for.

    Streamlit's own menu is not shown: its list of grouped pages is not a valid list (axe rule
    `list`). Pages have no icons of their own, since Streamlit fetches those from the internet.
    """
    pages = {
        "Explore": [
            st.Page("explore/overview.py", title="Overview", url_path="overview", default=True),
            st.Page("explore/hotspots.py", title="Hotspots", url_path="hotspots"),
            st.Page("explore/trends.py", title="Trends", url_path="trends"),
            st.Page("explore/day_and_hour.py", title="Day and hour", url_path="day-and-hour"),
            st.Page("explore/wards_compared.py", title="Wards compared", url_path="wards-compared"),
            st.Page("explore/voice.py", title="Voice", url_path="voice"),
        ],
        "Plan": [
            st.Page("plan/where_next.py", title="Where next", url_path="where-next"),
            st.Page("plan/did_it_work.py", title="Did it work?", url_path="did-it-work"),
            st.Page("plan/programme.py", title="Programme", url_path="programme"),
            st.Page("plan/route.py", title="Route", url_path="route"),
        ],
        "Walks and actions": [
            st.Page("record/feedback.py", title="Feedback", url_path="feedback"),
            st.Page("record/actions.py", title="Actions", url_path="actions"),
            st.Page("record/ward_panel.py", title="Ward panel", url_path="ward-panel"),
            st.Page("record/walk_requests.py", title="Walk requests", url_path="walk-requests"),
            st.Page("record/places.py", title="Places", url_path="places"),
            st.Page("record/safeguarding.py", title="Safeguarding", url_path="safeguarding"),
        ],
        "Share": [
            st.Page("share/panel_packs.py", title="Panel packs", url_path="panel-pack"),
        ],
        "Data": [
            st.Page("data/bring_in.py", title="Bring in reports", url_path="bring-in"),
            st.Page("data/rejected.py", title="Rejected rows", url_path="rejected"),
            st.Page("data/open_data.py", title="Open data", url_path="open-data"),
            st.Page("data/repair_places.py", title="Repair places", url_path="repair"),
            st.Page("data/boundaries.py", title="Ward boundaries", url_path="boundaries"),
            st.Page("data/data.py", title="What is stored", url_path="data"),
        ],
        "Administration": [st.Page("record/people.py", title="People", url_path="people")],
        "About": [st.Page("about/method.py", title="Method", url_path="method")],
    }
    return pages, st.navigation(pages, position="hidden")


def menu(pages: dict[str, list[StreamlitPage]]) -> None:
    """Draw the product's name and the menu in the side bar."""
    st.logo(_icon(), size="large", link=None)
    with st.sidebar:
        st.html(f'<p class="sw-brand">{NAME}</p>')
        with st.container(key="pages"):
            for group, members in pages.items():
                st.html(f'<p class="sw-group">{group}</p>')
                for page in members:
                    st.page_link(page, width="stretch", query_params=address.kept_for(page.title))


def standing(workspace: Workspace) -> None:
    """Say in the side bar what is being looked at, and how far its reports reach."""
    facts = {
        "Looking at": _name(workspace),
        "Wards": str(workspace.manifest().layers["wards"].rows),
    }
    sources = cached.source_table(workspace)
    for label, part in sources.groupby("label", sort=False):
        first, last = m.label(part["first"].min()), m.label(part["last"].max())
        facts[str(label)] = f"{first} to {last}"
    if sources.empty:
        facts["Reports"] = "none yet"
    rows = "".join(f"<dt>{html_text(k)}</dt><dd>{html_text(v)}</dd>" for k, v in facts.items())
    with st.sidebar:
        st.html(f'<hr class="sw-rule"><dl class="sw-facts">{rows}</dl>')


def demo_mark(workspace: Workspace) -> None:
    """Mark invented data, on every page of a demo workspace."""
    if workspace.kind == "demo":
        st.html(f'<p class="sw-demo" role="note"><strong>DEMO</strong><span>{DEMO_TEXT}</span></p>')


def heading(title: str, lead: str) -> None:
    """Open a page: its heading and one or two sentences on what it is for."""
    st.title(title, anchor=False)
    st.html(f'<p class="sw-lead">{html_text(lead)}</p>')


def say(lines: Sequence[str]) -> None:
    """Write sentences, each a paragraph of its own; nothing where there are none."""
    if lines:
        st.html("".join(f'<p class="sw-text">{html_text(line)}</p>' for line in lines))


def small(text: str) -> None:
    """Write a short remark under what it belongs to."""
    st.html(f'<p class="sw-small">{html_text(text)}</p>')


def _icon() -> str:
    return package_text("pages", "assets/icon.svg")


def _name(workspace: Workspace) -> str:
    return "Demo borough (invented)" if workspace.kind == "demo" else workspace.path.resolve().name
