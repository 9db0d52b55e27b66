"""URLs of servers that hold a user's name and password.

What may live here: taking both out of a URL, so that what is shown, kept or logged has neither.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_EACH = re.compile(r"[^\s,]+")


def bare(url: str) -> str:
    """The URL, or each of several, without a name and a password; other text as it is."""
    return _EACH.sub(lambda match: _bare(match[0]), url) if "@" in url else url


def _bare(url: str) -> str:
    scheme, mark, rest = url.partition("://") if "://" in url else ("", "", url)
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def login_of(url: str) -> tuple[str, str] | None:
    """The name and the password in the URL; None where it has none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.username is None:
        return None
    return unquote(parts.username), unquote(parts.password or "")
