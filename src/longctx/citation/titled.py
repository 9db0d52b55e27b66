"""`[moby.epub Loomings]`: a path and a place within brackets where only brackets set them apart.

What may live here: where the path in a bracket ends. What must never be known here: the sentence
around it, quotes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from longctx.citation.bordering import path_like
from longctx.structure.wordings import extent

if TYPE_CHECKING:
    from longctx.citation.claims import Atlas, Claim
    from longctx.citation.naming import Names
    from longctx.corpus import Document

_BORDER = re.compile(r"[:,]?[ \t]{1,3}(?:[-\u2013\u2014][ \t]{1,3})?|[:,#]")
MOST = 32
"""Ends of the path that are tried."""


def titled(words: str, names: Names, atlas: Atlas) -> tuple[str, Document | None, Claim] | None:
    """The path, its document and the place that the words in a bracket are; None for anything
    else.

    A document counts if it has the place; a path that is not known, if a place surely follows.
    """
    borders = [border.span() for border in _BORDER.finditer(words)][:MOST]
    for end, begin in reversed(borders):
        document = names.exact(words[:end]) or names.by_end(words[:end])
        if document is not None:
            claim = atlas.named(document, words[begin:].strip())
            return (document.path, document, claim) if claim.areas else None
    for end, begin in borders[:1]:
        if path_like(words[:end]) and extent(words, begin, len(words)) > begin:
            return words[:end], None, atlas.named(None, words[begin:].strip())
    return None
