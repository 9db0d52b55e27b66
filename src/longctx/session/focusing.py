"""Choosing what is repeated just before the question.

Pure. Here may live: how many of the passages that were found fit. What must never be known here:
how passages are found, prompts, engines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.prompt import Role, Segment
from longctx.render.focus import focus, passage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from longctx.recall import Passage
    from longctx.tokens import Tokenizer
    from longctx.updates import Known

NAME = "focus"
"""Of the segment that holds the passages."""

LEAST = 200
"""Tokens below which a focus says too little to be worth its tags."""


NUMBER = 10
"""Tokens that naming a document in the block's tag takes, at the most."""


def focused(
    found: Sequence[Passage], state: Mapping[str, Known], room: int, tokenizer: Tokenizer
) -> Segment | None:
    """The passages that fit `room` tokens, the best first of `found`; None where none does.

    `state` tells the numbers of the documents that are in the prompt.
    """
    if room < LEAST or not found:
        return None
    # Of copies the first one speaks for all.
    found = list({(each.document.digest, each.span): each for each in reversed(found)}.values())
    found.reverse()
    texts = [passage(each.document, each.span) for each in found]
    frame = len(tokenizer.encode(focus([], [])))
    chosen: list[int] = []
    left = room - frame
    for number, tokens in enumerate(tokenizer.count_batch(texts)):
        path = found[number].document.path
        named = NUMBER if path in state else 0
        if tokens + named <= left:
            chosen.append(number)
            left -= tokens + named
    if not chosen:
        return None
    paths = [found[number].document.path for number in chosen]
    text = focus(
        [texts[number] for number in reversed(chosen)],
        [state[path].number for path in paths if path in state],
    )
    return Segment(Role.USER, NAME, text, tokenizer.encode(text))
