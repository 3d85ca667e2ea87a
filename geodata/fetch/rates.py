"""Ask no faster than a publisher allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class TokenBucket:
    """A bucket of permissions that fills at a steady rate; each request takes one.

    Parameters
    ----------
    rate : float
        Requests a second, in the long run.
    burst : int
        Requests that may go at once after a rest.
    clock : callable, optional
        Seconds, from anywhere, never going back.

    Examples
    --------
    >>> now = [0.0]
    >>> bucket = TokenBucket(rate=2.0, burst=2, clock=lambda: now[0])
    >>> bucket.wait_s(), bucket.wait_s(), bucket.wait_s(), bucket.wait_s()
    (0.0, 0.0, 0.5, 1.0)
    >>> now[0] = 10.0
    >>> bucket.wait_s()
    0.0
    """

    rate: float
    burst: int
    clock: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _at: float = field(init=False)

    def __post_init__(self) -> None:
        """Start full."""
        self._tokens, self._at = float(self.burst), self.clock()

    def wait_s(self) -> float:
        """Take one permission and say how many seconds to wait before using it."""
        now = self.clock()
        self._tokens = min(self._tokens + (now - self._at) * self.rate, float(self.burst)) - 1.0
        self._at = now
        return max(0.0, -self._tokens / self.rate)
