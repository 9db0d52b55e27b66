"""A text in the making, line by line, with anchors at the beginnings of lines.

What may live here: how lines, blank lines and anchors come together. What must never be known here:
any format.
"""

from __future__ import annotations

from longctx.corpus import Anchor


class Composition:
    """Collects lines; `text` and `anchors` are what came together so far."""

    def __init__(self) -> None:
        self.length = 0
        """Characters so far."""
        self.anchors: list[Anchor] = []
        self._parts: list[str] = []
        self._pending: list[tuple[str, str, int]] = []
        self._preface = ""
        self._gap = False
        self._blank = True

    def anchor(self, kind: str, label: str, depth: int = 0) -> None:
        """The next line is where this begins. Of empty pages only the last is kept, whose text it
        is; anchors without any line after them go."""
        if kind == "page":
            self._pending = [each for each in self._pending if each[0] != "page"]
        if label.strip():
            self._pending.append((kind, label, depth))

    def pending(self, kind: str) -> str:
        """The label of the last anchor of this kind that waits for its line; empty for none."""
        return next((each[1] for each in reversed(self._pending) if each[0] == kind), "")

    def rename(self, kind: str, label: str) -> None:
        """Give the last anchor of this kind that waits for its line another label."""
        for place in range(len(self._pending) - 1, -1, -1):
            if self._pending[place][0] == kind:
                self._pending[place] = (kind, label, self._pending[place][2])
                return

    def forget(self, kind: str) -> None:
        """Anchors of this kind that still wait have no text."""
        self._pending = [each for each in self._pending if each[0] != kind]

    def preface(self, text: str) -> None:
        """A line of ours to come before the next one, if there is one."""
        self._preface = text

    def gap(self) -> None:
        """A blank line comes before the next line, unless one is there already."""
        self._gap = True

    def line(self, text: str) -> None:
        """One line, which holds no line end; blank ones only count as a gap."""
        text = text.rstrip()
        if not text:
            self._gap = True
            return
        if self._preface:
            self._put(self._preface)
            self._preface = ""
        for kind, label, depth in self._pending:
            self.anchors.append(Anchor(self.length + self._due(), kind, label, depth))
        self._pending.clear()
        self._put(text)

    def _due(self) -> int:
        """Blank lines before the next line."""
        return int(self._gap and not self._blank)

    def _put(self, text: str) -> None:
        if self._due():
            self._parts.append("\n")
            self.length += 1
        self._parts.append(text + "\n")
        self.length += len(text) + 1
        self._gap = self._blank = False

    def lines(self, text: str) -> None:
        """Several lines as they are; blank lines within them are kept one by one."""
        held = 0
        for line in text.split("\n"):
            if not line.strip():
                held += 1
                continue
            if held > 1 and not self._blank:
                self._parts.append("\n" * (held - 1))
                self.length += held - 1
            self._gap |= held > 0
            held = 0
            self.line(line)

    @property
    def text(self) -> str:
        return "".join(self._parts)
