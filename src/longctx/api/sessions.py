"""A session: questions over sources, each with all before it, kept on this machine.

Puts the parts together for one question after another: read, update, prime, ask, keep. What must
never be known here: how options are spelled, how answers are shown.
"""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from longctx.api.asked import Asked, Shared
from longctx.api.continuing import RULE, Continued, Continuing
from longctx.api.lineages import Lineages
from longctx.api.packing import budget_for, question_tokens, window_for
from longctx.api.prefixes import Prefixes
from longctx.api.turn_facts import facts_of, turn_of
from longctx.budget import SLACK
from longctx.corpus import Reason
from longctx.engines import Request, Takes
from longctx.pack import measured
from longctx.pack.growing import Terms
from longctx.session import (
    Generation,
    Levers,
    Turn,
    answer,
    excerpts_for,
    refuse_overlong,
    request_for,
)
from longctx.session.conversations import UPDATE, Conversation, answer_segment
from longctx.session.forecasts import cause_of_miss
from longctx.session.warming import Warmth, missing, warm
from longctx.store import Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import TracebackType

    from longctx.api.sources import Loaded
    from longctx.api.surface import Surface
    from longctx.budget import Budget
    from longctx.corpus import Corpus, Omission
    from longctx.engines import Delta, Reasoning
    from longctx.prompt import Ids, Segment
    from longctx.session.prefixes import Prefix
    from longctx.store import KeptSession
    from longctx.updates import Lineage


