"""What loose folding cannot tell: hyphens that were in the word, backslashes that were in the text.

What may live here: comparing two passages that fold loosely alike. What must never be known here:
where they were found.
"""

from __future__ import annotations

import re

from longctx.citation.folding import LOOSE, level, replacement

_BROKEN = re.compile(r"[-\u2010\u2011\u00ad](?<=[^\W\d_].)\s+(?=[^\W\d_])")
_DEFUSED = re.compile(r"[<\[｜](\\*)")


def broken(text: str) -> bool:
    """Whether some word is cut at a line's end."""
    return _BROKEN.search(text) is not None


def defused(text: str) -> bool:
    """Whether the text may be a document's as the prompt shows it, backslashes added."""
    return re.search(r"[<\[｜]\\", text) is not None


def same(shown: str, original: str) -> bool:
    """Whether texts that fold loosely alike are the same as far as the folding cannot tell.

    `shown` may have one backslash more at each place for one, and a hyphen may come or go where
    either text breaks the word behind it: `infor-mation` is `information`, `re-sign` not `resign`.
    """
    pairs = zip(_DEFUSED.findall(shown), _DEFUSED.findall(original), strict=False)
    if not all(0 <= len(more) - len(less) <= 1 for more, less in pairs):
        return False
    one, other = _hyphens(shown), _hyphens(original)
    kept = {place for place, cut in one.items() if not cut}
    needed = {place for place, cut in other.items() if not cut}
    return kept <= other.keys() and needed <= one.keys()


def _hyphens(text: str) -> dict[int, bool]:
    """Where hyphens went in the loosely folded text, and whether the word was cut there."""
    found: dict[int, bool] = {}
    length = done = 0
    for match in LOOSE.finditer(level(text)):
        length += match.start() - done
        done = match.end()
        if match["hyphen"]:
            found[length] = len(match[0]) > 1
        length += len(replacement(match))
    return found
