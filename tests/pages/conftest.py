"""Pages run without a browser: on the demo, on two wards drawn by hand, and on nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analysis.jobs.demo import make_demo
from geodata.workspace import VARIABLE
from tests.serving import ROOT

PAGES = {
    "Overview": "explore/overview.py",
    "Hotspots": "explore/hotspots.py",
    "Where next": "plan/where_next.py",
    "Data": "data/data.py",
    "Method": "about/method.py",
}

Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, made once; nothing here changes it."""
    return make_demo(tmp_path_factory.mktemp("demo") / "workspace").path


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Results outlive a test in the process; begin each without them."""
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open a page of the app on a workspace: `open_page("Hotspots", folder, side="350")`."""

    def open_one(page: str, workspace: Path, **query: str | list[str]) -> AppTest:
        monkeypatch.setenv(VARIABLE, str(workspace))
        at = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60)
        if page == "Where next":  # its address is not its file's name: AppTest asks for a first run
            at.run()
        for key, value in query.items():
            at.query_params[key.replace("_", "-")] = value
        if page != "Overview":
            at.switch_page(PAGES[page])
        return at.run()

    return open_one


def html(at: AppTest) -> str:
    """Everything the page wrote as HTML, in order."""
    return "\n".join(element.proto.body for element in at.get("html"))


def words(at: AppTest) -> str:
    """Everything a person can read on the page, the side bar included."""
    headings = [e.value for kind in (at.title, at.header, at.subheader) for e in kind]
    prose = [e.value for e in at.markdown]
    numbers = [f"{e.label} {e.value}" for e in at.metric]
    return "\n".join([*headings, *prose, *numbers, html(at)])
