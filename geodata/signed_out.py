"""Sign-ins that are over although their cookie is still good: one list for every process.

Whoever signs out may have left a copy of the cookie somewhere. The list is a folder of empty files
in the workspace, each named by a digest of a cookie: several servers of one workspace share it, it
needs no lock, and it says nothing of who signed out. A line goes when the cookie is too old anyway.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

FOLDER = "signed-out"


def mark_of(cookie: str) -> str:
    """Name a sign-in by a digest of its cookie.

    Examples
    --------
    >>> len(mark_of("anything"))
    64
    """
    return hashlib.sha256(cookie.encode()).hexdigest()


def add(folder: Path, mark: str, *, at: dt.datetime, hours: float) -> None:
    """Put a sign-in on the list, and take off those that are too old to be good.

    Parameters
    ----------
    folder : Path
        The workspace.
    mark : str
        Of `mark_of`.
    at : datetime
        When; must know its time zone.
    hours : float
        How long a sign-in is good: what is older leaves the list.

    Raises
    ------
    OSError
        If the workspace cannot be written to.
    """
    listed = folder / FOLDER
    listed.mkdir(exist_ok=True)
    (listed / mark).touch()
    oldest = at.timestamp() - hours * 3600
    for path in listed.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def holds(folder: Path, mark: str) -> bool:
    """Tell whether a sign-in is on the list.

    Examples
    --------
    >>> holds(Path("no-workspace"), mark_of("anything"))
    False
    """
    return (folder / FOLDER / mark).exists()
