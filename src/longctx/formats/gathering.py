"""The members of an archive on their way to files within a file: fit names, bounded in all.

What must never be known here: how archives store members.
"""

from __future__ import annotations

from longctx.corpus import Reason
from longctx.formats import Extract, Left, Material, Refused
from longctx.formats.naming import fit_name, shown

MOST_MEMBERS = 10_000
LARGEST = 100_000_000
"""Bytes of one member."""
LARGEST_TOTAL = 200_000_000
"""Bytes of all members."""
_PASSED_BY = frozenset((".git", ".hg", ".svn", "__MACOSX", ".DS_Store", "Thumbs.db"))
"""What systems put into archives and nobody means to."""


class TooMuch(Exception):
    """No more members are taken."""


class Gathering:
    """The members of one archive, in its order."""

    def __init__(self) -> None:
        self.begun = 0
        """Members seen so far."""
        self._total = 0
        self._taken: set[str] = set()
        self._inner: list[Material] = []
        self._left: list[Left] = []

    def begin(self, name: str, size: int) -> str | None:
        """The name to go on with; None for members that are not wanted. Raises TooMuch."""
        self.begun += 1
        if self.begun > MOST_MEMBERS:
            self.end(Reason.LIMIT, f"only its first {MOST_MEMBERS:,} files are read")
            raise TooMuch
        fit = fit_name(name)
        if fit is None:
            self.leave(Reason.UNREADABLE, name, "its name leads out of the archive", size)
        elif not _PASSED_BY.isdisjoint(fit.split("/")) or fit.rpartition("/")[2].startswith("._"):
            return None
        elif fit in self._taken:
            self.leave(Reason.UNREADABLE, fit, "another file in the archive has this name", size)
            return None
        else:
            self._taken.add(fit)
        return fit

    def room(self) -> int:
        """Bytes that the next member may have."""
        return min(LARGEST, LARGEST_TOTAL - self._total)

    def keep(self, name: str, data: bytes) -> None:
        self._total += len(data)
        self._inner.append(Material(name, data))

    def leave(self, reason: Reason, name: str, detail: str = "", size: int | None = None) -> None:
        self._left.append(Left(reason, shown(name), detail, size))

    def end(self, reason: Reason, detail: str) -> None:
        """Nothing comes after this."""
        self._left.append(Left(reason, "end", detail))

    def extract(self) -> Extract:
        """What was gathered. Raises Refused where that is nothing at all."""
        if not self._inner and not self._left:
            raise Refused(Reason.UNSUPPORTED, "there are no files in it")
        return Extract("", (), tuple(self._left), tuple(self._inner))
