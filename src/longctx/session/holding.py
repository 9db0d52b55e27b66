"""Which of the text that streams in may be shown yet: what asks for more is no answer.

Pure. Here may live: when it is clear that a text is an answer. What must never be known here: how
it is shown, what is asked for.
"""

from __future__ import annotations

import re

UNCLEAR = 300
"""Characters after which a text that began as no request counts as an answer."""

MARK = "<more>"
ANSWERS = ("<evidence>", "not in the corpus")
"""How answers begin."""

_BEGUN = re.compile(r"\n[ \t`]*<more>", re.IGNORECASE)
_PERHAPS = re.compile(r"\n[ \t`]*(?:<(?:m(?:o(?:re?)?)?)?)?\Z", re.IGNORECASE)
"""The beginning of one, at the end of what has come."""


class Held:
    """Lets an answer pass as it comes, and keeps back what may be a request for more."""

    def __init__(self) -> None:
        self._held = ""
        self._before = "\n"
        """The last character that was shown."""
        self._answering = False

    def feed(self, text: str) -> str:
        """The next piece; what may be shown now."""
        self._held += text
        if not self._answering:
            start = self._held.lstrip("` \t\r\n").lower()
            if start.startswith(MARK) or MARK.startswith(start):
                return ""
            self._answering = start.startswith(ANSWERS) or len(start) > UNCLEAR
            if not self._answering:
                return ""
        text = self._before + self._held
        begun = _BEGUN.search(text) or _PERHAPS.search(text)
        # The line's end before it is held back too, or is what was shown last.
        end = len(text) if begun is None else max(1, begun.start())
        shown, self._held = text[1:end], text[end:]
        self._before = shown[-1:] or self._before
        return shown

    def rest(self) -> str:
        """What was kept back, once it is known to be part of the answer."""
        held, self._held = self._held, ""
        return held
