"""Read a text file that a person saved from a web page or a mail."""

from __future__ import annotations

from pathlib import Path

from geodata.errors import RecordError, how_to_open

LARGEST_BYTES = 5 * 1024 * 1024


def read_text(path: Path | str) -> str:
    """Read a text file: UTF-8, or as older programs on Windows save it.

    Raises
    ------
    RecordError
        If it cannot be read, or is no text.
    """
    file = Path(path)
    try:
        data = file.read_bytes() if file.stat().st_size <= LARGEST_BYTES else b"\x00"
    except OSError as fault:
        raise RecordError(
            f"{file.name} cannot be read", got=fault.strerror or str(fault),
            todo=how_to_open(fault),
        ) from fault  # fmt: skip
    if b"\x00" in data:
        raise RecordError(f"{file.name} is no text", todo="save the list as a text file (.txt)")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
