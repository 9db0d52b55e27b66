"""Markdown for a colour terminal while it streams: nothing that was shown is ever written again.

Pure but for the writer it is handed. Here may live: a character at a time, which style it has and
where a line is broken. What must never be known here: streams, terminals, the answer's meaning.

What a line is (heading, list, fence, evidence) is settled by its first few characters, which are
held back until then; a word is held back until it is known to fit its line. Marks that only cost
room are left out (`#`, `**`); code is shown as it was written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.cli.phrasing import width

if TYPE_CHECKING:
    from collections.abc import Callable

PLAIN, BOLD, DIM, CODE = "", "1", "2", "36"
"""Parameters of the terminal's SGR sequence."""

_UNDECIDED = re.compile(r"[ \t]*(?:#{0,6}|`{0,2}|~{0,2}|[-*+]|\d{1,3}[.)]?|>|</?[a-z]{0,8})?")
_FENCE = re.compile(r"[ \t]*(`{3}|~{3})")
_HEADING = re.compile(r" {0,3}#{1,6} ")
_ITEM = re.compile(r"([ \t]*)([-*+]|\d{1,3}[.)]) ")
_QUOTE = re.compile(r" {0,3}> ?")
_EVIDENCE = re.compile(r"</?evidence>")
NARROW = 24
"""Columns that are left at least to a line of text."""


class Markdown:
    """Shows one text; `finish` ends it."""

    def __init__(self, write: Callable[[str, str], None], columns: int) -> None:
        """`write` shows a text in a style (SGR parameters)."""
        self._write = write
        self._columns = columns
        self._fence = ""
        self._evidence = False
        self._ready: list[tuple[str, str]] = []
        """(text, style) to be shown."""
        self._begin_line()

    def feed(self, text: str) -> None:
        """The next piece, of any length."""
        for sign in text:
            if sign == "\n":
                self._end_line()
            elif sign == "\r":
                continue
            elif self._start is None:
                self._inside(sign)
            else:
                self._start += sign
                if not self._undecided(self._start):
                    self._decide()
        self._show()

    def finish(self) -> None:
        """Show what was held back; the cursor stays where the text ends."""
        self._decide()
        self._let_go()
        self._flush()
        self._show()
        self._fence, self._evidence = "", False

    def _begin_line(self) -> None:
        self._start: str | None = ""
        """The line so far, until it is known what it is."""
        self._style = PLAIN
        self._bold = self._code = self._verbatim = False
        self._stars = ""
        self._before = " "
        self._column = self._indent = 0
        self._gap = ""
        self._word: list[tuple[str, str]] = []

    def _end_line(self) -> None:
        self._decide()
        self._let_go()
        self._flush()
        self._emit("\n", PLAIN)
        self._begin_line()

    def _undecided(self, start: str) -> bool:
        if self._fence:
            return not start.strip(f" \t{self._fence[0]}")
        return _UNDECIDED.fullmatch(start) is not None

    def _decide(self) -> None:
        """From its first characters, what the line is."""
        start, self._start = self._start, None
        if not start:
            return
        fence = _FENCE.match(start)
        if self._fence:
            closing = fence is not None and fence[1] == self._fence
            self._fence = "" if closing else self._fence
            self._verbatim, self._style = True, DIM if closing else CODE
        elif fence:
            self._fence, self._verbatim, self._style = fence[1], True, DIM
        elif _EVIDENCE.match(start):
            self._evidence, self._style = start[1] != "/", DIM
        elif _HEADING.match(start):
            self._style, start = BOLD, _HEADING.sub("", start)
        elif item := _ITEM.match(start):
            self._hang(item[1] + ("•" if item[2] in "-*+" else item[2]) + " ")
            start = start[item.end() :]
        elif quote := _QUOTE.match(start):
            self._hang("│ ")
            start = start[quote.end() :]
        elif start.lstrip().startswith("|"):
            self._verbatim = True  # a table: its columns are the author's
        if self._evidence:
            self._style = DIM
        for sign in start:
            self._inside(sign)

    def _hang(self, mark: str) -> None:
        """Show what stands before a paragraph; its further lines are indented as far."""
        self._emit(mark, DIM)
        self._column = width(mark)
        self._indent = min(self._column, max(0, self._columns - NARROW))

    def _inside(self, sign: str) -> None:
        """A character after the line's beginning."""
        if self._verbatim:
            self._emit(sign, self._style)
            return
        if sign == "*" and not self._code and len(self._stars) < 2:
            self._stars += sign
            return
        self._let_go(sign)
        if sign == "`":
            self._put(sign, CODE)
            self._code = not self._code
        elif sign == "*" and not self._code:
            self._stars = sign
        elif sign in " \t":
            self._flush()
            self._gap += sign
            self._before = sign
        else:
            self._put(sign, CODE if self._code else PLAIN)

    def _let_go(self, following: str = " ") -> None:
        """Settle what the stars before `following` mean."""
        stars, self._stars = self._stars, ""
        opens = not following.isspace() and not self._before.isalnum()
        if stars == "**" and self._bold and not self._before.isspace():
            self._bold = False
        elif stars == "**" and not self._bold and opens:
            self._bold = True
        else:
            for star in stars:
                self._put(star, PLAIN)

    def _put(self, sign: str, style: str) -> None:
        wide = width(sign) > 1
        if wide:
            self._flush()
        parts = (self._style, BOLD if self._bold and self._style != BOLD else PLAIN, style)
        self._word.append((sign, ";".join(filter(None, parts))))
        self._before = sign
        if sign == ">" and "".join(each for each, _ in self._word).endswith("</evidence>"):
            self._evidence = False
        if wide:
            self._flush()  # scripts without spaces break anywhere

    def _flush(self) -> None:
        """Show the word that is complete, on the next line where it does not fit this one."""
        if not self._word:
            return
        room = width("".join(sign for sign, _ in self._word))
        gap, self._gap = self._gap.expandtabs(4), ""
        if self._column > self._indent and self._column + len(gap) + room > self._columns:
            self._emit("\n" + " " * self._indent, PLAIN)
            self._column, gap = self._indent, ""
        self._emit(gap, PLAIN)
        for sign, style in self._word:
            self._emit(sign, style)
        self._column += len(gap) + room
        if self._column > self._columns:
            self._column %= self._columns  # the terminal broke the word
        self._word = []

    def _emit(self, text: str, style: str) -> None:
        if self._ready and self._ready[-1][1] == style:
            text = self._ready.pop()[0] + text
        self._ready.append((text, style))

    def _show(self) -> None:
        for text, style in self._ready:
            if text:
                self._write(text, style)
        self._ready = []
