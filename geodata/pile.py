"""Things met on one way through a long file and needed on the next, in bounded memory."""

from __future__ import annotations

import pickle
import tempfile
from collections import deque
from collections.abc import Iterator
from typing import IO, Generic, TypeVar

T = TypeVar("T")

HELD_ROWS = 200_000
"""Rows that a pile keeps in memory."""


class Pile(Generic[T]):
    """Things in the order they were added: the first in memory, the others in a temporary file.

    The file has no name, so that nobody else reads it, and goes when it is closed or the process
    ends.

    Examples
    --------
    >>> pile: Pile[list[int]] = Pile(held_rows=3)
    >>> for thing in ([1, 2], [3], [4, 5]):
    ...     pile.add(thing, rows=len(thing))
    >>> list(pile.taken()), list(pile.taken())
    ([[1, 2], [3], [4, 5]], [])
    """

    def __init__(self, *, held_rows: int | None = None) -> None:
        self._room = HELD_ROWS if held_rows is None else held_rows
        self._held: deque[T] = deque()
        self._file: IO[bytes] | None = None
        self._written = 0

    def add(self, thing: T, rows: int) -> None:
        """Put a thing on the pile; `rows` says how large it is."""
        self._room -= rows
        if self._room >= 0:
            self._held.append(thing)
            return
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="safer-walks-")  # noqa: SIM115 - see `close`
        pickle.dump(thing, self._file, protocol=5)
        self._written += 1

    def taken(self) -> Iterator[T]:
        """Step through what is there, the first first, and let go of it."""
        while self._held:
            yield self._held.popleft()
        if self._file is None:
            return
        self._file.seek(0)
        while self._written:
            self._written -= 1
            yield pickle.load(self._file)
        self.close()

    def close(self) -> None:
        """Let go of everything."""
        self._held.clear()
        if self._file is not None:
            self._file.close()
        self._file, self._written = None, 0
