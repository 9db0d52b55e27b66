"""The index by which passages are found, kept on disk and brought up to date from there.

Knows where an index is kept and when it is written anew. What must never be known here: what is
done with passages, prompts, engines.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from longctx.pack.copies import Copies

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.corpus import Corpus
    from longctx.recall import Index
    from longctx.recall.segment import Segment
    from longctx.tokens.memo import Memo


class _Told:
    """Keeps no facts, but is asked for those of each document, and so knows how far it is."""

    def __init__(self, tell: Callable[[str], None], documents: int) -> None:
        self._tell = tell
        self._documents = documents
        self._asked = 0

    def get(self, digest: bytes, kind: str) -> bytes | None:
        self._asked += 1
        self._tell(f"indexing: {self._asked:,} of {self._documents:,} documents")
        return None

    def put(self, digest: bytes, kind: str, facts: bytes) -> None:
        return None


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

        base, told = self._kept(), _Told(self._tell, len(corpus))
        index = Index.of(corpus, told) if base is None else Index.over(base, corpus)
        if index.base is not base:
            self._memo.put({self._key: index.to_bytes()})
        self._tell("")
        self._index, self._corpus = index, corpus
        return index

    def _kept(self) -> Segment | None:
        from longctx.recall.segment import Segment

        data = self._memo.get(self._key)
        try:
            return None if data is None else Segment.from_bytes(data)
        except ValueError:
            return None  # of another version, or damaged
