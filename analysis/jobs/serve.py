"""Start the app: the server that `streamlit run app.py` starts, on a workspace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TextIO

APP = Path(__file__).resolve().parents[2] / "app.py"
"""Beside the packages, in a checkout and in an installed copy alike."""


def serve(workspace: Path, *, port: int, address: str, log: TextIO) -> int:
    """Start the server and stay until it ends.

    Parameters
    ----------
    workspace : pathlib.Path
        Folder that holds the data. Where nothing is there the app starts on the demo.
    port : int
        Port to listen on.
    address : str
        Address to listen on: '127.0.0.1' for this machine only; '0.0.0.0' lets other machines in.
    log : file
        Where the server writes its messages.

    Returns
    -------
    int
        The server's exit code. On POSIX systems this call does not return: the server takes
        this process's place, so that a signal sent to the command reaches it.
    """
    environment = {**os.environ, "SAFER_WALKS_WORKSPACE": str(workspace.resolve())}
    words = command(port=port, address=address)
    if os.name == "posix":
        os.dup2(log.fileno(), 1)
        os.execve(sys.executable, words, environment)
    return subprocess.call(words, env=environment, stdout=log)


def command(*, port: int, address: str) -> list[str]:
    """Spell out the command that starts the server.

    Examples
    --------
    >>> command(port=8501, address="127.0.0.1")[1:4]
    ['-m', 'streamlit', 'run']
    """
    options = [f"--server.port={port}", f"--server.address={address}"]
    return [sys.executable, "-m", "streamlit", "run", str(APP), *options]
