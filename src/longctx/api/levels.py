"""How many tokens documents take at each level: whole, as outlines, by name.

Knows documents, outlines, tokenizers. What must never be known here: windows, servers, options.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx import outline
from longctx.api.mapping import with_outlines
from longctx.pack import measured
from longctx.pack.outlines import key_of
from longctx.tokens.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from longctx.corpus import Corpus, Document
    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo

BATCH = 256
"""Documents that are outlined and counted at a time."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Documents, and the tokens that they take all at one level."""

    documents: int = 0
    full: int = 0
    outline: int = 0
    """Definitions or headings with their lines; the name where there are none."""
    name: int = 0
    """One line each."""

    def plus(self, other: Levels) -> Levels:
        return Levels(
            self.documents + other.documents,
            self.full + other.full,
            self.outline + other.outline,
            self.name + other.name,
        )


@dataclass(frozen=True, slots=True)
class Leveled:
    """One document."""

    path: str
    levels: Levels


def leveled(
    corpus: Corpus,
    tokenizer: Tokenizer,
    memo: Memo,
    progress: Callable[[str], None] = lambda line: None,
) -> tuple[Leveled, ...]:
    """Every document's tokens at each level, in the order of their paths."""
    units = measured(
        corpus,
        tokenizer,
        memo,
        lambda done, total: progress(f"counting: {done:,} of {total:,} characters"),
    )
    full = {unit.document.path: unit.tokens for unit in units}
    documents = list(corpus)
    names = tokenizer.count_batch([f"{document.path}\n" for document in documents])
    outlines = _outlines(documents, tokenizer, memo, progress)
    progress("")
    return tuple(
        Leveled(
            document.path,
            Levels(
                1,
                full[document.path],
                # An outline stands below the document's name.
                name + min(outlines[key_of(document)], full[document.path]),
                name,
            ),
        )
        for document, name in zip(documents, names, strict=True)
    )


def summed(leveled: Iterable[Leveled]) -> Levels:
    total = Levels()
    for each in leveled:
        total = total.plus(each.levels)
    return total


def _outlines(
    documents: list[Document],
    tokenizer: Tokenizer,
    memo: Memo,
    progress: Callable[[str], None],
) -> dict[bytes, int]:
    """Tokens of each outline without the path above it, by what the outline depends on."""
    ledger = Ledger(memo, f"outline\0{outline.VERSION}\0{tokenizer.name}")
    keys = {key_of(document): document for document in documents}
    sizes = ledger.get(keys)
    missing = [document for key, document in keys.items() if key not in sizes]
    fresh: dict[bytes, int] = {}
    for start in range(0, len(missing), BATCH):
        batch = missing[start : start + BATCH]
        texts = [each.text for each in with_outlines(batch, memo)]
        counts = tokenizer.count_batch(texts)
        fresh.update((key_of(each), count) for each, count in zip(batch, counts, strict=True))
        progress(f"outlining: {start + len(batch):,} of {len(missing):,} documents")
    ledger.put(fresh)
    return sizes | fresh
