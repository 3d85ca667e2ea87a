"""Shared fixtures. Real data are used where they lie beside the checkout, and skipped with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real public data, beside the checkout; tests that need it skip where it is not."""
    if not _SHARED.is_dir():
        pytest.skip("the real public data are not beside this checkout (../shared/data)")
    return _SHARED
