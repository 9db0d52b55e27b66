"""The index by which passages are found, kept on disk and brought up to date from there.

Knows where an index is kept and when it is written anew. What must never be known here: what is
done with passages, prompts, engines.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

from longctx.pack.copies import Copies
from longctx.tokens.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.corpus import Corpus
    from longctx.recall import Index
    from longctx.recall.facts import Facts
    from longctx.recall.segment import Segment
    from longctx.tokens.memo import Memo


FEW = 32
"""Documents whose facts are looked up one by one."""


class _Facts:
    """What is known of documents by content; it is asked for each one, and so tells how far
    indexing is. A recall `Kept`."""

    def __init__(
        self, memo: Memo, documents: Corpus, tell: Callable[[str], None], *, first: bool
    ) -> None:
        """Of a `first` index nothing is kept: its bytes are facts enough until much has changed."""
        self._first = first
        self._shelf = Shelf(memo, "facts")
        self._documents = documents
        self._tell = tell
        self._asked = 0
        self._fresh: dict[bytes, Facts] = {}

    @cached_property
    def _known(self) -> dict[bytes, bytes]:
        from longctx.recall.index import read_as

        return self._shelf.get(
            _facts_key(document.digest, read_as(document.path)) for document in self._documents
        )

    def get(self, digest: bytes, kind: str) -> bytes | None:
        self._asked += 1
        self._tell(f"indexing: {self._asked:,} of {len(self._documents):,} documents")
        key = _facts_key(digest, kind)
        # A few changes are a few looks; who asks for more asks for nearly all.
        return (self._known if self._asked > FEW else self._shelf.get([key])).get(key)

    def put(self, digest: bytes, kind: str, facts: Facts) -> None:
        if not self._first:
            self._fresh[_facts_key(digest, kind)] = facts

    def keep(self) -> None:
        """Write what was put."""
        if self._fresh:
            self._shelf.put({key: facts.to_bytes() for key, facts in self._fresh.items()})


def _twin_key(corpus: Corpus) -> bytes:
    """Under which stands where the index of these documents is kept, whatever their sources."""
    return hashlib.sha256(b"index of\0" + corpus.digest).digest()


def _facts_key(digest: bytes, kind: str) -> bytes:
    return hashlib.sha256(kind.encode("utf-8", "surrogatepass") + b"\0" + digest).digest()


class Finder:
    """The index of one set of sources, for question after question."""

    def __init__(
        self, memo: Memo, place: str, tell: Callable[[str], None] = lambda line: None
    ) -> None:
        """`place` names the sources on this machine; `tell` gets what goes on, and an empty line
        at its end."""
        self._memo = memo
        self._tell = tell
        self._key = hashlib.sha256(b"index\0" + place.encode()).digest()
        self._corpus: Corpus | None = None
        self._index: Index | None = None
        self._copies: tuple[bytes, Copies] | None = None

    def copies(self, corpus: Corpus) -> Copies:
        """The copies among the documents."""
        if self._copies is None or self._copies[0] != corpus.digest:
            self._copies = corpus.digest, Copies(corpus)
        return self._copies[1]

    def index(self, corpus: Corpus) -> Index:
        """The index of the corpus as it is now; only what changed is read again.

        Invariant: it finds what an index of the corpus made from nothing would.
        """
        if self._index is not None and self._corpus is not None:
            if self._corpus.digest != corpus.digest:
                self._index, self._corpus = self._index.changed(corpus), corpus
            return self._index
        # Slow to load, and not every command looks for passages.
        from longctx.recall import Index

        base = self._kept(corpus)
        facts = _Facts(self._memo, corpus, self._tell, first=base is None)
        index = Index.of(corpus, facts) if base is None else Index.over(base, corpus, facts)
        facts.keep()
        if index.base is not base:
            self._memo.put({self._key: index.to_bytes(), _twin_key(corpus): self._key})
        self._tell("")
        self._index, self._corpus = index, corpus
        return index

    def _kept(self, corpus: Corpus) -> Segment | None:
        """The index of these sources, or of the same documents in another place."""
        from longctx.recall.segment import Segment

        data = self._memo.get(self._key)
        if data is None and (twin := self._memo.get(_twin_key(corpus))) is not None:
            data = self._memo.get(twin)
        try:
            return None if data is None else Segment.from_bytes(data)
        except ValueError:
            return None  # of another version, or damaged
