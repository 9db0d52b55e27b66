"""What is typed or piped: one question at a time, of one line or several.

Owns stdin, the line editor and its history. What must never be known here: what a line means.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from longctx.cli.narration import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

PROMPT, MORE = "> ", "... "
BLOCK = '"""'
REMEMBERED = 1_000
"""Lines that the history keeps."""


class Lines:
    """Puts lines together: one that ends in a backslash goes on, a block stands between \"\"\"."""

    def __init__(self, read: Callable[[str], str]) -> None:
        """`read` gives a line for a prompt; EOFError where there are no more."""
        self._read = read

    def next(self) -> str:
        """The next question or command; EOFError at the end, KeyboardInterrupt on Ctrl-C."""
        line = self._read(PROMPT)
        if line.lstrip().startswith(BLOCK):
            return self._block(line.lstrip().removeprefix(BLOCK))
        while line.endswith("\\"):
            line = line[:-1] + "\n" + self._read(MORE)
        return line.strip()

    def _block(self, line: str) -> str:
        lines = []
        while not line.rstrip().endswith(BLOCK):
            lines.append(line)
            line = self._read(MORE)
        lines.append(line.rstrip().removesuffix(BLOCK))
        return "\n".join(lines).strip()


def piped(prompt: str) -> str:
    """A line of a standard input that is no terminal; nobody is prompted."""
    line = sys.stdin.buffer.readline()
    if not line:
        raise EOFError
    return line.decode("utf-8", "replace").rstrip("\r\n")


class Editor:
    """Lines with editing and a history, where the platform has readline."""

    def __init__(self, history: Path, words: Sequence[str], *, colour: bool) -> None:
        """`words` are completed at a line's beginning."""
        self._history = history
        self._colour = colour
        self._known = 0
        try:
            import readline
        except ImportError:
            self._readline = None
            return
        self._readline = readline
        readline.set_completer_delims(" ")
        readline.set_completer(lambda text, place: _completed(text, place, words))
        readline.parse_and_bind("tab: complete")
        self._load()

    def __call__(self, prompt: str) -> str:
        if self._readline is not None and self._colour:
            # What stands between these marks takes no room.
            prompt = f"\001\x1b[1m\002{prompt}\001\x1b[0m\002"
        line = input(prompt)
        self._remember()
        return line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def _load(self) -> None:
        assert self._readline is not None  # noqa: S101 - the caller looked
        try:
            self._history.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            fd = os.open(self._history, flags, 0o600)
            try:
                os.fchmod(fd, 0o600)
            finally:
                os.close(fd)
            self._readline.read_history_file(self._history)
        except OSError as error:
            say(f"{self._history}: lines are not remembered ({error.strerror})")
            self._readline = None
            return
        self._readline.set_history_length(REMEMBERED)
        self._known = self._readline.get_current_history_length()

    def _remember(self) -> None:
        """Write what is new at once: another chat may be running, and this one may be killed."""
        if self._readline is None:
            return
        length = self._readline.get_current_history_length()
        fresh, self._known = length - self._known, length
        if fresh > 0:
            with suppress(OSError):
                self._readline.append_history_file(fresh, self._history)


def _completed(text: str, place: int, words: Sequence[str]) -> str | None:
    matching = [word for word in words if text and word.startswith(text)]
    return matching[place] if place < len(matching) else None
