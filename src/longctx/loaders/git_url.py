"""The names of remote repositories.

What may live here: what counts as a URL, which are refused, and how `URL@REV` is taken apart. What
must never be known here: the network and the disk, but for whether a `file://` path exists.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from longctx.errors import LoadError

# `helper::address` runs git-remote-helper; with `ext::` that is any command at all.
_HELPER = re.compile(r"\w[\w+.-]*::")
_SCHEME = re.compile(r"(https|ssh|file|http|git|ftps?|git\+ssh|ssh\+git)://", re.IGNORECASE)
_SSH = re.compile(r"[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:(?!//)\S")
_ALLOWED = ("https", "ssh", "file")
# The revision follows an @ in the path, not one in the host, and not one that begins a name.
_SCHEME_REV = re.compile(r"(\w+://[^/]*/.*?[^/@])@([^@]+)", re.DOTALL)
_SSH_REV = re.compile(r"([^/:]+@[^/:]+:.*?[^/@])@([^@]+)", re.DOTALL)


def is_url(source: str) -> bool:
    """Whether `source` is meant for git to fetch, allowed or not."""
    return any(form.match(source) for form in (_SCHEME, _HELPER, _SSH))


def split_url(source: str, rev: str | None) -> tuple[str, str | None]:
    """The URL and the revision asked for; raises LoadError for a transport that is not allowed.

    With a `rev` given apart, the whole source is the URL.
    """
    form = _SSH_REV
    if not _SSH.match(source):
        scheme = source.partition("://")[0].lower()
        if _HELPER.match(source) or scheme not in _ALLOWED:
            raise LoadError(
                f"{redacted(source)}: this transport is not allowed:"
                " use https://, ssh://, git@host:path or file://"
            )
        form = _SCHEME_REV
        if scheme == "file" and Path(unquote(urlsplit(source).path)).exists():
            return source, rev
    parts = form.fullmatch(source)
    return (parts[1], parts[2]) if parts and rev is None else (source, rev)


def redacted(text: str) -> str:
    """The text without the passwords of URLs in it, fit for a message."""
    return re.sub(r"(\w://)[^/@\s]*@", r"\1***@", text)


def without_password(url: str) -> str:
    """The URL as it may be kept: a name stays where it belongs to the transport, as `git@` does."""
    scheme, _, rest = url.partition("://")
    login, at, place = rest.partition("@")
    if not at or "/" in login:
        return url
    name = login.partition(":")[0] + "@" if scheme.lower() == "ssh" else ""
    return f"{scheme}://{name}{place}"
