"""What is worked out once in a process and read by everybody in it: never change what comes back.

Keys say what a result was made from (digests, sizes, words), so a result never grows old: what is
made from other data has another key.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Results by key; the one not asked for longest gives way.

    Parameters
    ----------
    most : int
        Results that are kept.

    Examples
    --------
    >>> kept = Shared(1)
    >>> [kept.get(key, lambda: [key]) for key in "aab"]
    [['a'], ['a'], ['b']]
    >>> kept.get("b", list)
    ['b']
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._kept: OrderedDict[Hashable, _Slot[T]] = OrderedDict()

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """Give what is kept under a key, worked out by the first who asks; the others wait.

        What raises is not kept: the next who asks tries again.
        """
        with self._lock:
            slot = self._kept.setdefault(key, _Slot())
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        with slot.lock:
            if not slot.filled:
                slot.result, slot.filled = work(), True
            return slot.result


class _Slot(Generic[T]):
    result: T

    def __init__(self) -> None:
        self.lock, self.filled = Lock(), False
