"""Maps and tables that are handed out one by one, outside a pack.

What anybody may have is looked through for what identifies a person. Numbers of a source that is
not open are by ward, the same as in packs, and enter the register of releases when they are handed
out, so that a later pack, map or table is checked against them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd

from analysis.disclosure import OPEN_SOURCES, Audience, reports_alone, require_open
from analysis.jobs.exports import marked, table_file
from analysis.jobs.maps import map_file, map_picture, public_ward_map, public_ward_picture
from analysis.jobs.public_numbers import PublicNumbers, public_numbers, public_wards
from analysis.jobs.releases import look_through, publish, register
from analysis.jobs.selection import select
from analysis.report.tables import table_bytes
from geodata.vocabularies import SOURCES
from geodata.workspace import Workspace

PICTURE = ".png"


def map_for(
    workspace: Workspace,
    *,
    audience: Audience,
    at: str,
    name: str = "map.html",
    make: Callable[..., str] = map_file,
    **asked: Any,  # noqa: ANN401 - as the map takes it
) -> bytes:
    """Make a map for an audience, ready to be handed out.

    Parameters
    ----------
    workspace : Workspace
        The workspace; what anybody gets of a source that is not open is entered in its register.
    audience : {'public', 'internal'}
        Who it is for.
    at : str
        When it is handed out.
    name : str
        What its file will be called: names are looked through, too. One that ends in `PICTURE` is
        a picture, every other a page.
    make : callable
        `analysis.jobs.maps.map_file`, or the same remembered.
    **asked
        As `analysis.jobs.maps.map_file` takes it.

    Raises
    ------
    SaferWalksError
        If the audience may not have it, or it holds what identifies a person.
    StoreConflictError
        If something else was published while it was made.
    """
    categories = asked.get("categories", ())
    source = asked.get("source") or select(workspace, categories=categories).source
    if not _is_guarded(source, audience):
        page = (
            map_picture(workspace, audience=audience, **asked)
            if name.lower().endswith(PICTURE)
            else make(workspace, audience=audience, **asked).encode()
        )
        if reports_alone(audience):
            look_through(workspace, {name: page})
        return page
    if asked.get("layer") != "wards":
        require_open([source])

    def drawn(numbers: PublicNumbers) -> bytes:
        if name.lower().endswith(PICTURE):
            return public_ward_picture(workspace, numbers, categories)
        return public_ward_map(workspace, numbers, categories).encode()

    return _released(workspace, source, asked.get("as_at"), drawn, name=name, at=at)


def table_for(
    workspace: Workspace,
    frame: pd.DataFrame | gpd.GeoDataFrame,
    ending: str,
    *,
    source: str,
    audience: Audience,
    name: str = "table",
) -> bytes:
    """Write a table as an audience may have it, and look through what anybody gets.

    Parameters
    ----------
    workspace : Workspace
        Whose numbers they are.
    frame, ending, source, audience
        As `analysis.jobs.exports.table_file`.
    name : str
        What its file will be called.

    Raises
    ------
    SaferWalksError
        If the audience may not have it, or it holds what identifies a person.
    """
    content = table_file(frame, ending, kind=workspace.kind, source=source, audience=audience)
    if reports_alone(audience):
        look_through(workspace, {name: content})
    return content


def ward_table_for_all(
    workspace: Workspace,
    ending: str,
    *,
    source: str,
    at: str,
    as_at: str | None = None,
    categories: Sequence[str] = (),
    name: str = "table",
) -> bytes:
    """Write reports by ward over 12 months as anybody may have them, whatever the source.

    Parameters
    ----------
    workspace : Workspace
        The workspace; what is not open is entered in its register.
    ending : str
        One of `analysis.jobs.exports.ENDINGS`.
    source : str
        Code of the source.
    at : str
        When it is handed out.
    as_at : str, optional
        The 12 months are the newest that end with a whole quarter by then.
    categories : sequence of str
        None for all anti-social behaviour, or one kind.
    name : str
        What its file will be called.

    Raises
    ------
    SaferWalksError
        If several kinds of a source that is not open are asked for, or the file holds what
        identifies a person.
    StoreConflictError
        If something else was published while it was made.
    """

    def written(numbers: PublicNumbers) -> bytes:
        areas = public_wards(workspace, numbers, categories)
        told = areas.assign(
            source=SOURCES[source], first=numbers.year.first, last=numbers.year.last
        )
        return table_bytes(marked(told, workspace.kind), ending)

    return _released(workspace, source, as_at, written, name=name, at=at)


def _is_guarded(source: str, audience: Audience) -> bool:
    return reports_alone(audience) and source not in OPEN_SOURCES


def _released(
    workspace: Workspace,
    source: str,
    last: str | None,
    make: Callable[[PublicNumbers], bytes],
    *,
    name: str,
    at: str,
) -> bytes:
    """Make a file of public numbers, and enter them in the register before it is handed out."""
    now = workspace.reopen()
    known = register(now)
    numbers = public_numbers(now, source, earlier=known.numbers, rules=known.rules, last=last)
    content = make(numbers)
    title = f"{name}: {SOURCES[source].lower()}, {numbers.year.label}"
    publish(now, {name: content}, [numbers.told], title=title, at=at, checked_against=known)
    return content
