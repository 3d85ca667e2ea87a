"""What was fetched, kept in the workspace's folder `cache/`: safe to delete at any time.

An answer is two files named by the digest of the question: the bytes, and a small JSON file with
their checksum and what the server said of them. The JSON file is written last and both are written
whole, so half an answer is never found. An answer whose bytes do not fit its checksum is no answer.

A fetch that is stopped half way leaves a mark; when the same fetch starts again, the answers that
came under that mark are taken as they are. Without the mark an answer is only ever used after
asking the server whether it still holds.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from geodata import durable, manifest

FOLDER = "cache"


@dataclass(frozen=True)
class Stored:
    """What is known of an answer that was kept.

    Attributes
    ----------
    url : str
        What was asked.
    sha256 : str
        Checksum of the bytes.
    fetched_at : str
        When, as the caller told it.
    etag, last_modified : str
        What the server named this edition; '' if it did not.
    mark : str
        The fetch it came under.
    """

    url: str
    sha256: str
    fetched_at: str = ""
    etag: str = ""
    last_modified: str = ""
    mark: str = ""


class Cache:
    """The answers kept in one folder.

    Parameters
    ----------
    folder : Path
        Made when the first answer is kept.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, key: str) -> tuple[Stored, bytes] | None:
        """Give the answer kept under a key; None if there is none, or it is damaged."""
        try:
            stored = Stored(**json.loads((self.folder / f"{key}.json").read_bytes()))
            data = (self.folder / f"{key}.body").read_bytes()
        except (OSError, ValueError, TypeError):
            return None
        return (stored, data) if checksum(data) == stored.sha256 else None

    def keep(self, key: str, stored: Stored, data: bytes) -> None:
        """Keep an answer: its bytes first, then what makes them findable."""
        with suppress(OSError):
            (self.folder / f"{key}.json").unlink(missing_ok=True)
        durable.write_file(self.folder / f"{key}.body", data)
        self.note(key, stored)

    def note(self, key: str, stored: Stored) -> None:
        """Write down what is known of an answer whose bytes are here."""
        durable.write_file(self.folder / f"{key}.json", json.dumps(asdict(stored)).encode())

    def path_of(self, name: str) -> Path:
        """Say where a large file of that name lies, or would lie."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name

    def write(self, path: Path, data: bytes) -> None:
        """Put a file into the cache, whole or not at all."""
        durable.write_file(path, data)

    @contextmanager
    def unfinished(self, name: str) -> Iterator[str]:
        """Hold the mark of a fetch: the one a stopped fetch of that name left, else a new one.

        The mark goes when the block ends well, and stays when it does not.
        """
        path = self.folder / f"unfinished-{manifest.digest_of(name.encode())}"
        if not path.is_file():
            durable.write_file(path, secrets.token_hex(8).encode())
        yield path.read_text("utf-8")
        path.unlink(missing_ok=True)


@contextmanager
def open_cache(workspace: Path, *, lasting: bool) -> Iterator[Cache]:
    """Open a workspace's cache; where there is no workspace yet, one that is gone afterwards.

    Parameters
    ----------
    workspace : Path
        The folder.
    lasting : bool
        Whether the folder is a workspace already. A folder that is to become one stays empty
        until it is.
    """
    if lasting:
        yield Cache(workspace / FOLDER)
        return
    with tempfile.TemporaryDirectory(prefix="safer-walks-") as folder:
        yield Cache(Path(folder))


def checksum(data: bytes) -> str:
    """Work out the SHA-256 of bytes.

    Examples
    --------
    >>> checksum(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()
