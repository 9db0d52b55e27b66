"""The passages of a corpus that answer a question best, without a model and without an index.

What may live here: the public function and its value. What must never be known here: tokens,
prompts, engines, files. The way of a question: `terms` splits it, `passages` cuts the documents,
`score` weighs what is found, `shown` narrows it to what a person reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.recall.score import Weights, ranked
from longctx.recall.shown import Passage, chosen
from longctx.recall.terms import terms_of

if TYPE_CHECKING:
    from longctx.corpus import Corpus

__all__ = ["Passage", "Weights", "recall"]

MEASURED = Weights()


def recall(
    corpus: Corpus, question: str, limit: int = 12, weights: Weights = MEASURED
) -> tuple[Passage, ...]:
    """The best passages, best first; none when nothing in the corpus matches the question.

    Equal corpora and questions give equal passages, on any machine. Passages do not overlap.
    """
    terms = terms_of(question)
    if not terms or limit < 1:
        return ()
    return chosen(ranked(corpus, terms, weights), limit)
