"""Files a person sends through the browser, as files on disk that a job can read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.server.hosts import LOCAL_HOSTS, host_name

Upload = UploadedFile


@contextmanager
def on_disk(uploads: Sequence[UploadedFile]) -> Iterator[list[Path]]:
    """Lay uploaded files in a folder that is gone afterwards.

    Each file gets a folder of its own, so that two of the same name do not meet, and only the last
    part of its name, so that none is written anywhere else.
    """
    with tempfile.TemporaryDirectory(prefix="safer-walks-") as folder:
        paths = []
        for number, upload in enumerate(uploads):
            name = Path(upload.name.replace("\\", "/")).name or "file"
            path = Path(folder) / str(number) / name
            path.parent.mkdir()
            path.write_bytes(upload.getbuffer())
            paths.append(path)
        yield paths


def may_name_folders() -> bool:
    """Tell whether this visit may name files of the server's own disk.

    Only where the server listens on its own machine alone, was asked by that machine's own name,
    and nothing passes requests on to it: then whoever asks could read those files anyway.
    """
    headers = st.context.headers
    is_passed_on = any(name in headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    asked = host_name(headers.get("Host", "localhost"))
    is_local = asked in LOCAL_HOSTS and st.get_option("server.address") in LOCAL_HOSTS
    return is_local and not is_passed_on
