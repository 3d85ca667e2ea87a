"""One list of words for the columns: complete, without doubles, the same on the phone forms."""

from __future__ import annotations

import pytest

from geodata.errors import RecordError, StaleRecordError
from geodata.records import exchange
from geodata.records.database import Records
from geodata.records.kinds import KINDS
from geodata.records.labels import _EVERYWHERE, _OF_KIND
from geodata.records.tabular import Sheet
from geodata.wording import wording
from tests.databases import AT

ACTION = {"origin": "walkabout", "status": "proposed", "action_text": "Mend"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_has_words_of_its_own(kind: str) -> None:
    labels = KINDS[kind].labels
    assert not any("_" in label or not label for label in labels.values())
    # A file may be headed by labels: a label must lead to one column only.
    assert len({label.casefold() for label in labels.values()}) == len(labels)


def test_no_words_are_kept_for_columns_that_are_not_there() -> None:
    assert set(_OF_KIND) <= set(KINDS)
    for kind, labels in _OF_KIND.items():
        assert set(labels) <= set(KINDS[kind].fields), kind
    assert all(sum(name in kind.fields for kind in KINDS.values()) > 1 for name in _EVERYWHERE)


def test_answers_are_named_as_the_phone_forms_name_them() -> None:
    said, labels = wording(), KINDS["responses"].labels
    asked = {**said.section("full.rating"), **said.section("full"), **said.section("form")}
    same = {name for name in labels if name in asked} - {"mode"}
    assert len(same) > 20
    assert {name: labels[name] for name in same} == {name: asked[name] for name in same}


def test_a_file_is_told_of_in_its_own_words(records: Records) -> None:
    columns = ("What will be done", "origin", "status")
    rows = [("Mend", "walkabout", "agreed"), ("", "moon", "proposed")]
    cells = [dict(zip(columns, row, strict=True)) for row in rows]
    sheet = Sheet("actions", columns, tuple(enumerate(cells, start=2)))
    with pytest.raises(RecordError) as caught, records.changing(by="anna", at=AT) as change:
        exchange.bring_in(change, [sheet])
    said = str(caught.value)
    assert "line 2: 'owner_agency' must be filled in when 'status' is 'agreed'" in said
    assert "line 3: 'origin' cannot be 'moon'" in said
    assert "'What will be done' must be filled in" in said


def test_two_who_edit_at_once_are_told_in_the_words_of_the_form(records: Records) -> None:
    with records.changing(by="anna", at=AT) as change:
        made = change.create("actions", ACTION)
        change.update("actions", made.id, {"owner_agency": "tfl"}, version=1)
    with (
        pytest.raises(StaleRecordError, match="differences in 'Owner'"),
        records.changing(by="ben", at=AT) as change,
    ):
        change.update("actions", made.id, {"owner_agency": "police_snt"}, version=1)
