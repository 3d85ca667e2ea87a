"""Which wards' panels somebody may read and write: their own, or every one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from analysis.jobs.records import list_records
from geodata.errors import SaferWalksError
from geodata.workspace import Workspace
from pages.components import sign_in
from pages.record import saving

MAY = "record panel meetings"


def readable(here: Workspace) -> dict[str, str]:
    """Give the wards whose panel whoever is looking may read, code to name, by name."""
    wards = here.wards().sort_values("ward_name", kind="stable")
    mine = sign_in.reach("page", "ward-panel")
    pairs = zip(wards["ward_code"], wards["ward_name"], strict=True)
    return {code: name for code, name in pairs if mine.covers([code])}


def first(here: Workspace, wards: dict[str, str]) -> str:
    """Choose the ward to begin with: the one whose panel met last, or the first by name."""
    meetings = list_records(here, "meetings").sort_values("held_on", ascending=False)
    met = (code for codes in meetings["ward_codes"] for code in codes if code in wards)
    return next(met, next(iter(wards)))


def store(here: Workspace, code: str, job: Callable[..., Any], said: Callable[[Any], str]) -> None:
    """Store something of a ward's panel, for whoever may write of this ward."""

    def of_this_ward(**stamps: Any) -> Any:  # noqa: ANN401 - as the job has it
        if code not in readable(here):  # asked anew: a ward may have been taken away
            raise SaferWalksError(
                "This is not the panel of your ward", got=code,
                todo="ask whoever manages people here",
            )  # fmt: skip
        return job(**stamps)

    saving.store(MAY, of_this_ward, said)
