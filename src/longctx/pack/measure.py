"""Exact token counts of every document of a corpus, fast when anything was counted before.

Counts are kept for whole corpora and for each text, by digest, so an unchanged corpus is one
look-up and an edit costs one document. Memory stays bounded: texts are rendered and encoded in
batches, and ids are kept only once a prompt needs them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from longctx import render
from longctx.pack.copies import Copies, standing
from longctx.pack.tiers import Tier, tier_of
from longctx.prompt import Ids
from longctx.tokens.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

    from longctx.corpus import Corpus, Document
    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo

BATCH = 250_000
"""Characters encoded at a time."""

DENSEST = 5
"""Characters of a token, at the most that whole corpora have on average: filling a room takes no
more than so many times its tokens."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A document with its number in the base order and its exact size in the prompt."""

    number: int
    document: Document
    tokens: int
    """Head, body and tail."""
    same: str | None = None
    """The path under which its text is shown; None where that is its own."""

    @property
    def tier(self) -> Tier:
        return tier_of(self.document.path)


def base_order(corpus: Corpus) -> tuple[Document, ...]:
    """The documents as they stand in a prompt: by tier, then by path."""
    # The corpus is in the order of its paths, and sorting keeps that order within a tier.
    return tuple(sorted(corpus, key=lambda document: tier_of(document.path).place))


def digest_of(kind: str, tokenizer: Tokenizer, content: bytes) -> bytes:
    """The memo's key for something computed from `content`."""
    head = f"{kind}\0{render.VERSION}\0{tokenizer.name}\0".encode()
    return hashlib.sha256(head + content).digest()


def measured(
    corpus: Corpus,
    tokenizer: Tokenizer,
    memo: Memo,
    progress: Callable[[int, int], None] = lambda done, total: None,
    order: Sequence[Document] | None = None,
) -> tuple[Unit, ...]:
    """Every document of the corpus, counted, in base order or in the `order` that is given.

    `progress` gets characters.
    """
    documents = base_order(corpus) if order is None else tuple(order)
    copies = Copies(documents)
    key = _counts_key(corpus, tokenizer, order)
    kept = memo.get(key)
    if kept is not None and len(kept) == 4 * len(documents):
        counts = Ids(kept).tolist()
    else:
        counts = _count(documents, copies, tokenizer, memo, progress)
        memo.put({key: Ids.of(counts).data})
    return tuple(
        Unit(number, document, tokens, copies.shown_as(document))
        for number, (document, tokens) in enumerate(zip(documents, counts, strict=True), 1)
    )


def _digest(documents: Iterable[Document]) -> bytes:
    sha = hashlib.sha256(b"in this order")
    for document in documents:
        path = document.path.encode("utf-8", "surrogatepass")
        sha.update(len(path).to_bytes(4, "big") + path + document.digest)
    return sha.digest()


