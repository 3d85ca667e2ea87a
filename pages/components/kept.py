"""Uploaded files that stay on disk while a person works on them in steps."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import streamlit as st

from pages.components.uploads import Upload, on_disk


def paths(uploads: Sequence[Upload], *, key: str) -> list[Path]:
    """Give uploaded files as files on disk, written once however often the page runs.

    They are gone when other files are chosen, or the visit ends.

    Parameters
    ----------
    uploads : sequence of Upload
        What is chosen now; nothing keeps nothing.
    key : str
        Under which the session remembers them.
    """
    held: _Kept | None = st.session_state.get(key)
    ids = tuple(upload.file_id for upload in uploads)
    if held is None or held.ids != ids:
        held = st.session_state[key] = _Kept(ids, uploads)
    return list(held.paths)


class _Kept:
    """Files on disk for as long as this is remembered."""

    def __init__(self, ids: tuple[str, ...], uploads: Sequence[Upload]) -> None:
        self.ids = ids
        stack = ExitStack()
        self.paths = stack.enter_context(on_disk(uploads)) if uploads else []
        weakref.finalize(self, stack.close)
