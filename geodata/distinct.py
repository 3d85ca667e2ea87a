"""Distinct points, learnt as rows come: what depends on a place alone is then done once a place.

Open data repeat their points: eighteen million reports of the police lie on 750,000. The table here
is open addressing on whole arrays: a number out of the bits of both coordinates says where to look,
and both coordinates are compared, so that any two floats are told apart and none needs to lie on a
grid. One pass over the rows costs less than a sort of them, and the rows need not be held.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int32]
Pairs = npt.NDArray[np.complex128]
Slots = npt.NDArray[np.int64]
_Bits = npt.NDArray[np.uint64]

CHUNK = 1 << 16
"""Rows worked on at a time, so that they stay in the processor's own memory."""

_FIRST_BITS = 12
_SPARE = 4
"""Slots a point: with four, nine points in ten lie in the slot where they are looked for first."""
_FOLD = np.uint64(32)
_ODD_X, _ODD_Y = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_BOTH = 0x0101


class DistinctPoints:
    """Distinct points, numbered from 0 as they are met; within one call in no certain order.

    Not for several threads at once: give each a table of its own, then `number` the points of one
    in the other.

    Coordinates stay in whatever they are in; -0.0 is 0.0.

    Examples
    --------
    >>> import numpy as np
    >>> points = DistinctPoints()
    >>> points.number(np.array([3.0, 3.0, np.nan]), np.array([1.0, 1.0, 1.0])).tolist()
    [0, 0, -1]
    >>> points.number(np.array([7.0, 3.0]), np.array([1.0, 1.0])).tolist()
    [1, 0]
    >>> points.x.tolist(), points.y.tolist(), len(points)
    ([3.0, 7.0], [1.0, 1.0], 2)
    """

    def __init__(self) -> None:
        self._count = 0
        self._bits = _FIRST_BITS
        self._slots: Numbers = np.full(1 << self._bits, -1, "int32")
        self._points: Pairs = np.empty((1 << self._bits) // _SPARE, "complex128")

    def __len__(self) -> int:
        return self._count

    @property
    def x(self) -> Floats:
        """First coordinates of the points, by number."""
        return np.ascontiguousarray(self._points[: self._count].real)

    @property
    def y(self) -> Floats:
        """Second coordinates of the points, by number."""
        return np.ascontiguousarray(self._points[: self._count].imag)

    def number(self, x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]) -> Numbers:
        """Give each row the number of its point; points not met before get the next ones.

        Parameters
        ----------
        x, y : numpy.ndarray
            Coordinates, of one length. A row that is not finite in both has no place.

        Returns
        -------
        numpy.ndarray
            int32; -1 for a row without a place.
        """
        found = np.empty(len(x), "int32")
        for start in range(0, len(x), CHUNK):
            part = slice(start, start + CHUNK)
            # Adding nought makes -0.0 into 0.0, which is the same place.
            a, b = (np.asarray(axis[part], "float64") + 0.0 for axis in (x, y))
            located = np.isfinite(a) & np.isfinite(b)
            if located.all():
                found[part] = self._numbered(a, b)
            else:
                found[part] = -1
                found[part][located] = self._numbered(a[located], b[located])
        return found

    def _numbered(self, x: Floats, y: Floats) -> Numbers:
        pairs = np.empty(len(x), "complex128")
        pairs.real, pairs.imag = x, y
        slot = self._home(x, y)
        found = self._slots.take(slot, mode="clip")
        # A free slot holds -1: clipped to point 0, whose home it may not be, so it is asked for.
        met = _same(self._points.take(found, mode="clip"), pairs) & (found >= 0)
        if not met.all():
            rest = np.flatnonzero(~met)
            taken = found[rest] >= 0
            found[rest] = self._sought(pairs[rest], slot[rest] + taken)
        return found

    def _home(self, x: Floats, y: Floats) -> Slots:
        """Say in which slot each point is looked for first."""
        a, b = x.view("uint64"), y.view("uint64")
        # Round coordinates differ in their upper bits alone: folded down, all bits take part.
        mixed: _Bits = a >> _FOLD
        mixed ^= a
        mixed *= _ODD_X
        other: _Bits = b >> _FOLD
        other ^= b
        other *= _ODD_Y
        mixed += other
        mixed >>= np.uint64(64 - self._bits)
        return mixed.view("int64")

    def _sought(self, pairs: Pairs, slot: Slots) -> Numbers:
        """Go on from slot to slot until each pair is found, or has been given a free one."""
        if self._has_grown_for(len(pairs)):
            slot = self._home(pairs.real.copy(), pairs.imag.copy())
        found = np.empty(len(pairs), "int32")
        rows, last = np.arange(len(pairs)), len(self._slots) - 1
        while len(rows):
            slot &= last
            at = self._settled(slot, pairs)
            met = _same(self._points.take(at), pairs)
            found[rows[met]] = at[met]
            on = np.flatnonzero(~met)
            rows, pairs, slot = rows[on], pairs[on], slot[on] + 1
        return found

    def _settled(self, slot: Slots, pairs: Pairs) -> Numbers:
        """Put pairs into those of these slots that are free, and say what each slot holds."""
        at = self._slots.take(slot)
        free = np.flatnonzero(at < 0)
        if not len(free):
            return at
        wanted = slot[free]
        # Of several pairs that want a slot the last one written gets it: no other is there to read.
        self._slots[wanted] = np.arange(len(free), dtype="int32")
        first = free[np.flatnonzero(self._slots[wanted] == np.arange(len(free)))]
        new = np.arange(self._count, self._count + len(first), dtype="int32")
        self._slots[slot[first]] = new
        self._points[new] = pairs[first]
        self._count += len(first)
        return self._slots.take(slot)

    def _has_grown_for(self, more: int) -> bool:
        points = self._count + more
        if points <= len(self._points):
            return False
        self._bits = max(self._bits + 2, int(points * _SPARE - 1).bit_length())
        old, self._points = self._points, np.empty((1 << self._bits) // _SPARE, "complex128")
        self._points[: self._count] = old[: self._count]
        self._slots = np.full(1 << self._bits, -1, "int32")
        for start in range(0, self._count, CHUNK):
            self._put_back(np.arange(start, min(start + CHUNK, self._count), dtype="int32"))
        return True

    def _put_back(self, number: Numbers) -> None:
        pairs, last = self._points[number], len(self._slots) - 1
        slot = self._home(pairs.real.copy(), pairs.imag.copy())
        while len(number):
            free = np.flatnonzero(self._slots[slot] < 0)
            self._slots[slot[free]] = number[free]
            on = np.flatnonzero(self._slots[slot] != number)
            number, slot = number[on], (slot[on] + 1) & last


def _same(one: Pairs, other: Pairs) -> npt.NDArray[np.bool_]:
    # Compared as floats, two at a time: numpy compares complex numbers several times as slowly.
    both = one.view("float64") == other.view("float64")
    return both.view("uint16") == _BOTH


def distinct_points(
    x: npt.NDArray[np.floating], y: npt.NDArray[np.floating]
) -> tuple[Numbers, Floats, Floats]:
    """Reduce rows to distinct points: what `DistinctPoints` does, for rows that are all there.

    Parameters
    ----------
    x, y : numpy.ndarray
        Coordinates, of one length. A row that is not finite in both has no place.

    Returns
    -------
    tuple of numpy.ndarray
        For each row the number of its point (-1 without a place), and the points.

    Examples
    --------
    >>> import numpy as np
    >>> number, x, y = distinct_points(np.array([5.0, 5.0, 2.0]), np.array([1.0, 1.0, 1.0]))
    >>> len(x), x[number].tolist(), y[number].tolist()
    (2, [5.0, 5.0, 2.0], [1.0, 1.0, 1.0])
    """
    points = DistinctPoints()
    number = points.number(x, y)
    return number, points.x, points.y
