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
from longctx.errors import BudgetError
from longctx.pack.measure import Unit, bodies, counted, measured
from longctx.pack.tiers import Tier, tier_of
from longctx.prompt import Ids, Role, Segment
from longctx.tokens.remembering import Remembering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longctx.corpus import Corpus
    from longctx.tokens import Tokenizer
    from longctx.tokens.memo import Memo

__all__ = ["Pack", "Tier", "Unit", "counted", "measured", "pack", "tier_of"]

LEAST = 512
"""Where not everything fits, less than 1/512 of the budget left is full: what is left out by then
need not be counted."""

COPIES = 8
"""Where not everything fits, so many copies of one text are named."""


@dataclass(frozen=True)
class Pack:
    """A choice of documents that fits: the shared prefix of every question about the corpus."""

    corpus: Corpus
    shown: tuple[Unit, ...]
    """In base order."""
    closing: str
    """The index, and the tag that ends the corpus."""
    tokens: int
    """Exact size of `segments()`: opening, documents, closing."""
    tokenizer: Tokenizer
    memo: Memo

    def segments(self) -> Iterator[Segment]:
        """The corpus as system segments, one for its frame and one a document, with ids.

        Made batch by batch, so that a prompt larger than memory's comfort can be written out.
        """
        texts = [render.opening(), self.closing]
        for unit in self.shown:
            texts += _frame(unit)
        first, last, *frames = Remembering(self.tokenizer, self.memo).encode_batch(texts)
        yield Segment(Role.SYSTEM, "corpus", texts[0], first)
        whole = (unit.document for unit in self.shown if unit.same is None)
        shown = bodies(whole, self.tokenizer, self.memo)
        for place, unit in enumerate(self.shown):
            head, tail = texts[2 + 2 * place], texts[3 + 2 * place]
            body, ids = next(shown) if unit.same is None else ("", Ids())
            yield Segment(
                Role.SYSTEM,
                unit.document.path,
                head + body + tail,
                Ids.joined([frames[2 * place], ids, frames[2 * place + 1]]),
            )
        yield Segment(Role.SYSTEM, "index", texts[1], last)


def _frame(unit: Unit) -> tuple[str, str]:
    """What stands before and after its body."""
    number, path = unit.number, unit.document.path
    if unit.same is not None:
        return render.copy(number, path, unit.same), ""
    return render.head(number, path), render.tail(number)


def pack(
    corpus: Corpus,
    units: Iterable[Unit],
    budget: int,
    tokenizer: Tokenizer,
    memo: Memo,
    spare: int = 0,
) -> Pack:
    """Choose of the documents what fits `budget` tokens; BudgetError when none does.

    Units are tried in their order, the one to keep longest first (`counted`); one that does not
    fit leaves room for the next, until next to nothing is left. A copy is only shown beside the
    document that has its text. Where not all fit, `spare` tokens
    are left for what comes later.
    """
    room = budget - _longest_frame(len(corpus), Remembering(tokenizer, memo))
    index = int(INDEX_SHARE * room)
    coming, seen = iter(units), []
    total = 0
    for unit in coming:
        seen.append(unit)
        total += unit.tokens
        if total + index > room:
            shown = _fitting(seen, coming, room - index - spare, budget // LEAST)
            break
    else:
        shown = seen
    if len(corpus) and not shown:
        smallest = min(unit.tokens for unit in seen if unit.same is None)
        raise BudgetError(
            f"no document fits into {budget:,} tokens (the smallest takes {smallest:,}):"
            " use a larger --budget or a smaller --answer-reserve"
        )
    shown.sort(key=lambda unit: unit.number)
    return _framed(corpus, shown, budget, tokenizer, memo)


def _fitting(seen: list[Unit], coming: Iterator[Unit], room: int, least: int) -> list[Unit]:
    """Of those seen and those to come, in their order, what fits; those tried become seen."""
    shown: list[Unit] = []
    named: dict[str, int] = {}
    place = 0
    while room >= least or not shown:
        if place == len(seen):
            following = next(coming, None)
            if following is None:
                break
            seen.append(following)
        unit = seen[place]
        known = unit.same is None or 0 <= named.get(unit.same, -1) < COPIES
        if unit.tokens <= room and known:
            shown.append(unit)
            room -= unit.tokens
            if unit.same is None:
                named[unit.document.path] = 0
            else:
                named[unit.same] += 1
        place += 1
    return shown


def _longest_frame(documents: int, tokenizer: Tokenizer) -> int:
    """Tokens of the corpus' tags at most, whatever the counts in them will be."""
    digits = int("8" * len(str(documents)))
    bare = max(
        len(tokenizer.encode(render.closing(digits, digits, listed))) for listed in ("", "x\n")
    )
    return len(tokenizer.encode(render.opening())) + bare


def _framed(
    corpus: Corpus, shown: list[Unit], budget: int, tokenizer: Tokenizer, memo: Memo
) -> Pack:
    """The pack with the most detailed index that its share and the budget allow."""
    encode = Remembering(tokenizer, memo).encode
    documents = sum(unit.tokens for unit in shown)
    left = len(corpus) - len(shown)
    closing = render.closing(len(shown), left)
    opening, bare = len(encode(render.opening())), len(encode(closing))
    ending = bare
    share = min(int(INDEX_SHARE * documents), budget - opening - bare - documents)
    if len(shown) > 1:
        for listed in render.listings([(unit.number, unit.document) for unit in shown]):
            text = render.closing(len(shown), left, listed)
            tokens = len(encode(text))
            if tokens - bare <= share:
                closing, ending = text, tokens
                break
    tokens = opening + documents + ending
    return Pack(corpus, tuple(shown), closing, tokens, tokenizer, memo)
