"""A text that grows line by line, and the anchors on its way.

What may live here: places in the text that is being written. What must never be known here: the
files that it is written from.
"""

from __future__ import annotations

from longctx.corpus import Anchor, Reason
from longctx.formats import Refused
from longctx.formats.packing import LONGEST


class Lines:
    """Lines with their anchors. Raises Refused where the text gets far longer than a document may
    be, so that no file can make us write without end."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._place = 0
        self.anchors: list[Anchor] = []

    @property
    def place(self) -> int:
        """Where the next line will begin."""
        return self._place

    @property
    def text(self) -> str:
        """All lines, each with its end."""
        return "".join(self._parts)

    def add(self, line: str) -> int:
        """Write a line, or several with `\\n` between; returns where it begins."""
        start = self._place
        part = line + "\n"
        self._parts.append(part)
        self._place += len(part)
        if self._place > 2 * LONGEST:
            raise Refused(Reason.LIMIT, f"its text has over {2 * LONGEST:,} characters")
        return start

    def gap(self) -> None:
        """An empty line, unless there is one or nothing to part."""
        if self._parts and self._parts[-1] != "\n":
            self.add("")

    def anchor(self, kind: str, label: str, depth: int = 0, at: int | None = None) -> None:
        """An anchor at a place; where the next line begins if it is not given."""
        if label.strip():
            self.anchors.append(Anchor(self._place if at is None else at, kind, label, depth))
