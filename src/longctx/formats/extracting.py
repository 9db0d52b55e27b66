"""From files that are not plain text to documents: each read once, and kept by content.

What may live here: the memo of extracts, files within files, the way back to documents and
omissions. What must never be known here: how a format is read, how processes are run, which files
are wanted.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from longctx.corpus import Document, Omission, Reason
from longctx.formats import VERSION, Material, NotThis, Options, Refused
from longctx.formats.dividing import read
from longctx.formats.packing import Unpackable, options_as_json, packed, unpacked
from longctx.formats.recognising import release_of
from longctx.formats.unread import Unread
from longctx.formats.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from longctx.formats import Extract
    from longctx.formats.unread import Item

PENDING = 96_000_000
"""Bytes of files that may wait for a worker."""
DEEPEST = 4
"""Archives and messages within each other."""
MOST_INNER = 20_000
"""Files within one file, over all levels."""
LARGEST_INNER = 500_000_000
"""Bytes of the files within one file, over all levels."""
KEPT = 64_000_000
"""Bytes of an extract that is kept."""


class Memo(Protocol):
    """A mapping from digests to bytes that may forget."""

    def get(self, key: bytes) -> bytes | None: ...

    def put(self, items: Mapping[bytes, bytes]) -> None: ...


@dataclass
class _Nest:
    """What one file of the source has brought so far, over all levels."""

    files: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class _Pending:
    unread: Unread
    key: bytes
    depth: int
    nest: _Nest
    extract: Future[Extract]


def _undecoded(path: str, data: bytes) -> Document | Omission:
    return Omission(path, Reason.UNDECODABLE, len(data))


class Extraction:
    """Reads files into documents; a context manager, which ends what it started."""

    def __init__(
        self,
        memo: Memo,
        options: Options | None = None,
        opened: Callable[[str, bytes], Item] | None = None,
        plain: Callable[[str, bytes], Item] = _undecoded,
        progress: Callable[[str, int, int], None] = lambda path, done, total: None,
        workers: int | None = None,
    ) -> None:
        """`opened` says what files within files are; without it they are left out. `plain` decodes
        what is not of the format that its name says. `progress` gets a path, pages done and pages
        to do, in any thread."""
        self._memo = memo
        self._options = options or Options()
        self._opened = opened
        self._plain = plain
        self._progress = progress
        self._count = workers
        self._workers: Workers | None = None
        self._stack = ExitStack()
        self._lock = threading.Lock()

    def __enter__(self) -> Extraction:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
        self._workers = None

    def documents(self, items: Iterable[Item]) -> Iterator[Document | Omission]:
        """Every item read, in any order; a file that cannot be read is an omission.

        Several are read at once, and no more of them held than `PENDING` bytes and one.
        """
        waiting: deque[_Pending] = deque()
        for item in items:
            if not isinstance(item, Unread):
                yield item
                continue
            while (
                waiting
                and sum(len(each.unread.data) for each in waiting) + len(item.data) > PENDING
            ):
                yield from self._read(waiting.popleft(), waiting)
            found = self._begin(item, 0, _Nest())
            if isinstance(found, _Pending):
                waiting.append(found)
            else:
                yield from self._told(item, found, 0, _Nest(), waiting)
            while waiting and waiting[0].extract.done():
                yield from self._read(waiting.popleft(), waiting)
        while waiting:
            yield from self._read(waiting.popleft(), waiting)

    def document(self, unread: Unread) -> Document | Omission:
        """One file by itself; files within it are left out."""
        return next(iter(self.documents([unread])))

    def _begin(self, unread: Unread, depth: int, nest: _Nest) -> Extract | _Pending:
        key = self._key(unread)
        kept = self._memo.get(key)
        if kept is not None:
            try:
                return unpacked(kept)
            except Unpackable:
                pass  # damaged: as good as absent
        name = unread.path.rpartition("/")[2]
        if self._workers is None:
            self._workers = self._stack.enter_context(Workers(self._count))
        future = read(
            self._workers,
            unread.format,
            Material(name, unread.data),
            self._options,
            lambda done, total: self._progress(unread.path, done, total),
        )
        return _Pending(unread, key, depth, nest, future)

    def _key(self, unread: Unread) -> bytes:
        """Names everything that the extract depends on."""
        said = [VERSION, unread.format, release_of(unread.format), options_as_json(self._options)]
        sha = hashlib.sha256(json.dumps(said).encode() + b"\0")
        sha.update(hashlib.sha256(unread.data).digest())
        return sha.digest()

    def _read(self, pending: _Pending, waiting: deque[_Pending]) -> Iterator[Document | Omission]:
        unread = pending.unread
        try:
            extract = pending.extract.result()
        except Refused as refused:
            yield Omission(unread.path, refused.reason, len(unread.data), detail=refused.detail)
            return
        except Unpackable:
            detail = "its reader gave no sensible answer"
            yield Omission(unread.path, Reason.DAMAGED, len(unread.data), detail=detail)
            return
        except NotThis:
            plain = self._plain(unread.path, unread.data)
            yield _undecoded(unread.path, unread.data) if isinstance(plain, Unread) else plain
            return
        data = packed(extract)
        if len(data) <= KEPT:
            self._memo.put({pending.key: data})
        yield from self._told(unread, extract, pending.depth, pending.nest, waiting)

    def _told(
        self,
        unread: Unread,
        extract: Extract,
        depth: int,
        nest: _Nest,
        waiting: deque[_Pending],
    ) -> Iterator[Document | Omission]:
        """The document of an extract, what is not in it, and the files within it."""
        if extract.text.strip():
            yield Document(unread.path, extract.text, extract.anchors)
        elif not extract.inner and not extract.left:
            yield Omission(unread.path, Reason.SCANNED, len(unread.data), detail="no text in it")
        elif not extract.inner:
            each = extract.left[0]
            yield Omission(unread.path, each.reason, len(unread.data), detail=each.detail)
            return
        for each in extract.left:
            yield Omission(unread.path, each.reason, each.size, detail=each.detail, part=each.part)
        yield from self._inner(unread.path, extract.inner, depth + 1, nest, waiting)

    def _inner(
        self,
        path: str,
        files: tuple[Material, ...],
        depth: int,
        nest: _Nest,
        waiting: deque[_Pending],
    ) -> Iterator[Document | Omission]:
        for file in files:
            within = f"{path}/{file.name}"
            nest.files += 1
            nest.size += len(file.data)
            if self._opened is None:
                detail = "files within files are only opened in folders of documents"
                yield Omission(within, Reason.UNSUPPORTED, len(file.data), detail=detail)
            elif depth > DEEPEST or nest.files > MOST_INNER or nest.size > LARGEST_INNER:
                detail = "too many files within files"
                yield Omission(within, Reason.LIMIT, len(file.data), detail=detail)
            elif not isinstance(item := self._opened(within, file.data), Unread):
                yield item
            elif isinstance(found := self._begin(item, depth, nest), _Pending):
                waiting.append(found)
            else:
                yield from self._told(item, found, depth, nest, waiting)
