"""Which documents a base keeps of a corpus that does not fit: those that the others lean on.

What may live here: going from a corpus to facts about its files, and keeping those by content. What
must never be known here: how an outline is found, how files are ranked.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING

from longctx import outline, rank
from longctx.pack.tiers import tier_of
from longctx.tokens.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from longctx.corpus import Corpus, Document
    from longctx.tokens.memo import Memo

SURE = 3
"""Characters of a token, at the least that whole corpora have on average: with more than so many
times the room it is sure that not everything fits."""


def core_order(
    corpus: Corpus,
    memo: Memo,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Mapping[str, int]:
    """How soon each document may be left out, by path: 0 is kept longest.

    The same for equal corpora, on any machine. `progress` gets characters.
    """
    key = hashlib.sha256(f"core\0{outline.VERSION}\0{rank.VERSION}\0".encode() + corpus.digest)
    kept = memo.get(key.digest())
    if kept is not None and len(kept) == 4 * len(corpus):
        places = struct.unpack(f"<{len(corpus)}I", kept)
        return {document.path: place for document, place in zip(corpus, places, strict=True)}
    facts = _facts(corpus, memo, progress)
    order = {path: place for place, path in enumerate(rank.ranked(facts))}
    data = struct.pack(f"<{len(corpus)}I", *(order[document.path] for document in corpus))
    memo.put({key.digest(): data})
    return order


def _facts(
    corpus: Corpus, memo: Memo, progress: Callable[[int, int], None]
) -> list[rank.FileFacts]:
    shelf = Shelf(memo, f"mentions\0{outline.VERSION}\0{rank.VERSION}")
    heard = {document.path: _key(document) for document in corpus if _heard(document)}
    known = shelf.get(heard.values())
    missing = {
        key: document
        for document in corpus
        if (key := heard.get(document.path)) is not None and key not in known
    }
    total = sum(len(document.text) for document in missing.values())
    done, fresh = 0, {}
    for key, document in missing.items():
        fresh[key] = rank.packed(_mentions(document))
        done += len(document.text)
        progress(done, total)
    shelf.put(fresh)
    known |= fresh
    return [
        rank.FileFacts(
            document.path,
            len(document.text),
            rank.unpacked(known[heard[document.path]])
            if document.path in heard
            else rank.Mentions(),
            tier_of(document.path).keep,
        )
        for document in corpus
    ]


def _heard(document: Document) -> bool:
    return rank.heard(tier_of(document.path).keep)


def _mentions(document: Document) -> rank.Mentions:
    found = outline.outlined(document.path, document.text)
    return rank.mentions_in(document.path, document.text, (each.name for each in found.definitions))


def _key(document: Document) -> bytes:
    """Names what mentions depend on: the text, and the language that the path tells."""
    name = document.path.rpartition("/")[2]
    return hashlib.sha256(name.rpartition(".")[2].encode() + b"\0" + document.digest).digest()
