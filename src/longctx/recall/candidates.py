"""Which documents of a large corpus are worth cutting into units.

What may live here: rough, fast counts over whole documents. What must never be known here: units,
and what the fine score makes of them; a document that could hold a good unit must not be left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from longctx.recall.terms import lowered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.corpus import Corpus, Document
    from longctx.recall.score import Weights
    from longctx.recall.terms import Term


def candidates(
    corpus: Corpus, terms: Sequence[Term], weights: Weights
) -> tuple[list[Document], list[float]]:
    """The documents that promise most, in the corpus's order.

    And for each term: how many times more often it stands in the corpus than in them.
    """
    size = sum(len(document.text) for document in corpus)
    if size <= weights.candidates:
        return list(corpus), [1.0] * len(terms)
    rows: list[tuple[Document, list[int]]] = []
    totals, found_in = [0] * len(terms), [0] * len(terms)
    for document in corpus:
        lower, path = lowered(document.text), document.path.lower()
        counts = [lower.count(t.probe) + weights.in_path * path.count(t.probe) for t in terms]
        if any(counts):
            rows.append((document, counts))
            totals = [total + count for total, count in zip(totals, counts, strict=True)]
            found_in = [n + (count > 0) for n, count in zip(found_in, counts, strict=True)]
    rarity = [math.log(1 + len(corpus) / (1 + n)) for n in found_in]
    mean = size / len(corpus)

    def promise(row: tuple[Document, list[int]]) -> tuple[float, str]:
        document, counts = row
        # A long document is hardly held against a good part of it.
        slack = weights.saturation * (0.7 + 0.3 * len(document.text) / mean)
        held = sum(r * c / (c + slack) for r, c in zip(rarity, counts, strict=True) if c)
        return -held * weights.of_kind(document.path), document.path

    chosen: list[Document] = []
    held = [0] * len(terms)
    room = weights.candidates
    for document, counts in sorted(rows, key=promise):
        if not chosen or len(document.text) <= room:
            chosen.append(document)
            room -= len(document.text)
            held = [h + count for h, count in zip(held, counts, strict=True)]
    chosen.sort(key=lambda document: document.path)
    return chosen, [total / max(1, part) for total, part in zip(totals, held, strict=True)]
