"""The passages of a corpus that answer a question best, without a model.

What may live here: the public names. What must never be known here: tokens, prompts, engines,
files. The way of a question: `terms` and `places` read it, `matching` finds its words in a
`segment`, `score` weighs units, `order` lets them speak for each other, `shown` narrows them to
what is read. A document's way: `passages` cuts it, `vocabulary` splits it into words, `facts` are
what an index keeps of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.recall.index import MEASURED, Index, Kept
from longctx.recall.occurring import Occurrence
from longctx.recall.score import Weights
from longctx.recall.shown import LINES, Passage

if TYPE_CHECKING:
    from longctx.corpus import Corpus

__all__ = ["Index", "Kept", "Occurrence", "Passage", "Weights", "recall"]


def recall(
    corpus: Corpus, question: str, limit: int = 12, weights: Weights = MEASURED
) -> tuple[Passage, ...]:
    """The best passages, best first; none when nothing in the corpus matches the question.

    Equal corpora and questions give equal passages, on any machine. Passages do not overlap. For
    more than one question build an `Index`.
    """
    if limit < 1 or not question.strip():
        return ()
    return Index.of(corpus).search(question, limit, LINES, weights)
