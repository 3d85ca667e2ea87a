"""Words that no public text uses, and what is said instead.

A place is not dangerous because somebody felt unsafe there, and wards are not in a race.
"""

from __future__ import annotations

import re

INSTEAD: dict[str, str] = {
    r"dangerous (?:place|area|street|ward|estate|park|people)s?": "a place where people told us "
    "they feel unsafe",
    r"(?:is|are|was|were|most|very|more) dangerous": "where people told us they feel unsafe",
    r"no[- ]go (?:area|zone)s?": "a place where people told us they feel unsafe",
    r"crime[- ]ridden|notorious|trouble ?spots?|problem (?:area|estate|people)s?": (
        "the number, its months and how many it is of"
    ),
    r"league table": "a list in the order of names, or a funnel",
    r"worst (?:ward|area|place|estate|street)s?|(?:safest|unsafest) (?:ward|area|place)s?": "each "
    "ward beside its own year before",
    r"(?:women|girls|you|she) should (?:avoid|not walk|not go|stay)": "what the council and the "
    "police will do",
    r"irrational fear|fear of crime is": "what people said they feel",
    r"youths? (?:gang|problem)s?|feral": "what was done, not who somebody is",
}
"""Pattern of the words -> what to say instead."""

_DENIED = re.compile(r"\b(?:no|not|never|without|nor)\b[^.;:]{0,30}$", re.I)


def ill_chosen(text: str) -> list[tuple[str, str]]:
    """List words in a public text that it should not use, each with what to say instead.

    A sentence that says what something is not ("no league table") may use them.

    Parameters
    ----------
    text : str
        Anything people read.

    Returns
    -------
    list of (str, str)
        The words as they stand, and what to say.

    Examples
    --------
    >>> ill_chosen("The most dangerous of all")
    [('most dangerous', 'where people told us they feel unsafe')]
    >>> ill_chosen("This is no league table."), ill_chosen("Dangerous driving, 4 reports")
    ([], [])
    """
    found = []
    for pattern, instead in INSTEAD.items():
        for hit in re.finditer(rf"\b(?:{pattern})\b", text, re.I):
            if not _DENIED.search(text[: hit.start()]):
                found.append((hit[0], instead))
    return found
