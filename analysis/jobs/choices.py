"""What a person can pick: the sources, kinds of report and months that are stored."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.jobs.selection import category_levels, select
from geodata.vocabularies import ALL_GROUP, CATEGORY_BY_CODE, SOURCES
from geodata.workspace import Workspace


@dataclass(frozen=True)
class Choices:
    """The lists behind the filters.

    Attributes
    ----------
    source : str
        The source these lists are for.
    sources : dict of str to str
        Code to words of every source stored.
    categories : dict of str to str
        Code to words of the kinds of report this source tells apart, in the vocabulary's order.
    months : tuple of str
        Months that data of this source cover, oldest first.
    missing : tuple of str
        Months in between that some force, or no force, covers.
    """

    source: str
    sources: dict[str, str]
    categories: dict[str, str]
    months: tuple[str, ...]
    missing: tuple[str, ...]


def choices(workspace: Workspace, *, source: str | None = None) -> Choices:
    """List what can be picked.

    Parameters
    ----------
    workspace : Workspace
        The workspace.
    source : str, optional
        A source code. One that is not stored, or none, means the source counted by default.

    Returns
    -------
    Choices
        Never empty.

    Raises
    ------
    NotEnoughDataError
        If nothing is stored.
    """
    default = select(workspace, categories=(ALL_GROUP,))
    stored = (default.source, *default.other_sources)
    chosen = default
    if source in stored and source != default.source:
        chosen = select(workspace, source=source, categories=(ALL_GROUP,))
    return Choices(
        source=chosen.source,
        sources={code: SOURCES[code] for code in SOURCES if code in stored},
        categories={c: CATEGORY_BY_CODE[c].label for c in category_levels(workspace, chosen)},
        months=chosen.cover.present,
        missing=tuple(sorted({*chosen.cover.missing, *chosen.cover.absent})),
    )
