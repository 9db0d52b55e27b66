"""Which document a name in an answer means.

What may live here: names and paths. What must never be known here: texts. A name that is not surely
one document of the corpus means none: nothing outside the corpus can be reached by a citation.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longctx.corpus import Corpus, Document

LONGEST = 4_096
"""No path above this is looked for."""

_ENTITY = re.compile(r"&#([0-9]{1,7});")
_OUTSIDE = re.compile(r"~?[/\\]|[A-Za-z]:[/\\]|\.\.(?:[/\\]|$)|.*[/\\]\.\.(?:[/\\]|$)", re.DOTALL)


class Names:
    """The paths of a corpus, looked up in the ways that models write them."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        # A document of which only a part was left out is there.
        self._omitted = frozenset(
            omission.path for omission in corpus.omissions if not omission.part
        )
        paths = [document.path for document in corpus]
        # Attributes of the prompt's tags write odd characters as `&#NN;`, hence the factor.
        self.reach = min(LONGEST, 2 * max(map(len, paths), default=0) + 64)
        """Characters to look back for where a path begins."""
        self._tails = frozenset(path[-2:] for path in paths)

    @cached_property
    def _backwards(self) -> list[str]:
        return sorted(document.path[::-1] for document in self._corpus)

    def may_end(self, text: str, end: int) -> bool:
        """Whether some path could end there: a cheap test that spares the costly ones."""
        tail = text[max(0, end - 2) : end]
        return tail in self._tails or tail[-1:] in self._tails or tail[-1:] == ";"

    def exact(self, name: str) -> Document | None:
        """The document of this path, written plainly, after `./`, or with escaped characters."""
        if _OUTSIDE.match(name):
            return None
        found = self._corpus.get(name)
        if found is None and name.startswith("./"):
            found = self._corpus.get(name[2:])
        if found is None and "&#" in name:
            found = self._corpus.get(_ENTITY.sub(_character, name))
        return found

    def by_end(self, name: str) -> Document | None:
        """The only document whose path ends in this name at a folder's border."""
        name = name.removeprefix("./")
        if not name or _OUTSIDE.match(name) or name in self._omitted:
            return None
        key = name[::-1] + "/"
        place = bisect_left(self._backwards, key)
        ends = [path for path in self._backwards[place : place + 2] if path.startswith(key)]
        return self._corpus.get(ends[0][::-1]) if len(ends) == 1 else None


def _character(match: re.Match[str]) -> str:
    code = int(match[1])
    return chr(code) if code < 0x110000 else match[0]
