"""The shared prefix of a session: instructions, base, updates, and a boundary on a page's edge.

Pure. Here may live: how a lineage becomes segments and ids, where it is worth priming, and what
stands at a token. What must never be known here: where lineages come from, or servers.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from longctx import render
from longctx.prompt import Ids, Role, Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longctx.prompt import Effort
    from longctx.template import Template
    from longctx.updates import Lineage


@dataclass(frozen=True)
class Prefix:
    """What every question over a lineage begins with, at one effort."""

    lineage: Lineage
    effort: Effort
    segments: tuple[Segment, ...]
    """Instructions, corpus, one for each update, padding; all of the system's role."""
    ids: Ids | None
    """As the template opens it; None where the server renders messages."""
    page: int

    @cached_property
    def digest(self) -> bytes:
        """Equal digests are one prefix, cut into the same pages; efforts that begin a prompt alike
        share theirs."""
        opening = str(self.effort).encode() if self.ids is None else self._opening.data
        sha = hashlib.sha256(f"prefix\0{render.VERSION}\0{self.page}\0".encode())
        sha.update(opening + b"\0" + self.lineage.digest)
        return sha.digest()

    @property
    def _opening(self) -> Ids:
        """What the template puts before the first segment."""
        return Ids() if self.ids is None else self.ids.head(len(self.ids) - self.tokens)

    @property
    def tokens(self) -> int:
        return sum(segment.tokens or 0 for segment in self.segments)

    @property
    def checkpoints(self) -> tuple[int, ...]:
        """Lengths in tokens at which later prompts may leave this prefix: the base's end, the
        end of its updates (on whole pages), and the boundary. Ascending.

        A model with a sliding window can only be continued where a request once ended.
        """
        if self.ids is None:
            return ()
        end = len(self.ids)
        padding = self.segments[-1].tokens or 0
        base = end - padding - self.lineage.carried
        ends = {place // self.page * self.page for place in (base, end - padding)} | {end}
        return tuple(sorted(place for place in ends if place))

    def name_at(self, place: int) -> str:
        """What stands at token `place` (from 0): what a person calls the segment."""
        starts, names = self._places
        return names[max(0, bisect_right(starts, place) - 1)]

    @cached_property
    def _places(self) -> tuple[list[int], list[str]]:
        base = self.lineage.base
        instructions, _, *updates = self.segments
        documents = [(shown.path, shown.tokens) for shown in base.shown]
        ending = base.tokens - base.head_tokens - sum(tokens for _, tokens in documents)
        named = [
            ("effort", len(self._opening)),
            ("instructions", instructions.tokens or 0),
            ("corpus", base.head_tokens),
            *documents,
            ("index", ending),
            *((segment.name, segment.tokens or 0) for segment in updates),
        ]
        starts = list(accumulate((tokens for _, tokens in named), initial=0))
        return starts, [*(name for name, _ in named), "what follows the boundary"]


def prefix_of(
    lineage: Lineage,
    template: Template | None,
    effort: Effort,
    encode: Callable[[str], Ids],
    base_text: Callable[[], str],
    page: int = 1,
) -> Prefix:
    """The prefix of a lineage; without a template it goes out as text.

    `page`: what the server's cache counts in, in tokens. `base_text` is asked for only where text
    is sent.
    """
    text = render.instructions()
    segments = [
        Segment(Role.SYSTEM, "instructions", text, encode(text)),
        Segment(Role.SYSTEM, "corpus", "" if template else base_text(), lineage.base.ids),
        *(
            Segment(Role.SYSTEM, _named(step.changes), step.text, step.ids)
            for step in lineage.steps
        ),
    ]
    segments.append(_padding(padding_of(lineage, template, effort, encode, page), encode))
    ids = None if template is None else template.prefix(segments, effort)
    return Prefix(lineage, effort, tuple(segments), ids, page)


def padding_of(
    lineage: Lineage,
    template: Template | None,
    effort: Effort,
    encode: Callable[[str], Ids],
    page: int,
) -> int:
    """Tokens that make the prefix a whole number of pages; 0 where the server renders it."""
    if template is None:
        return 0
    before = len(template.opening(effort)) + len(encode(render.instructions()))
    return -(before + lineage.tokens) % page


def _padding(tokens: int, encode: Callable[[str], Ids]) -> Segment:
    text = render.padding(tokens)
    return Segment(Role.SYSTEM, "padding", text, encode(text) if text else Ids())


def _named(changes: Sequence[tuple[str, object]]) -> str:
    """What a person calls an update: what it changes."""
    paths = [path for path, _ in changes]
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"update of {paths[0]}{more}"
