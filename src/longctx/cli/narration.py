"""stderr: everything a person may want to know that is not the answer.

Owns stderr; the only other module that writes to a stream is `output`. What comes from sources and
servers passes through `plain`, so that it cannot drive the terminal.
"""

from __future__ import annotations

import re
import shutil
import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
CLEAR = "\r\x1b[K"


def plain(text: str) -> str:
    """The text without characters that move the cursor, colour, or turn the writing direction."""
    return CONTROL.sub("\ufffd", text.replace("\r\n", "\n"))


def say(line: str) -> None:
    """One line for a person."""
    sys.stderr.write(_line(plain(line).rstrip("\n")) + "\n")
    sys.stderr.flush()


def _line(text: str) -> str:
    encoding = sys.stderr.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)


class Once:
    """Says a line the first time only: for commands that do the same again and again."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            say(line)


class Progress:
    """A counter on one line of a terminal, or a line every ten seconds elsewhere."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._terminal = sys.stderr.isatty()
        self._next = time.monotonic() + (1.0 if self._terminal else 10.0)
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.finish()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now < self._next or not total:
            return
        self._next = now + (0.1 if self._terminal else 10.0)
        text = f"{self._what} {100 * done // total} %"
        if self._terminal:
            sys.stderr.write(CLEAR + text)
            sys.stderr.flush()
            self._shown = True
        else:
            say(text)

    def finish(self) -> None:
        if self._shown:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
            self._shown = False


class Status:
    """What is going on, on one line of a terminal, or a line every ten seconds elsewhere.

    An empty line ends it. Shown from one second on, as `Progress` is.
    """

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._began: float | None = None
        self._next = 0.0
        self._shown = False

    def __call__(self, line: str) -> None:
        now = time.monotonic()
        if not line:
            self._began = None
            if self._shown:
                sys.stderr.write(CLEAR)
                sys.stderr.flush()
                self._shown = False
            return
        if self._began is None:
            self._began, self._next = now, now + (1.0 if self._terminal else 10.0)
        if now < self._next:
            return
        self._next = now + (0.1 if self._terminal else 10.0)
        if self._terminal:
            room = max(20, shutil.get_terminal_size().columns - 1)
            text = plain(line)
            sys.stderr.write(CLEAR + _line(text if len(text) <= room else f"{text[: room - 1]}…"))
            sys.stderr.flush()
            self._shown = True
        else:
            say(line)


@contextmanager
def waiting(what: str | Callable[[], str]) -> Iterator[Callable[[], None]]:
    """Says, from one second on, that and how long something takes; gives a way to end it.

    Where `what` is called, it is called again for each update.
    """

    def told() -> str:
        return what if isinstance(what, str) else what()

    over = threading.Event()
    started = time.monotonic()
    terminal = sys.stderr.isatty()

    def tell() -> None:
        if over.wait(1.0 if terminal else 5.0):
            return
        if not terminal:
            say(told())
            return
        while not over.wait(0.5):
            sys.stderr.write(f"{CLEAR}{_line(plain(told()))} {time.monotonic() - started:.0f} s")
            sys.stderr.flush()
        sys.stderr.write(CLEAR)
        sys.stderr.flush()

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()

    def end() -> None:
        over.set()
        teller.join()

    try:
        yield end
    finally:
        end()
