"""A session's turns as they are kept: appended one by one, and told again when it goes on.

Knows the store and what a turn is made of. What must never be known here: how a question finds its
prefix, or how it is sent.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from longctx import render
from longctx.api.turn_facts import facts_of, turn_of
from longctx.engines import Takes
from longctx.prompt import Role, Segment
from longctx.session.conversations import UPDATE, Conversation, answer_segment
from longctx.store import Kept, SessionMoved

if TYPE_CHECKING:
    from longctx.api.asked import Asked
    from longctx.api.lineages import Lineages
    from longctx.api.prefixes import Prefixes
    from longctx.api.surface import Surface
    from longctx.prompt import Effort
    from longctx.session import Turn
    from longctx.store import KeptSession


class Path:
    """The path of turns that a session names, from the first to the newest known here."""

    def __init__(
        self, surface: Surface, lineages: Lineages, prefixes: Prefixes, kept: KeptSession | None
    ) -> None:
        self._surface = surface
        self._lineages = lineages
        self._prefixes = prefixes
        self.kept = kept
        """None until the first turn is kept."""
        self.head = None if kept is None else kept.head

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The first first."""
        if self.head is None:
            return ()
        return tuple(map(turn_of, self._surface.store.path_to(self.head)))

    def append(self, turn: Turn, asked: Asked, segments: tuple[Segment, ...]) -> Turn:
        """Keep a turn with everything that it added to the prompt; the turn with its id."""
        surface = self._surface
        if asked.conversation is not None and asked.seen is not None:
            self._lineages.keep(asked.seen)
            self._prefixes.keep(asked.conversation.prefix)
        if self.kept is None:
            settings = settings_of(surface.wanted.effort)
            self.kept = surface.store.create(surface.sources, surface.place, settings)
        kept = self._appended(
            Kept(
                id=0,
                session=self.kept.id,
                parent=self.head,
                created="",
                question=turn.question,
                answer=turn.answer,
                reasoning=turn.reasoning,
                facts=facts_of(turn, surface.connected.served),
                prefix=b"" if asked.conversation is None else asked.conversation.prefix.digest,
                state=b"" if asked.seen is None else asked.seen.digest,
                segments=segments,
            )
        )
        self.head = kept.id
        return replace(turn, id=kept.id, session=kept.session)

    def conversation(self) -> Conversation | None:
        """The conversation as it was left, over the very ids that were sent; None where its base
        is not kept any more, or it had none."""
        if self.head is None:
            return None
        path = self._surface.store.path_to(self.head)
        base = path[-1].prefix
        lineage = self._prefixes.lineage_of(base) if base else None
        seen = self._lineages.lineage(path[-1].state)
        if lineage is None or seen is None:
            if base:
                self._surface.say("the session's base is not kept any more: it gets a new one")
            return None
        said = tuple(
            segment
            for kept in path
            for segment in (kept.segments or self._retold(kept))
            if kept.prefix == base or segment.name != UPDATE
        )
        prefix = self._prefixes.over(lineage)
        if prefix.digest != base:
            self._surface.say(
                "the prompt's beginning differs from the session's (the effort, the server's page"
                " size or longctx changed): all of it is prefilled again"
            )
        return Conversation(prefix, said, seen)

    def retold(self) -> tuple[Segment, ...]:
        """The turns as they would be asked now, whatever they were answered by."""
        if self.head is None or self._surface.connected.takes is Takes.EXCERPTS:
            return ()
        path = self._surface.store.path_to(self.head)
        return tuple(segment for kept in path for segment in self._retold(kept))

    def _retold(self, kept: Kept) -> tuple[Segment, ...]:
        encode = self._surface.connected.tokenizer.encode
        asked = render.question(kept.question)
        return (
            Segment(Role.USER, "question", asked, encode(asked)),
            answer_segment(kept.answer, encode),
        )

    def _appended(self, turn: Kept) -> Kept:
        """The turn as it is kept; in a fork where another process went on with the session."""
        store, surface = self._surface.store, self._surface
        try:
            return store.append(turn.session, turn)
        except SessionMoved:
            settings = settings_of(surface.wanted.effort)
            self.kept = store.create(surface.sources, surface.place, settings, parent=turn.parent)
            surface.say(
                f"another process went on with session {turn.session} meanwhile:"
                f" this answer begins a fork of it, {self.kept.id}"
            )
            return store.append(self.kept.id, replace(turn, session=self.kept.id))


def settings_of(effort: Effort) -> str:
    """What a session remembers of how it was asked."""
    return json.dumps({"effort": str(effort)})
