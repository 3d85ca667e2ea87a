"""Send answers at once, head and body.

The system holds a small packet back until the one before is acknowledged (Nagle's algorithm), and
the other side acknowledges late, by up to 40 ms, in the hope of something to send with it. asyncio
switches the first off for sockets that say they are TCP; the one Streamlit listens on does not say
so. Every file of its front end, and every small message of a page, then waits.
"""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from pathlib import Path

OPEN_FILES = Path("/dev/fd")
"""Where Linux and macOS list what a process has open; connections take over what their listening
socket was told."""


def send_at_once() -> int:
    """Switch Nagle's algorithm off for all connections that are made from now on.

    Returns
    -------
    int
        Sockets that listen for them.
    """
    told = 0
    for number in os.listdir(OPEN_FILES) if OPEN_FILES.is_dir() else []:  # noqa: PTH208
        with suppress(OSError), socket.socket(fileno=os.dup(int(number))) as each:
            is_tcp = each.family in (socket.AF_INET, socket.AF_INET6)
            if is_tcp and each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                told += 1
    return told
