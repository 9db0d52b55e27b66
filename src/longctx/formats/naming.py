"""Names of files within files, which whoever made them chose freely.

What may live here: which names are fit to stand in a path, and how to show those that are not.
"""

from __future__ import annotations

import re

LONGEST = 300
_UNSEEN = re.compile("[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def shown(name: str) -> str:
    """The name with what does not show, or shows wrongly, as `\\xNN`; cut where it is too long."""
    said = _UNSEEN.sub(_escaped, name)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}..."


def fit_name(name: str) -> str | None:
    """A relative path with forward slashes and nothing unseen; None for one that leads out, or to
    nothing."""
    name = name.replace("\\", "/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return None
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or len(name) > LONGEST:
        return None
    return _UNSEEN.sub(_escaped, "/".join(parts))


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
