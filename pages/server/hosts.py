"""Host names: which one a request was sent to, and whether the server answers to it."""

from __future__ import annotations

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
"""Names answered to when `server.allowedHosts` is empty."""


def host_name(header: str) -> str:
    """Take the port off a Host header.

    Examples
    --------
    >>> host_name("LocalHost:8501"), host_name("[::1]:8501"), host_name("10.0.0.5")
    ('localhost', '::1', '10.0.0.5')
    """
    if header.startswith("["):
        return header[1:].partition("]")[0].lower()
    return header.partition(":")[0].rstrip(".").lower()


def host_allowed(header: str, allowed: tuple[str, ...] | list[str]) -> bool:
    """Tell whether the server answers under this host name.

    Parameters
    ----------
    header : str
        The Host header.
    allowed : sequence of str
        Names; `*.example.org` means any name under it, `*` any name at all.

    Examples
    --------
    >>> host_allowed("walks.example.org", ["*.example.org"]), host_allowed("evil.org", ["a.org"])
    (True, False)
    """
    name = host_name(header)
    if not name:
        return False
    for pattern in (entry.strip().lower() for entry in allowed):
        if pattern in ("*", name) or (pattern.startswith("*.") and name.endswith(pattern[1:])):
            return True
    return False
