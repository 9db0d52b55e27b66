"""Text that runs up within a block until it becomes a line, and what stands before lines.

What may live here: white space, forced line ends, pages that begin within a paragraph, list markers
and quotations. What must never be known here: elements of any markup.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.formats.composing import Composition

BREAK = "\0"
_PAGE = "\x02"
"""Stand for a forced line end and a page's beginning; `trees` leaves no such character in."""
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]")
_BULLETS = frozenset("•–*·‣▪◦")


class Run:
    """What a block has said so far."""

    def __init__(self, out: Composition) -> None:
        self._out = out
        self._parts: list[str] = []
        self._pages: list[str] = []
        self.captures = 0
        """How many captures there are within each other; while there is one, no lines end."""
        self.quote = ""
        """Before each line of a quotation."""
        self.indent = ""
        """Before each line, after the quote."""
        self.marker = ""
        """Of a list's item, in place of the last step of the next line's indent."""
        self.rule = False
        """A rule comes before the next line."""

    def add(self, text: str) -> None:
        self._parts.append(text)

    def last(self) -> str:
        """The last character; empty if there is none."""
        return self._parts[-1][-1:] if self._parts else ""

    def page(self, label: str) -> None:
        """A page begins here; the line as well, after the word that it would cut."""
        if label in self._pages[-3:] or not label.strip():
            return
        if not self.captures and all(not part or part.isspace() for part in self._parts):
            self._out.anchor("page", label)
        else:
            self._pages.append(label)
            self._parts.append(_PAGE)

    def end(self) -> None:
        """The block ends: what has run up becomes lines."""
        if self.captures:
            self._parts.append(" ")
            return
        if not self._parts:
            return
        text = _UNSEEN.sub("", "".join(self._parts))
        self._parts = []
        if BREAK in text or _PAGE in text:
            self._broken(text)
        else:
            self.line(" ".join(text.split()))

    def line(self, text: str) -> None:
        """One line, with what stands before it."""
        if not text:
            return
        if self.rule:
            self.rule = False
            self._out.line(f"{self.quote}---")
        indent, marker = self.indent, self.marker
        if marker:
            self.marker = ""
            indent = indent[: -len("  ")]
            doubled = text.startswith(marker.strip()) or (marker == "- " and text[0] in _BULLETS)
            indent += "" if doubled else marker
        self._out.line(self.quote + indent + text)

    def captured(self, walk: Callable[[], None]) -> str:
        """What runs up while `walk` is called, as one line; nothing else changes."""
        text = _UNSEEN.sub("", self._apart(walk))
        return " ".join(text.replace(BREAK, " ").split())

    def raw(self, walk: Callable[[], None]) -> str:
        """The same as it is, with its line ends."""
        text = self._apart(walk).replace(BREAK, "\n")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _apart(self, walk: Callable[[], None]) -> str:
        held, self._parts = self._parts, []
        self.captures += 1
        try:
            walk()
            text = "".join(self._parts)
        finally:
            self.captures -= 1
            self._parts = held
        if count := text.count(_PAGE):
            for label in self._pages[-count:]:
                self._out.anchor("page", label)
            del self._pages[-count:]
        return text.replace(_PAGE, "")

    def _broken(self, text: str) -> None:
        parts = text.split(_PAGE)
        for number, part in enumerate(parts):
            if number:
                self._out.anchor("page", self._pages.pop(0))
            if number + 1 < len(parts) and part[-1:].isalnum() and parts[number + 1][:1].isalnum():
                # A word over two pages stays whole, on the page where it began.
                word = parts[number + 1].split(maxsplit=1)[0].partition(BREAK)[0]
                part, parts[number + 1] = part + word, parts[number + 1][len(word) :]
            for line in part.split(BREAK):
                self.line(" ".join(line.split()))
