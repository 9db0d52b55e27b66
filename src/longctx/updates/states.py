"""From two states of the documents to the update between them.

A state is what a model has been shown: which text stands under which path, under which number, and
how many diffs lie on top of each other. What must never be known here: where texts are kept; the
caller hands them in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from longctx.render.updates import (
    deletion,
    diff_update,
    renaming,
    unseen_update,
    whole_update,
)
from longctx.updates.diffing import hunks

if TYPE_CHECKING:
    from longctx.corpus import Document

DIFFS = 2
"""After so many diffs of one document its whole text is shown again, if it is not too large."""


@dataclass(frozen=True, slots=True)
class Known:
    """A document as the model has been shown it."""

    number: int
    digest: bytes
    """Of its content (`Document.digest`)."""
    diffs: int = 0
    """Diffs to apply to the last whole text."""
    unseen: bool = False
    """Whether the model was only told that there is such a text."""


State = Mapping[str, Known]
"""By path."""


@dataclass(frozen=True, slots=True)
class Update:
    """What one step of the source appends to the prompt, and what is known after it."""

    text: str
    changes: tuple[tuple[str, Known | None], ...]
    """By path; None for a path that is gone."""

    def __bool__(self) -> bool:
        return bool(self.changes)


def update_between(
    state: State,
    gone: Mapping[str, Known],
    fresh: Mapping[str, Document],
    text_of: Callable[[str, Known], str],
    first_number: int,
    copy_limit: int,
    unseen: Callable[[str, int], bool] = lambda path, size: False,
) -> Update:
    """The update that takes `state` to where `gone` paths are no more and `fresh` ones are so.

    `text_of` gives the text that is known under a path. New documents are numbered from
    `first_number` on. A document of more than `copy_limit` characters is never shown whole again
    just because of many diffs. A change of that many characters under a path that is `unseen` is
    told but not shown.
    """
    sources = _renames(gone, fresh, state)
    blocks: list[str] = []
    changes: list[tuple[str, Known | None]] = []
    number = first_number
    for path in sorted(gone):
        if path not in sources.values():
            blocks.append(deletion(gone[path].number, path))
        changes.append((path, None))
    for path in sorted(fresh):
        document = fresh[path]
        was = sources.get(path)
        known = state.get(path) if was is None else gone[was]
        if known is None:
            known = Known(number, document.digest)
            number += 1
            block = whole_update(known.number, document, new=True)
        else:
            before = partial(text_of, path if was is None else was, known)
            block, known = _changed(document, known, before, was, copy_limit)
        if was is None and unseen(path, len(block)):
            block = unseen_update(known.number, path, new=path not in state)
            known = Known(known.number, known.digest, unseen=True)
        blocks.append(block)
        changes.append((path, known))
    return Update("".join(blocks), tuple(changes))


def _changed(
    document: Document,
    known: Known,
    before: Callable[[], str],
    was: str | None,
    copy_limit: int,
) -> tuple[str, Known]:
    number, digest = known.number, document.digest
    if digest == known.digest and was is not None:
        return renaming(number, document.path, was), known
    whole = whole_update(number, document, new=False)
    if not known.unseen and (known.diffs < DIFFS or len(document.text) > copy_limit):
        lines = hunks(before(), document.text)
        if lines is not None:
            diff = diff_update(number, document.path, lines, was)
            if len(diff) < len(whole):
                return diff, Known(number, digest, known.diffs + 1)
    if was is not None:
        whole = renaming(number, document.path, was) + whole
    return whole, Known(number, digest)


def _renames(
    gone: Mapping[str, Known], fresh: Mapping[str, Document], state: State
) -> dict[str, str]:
    """New path to old path: the same text, or the one gone file of the same name."""
    new = [path for path in sorted(fresh) if path not in state]
    left = sorted(gone)
    found: dict[str, str] = {}
    for same in (_same_text, _same_name):
        candidates: dict[object, list[str]] = defaultdict(list)
        for path in left:
            candidates[same(path, gone[path].digest)].append(path)
        for path in new:
            match = candidates.get(same(path, fresh[path].digest))
            if path in found or not match or (same is _same_name and len(match) > 1):
                continue
            found[path] = match.pop(0)
            left.remove(found[path])
    return found


def _same_text(path: str, digest: bytes) -> object:
    return digest


def _same_name(path: str, digest: bytes) -> object:
    return path.rpartition("/")[2]
