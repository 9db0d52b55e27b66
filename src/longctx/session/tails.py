"""What a question brings along of a corpus that does not fit: parts of what the base leaves out.

Pure. Here may live: which of the passages that were found are new and fit, and in which order they
stand. What must never be known here: how passages are found, prompts, engines.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from longctx.pack.tiers import tier_of
from longctx.prompt import Role, Segment
from longctx.render.parts import key_of, parts, shown_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from longctx.corpus import Document
    from longctx.recall import Passage
    from longctx.render.parts import Lines
    from longctx.tokens import Tokenizer

NAME = "tail"
"""Of the segments that hold parts."""

HOLDING = frozenset({NAME, "found"})
"""The names of all segments that show parts of documents."""

HEAD = 30
"""Tokens of a block's tags, at the most, without its path."""

MARK = 14
"""Tokens of a part's mark, at the most that is usual."""

NEAR = 3
"""Lines between two parts up to which they are shown as one."""


def tail(
    found: Sequence[Passage],
    said: Iterable[Segment],
    base: Mapping[str, object],
    room: int,
    tokenizer: Tokenizer,
) -> Segment | None:
    """The best first of `found` that fit `room` tokens, in canonical order; None where none is new.

    Left out are passages of documents that are in the `base`, and those that `said` showed.
    """
    before = shown_in(segment.text for segment in said if segment.name in HOLDING)
    fresh = [each for each in found if each.document.path not in base]
    if not fresh:
        return None
    sizes = tokenizer.count_batch([each.document.slice(each.span) for each in fresh])
    chosen: dict[str, list[Lines]] = defaultdict(list)
    documents: dict[str, Document] = {}
    left = room
    for each, size in zip(fresh, sizes, strict=True):
        document, lines = each.document, each.document.lines_of(each.span)
        known = (*before[key_of(document)], *chosen[document.path])
        if any(first <= lines[0] and lines[1] <= last for first, last in known):
            continue
        cost = size + MARK + (0 if chosen[document.path] else HEAD + len(document.path) // 3)
        if cost > left:
            continue
        left -= cost
        chosen[document.path].append(lines)
        documents[document.path] = document
    order = sorted(documents, key=lambda path: (tier_of(path).place, path))
    text = "".join(parts(documents[path], merged(chosen[path])) for path in order)
    return Segment(Role.USER, NAME, text, tokenizer.encode(text)) if text else None


def unshown(
    found: Iterable[Passage], told: Iterable[Segment], base: Mapping[str, object]
) -> tuple[str, ...]:
    """The documents of these passages of which the model sees nothing: neither the base holds
    them, nor does anything that is `told` show a part of them."""
    shown = shown_in(segment.text for segment in told if segment.name in HOLDING)
    return tuple(
        dict.fromkeys(
            each.document.path
            for each in found
            if each.document.path not in base and key_of(each.document) not in shown
        )
    )


def merged(lines: Iterable[Lines]) -> list[Lines]:
    """The same lines in order, those that touch or nearly do as one."""
    found: list[Lines] = []
    for first, last in sorted(lines):
        if found and first <= found[-1][1] + 1 + NEAR:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found
