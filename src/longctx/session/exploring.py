"""What a question in steps adds to a conversation: the offer, the requests, what was found.

Pure. Here may live: the segments of a step, so that each step's prompt begins with all of the one
before, the model's own words token for token. What must never be known here: how things are looked
up, engines' streams, how steps are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.prompt import Role, Segment
from longctx.render import found as render
from longctx.session.looks import TOOLS, look_of, looks_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from longctx.engines import Tool
    from longctx.prompt import Effort, Ids
    from longctx.session.asking import Generated
    from longctx.session.looks import Look
    from longctx.template import Template

STEPS = 6
"""Steps of a question where more may be read, unless asked for otherwise."""

LEAST = 1_024
"""Tokens of room below which reading more is not offered."""

NAME = "found"
"""Of the segments that hold what was found."""


@dataclass(frozen=True, slots=True)
class Explore:
    """How far a question may read more."""

    steps: int
    limit: int
    """Tokens that a prompt and its answer may take together."""
    calls: bool = False
    """Whether the server tells tools' calls; otherwise the model writes plain lines."""

    @property
    def tools(self) -> tuple[Tool, ...]:
        return tuple(TOOLS) if self.calls else ()


def offer(explore: Explore, template: Template, encode: Callable[[str], Ids]) -> Segment:
    """What tells the model that it may read more; it stands behind the question."""
    if not explore.calls:
        text = render.offer(explore.steps)
        return Segment(Role.USER, "offer", text, encode(text))
    text = render.offer_of_tools(explore.steps) + template.tools(explore.tools)
    return Segment(Role.USER, "offer", text, template.marked(text, encode))


def looks_of(said: Generated) -> tuple[Look, ...]:
    """What the model asks for; nothing where it answers."""
    return tuple(map(look_of, said.calls)) or looks_in(said.text)


def request_segment(
    said: Generated, effort: Effort, template: Template, encode: Callable[[str], Ids]
) -> Segment:
    """A request as it stands in later prompts: what was generated, thoughts included."""
    text = template.calls(said.text, said.calls) if said.calls else said.text
    ids = None if said.usage.ids is None else template.repeated(said.usage.ids, effort)
    if ids is None:
        words = template.marked(text, encode) if said.calls else encode(text)
        thought = encode(said.reasoning) if said.reasoning else None
        ids = template.repeated(template.said(words, thought, finished=False), effort) or words
    return Segment(Role.ASSISTANT, "request", text, ids)


def found_segment(
    blocks: Sequence[str],
    left: int,
    template: Template,
    encode: Callable[[str], Ids],
    *,
    called: bool,
) -> Segment:
    """What was found, and what may be done now; `called`: by calls of tools."""
    shown = template.results(blocks) if called else "".join(blocks)
    text = shown + render.going_on(left)
    return Segment(Role.USER, NAME, text, encode(text))
