"""What goes into a prompt, in which order, and what is left out and why.

Pure but for the memo it is handed: the same corpus, tokenizer and budget give the same pack on any
machine. Two promises hold for every pack: it never exceeds its budget, and what it shows plus what
it leaves out is everything there is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx import render
from longctx.budget import INDEX_SHARE
from longctx.corpus import Omission, Reason
from longctx.errors import BudgetError
from longctx.pack.measure import Unit, bodies, measured
from longctx.pack.tiers import Tier, tier_of
from longctx.prompt import Ids, Role, Segment
from longctx.tokens.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.corpus import Corpus
    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo

__all__ = ["Pack", "Tier", "Unit", "measured", "pack", "tier_of"]


@dataclass(frozen=True)
class Pack:
    """A choice of documents that fits: the shared prefix of every question about the corpus."""

    corpus: Corpus
    shown: tuple[Unit, ...]
    """In base order."""
    omissions: tuple[Omission, ...]
    """The corpus' own, and every document that did not fit."""
    index: str
    tokens: int
    """Exact size of `segments()`: opening, index, documents, closing."""
    tokenizer: Tokenizer
    memo: Memo

    def segments(self) -> Iterator[Segment]:
        """The corpus as system segments, one for its frame and one a document, with ids.

        Made batch by batch, so that a prompt larger than memory's comfort can be written out.
        """
        texts = [self.opening(), render.closing()]
        for unit in self.shown:
            texts += (render.head(unit.number, unit.document.path), render.tail(unit.number))
        first, last, *frames = Remembering(self.tokenizer, self.memo).encode_batch(texts)
        yield Segment(Role.SYSTEM, "corpus", texts[0], first)
        shown = bodies((unit.document for unit in self.shown), self.tokenizer, self.memo)
        for place, (unit, (body, ids)) in enumerate(zip(self.shown, shown, strict=True)):
            head, tail = texts[2 + 2 * place], texts[3 + 2 * place]
            yield Segment(
                Role.SYSTEM,
                unit.document.path,
                head + body + tail,
                Ids.joined([frames[2 * place], ids, frames[2 * place + 1]]),
            )
        yield Segment(Role.SYSTEM, "end of corpus", texts[1], last)

    def opening(self) -> str:
        """The corpus' tag and index."""
        left_out = len(self.corpus) - len(self.shown)
        return render.opening(len(self.shown), left_out) + self.index


def pack(
    corpus: Corpus,
    units: tuple[Unit, ...],
    budget: int,
    tokenizer: Tokenizer,
    memo: Memo,
    spare: int = 0,
) -> Pack:
    """Choose of the measured documents what fits `budget` tokens; BudgetError when none does.

    Documents are tried by how soon they may be left out (tier, depth, path); one that does not fit
    leaves room for the next. Where not all fit, `spare` tokens are left for what comes later.
    """
    frame = _longest_frame(len(units), Remembering(tokenizer, memo))
    room = budget - frame
    if sum(unit.tokens for unit in units) + int(INDEX_SHARE * room) > room:
        room -= int(INDEX_SHARE * room)
    if sum(unit.tokens for unit in units) > room:
        room -= spare
    shown: list[Unit] = []
    left: list[Unit] = []
    for unit in sorted(units, key=_rank):
        if unit.tokens <= room:
            shown.append(unit)
            room -= unit.tokens
        else:
            left.append(unit)
    if units and not shown:
        smallest = min(unit.tokens for unit in units)
        raise BudgetError(
            f"no document fits into {budget:,} tokens (the smallest takes {smallest:,}):"
            " use a larger --budget or a smaller --answer-reserve"
        )
    shown.sort(key=lambda unit: unit.number)
    return _framed(corpus, shown, left, budget, tokenizer, memo)


def _rank(unit: Unit) -> tuple[int, int, str]:
    path = unit.document.path
    return unit.tier.keep, path.count("/"), path


def _longest_frame(documents: int, tokenizer: Tokenizer) -> int:
    """Tokens of the corpus' tags at most, whatever the counts in them will be."""
    digits = int("8" * len(str(documents)))
    return len(tokenizer.encode(render.opening(digits, digits))) + len(
        tokenizer.encode(render.closing())
    )


def _framed(
    corpus: Corpus,
    shown: list[Unit],
    left: list[Unit],
    budget: int,
    tokenizer: Tokenizer,
    memo: Memo,
) -> Pack:
    """The pack with the most detailed index that its share and the budget allow."""
    encode = Remembering(tokenizer, memo).encode
    documents = sum(unit.tokens for unit in shown)
    bare = render.opening(len(shown), len(left))
    frame = len(encode(bare)) + len(encode(render.closing()))
    share = min(int(INDEX_SHARE * documents), budget - frame - documents)
    index, index_tokens = "", 0
    if len(shown) > 1:
        for text in render.index([(unit.number, unit.document.path) for unit in shown]):
            tokens = len(encode(text))
            if tokens <= share:
                index, index_tokens = text, tokens
                break
    omissions = [
        Omission(
            unit.document.path,
            Reason.BUDGET,
            len(unit.document.text.encode("utf-8", "surrogatepass")),
            unit.tokens,
        )
        for unit in sorted(left, key=lambda unit: unit.document.path)
    ]
    return Pack(
        corpus,
        tuple(shown),
        (*corpus.omissions, *omissions),
        index,
        frame + index_tokens + documents,
        tokenizer,
        memo,
    )
