"""File names as the paths of documents: any bytes become one text that UTF-8 can hold.

What may live here: the map from raw names to paths. What must never be known here: what a name
stands for. Names that are UTF-8 stay as they are, line breaks and controls included (rendering
escapes those); a byte that is not UTF-8 becomes `\\xNN`. Two files that come out alike (one of them
really called `\\xNN`) are told apart by a suffix, in the order of their raw names.
"""

from __future__ import annotations

import re

_UNSAFE = re.compile(rb"(?:\A|/)(?:\.{0,2}|\.git)(?:/|\Z)", re.IGNORECASE)


def unsafe(raw: bytes) -> bool:
    """Whether a path from an index or a tree would leave the source, or enter git's own folder.

    git writes no such path, but an index or a tree made by hand can hold any.
    """
    return _UNSAFE.search(raw) is not None


class Names:
    """The paths given so far in one load."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def path(self, raw: bytes) -> str:
        """The path of this raw name; ask once a file, in the order of the raw names."""
        try:
            plain = raw.decode()
        except UnicodeDecodeError:
            plain = raw.decode("utf-8", "backslashreplace")
        path, twin = plain, 1
        while path in self._taken:
            twin += 1
            path = f"{plain}~{twin}"
        self._taken.add(path)
        return path
