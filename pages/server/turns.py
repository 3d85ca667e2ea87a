"""Let one page script run at a time, so that each is soon done.

All scripts of a server share one interpreter, and most pages are less than a tenth of a second of
it. Fifty scripts that share it piece by piece are all done at the end, and every change of thread
costs; one after the other, the first is done in a tenth of a second and the last sooner than
before. What takes long (hot spots worked out for the first time, a pack) must not keep the others
waiting: a turn lasts a quarter of a second at most, and then the next script starts beside it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 1
"""Scripts that run at the same time. Threads of one interpreter are no faster for being many."""

LONG_S = 0.25
"""A script that takes longer no longer keeps others waiting."""


class Turns:
    """Turns in the order of asking, each over when its script ends or has become a long one.

    Nothing can be locked up by it: a script that waits for something while it has a turn loses it
    in `long_s` seconds, however it waits.

    Parameters
    ----------
    at_once : int
        Scripts that may run at the same time.
    long_s : float
        Seconds after which a script does not count any more.

    Examples
    --------
    >>> turns = Turns()
    >>> with turns.one():
    ...     turns.running, turns.waiting
    (1, 0)
    >>> turns.running
    0
    """

    def __init__(self, at_once: int = AT_ONCE, long_s: float = LONG_S) -> None:
        self._at_once, self._long = at_once, long_s
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._begun: dict[threading.Event, float] = {}

    @property
    def running(self) -> int:
        """Scripts that have begun and not ended, long ones among them."""
        return len(self._begun)

    @property
    def waiting(self) -> int:
        """Scripts that have not begun."""
        return len(self._queue)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Wait for a turn, and have it for what stands inside."""
        mine = threading.Event()
        with self._lock:
            self._queue.append(mine)
        try:
            while (seconds := self._to_wait(mine)) != 0:
                mine.wait(seconds)
                mine.clear()
            yield
        finally:
            with self._lock:
                if self._begun.pop(mine, None) is None:
                    self._queue.remove(mine)
                self._wake_next()

    def _to_wait(self, mine: threading.Event) -> float | None:
        """Begin, giving 0; or give the seconds after which to ask again, None until woken."""
        with self._lock:
            if self._queue[0] is not mine:
                return None  # whoever is before me wakes me
            now = time.monotonic()
            ends = [began + self._long for began in self._begun.values()]
            short = [end for end in ends if end > now]
            if len(short) >= self._at_once:
                return min(short) - now
            self._begun[self._queue.popleft()] = now
            self._wake_next()
            return 0

    def _wake_next(self) -> None:
        if self._queue:
            self._queue[0].set()


turns = Turns()
"""Of this server."""
