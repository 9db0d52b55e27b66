"""A map of sources: the outlines of the files that matter most, within a budget of tokens.

Knows sources, outlines, the rank of files. What must never be known here: options, prompts, how a
map is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.outline import outline_text
from longctx.pack.core import core_order
from longctx.pack.outlines import outlines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from longctx.corpus import Corpus, Document
    from longctx.outline import Outline
    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo

BATCH = 64
"""Files that are outlined and counted at a time."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """One file of a map."""

    document: Document
    outline: Outline
    text: str
    """Its definitions, one a line, with their lines; empty where only its name is shown."""


@dataclass(frozen=True, slots=True)
class Map:
    """The map of a corpus."""

    files: tuple[Mapped, ...]
    """Those that are shown, in the order of their paths."""
    tokens: int
    """Of `text`, exactly."""
    left: int
    """Documents that are not on it."""

    @property
    def text(self) -> str:
        return "".join(map(shown, self.files))


def mapped(
    corpus: Corpus,
    budget: int,
    tokenizer: Tokenizer,
    memo: Memo,
    progress: Callable[[str], None] = lambda line: None,
) -> Map:
    """The outlines of the best ranked files that fit `budget` tokens, each with its path.

    The same for equal corpora, on any machine.
    """
    places = core_order(
        corpus, memo, lambda done, total: progress(f"outlining: {done:,} of {total:,} characters")
    )
    ranked = sorted(corpus, key=lambda document: places[document.path])
    files: list[Mapped] = []
    left, behind = budget, 0
    for start in range(0, len(ranked), BATCH):
        batch = list(with_outlines(ranked[start : start + BATCH], memo))
        for each, tokens in zip(batch, tokenizer.count_batch(list(map(shown, batch))), strict=True):
            if each.text and tokens <= left:
                files.append(each)
                left -= tokens
                behind = 0
            else:
                behind += 1
        progress(f"mapping: {start + len(batch):,} of {len(ranked):,} documents")
        if left < budget // 200 or behind > 4 * BATCH:
            break
    progress("")
    files.sort(key=lambda each: each.document.path)
    # Where lines meet, tokens may join: the sum of the parts is never less than the whole.
    tokens = len(tokenizer.encode("".join(map(shown, files)))) if files else 0
    return Map(tuple(files), tokens, len(corpus) - len(files))


def shown(each: Mapped) -> str:
    """A file's part of the map."""
    return f"{each.document.path} ({each.document.line_count:,} lines)\n{each.text}\n"


def with_outlines(documents: list[Document], memo: Memo) -> Iterator[Mapped]:
    for document, found in zip(documents, outlines_of(documents, memo), strict=True):
        yield Mapped(document, found, outline_text(found, document))
