"""Turns over one prefix: what was said after the boundary, and what the model has seen by now.

Pure values. A follow-up only ever appends, so everything before it stays cached; a change of the
sources goes into the user's next message as an update.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from longctx import render
from longctx.prompt import Prompt, Role, Segment

if TYPE_CHECKING:
    from collections.abc import Callable

    from longctx.prompt import Ids
    from longctx.session.prefixes import Prefix
    from longctx.updates import Lineage

UPDATE = "update"
"""The name of a segment that tells of a change between two turns."""


@dataclass(frozen=True)
class Conversation:
    """Where a question is asked: a prefix, the turns so far, the documents as last shown."""

    prefix: Prefix
    said: tuple[Segment, ...]
    """The turns' segments, in order."""
    seen: Lineage
    """The prefix's lineage, with the updates that stand between the turns."""

    @classmethod
    def over(cls, prefix: Prefix) -> Conversation:
        """One without turns."""
        return cls(prefix, (), prefix.lineage)

    def updated(self, seen: Lineage) -> tuple[Segment, ...]:
        """What tells the model of the steps from `self.seen` to `seen`."""
        fresh = seen.steps[len(self.seen.steps) :]
        return tuple(Segment(Role.USER, UPDATE, step.text, step.ids) for step in fresh)

    def asked(
        self,
        question: str,
        seen: Lineage,
        encode: Callable[[str], Ids],
        *before: Segment | None,
    ) -> tuple[Segment, ...]:
        """The segments that ask the question; `seen` is what the model knows with it, and `before`
        what stands right before it."""
        text = render.question(question)
        told = tuple(segment for segment in before if segment is not None)
        return (*self.updated(seen), *told, Segment(Role.USER, "question", text, encode(text)))

    @property
    def tokens(self) -> int:
        """Of the turns."""
        return sum(segment.tokens or 0 for segment in self.said)

    def prompt(self, asked: tuple[Segment, ...]) -> Prompt:
        return Prompt((*self.prefix.segments, *self.said, *asked))

    def answered(self, turn: tuple[Segment, ...], seen: Lineage) -> Conversation:
        """The conversation after one more turn, of all these segments."""
        return replace(self, said=(*self.said, *turn), seen=seen)


def answer_segment(
    text: str, encode: Callable[[str], Ids], generated: Ids | None = None
) -> Segment:
    """An answer as it stands in the prompts after it; reasoning is not repeated.

    `generated`: its ids where they are known, which may be others than those of the text.
    """
    return Segment(Role.ASSISTANT, "answer", text, generated or encode(text))
