"""Whose data and software a map or table rests on, in the words their licences ask for."""

from __future__ import annotations

from collections.abc import Collection

from geodata.vocabularies import SOURCES

OGL = "the Open Government Licence v3.0 (nationalarchives.gov.uk/doc/open-government-licence)"

POLICE_UK = f"Reports: data.police.uk. Contains public sector information licensed under {OGL}."
BOUNDARIES = (
    "Ward boundaries: Office for National Statistics and Greater London Authority, licensed under "
    f"{OGL}. Contains OS data © Crown copyright and database right."
)
DEMO = (
    "Demo: the reports are invented and the boundaries are schematic, both made for this project. "
    "Nothing here describes a real event."
)


def licence_lines(
    sources: Collection[str], *, demo: bool, drawn: Collection[str] = ()
) -> tuple[str, ...]:
    """List the lines to print under a map or table.

    Parameters
    ----------
    sources : collection of str
        Codes of the sources counted.
    demo : bool
        Whether the workspace holds the demo: then nothing comes from anybody else.
    drawn : collection of str, optional
        How the publishers of streets, stations and water on a map ask to be named
        (`geodata.layers.credits_of`).

    Examples
    --------
    >>> licence_lines(["police_uk"], demo=True) == (DEMO,)
    True
    >>> [line.split(":")[0] for line in licence_lines(["council_asb", "police_uk"], demo=False)]
    ['Reports', 'Council reports', 'Ward boundaries']
    """
    if demo:
        return (DEMO,)
    others = [f"{SOURCES[s]}: the council's own records." for s in SOURCES if s in sources]
    ours = [line for line in others if not line.startswith(SOURCES["police_uk"])]
    ground = [f"Map: {' '.join(drawn)}"] if drawn else []
    return (*([POLICE_UK] if "police_uk" in sources else []), *ours, BOUNDARIES, *ground)
