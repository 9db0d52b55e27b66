"""Numbered paragraphs of judgments: [12], ¶ 12, Rn. 12, or a bare number.

What may live here: when such numbers are paragraphs'. What must never be known here: clauses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.corpus import Anchor
from longctx.structure.chaining import decimal_chain
from longctx.structure.marks import LINE
from longctx.structure.weighing import links_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.structure.marks import Mark

_FEWEST = 4
"""Paragraphs by which a text is surely numbered so."""


def paragraphs_among(marks: Sequence[Mark], text: str, judgment: bool) -> tuple[Anchor, ...]:
    """The paragraphs, or nothing. A bracketed number alone could be one of a list of sources, so
    it counts in judgments only."""
    for style in ("Rn.", "[1]") if judgment else ("Rn.",):
        own = [mark for mark in marks if mark.style == style and mark.where == LINE]
        chain = decimal_chain(links_of(own, len(text)))
        if len(chain.places) >= _FEWEST and chain.weight >= 0.75 * len(chain.places):
            chosen = [own[place] for place in chain.places]
            return tuple(Anchor(mark.start, "paragraph", mark.text, 0) for mark in chosen)
    return ()
