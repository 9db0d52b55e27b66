"""Documents of one text under several paths: which of them is shown, and who else has its text.

Pure, and decided by content and paths alone, so that clones agree. What may live here: which copy
stands for all. What must never be known here: tokens, how a copy looks to the model.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from longctx.pack.tiers import tier_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from longctx.corpus import Document

LEAST = 400
"""Characters from which a copy is only named: naming one costs some 30 tokens."""


class Copies:
    """The copies among some documents."""

    def __init__(self, documents: Iterable[Document] = ()) -> None:
        alike: dict[bytes, list[Document]] = defaultdict(list)
        for document in documents:
            if len(document.text) >= LEAST:
                alike[document.digest].append(document)
        self._alike: Mapping[bytes, tuple[Document, ...]] = {
            digest: tuple(sorted(several, key=lambda each: standing(each.path)))
            for digest, several in alike.items()
            if len(several) > 1
        }

    def original(self, document: Document) -> Document:
        """The one whose text is shown; itself where it has no copy."""
        return self._alike.get(document.digest, (document,))[0]

    def shown_as(self, document: Document) -> str | None:
        """The path under which its text is shown; None where that is its own."""
        original = self.original(document).path
        return None if original == document.path else original

    def others(self, document: Document) -> tuple[str, ...]:
        """The other paths of its text."""
        return tuple(
            each.path for each in self._alike.get(document.digest, ()) if each.path != document.path
        )


def standing(path: str) -> tuple[int, int, str]:
    """Which path a text is known by: that of the kind to keep longest, then the shortest way."""
    return tier_of(path).keep, path.count("/"), path
