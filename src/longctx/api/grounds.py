"""The ground that a session's questions stand on: their budget, and the lineage that is asked over.

Knows sources and budgets. What must never be known here: turns, prompts, engines' requests.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from longctx import render
from longctx.api.continuing import RULE, Continued, Continuing
from longctx.api.packing import budget_for, question_tokens, window_for
from longctx.api.reckoning import Reckoning
from longctx.budget import focus_reserve
from longctx.pack.growing import Terms
from longctx.pack.measure import announce
from longctx.pack.outlines import outlines_of
from longctx.session.focusing import LEAST, focused
from longctx.session.tails import tail, told, unshown
from longctx.tokens.remembering import Remembering

if TYPE_CHECKING:
    from longctx.api.finding import Finder
    from longctx.api.lineages import Lineages
    from longctx.api.sources import Loaded
    from longctx.api.surface import Surface
    from longctx.budget import Budget
    from longctx.corpus import Corpus
    from longctx.prompt import Segment
    from longctx.session.conversations import Conversation
    from longctx.updates import Lineage

SMALL = 8
"""Unless asked for, a focus takes no more than 1/8 of what it is from."""

FIRST = 0.75
"""Of the room beside the base, what the first question may fill with parts of other documents."""

LATER = 0.25
"""The same for each question after it, of what is left then."""

MOST_LATER = 16_384
"""Tokens of the same: what one more question needs is not much."""

PASSAGE = 15
"""Lines of a passage, at the most: measured in docs/evidence.md."""

SHORTEST = 25
"""Tokens of a passage, at the least that matters: more passages than fit are never looked at."""


LOOKED_AT = 12
"""Passages, the best ones, that a person should know of where the model sees nothing of them."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a question brings along, and what it does not."""

    tail: Segment | None = None
    """Of the documents that do not fit, what the question needs."""
    focus: Segment | None = None
    """The best passages once more."""
    unshown: tuple[str, ...] = ()
    """Documents that match the question well and of which the model sees nothing."""


class Ground:
    """Budgets and lineages of one session."""

    def __init__(self, surface: Surface, lineages: Lineages, finder: Finder) -> None:
        self._surface = surface
        self._finder = finder
        self._lineages = lineages
        self._anew = surface.anew
        """Until a base of one's own is kept, every look begins one."""
        self._window = 0

    def budget(self, question: str, loaded: Loaded) -> Budget:
        """How the window is shared out for this question."""
        surface = self._surface
        connected, memo = surface.connected, surface.places.memo
        window = window_for(surface.wanted, connected.served.window, surface.say)
        self._window = window
        if not Remembering(connected.tokenizer, memo).knows(render.instructions()):
            announce(loaded.corpus, connected.tokenizer, memo, window)
        tokens = question_tokens(question, connected.tokenizer) if question else 1
        reckoning = Reckoning(surface)
        if caution := reckoning.caution:
            surface.say(caution)
        return budget_for(surface.wanted, window, tokens, connected, memo, reckoning.margin)

    def current(self, loaded: Loaded, budget: Budget) -> Continued:
        """The lineage that shows the sources as they are now; nothing is kept yet."""
        self._grow(budget)
        with loaded.history() or nullcontext() as history:
            return self._continuing.current(loaded.corpus, history, anew=self._anew)

    def seen(self, before: Lineage, corpus: Corpus, budget: Budget) -> Lineage | None:
        """What a conversation has been shown with what changed since; None where that is so much
        that a new base is worth it."""
        self._grow(budget)
        after = self._continuing.updated(before, corpus)
        return None if self._continuing.outgrown(after) else after

    def repacked(self, continued: Continued, corpus: Corpus) -> Continued:
        """The same documents on a new base, what changed moved to its end; nothing is kept yet."""
        return self._continuing.repacked(continued, corpus)

    def evidence(
        self,
        question: str,
        corpus: Corpus,
        seen: Lineage,
        conversation: Conversation,
        budget: Budget,
    ) -> Evidence:
        """What stands between the turns and the question."""
        tokenizer = self._surface.connected.tokenizer
        beside = max(0, budget.corpus - seen.tokens)
        free = max(0, beside - conversation.tokens)
        # What is left is for turns first: where they have taken half of it, they get the rest.
        focus_room = self._focus_room(seen) if 2 * free >= beside else 0
        before = told(conversation.said)
        share = min(LATER * free, MOST_LATER) if before else FIRST * free
        tail_room = int(share) if seen.base.left else 0
        if max(focus_room, tail_room) < LEAST:
            return Evidence()
        passages = self._finder.index(corpus).passages(question, PASSAGE)
        found = list(islice(passages, max(focus_room, tail_room) // SHORTEST))
        outlining = partial(outlines_of, memo=self._surface.places.memo)
        copies = self._finder.copies(corpus)
        parts = tail(found, before, seen.state, tail_room, tokenizer, outlining, copies)
        return Evidence(
            parts,
            focused(found[: focus_room // SHORTEST], seen.state, focus_room, tokenizer),
            unshown(found[:LOOKED_AT], seen.state, before, told(() if parts is None else (parts,))),
        )

    def _focus_room(self, seen: Lineage) -> int:
        asked = self._surface.wanted.focus
        if asked is not None:
            return asked
        return min(focus_reserve(self._window), seen.base.tokens // SMALL)

    def keep(self, continued: Continued) -> bytes | None:
        """Make later questions go on from here; the digest of a base that this replaces."""
        self._anew = False
        return self._continuing.keep(continued)

    def _grow(self, budget: Budget) -> None:
        """From here on, lineages are grown for this budget."""
        surface = self._surface
        terms = Terms(
            surface.connected.tokenizer,
            surface.places.memo,
            budget.corpus,
            RULE.share,
            surface.counting,
            surface.wanted.core,
        )
        self._continuing = Continuing(self._lineages, terms, surface.place, surface.say)
