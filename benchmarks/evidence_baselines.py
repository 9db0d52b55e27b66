"""What evidence.py compares with: plain BM25 over functions and over whole files.

What may live here: the two rankings. What must never be known here: longctx's own scores. Stems, a
symbol that counts four times, a path that counts twice and tests at 0.8 are those of the figures
in the issue; k is 1.2 and b 0.75.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from longctx.corpus import Span
from longctx.recall.kinds import Kind, kind_of
from longctx.recall.passages import Unit, cut
from longctx.recall.shown import Passage
from longctx.recall.terms import SUBWORD
from longctx.recall.words import STOP, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.corpus import Corpus, Document

K, B = 1.2, 0.75


def stems(text: str) -> list[str]:
    words = (word.lower() for word in SUBWORD.findall(text))
    return [stem(word) for word in words if len(word) > 1 and word not in STOP]


class Plain:
    """BM25 over a corpus."""

    def __init__(self, corpus: Corpus, *, whole: bool) -> None:
        self.rows: list[tuple[Document, Unit]] = []
        self.lengths: list[int] = []
        self.held: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for document in corpus:
            path = stems(document.path)
            units = [Unit(0, len(document.text))] if whole else cut(document)
            for unit in units:
                counts = Counter(stems(document.text[unit.start : unit.end]))
                self.lengths.append(sum(counts.values()))
                for word in stems(unit.name):
                    counts[word] += 4
                for word in path:
                    counts[word] += 2
                for word, count in counts.items():
                    self.held[word].append((len(self.rows), count))
                self.rows.append((document, unit))
        self.mean = sum(self.lengths) / max(1, len(self.lengths))

    def passages(self, question: str) -> Iterator[Passage]:
        scores: defaultdict[int, float] = defaultdict(float)
        for word in dict.fromkeys(stems(question)):
            held = self.held.get(word, [])
            rarity = math.log(1 + (len(self.rows) - len(held) + 0.5) / (len(held) + 0.5))
            for row, count in held:
                slack = K * (1 - B + B * self.lengths[row] / self.mean)
                scores[row] += rarity * count * (K + 1) / (count + slack)
        for row in scores:
            if kind_of(self.rows[row][0].path) is Kind.TEST:
                scores[row] *= 0.8
        for row in sorted(scores, key=lambda row: (-scores[row], row)):
            document, unit = self.rows[row]
            yield Passage(document, Span(unit.start, unit.end), scores[row])
