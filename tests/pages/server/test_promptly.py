"""Small answers are not held back."""

from __future__ import annotations

import socket

import pytest

from pages.server.promptly import OPEN_FILES, send_at_once


def _is_prompt(connection: socket.socket) -> bool:
    return bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="the system does not list open files")
def test_connections_that_come_in_later_send_at_once() -> None:
    """As Streamlit listens: a socket that does not name its protocol, which asyncio passes over."""
    with socket.socket(socket.AF_INET) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        assert send_at_once() >= 1
        with socket.create_connection(listening.getsockname()) as client:
            with listening.accept()[0] as accepted:
                assert _is_prompt(accepted)
            assert not _is_prompt(client)  # what does not listen is left alone
