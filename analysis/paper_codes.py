"""Read what is typed from a paper form: numbers of codes, ratings in a row, yes and no.

Typing is quick because it is short: `2 14` for two issues, `3210-n1230` for ratings. What cannot be
read is said with the box it stands in; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from geodata.errors import RecordError
from geodata.records.vocabularies import RATINGS

NOT_SAID, NOT_APPLICABLE = "-", "n"


def codes(text: str, numbers: Mapping[str, int], *, box: str) -> tuple[str, ...]:
    """Turn numbers into the codes of a list.

    Parameters
    ----------
    text : str
        Numbers with anything between them that is no digit.
    numbers : mapping of str to int
        Code to the number that stands on paper.
    box : str
        What people call the box, for the message.

    Raises
    ------
    RecordError
        If a number is not on the list.

    Examples
    --------
    >>> codes("2, 1", {"no_cctv": 1, "poor_lighting": 2}, box="Issues")
    ('no_cctv', 'poor_lighting')
    """
    if re.search(r"[^\d\s,;.+/&-]", text):
        raise RecordError(f"{box}: only the numbers on paper can be typed here", got=text[:40])
    typed = [int(part) for part in re.findall(r"\d+", text)]
    unknown = [number for number in typed if number not in numbers.values()]
    if unknown:
        raise RecordError(
            f"{box}: this number is not on the list", got=str(unknown[0])[:9],
            todo=f"the list goes from 1 to {len(numbers)}",
        )  # fmt: skip
    return tuple(code for code, number in numbers.items() if number in typed)


def ratings(text: str) -> dict[str, Any]:
    """Turn ratings typed in a row into columns: 0 to 3, - for not said, n for does not apply.

    Raises
    ------
    RecordError
        If there is another sign, or not one for each rating.

    Examples
    --------
    >>> found = ratings("3210 ---- n-1")
    >>> found["lighting"], found["guardianship"], found["help_nearby"], found["not_applicable"]
    (3, None, 1, ('upkeep',))
    >>> ratings("")
    {}
    """
    signs = re.sub(r"\s", "", text).lower()
    if not signs:
        return {}
    names = list(RATINGS)
    if len(signs) != len(names) or not re.fullmatch(r"[0-3n-]*", signs):
        raise RecordError(
            f"Ratings: type one sign for each of the {len(names)}",
            got=f"{len(signs)}: {signs[:20]}",
            todo="0 to 3, - where nothing was ticked, n where it does not apply",
        )  # fmt: skip
    pairs = list(zip(names, signs, strict=True))
    return {name: int(sign) if sign.isdigit() else None for name, sign in pairs} | {
        "not_applicable": tuple(name for name, sign in pairs if sign == NOT_APPLICABLE)
    }


def number(text: str, low: int, high: int, *, box: str) -> int | None:
    """Read one number; None for an empty box.

    Raises
    ------
    RecordError
        If it is no number, or too small or large.

    Examples
    --------
    >>> number(" 4 ", 1, 6, box="Feels now"), number("", 1, 6, box="Feels now")
    (4, None)
    """
    typed = text.strip()
    if not typed:
        return None
    if not re.fullmatch(r"\d{1,4}", typed) or not low <= int(typed) <= high:
        raise RecordError(f"{box}: type a number from {low} to {high}", got=typed[:20])
    return int(typed)


def yes(text: str, *, box: str) -> bool:
    """Read y or n; an empty box is no.

    Raises
    ------
    RecordError
        If it is neither.

    Examples
    --------
    >>> yes("Y", box="Agrees"), yes("", box="Agrees")
    (True, False)
    """
    typed = text.strip().lower()
    if typed in ("y", "yes", "1", "x"):
        return True
    if typed in ("", "n", "no", "0", NOT_SAID):
        return False
    raise RecordError(f"{box}: type y or n", got=typed[:20])
