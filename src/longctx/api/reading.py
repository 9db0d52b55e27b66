"""Having files read that are more than text: what loads a source puts its items through here.

Knows when the readers are needed at all. What must never be known here: what the files say.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Self

from longctx.formats.recognising import Shelf
from longctx.formats.unread import Unread
from longctx.loaders.reading import document, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

    from longctx.api.places import Places
    from longctx.corpus import Document, Omission
    from longctx.formats import Options
    from longctx.formats.extracting import Extraction
    from longctx.formats.unread import Item


INTERVAL = 0.1
"""Seconds between two words about how far reading is."""


class Reading:
    """Turns unread files into documents; a context manager, usable again after it was left."""

    def __init__(
        self, places: Places, options: Options, progress: Callable[[str, int, int], None]
    ) -> None:
        self._places = places
        self._options = options
        self._progress = progress
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stack.close()

    def documents(self, items: Iterable[Item]) -> Iterator[Document | Omission]:
        """Every item, read; in any order from the first unread one on."""
        rest = iter(items)
        for item in rest:
            if isinstance(item, Unread):
                extraction = self._stack.enter_context(self._extraction())
                yield from extraction.documents(chain([item], rest))
            else:
                yield item

    def document(self, unread: Unread) -> Document | Omission:
        """One file, for histories."""
        with self._extraction(within=False) as extraction:
            return extraction.document(unread)

    def _extraction(self, *, within: bool = True) -> Extraction:
        # Slow to load, and most sources hold text only.
        from longctx.formats.extracting import Extraction

        return Extraction(
            self._places.extracts,
            self._options,
            _within if within else None,
            plain,
            self._progress,
        )


def _within(path: str, data: bytes) -> Item:
    """What a file within a file is."""
    return document(path, data, Shelf.FILES)


class Watch:
    """Says how far reading is, ten times a second, from whatever thread; a context manager."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._next = 0.0
        self._documents = 0
        self._pages = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._tell("")

    def saw(self, documents: int) -> None:
        """How many documents there are so far."""
        self._documents = documents
        self._say()

    def reads(self, path: str, done: int, total: int) -> None:
        """`done` of `total` pages of a file."""
        self._pages = f"; {path}: {done:,} of {total:,} pages" if done < total else ""
        self._say()

    def _say(self) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + INTERVAL
            noun = "document" if self._documents == 1 else "documents"
            self._tell(f"reading: {self._documents:,} {noun}{self._pages}")
