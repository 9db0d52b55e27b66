"""Which files of a source are wanted: the user's patterns and the source's `.longctxignore` files.

What may live here: the reasons known from a path alone, and their precedence. What must never be
known here: what is in the files, or whether git or a folder listed them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from longctx.corpus import Reason
from longctx.loaders.ignoring import Nested

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.loaders import Selection

IGNORE_FILE = b".longctxignore"


class Choice:
    """The selection, applied to paths relative to the source."""

    def __init__(
        self,
        selection: Selection,
        rules_in: Callable[[bytes], bytes | None],
        inside: bytes = b"",
    ) -> None:
        """`rules_in(folder)` gives the `.longctxignore` of a folder, asked once each.

        A source that is the subfolder `inside` of a repository obeys the files above it too; for
        `rules_in` alone, folders are relative to the repository.
        """
        self._above = inside + b"/" if inside else b""
        self._ignored = Nested(rules_in, inside)
        self._excluded = _patterns(selection.exclude)
        self._included = _patterns(selection.include)

    def reason(self, path: bytes, folder: bool = False) -> Reason | None:
        """Why `path` is not wanted; None if it is.

        A folder with a reason has it for everything below. That no `include` pattern matches a
        folder says nothing about the files in it, so it is no reason against a folder.
        """
        if self._ignored.ignores(self._above + path, folder):
            return Reason.IGNORED
        if self._excluded and self._excluded.ignores(path, folder):
            return Reason.EXCLUDED
        if self._included and not folder and not self._included.ignores(path):
            return Reason.EXCLUDED
        return None


def _patterns(patterns: tuple[str, ...]) -> Nested | None:
    if not patterns:
        return None
    text = b"\n".join(os.fsencode(pattern) for pattern in patterns)
    return Nested(lambda folder: None if folder else text)