class Session:
    """Ask, follow up, fork. A context manager; closing it closes the engine and the store."""

    def __init__(self, surface: Surface, kept: KeptSession | None = None) -> None:
        self.surface = surface
        self.kept = kept
        """None until the first answer is kept."""
        self._lineages = Lineages(surface.store)
        self._prefixes = Prefixes(surface, self._lineages)
        self._conversation: Conversation | None = None
        self._past: tuple[Segment, ...] = ()
        """Turns whose prefix is not kept any more."""
        self._anew = surface.anew
        if kept is not None and kept.head is not None:
            self._restore(kept.head)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.surface.connected.engine.close()
        self.surface.store.close()

    @property
    def id(self) -> str:
        """What `--session` takes; empty before the first answer."""
        return "" if self.kept is None else self.kept.id

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Everything asked so far, the first first."""
        head = self._head()
        return () if head is None else tuple(map(turn_of, self.surface.store.path_to(head)))

    def ask(self, question: str) -> Generator[Delta | Reasoning | Turn]:
        """The answer as it comes, and the checked turn last; close it early to abort."""
        asked = self.prepare(question)
        asked.warm()
        yield from asked.send()

    def fork(self, turn: int | None = None, name: str = "") -> Session:
        """A session that shares the turns up to `turn` (default: all) and goes its own way.

        It works with the same engine and store: close one of them only.
        """
        surface, parent = self.surface, self._head() if turn is None else turn
        kept = surface.store.create(
            surface.sources, surface.place, self._settings(), name, parent=parent
        )
        return Session(replace(surface, anew=False), kept)

    def prepare(self, question: str) -> Asked:
        """Read the sources and make the request for this question, known to fit."""
        loaded = self.surface.read()
        connected, wanted = self.surface.connected, self.surface.wanted
        if connected.takes is Takes.EXCERPTS:
            excerpts = excerpts_for(question, loaded.corpus)
            bare = Request(0, wanted.effort, question=question, excerpts=excerpts)
            return Asked(self, loaded, bare)
        budget = self._budget(question)
        conversation, seen, continued = self._placed(loaded, budget)
        segments = conversation.asked(question, seen, connected.tokenizer.encode)
        prompt = conversation.prompt(segments)
        generation = Generation(budget.answer, wanted.effort, wanted.temperature)
        request = request_for(
            question,
            prompt,
            connected.takes,
            connected.template,
            generation,
            self._levers(conversation.prefix),
        )
        tokens = self._counted(request)
        window = connected.served.window
        refuse_overlong(tokens, budget.answer, None if window is None else window - SLACK // 2)
        return Asked(
            self,
            loaded,
            request,
            budget,
            conversation,
            segments,
            seen,
            continued,
            prompt.digest.hex(),
            tokens,
        )

    def shown(self, question: str = "") -> Shared:
        """What a new session's questions share as things are now; nothing is kept or sent."""
        loaded, budget = self.surface.read(), self._budget(question)
        continued = self._current(loaded, budget)
        prefix = self._prefixes.over(continued.lineage)
        return Shared(continued, prefix, loaded, budget)

    def texts(self, shared: Shared) -> Iterator[str]:
        """The prefix as text, piece by piece."""
        instructions, _, *updates = shared.prefix.segments
        yield instructions.text
        yield from self._lineages.base_texts(shared.prefix.lineage.base)
        yield from (segment.text for segment in updates)

    def repacked(self, shared: Shared) -> Shared:
        """The same documents on a new base, what changed moved to its end; nothing is kept yet."""
        fresh = self._continuing.repacked(shared.continued)
        return replace(shared, continued=fresh, prefix=self._prefixes.over(fresh.lineage))

    def keep(self, continued: Continued) -> None:
        """Make later questions over these sources go on from here."""
        replaced = self._continuing.keep(continued)
        if replaced is not None and self.surface.connected.served.session_cache:
            self.surface.connected.engine.release(tag_of(replaced))

    def sized(self, omissions: tuple[Omission, ...], corpus: Corpus) -> tuple[Omission, ...]:
        """Omissions with the tokens of those that did not fit."""
        if not any(omission.reason is Reason.BUDGET for omission in omissions):
            return omissions
        surface = self.surface
        units = measured(corpus, surface.connected.tokenizer, surface.places.memo)
        sizes = {unit.document.path: unit.tokens for unit in units}
        return tuple(
            replace(omission, tokens=sizes.get(omission.path))
            if omission.reason is Reason.BUDGET
            else omission
            for omission in omissions
        )

    def lacking(self, prefix: Prefix) -> int:
        """Tokens of it that the server must prefill before a question is asked."""
        return missing(prefix, self._prefixes.forecast, self.surface.connected.served)

    def warm(
        self, prefix: Prefix, waiting: Callable[[float], None] = lambda seconds: None
    ) -> Warmth | None:
        """Make the server hold this prefix; None where it cannot be told to."""
        if prefix.ids is None:
            return None
        self._prefixes.keep(prefix)
        return warm(
            prefix,
            self.surface.connected.engine,
            self.surface.connected.served,
            self._prefixes.forecast,
            self._prefixes.flights,
            self._levers(prefix),
            waiting,
        )

    def answered(self, asked: Asked) -> Generator[Delta | Reasoning | Turn]:
        """Send what was prepared, check the answer, keep the turn."""
        ids, conversation = asked.request.ids, asked.conversation
        expected = None
        events = answer(
            asked.request,
            self.surface.connected.engine,
            asked.corpus,
            asked.predicted_tokens,
            asked.digest,
        )
        for event in events:
            if not isinstance(event, Turn):
                yield event
                continue
            turn = event
            if ids is not None and conversation is not None:
                forecast = self._prefixes.forecast
                expected = forecast.expected(ids)
                cause = cause_of_miss(
                    expected,
                    turn.usage.cached_tokens,
                    conversation.prefix,
                    turns=bool(conversation.said),
                )
                turn = replace(turn, predicted_cached=expected, cause=cause)
                forecast.sent(conversation.prefix, ids, self._said(turn))
            yield self._keep(asked, turn)

    # Where a question is asked.

    def _placed(
        self, loaded: Loaded, budget: Budget
    ) -> tuple[Conversation, Lineage, Continued | None]:
        """The conversation, what the model will have seen, and the lineage to keep if it is new."""
        conversation = self._conversation
        if conversation is not None:
            self._grow(budget)
            seen = self._continuing.updated(conversation.seen, loaded.corpus)
            if not self._continuing.outgrown(seen):
                return conversation, seen, None
            self.surface.say("the sources changed much: the session goes on over a new base")
        said = self._past if conversation is None else conversation.said
        continued = self._current(loaded, budget)
        prefix = self._prefixes.over(continued.lineage)
        return (
            Conversation(prefix, without_updates(said), continued.lineage),
            continued.lineage,
            continued,
        )

    def _current(self, loaded: Loaded, budget: Budget) -> Continued:
        self._grow(budget)
        with loaded.history() or nullcontext() as history:
            return self._continuing.current(loaded.corpus, history, anew=self._anew)

    def _grow(self, budget: Budget) -> None:
        """From here on, lineages are grown for this budget."""
        surface = self.surface
        terms = Terms(
            surface.connected.tokenizer,
            surface.places.memo,
            budget.corpus,
            RULE.share,
            surface.counting,
        )
        self._continuing = Continuing(self._lineages, terms, surface.place, surface.say)

    def _budget(self, question: str) -> Budget:
        connected, wanted = self.surface.connected, self.surface.wanted
        window = window_for(wanted, connected.served.window, self.surface.say)
        tokens = question_tokens(question, connected.tokenizer) if question else 1
        return budget_for(wanted, window, tokens, connected, self.surface.places.memo)

    def _counted(self, request: Request) -> int | None:
        if request.ids is not None:
            return len(request.ids)
        rendered = self.surface.connected.engine.rendered(request.messages, request.effort)
        return None if rendered is None else len(rendered)

    def _levers(self, prefix: Prefix) -> Levers:
        """How requests over this prefix are marked: alike for everyone who shares its base."""
        surface, base = self.surface, prefix.lineage.base.digest
        served = surface.connected.served
        return Levers(
            session=tag_of(base) if served.session_cache else None,
            salt=surface.salt,
            worker=base[0] % served.workers if served.workers > 1 else None,
        )

    # What is kept.

    def _said(self, turn: Turn) -> Ids:
        """The ids that were generated; none where the text does not tell."""
        connected = self.surface.connected
        encode = connected.tokenizer.encode
        said = connected.template.said(
            encode(turn.answer),
            encode(turn.reasoning) if turn.reasoning else None,
            finished=turn.usage.finish_reason != "length",
        )
        return said if len(said) == turn.usage.completion_tokens else said.head(0)

    def _keep(self, asked: Asked, turn: Turn) -> Turn:
        surface, segments = self.surface, asked.segments
        if asked.conversation is not None and asked.seen is not None:
            said = answer_segment(turn.answer, surface.connected.tokenizer.encode)
            self._lineages.keep(asked.seen)
            self._prefixes.keep(asked.conversation.prefix)
            self._conversation = asked.conversation.answered(segments, said, asked.seen)
            segments = (*segments, said)
        self._anew = False
        if self.kept is None:
            self.kept = surface.store.create(surface.sources, surface.place, self._settings())
        kept = surface.store.append(
            self.kept.id,
            Kept(
                id=0,
                session=self.kept.id,
                parent=self._head(),
                created="",
                question=turn.question,
                answer=turn.answer,
                reasoning=turn.reasoning,
                facts=facts_of(turn, surface.connected.served),
                prefix=b"" if asked.conversation is None else asked.conversation.prefix.digest,
                state=b"" if asked.seen is None else asked.seen.digest,
                segments=segments,
            ),
        )
        return replace(turn, id=kept.id, session=self.kept.id)

    def _restore(self, head: int) -> None:
        """The conversation as it was left, over the very ids that were sent."""
        path = self.surface.store.path_to(head)
        base, seen = path[-1].prefix, self._lineages.lineage(path[-1].state)
        lineage = self._prefixes.lineage_of(base) if base else None
        said = tuple(
            segment
            for kept in path
            for segment in kept.segments
            if kept.prefix == base or segment.name != UPDATE
        )
        if lineage is None or seen is None:
            self._past = said
            if base:
                self.surface.say("the session's base is not kept any more: it gets a new one")
            return
        prefix = self._prefixes.over(lineage)
        if prefix.digest != base:
            self.surface.say(
                "the prompt's beginning differs from the session's (the effort, the server's page"
                " size or longctx changed): all of it is prefilled again"
            )
        self._conversation = Conversation(prefix, said, seen)

    def _head(self) -> int | None:
        return None if self.kept is None else self.surface.store.session(self.kept.id).head

    def _settings(self) -> str:
        return json.dumps({"effort": str(self.surface.wanted.effort)})


def tag_of(base: bytes) -> str:
    """The session that a server's cache knows a base by."""
    return f"longctx-{base.hex()[:24]}"


def without_updates(said: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Turns as they stand over a base that already holds what changed between them."""
    return tuple(segment for segment in said if segment.name != UPDATE)
