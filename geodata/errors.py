"""The errors a person can meet, as a small tree.

Every message answers four questions in this order: what is wrong, what was got, where the first
bad row is, and what to do next. The command line prints the message and leaves with exit code 1;
a page shows it in a box. Anything outside this tree is a fault of ours and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class SaferWalksError(Exception):
    """The data, or what was asked of them, are at fault.

    Parameters
    ----------
    what : str
        What is wrong, in one plain sentence.
    got : str, optional
        What was met instead of what was expected.
    first_bad : str, optional
        The first offending row or item, named so that a person can find it.
    todo : str, optional
        What to do about it.

    Examples
    --------
    >>> print(SaferWalksError("No codes", got="columns NAME, AREA", todo="name one with --code"))
    No codes. Got: columns NAME, AREA. What to do: name one with --code.
    """

    def __init__(self, what: str, *, got: str = "", first_bad: str = "", todo: str = "") -> None:
        self.what, self.got, self.first_bad, self.todo = what, got, first_bad, todo
        super().__init__(self._message())

    def _message(self) -> str:
        labelled = (("", self.what), ("Got: ", self.got), ("First: ", self.first_bad))
        parts = [f"{label}{_sentence(text)}" for label, text in labelled if text]
        if self.todo:
            parts.append(f"What to do: {_sentence(self.todo)}")
        return " ".join(parts)


class CrsError(SaferWalksError):
    """Coordinates are in another reference system than the one said, or in none."""


class WardFileError(SaferWalksError):
    """A ward boundary file cannot be read or lacks what a ward needs."""


class VintageError(SaferWalksError):
    """The ward boundaries belong to another year than the one expected."""


class ReportFileError(SaferWalksError):
    """A file of reports cannot be read, or no row of it can be used."""


class UnsafeArchiveError(SaferWalksError):
    """An archive asks for more room than allowed, or hides something that must not be opened."""


class ProfileError(SaferWalksError):
    """An import profile cannot be read, or does not fit the file it is used on."""


class PinError(SaferWalksError):
    """A pin, or a file of pins, is not what it must be."""


class StoreConflictError(SaferWalksError):
    """What is being imported contradicts what is stored, and a person must say which holds."""


class WorkspaceError(SaferWalksError):
    """The workspace is missing, of another kind or version, or damaged."""


class NotEnoughDataError(SaferWalksError):
    """The stored months cannot answer the question."""


class FetchError(SaferWalksError):
    """Open data could not be fetched; the message says how to bring them by hand."""


class FetchCancelledError(FetchError):
    """A person stopped a fetch; what had arrived is kept for the next one."""


class RecordError(SaferWalksError):
    """A record that people write (an event, an action, a response) is not as it must be."""


class StaleRecordError(RecordError):
    """Somebody else changed a record while this person was editing it; nothing was overwritten.

    Attributes
    ----------
    kind, record_id : str
        Which record.
    version : int
        Its version now: what a person who has seen both sends with the next attempt.
    theirs : dict
        The record as it is stored now.
    yours : dict
        What this person wanted to store.
    differing : tuple of str
        The fields in which the two differ.

    Parameters
    ----------
    named : callable, optional
        Names a field for people; its own name without.
    """

    def __init__(
        self,
        kind: str,
        record_id: str,
        *,
        version: int,
        theirs: dict[str, Any],
        yours: dict[str, Any],
        who: str = "",
        named: Callable[[str], str] = str,
    ) -> None:
        self.kind, self.record_id, self.version = kind, record_id, version
        self.theirs, self.yours = theirs, yours
        self.differing = tuple(name for name in yours if theirs.get(name) != yours[name])
        super().__init__(
            f"{record_id} was changed{f' by {who}' if who else ''} while you were editing it; "
            "nothing of yours has been stored and nothing of theirs is lost",
            got=f"differences in {', '.join(map(named, self.differing)) or 'nothing you changed'}",
            todo="look at both versions, keep what is right, and save again",
        )


class BackupError(SaferWalksError):
    """A backup cannot be made, is damaged, or must not be restored here."""


def how_to_open(fault: OSError) -> str:
    """Say what to do about a file that the system does not open.

    Examples
    --------
    >>> how_to_open(FileNotFoundError()), how_to_open(PermissionError())[:34]
    ('check the path', 'close it where it is open, as in E')
    """
    if isinstance(fault, PermissionError):
        return "close it where it is open, as in Excel, or check that you may use it"
    return "check the path"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