def bodies(
    documents: Iterable[Document], tokenizer: Tokenizer, memo: Memo
) -> Iterator[tuple[str, Ids]]:
    """Each document's body and its ids, which are kept by content; memory holds one batch."""
    for batch in _batches(documents):
        texts = [render.body(document) for document in batch]
        keys = [digest_of("body", tokenizer, document.digest) for document in batch]
        found = {key: kept for key in keys if (kept := memo.get(key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            encoded = tokenizer.encode_batch(list(missing.values()))
            fresh = {key: ids.data for key, ids in zip(missing, encoded, strict=True)}
            memo.put(fresh)
            found |= fresh
        yield from ((text, Ids(found[key])) for text, key in zip(texts, keys, strict=True))


def counted(
    corpus: Corpus,
    tokenizer: Tokenizer,
    memo: Memo,
    room: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
    order: Sequence[Document] | None = None,
    places: Mapping[str, int] | None = None,
) -> Generator[Unit]:
    """The same units, the one to keep longest first, counted as they are asked for.

    `places` says by path how soon each may be left out; without it, its kind and depth do. A copy
    comes after the document that shows its text, which is kept as long as any copy. Whoever
    fills `room` tokens need not count what comes after. What was counted is kept when the iterator
    is exhausted or closed.
    """
    documents = base_order(corpus) if order is None else tuple(order)
    copies = Copies(documents)

    def soon(each: Unit | _Ranked) -> tuple[int, int, str]:
        path = each.document.path
        if places is None:
            return standing(path)
        if copies.shown_as(each.document) is not None:
            return places[path], 1, ""
        return min(places[one] for one in (path, *copies.others(each.document))), 0, ""

    if memo.get(_counts_key(corpus, tokenizer, order)) is not None:
        yield from sorted(measured(corpus, tokenizer, memo, progress, order), key=soon)
        return
    sizes, work = _uncounted(documents, tokenizer, memo)
    work = min(work, DENSEST * room)
    _prefer_bulk(tokenizer, work)
    numbered = sorted((_Ranked(*pair) for pair in enumerate(documents, 1)), key=soon)
    numbers = {each.document.path: each.number for each in numbered}
    fresh: dict[bytes, int] = {}
    done = 0
    try:
        for batch in _batches(each.document for each in numbered):
            new = {d.digest: d for d in batch if d.digest not in sizes}
            counts = tokenizer.count_batch([render.body(document) for document in new.values()])
            fresh.update(zip(new, counts, strict=True))
            sizes.update(fresh)
            frames = _frame_sizes([(numbers[d.path], d) for d in batch], copies, tokenizer)
            for document, frame in zip(batch, frames, strict=True):
                same = copies.shown_as(document)
                tokens = frame + (sizes[document.digest] if same is None else 0)
                yield Unit(numbers[document.path], document, tokens, same)
            done += sum(len(document.text) for document in new.values())
            progress(min(done, work), work)
    finally:
        _ledger(tokenizer, memo).put(fresh)


class _Ranked(NamedTuple):
    number: int
    document: Document


def announce(corpus: Corpus, tokenizer: Tokenizer, memo: Memo, room: int) -> None:
    """Let the tokenizer load at once the engine that suits a corpus nothing of which is counted.

    Encoding a few words first would load another one.
    """
    if memo.get(_counts_key(corpus, tokenizer, None)) is None:
        work = _uncounted(corpus.documents, tokenizer, memo)[1]
        _prefer_bulk(tokenizer, min(work, DENSEST * room))


def _counts_key(corpus: Corpus, tokenizer: Tokenizer, order: Sequence[Document] | None) -> bytes:
    return digest_of("counts", tokenizer, corpus.digest if order is None else _digest(order))


def _uncounted(
    documents: tuple[Document, ...], tokenizer: Tokenizer, memo: Memo
) -> tuple[dict[bytes, int], int]:
    """Counts that are known, by digest, and the characters of the other documents."""
    sizes = _ledger(tokenizer, memo).get(document.digest for document in documents)
    missing = {d.digest: len(d.text) for d in documents if d.digest not in sizes}
    return sizes, sum(missing.values())


def _ledger(tokenizer: Tokenizer, memo: Memo) -> Ledger:
    return Ledger(memo, f"body\0{render.VERSION}\0{tokenizer.name}")


def _prefer_bulk(tokenizer: Tokenizer, characters: int) -> None:
    prefer = getattr(tokenizer, "prefer_bulk", None)
    if prefer is not None:
        prefer(characters)


def _count(
    documents: tuple[Document, ...],
    copies: Copies,
    tokenizer: Tokenizer,
    memo: Memo,
    progress: Callable[[int, int], None],
) -> list[int]:
    sizes, work = _uncounted(documents, tokenizer, memo)
    missing = {document.digest: document for document in documents if document.digest not in sizes}
    _prefer_bulk(tokenizer, work)
    done = 0
    for batch in _batches(missing.values()):
        counts = tokenizer.count_batch([render.body(document) for document in batch])
        sizes.update((d.digest, count) for d, count in zip(batch, counts, strict=True))
        done += sum(len(document.text) for document in batch)
        progress(done, work)
    _ledger(tokenizer, memo).put({digest: sizes[digest] for digest in missing})
    frames = _frame_sizes(list(enumerate(documents, 1)), copies, tokenizer)
    return [
        frame + (sizes[document.digest] if copies.shown_as(document) is None else 0)
        for document, frame in zip(documents, frames, strict=True)
    ]


def _frame_sizes(
    numbered: Sequence[tuple[int, Document]], copies: Copies, tokenizer: Tokenizer
) -> list[int]:
    """Tokens of head and tail together, where counts add up (see `render`); all of a copy's."""
    frames = [
        render.head(number, document.path) + render.tail(number)
        if (same := copies.shown_as(document)) is None
        else render.copy(number, document.path, same)
        for number, document in numbered
    ]
    return tokenizer.count_batch(frames) if numbered else []


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    for document in documents:
        batch.append(document)
        size += len(document.text)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
