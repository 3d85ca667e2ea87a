"""The lists behind the filters: what is stored and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from analysis.jobs.choices import choices
from geodata.errors import NotEnoughDataError
from tests.builders import batch, incidents, workspace_of


def test_only_what_is_stored_is_offered(tmp_path: Path) -> None:
    police = incidents([("2026-01", 300, 500), ("2026-03", 300, 500, "burglary")])
    council = incidents([("2026-02", 300, 500, "rowdy")], source="council_asb", force="council")
    made = workspace_of(tmp_path / "w", batch("police", police), batch("council", council))
    found = choices(made)
    assert found.source == "police_uk"
    assert list(found.sources) == ["police_uk", "council_asb"]
    assert list(found.categories) == ["police_uk_unspecified", "burglary"]
    assert (found.months, found.missing) == (("2026-01", "2026-03"), ("2026-02",))
    other = choices(made, source="council_asb")
    assert (other.source, list(other.categories)) == ("council_asb", ["rowdy"])


def test_a_source_that_is_not_stored_means_the_default(tmp_path: Path) -> None:
    made = workspace_of(tmp_path / "w", batch("police", incidents([("2026-01", 300, 500)])))
    assert choices(made, source="housing").source == "police_uk"
    assert choices(made, source="gossip").source == "police_uk"


def test_an_empty_store_has_no_choices(tmp_path: Path) -> None:
    with pytest.raises(NotEnoughDataError, match="No reports are stored"):
        choices(workspace_of(tmp_path / "w"))
