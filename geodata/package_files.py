"""Text files that ship inside installed packages: templates of our own, Leaflet's script."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def package_text(package: str, path: str) -> str:
    """Read a text file of an installed package, with line ends as HTML has them.

    Raises
    ------
    FileNotFoundError
        If the package holds no such file: a faulty installation, not a person's mistake.

    Examples
    --------
    >>> "Leaflet" in package_text("xstatic.pkg.leaflet", "data/leaflet.js")[:80]
    True
    """
    text = files(package).joinpath(path).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")
