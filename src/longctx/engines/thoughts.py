"""Telling a model's thoughts from its answer where the server sends one text.

Here may live: the mark between them. A server that tells them apart itself needs nothing of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.engines import Delta, Reasoning
from longctx.prompt import Effort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

THOUGHT = "</think>"
"""Ends DeepSeek V4's thoughts, which begin where the prompt ends."""


def told_apart(pieces: Iterable[str], effort: Effort) -> Iterator[Delta | Reasoning]:
    """The pieces of a text, thoughts first where there are any.

    The mark is one token, so a server never sends it in two pieces.
    """
    thinking = effort is not Effort.OFF
    for piece in pieces:
        thought, mark, rest = piece.partition(THOUGHT) if thinking else ("", "", piece)
        if thought:
            yield Reasoning(thought)
        thinking = thinking and not mark
        if rest:
            yield Delta(rest)
