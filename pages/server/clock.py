"""The one clock of the front end: pages and routes tell the jobs what time it is."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """Tell the time, in London."""
    from geodata.records.fields import LONDON

    return dt.datetime.now(LONDON)


def stamp() -> str:
    """Tell the time as the logs of the workspace have it: to the second, in UTC."""
    return now().astimezone(dt.UTC).isoformat(timespec="seconds")
