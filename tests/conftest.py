"""Shared fixtures. Real data are used where they lie beside the checkout, else tests skip."""

from __future__ import annotations

import gc
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import filelock
import pytest
from hypothesis import HealthCheck, settings

import geodata  # noqa: F401  switches GDAL's drivers off before any test loads GDAL
from analysis.jobs.demo import make_demo
from analysis.jobs.voices import records_stamp
from geodata.workspace import Workspace

# On a shared runner an example may take long for no fault of its own. In CI the same examples are
# tried every time, so more of them find no more; elsewhere there are others each time, and a
# hundred. A failing one prints the lines that try it again.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", settings.get_profile("dev"), derandomize=True, print_blob=True, max_examples=40
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the browser, whose files take longest: none is left to run alone at the end."""
    items.sort(key=lambda item: item.path.parent.name != "browser")


def pytest_collection_finish() -> None:
    """Look no more for what to throw away among all that is loaded by now: it stays."""
    gc.collect()
    gc.freeze()


_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real public data, beside the checkout; tests that need it skip where it is not."""
    if not _SHARED.is_dir():
        pytest.skip("the real public data are not beside this checkout (../shared/data)")
    return _SHARED


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The demo, for tests that change nothing of it: copy it to change it.

    It is made once, by whichever process of the run asks first; each process has a copy of its own.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    with filelock.FileLock(base / "demo.lock"):
        made = base / "demo"
        if not made.is_dir():  # it comes into place whole or not at all
            make_demo(made)
    folder = shutil.copytree(made, tmp_path_factory.mktemp("demo") / "workspace")
    before = _state(folder)
    yield folder
    assert _state(folder) == before, "a test changed the demo that all share"


def _state(folder: Path) -> tuple[str, str]:
    """Name what is stored and what people wrote."""
    workspace = Workspace.open(folder)
    return workspace.version, records_stamp(workspace)


@pytest.fixture(autouse=True)
def _the_main_module_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit's AppTest leaves its script as the main module, which child processes then run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
