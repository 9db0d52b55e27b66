"""A session: questions over sources, each with all before it, kept on this machine.

Puts the parts together for one question after another: read, update, prime, ask, keep. What must
never be known here: how options are spelled, how answers are shown.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from longctx import render
from longctx.api.answering import Answering
from longctx.api.asked import Asked, Shared
from longctx.api.finding import Finder
from longctx.api.grounds import Ground
from longctx.api.lineages import Lineages
from longctx.api.paths import Path, settings_of
from longctx.api.prefixes import Prefixes, tag_of
from longctx.api.reckoning import Reckoning
from longctx.api.sweeping import swept_if_due
from longctx.api.warming import MOMENT, Ahead
from longctx.budget import SLACK
from longctx.engines import Request, Takes
from longctx.engines.radix_tree import shared as shared_ids
from longctx.errors import EngineUnavailable
from longctx.prompt import Effort, Ids, Role, Segment
from longctx.session import Generation, refuse_overlong, request_for
from longctx.session.conversations import UPDATE, Conversation, answer_segment
from longctx.session.exploring import LEAST, STEPS, Explore, offer
from longctx.session.warming import TRIES, Warmth, missing, touch, warm
from longctx.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import TracebackType

    from longctx.api.continuing import Continued
    from longctx.api.prefixes import Home
    from longctx.api.sources import Loaded
    from longctx.api.surface import Surface
    from longctx.budget import Budget
    from longctx.engines import Delta, Reasoning, Served
    from longctx.prompt import Prompt
    from longctx.session import Turn
    from longctx.session.asking import Step
    from longctx.session.prefixes import Prefix
    from longctx.store import KeptSession
    from longctx.updates import Lineage


class Session:
    """Ask, follow up, fork. A context manager; closing it closes the engine and the store."""

    def __init__(self, surface: Surface, kept: KeptSession | None = None) -> None:
        self.surface = surface
        self._lineages = Lineages(surface.store)
        self._prefixes = Prefixes(surface, self._lineages)
        self._path = Path(surface, self._lineages, self._prefixes, kept)
        self._conversation = self._path.conversation()
        self._finder = Finder(surface.places.memo, surface.place, surface.reading)
        self._ground = Ground(surface, self._lineages, self._finder)
        self._reckoning = Reckoning(surface)
        self._ahead: Ahead | None = None
        self._closed = False

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
        if self._closed:
            return
        self._closed = True
        self._settle(patience=0.2)
        self.surface.connected.engine.close()
        with suppress(StoreError):  # a sweep can wait, and must not hide why a session ends
            swept_if_due(self.surface.store)
        self.surface.store.close()

    @property
    def kept(self) -> KeptSession | None:
        """The session as it is kept; None until the first answer."""
        return self._path.kept

    @property
    def id(self) -> str:
        """What `--session` takes; empty before the first answer."""
        return "" if self.kept is None else self.kept.id

    @property
    def turns(self) -> tuple[Turn, ...]:
        """Everything asked so far, the first first."""
        return self._path.turns

    def ask(self, question: str) -> Generator[Delta | Reasoning | Step | Turn]:
        """The answer as it comes, and the checked turn last; close it early to abort.

        A `Step` comes each time that the model reads more, where that is wanted.
        """
        asked = self.prepare(question)
        asked.warm()
        yield from asked.send()

    def fork(
        self, turn: int | None = None, name: str = "", effort: Effort | None = None
    ) -> Session:
        """A session that shares the turns up to `turn` (default: all) and goes its own way.

        `effort` is its own too; another one costs the prefix. It works with the same engine and
        store: close one of them only.
        """
        surface, parent = self.surface, self._path.head if turn is None else turn
        settings = settings_of(effort or surface.wanted.effort)
        kept = surface.store.create(surface.sources, surface.place, settings, name, parent=parent)
        return self.beside(kept)

    def beside(self, kept: KeptSession | None, effort: Effort | None = None) -> Session:
        """A kept session over the same sources, or a new one (None), with its own effort.

        It works with the same engine and store: close one of them only.
        """
        self._settle()
        if kept is not None:
            effort = Effort(json.loads(kept.settings)["effort"])
        wanted = replace(self.surface.wanted, effort=effort or self.surface.wanted.effort)
        return Session(replace(self.surface, wanted=wanted, anew=False), kept)

    def prepare(self, question: str) -> Asked:
        """Read the sources and make the request for this question, known to fit."""
        loaded = self.surface.read()
        connected, wanted = self.surface.connected, self.surface.wanted
        if connected.takes is Takes.EXCERPTS:
            # Slow to load, and only needed where no model answers.
            from longctx.excerpts import excerpts_for

            found = excerpts_for(question, self._finder.index(loaded.corpus))
            bare = Request(
                0,
                wanted.effort,
                question=question,
                excerpts=found.excerpts,
                finding=found.told,
            )
            return Asked(self, loaded, bare, findings=found.findings)
        budget = self._ground.budget(question, loaded)
        conversation, seen, continued = self._placed(loaded, budget)
        evidence = self._ground.evidence(question, loaded.corpus, seen, conversation, budget)
        segments = conversation.asked(
            question, seen, connected.tokenizer.encode, evidence.tail, evidence.focus
        )
        prompt = conversation.prompt(segments)
        request = self._request(question, conversation, prompt, budget)
        asked = Asked(
            self,
            loaded,
            request,
            budget,
            conversation,
            segments,
            seen,
            continued,
            prompt.digest.hex(),
            unshown=evidence.unshown,
        )
        asked = self._offered(asked, budget) or self._measured(asked, prompt)
        window = connected.served.window
        limit = None if window is None else window - SLACK // 2
        tokens = asked.request.tokens
        most = None if tokens is None else tokens + asked.request.within
        refuse_overlong(most, budget.answer, limit, turns=bool(conversation.said))
        return asked

    def _measured(self, asked: Asked, prompt: Prompt) -> Asked:
        request = self._reckoning.measured(asked.request, prompt)
        return replace(asked, request=request, predicted_tokens=request.tokens)

    def _offered(self, asked: Asked, budget: Budget) -> Asked | None:
        """The same, counted, with the offer to read more; None where that is not wanted or there
        is no room."""
        connected, conversation = self.surface.connected, asked.conversation
        steps = self.steps
        if not steps or conversation is None:
            return None
        window = min(budget.window, connected.served.window or budget.window)
        calls = connected.served.tells_calls and connected.takes is Takes.IDS
        explore = Explore(steps, window - SLACK, calls)
        told = offer(explore, connected.template, connected.tokenizer.encode)
        segments = (*asked.segments, told)
        prompt = conversation.prompt(segments)
        bare = self._request(asked.request.question, conversation, prompt, budget)
        request = self._reckoning.measured(bare, prompt)
        tokens = request.tokens or conversation.prefix.tokens + conversation.tokens
        if tokens + request.within > explore.limit - budget.answer - LEAST:
            self.surface.say("there is no room to read more: the window is nearly full")
            return None
        return replace(
            asked,
            request=replace(request, tools=explore.tools),
            segments=segments,
            digest=prompt.digest.hex(),
            predicted_tokens=request.tokens,
            explore=explore,
        )

    def explore(self, steps: int | None) -> None:
        """From the next question on, let the model read more in up to so many steps."""
        self.surface = replace(self.surface, wanted=replace(self.surface.wanted, explore=steps))

    @property
    def steps(self) -> int:
        """In how many steps a question may read more, at the most."""
        wanted, connected = self.surface.wanted.explore, self.surface.connected
        if wanted is None:
            return STEPS if connected.served.tells_calls else 0
        return 0 if connected.takes is Takes.EXCERPTS else wanted

    def _request(
        self,
        question: str,
        conversation: Conversation,
        prompt: Prompt,
        budget: Budget,
    ) -> Request:
        connected, wanted = self.surface.connected, self.surface.wanted
        return request_for(
            question,
            prompt,
            connected.takes,
            connected.template,
            Generation(budget.answer, wanted.effort, wanted.temperature),
            self._prefixes.home(conversation.prefix).levers,
        )

    def shown(self, question: str = "") -> Shared:
        """What a new session's questions share as things are now; nothing is kept or sent."""
        loaded = self.surface.read()
        budget = self._ground.budget(question, loaded)
        continued = self._ground.current(loaded, budget)
        return Shared(self, continued, loaded, budget)

    def prefix_over(self, lineage: Lineage) -> Prefix:
        """The prefix that questions over this lineage begin with."""
        return self._prefixes.over(lineage)

    def texts(self, lineage: Lineage) -> Iterator[str]:
        """The same as text, piece by piece."""
        yield render.instructions()
        yield from self._lineages.base_texts(lineage.base)
        yield from (step.text for step in lineage.steps)
        yield render.padding(self._prefixes.padding(lineage))

    def repacked(self, shared: Shared) -> Shared:
        """The same documents on a new base, what changed moved to its end; nothing is kept yet."""
        fresh = self._ground.repacked(shared.continued, shared.loaded.corpus)
        return replace(shared, continued=fresh)

    def keep(self, continued: Continued) -> None:
        """Make later questions over these sources go on from here."""
        replaced = self._ground.keep(continued)
        if replaced is not None and self.surface.connected.served.session_cache:
            self.surface.connected.engine.release(tag_of(replaced))

    def home(self, prefix: Prefix) -> Served:
        """What serves the questions over this prefix now."""
        return self._prefixes.home(prefix).served

    def lacking(self, prefix: Prefix) -> int:
        """Tokens of it that the server must prefill before a question is asked."""
        home = self._prefixes.home(prefix)
        return missing(prefix, home.forecast, home.served)

    def warm(
        self, prefix: Prefix, waiting: Callable[[float], None] = lambda seconds: None
    ) -> Warmth | None:
        """Make the server hold this prefix; None where it cannot be told to."""
        if prefix.ids is None:
            return None
        self._prefixes.keep(prefix)
        engine, flights = self.surface.connected.engine, self._prefixes.flights
        while True:
            home = self._prefixes.home(prefix)
            try:
                return warm(
                    prefix, engine, home.served, home.forecast, flights, home.levers, waiting
                )
            except EngineUnavailable as error:
                self.move(prefix, home, error)

    def move(self, prefix: Prefix, gone: Home, error: EngineUnavailable) -> None:
        """Say where the prefix lives after its server went; the error where that is nowhere."""
        home = self._prefixes.home(prefix) if gone.number is not None else gone
        if home.number == gone.number:
            raise error
        self.surface.say(f"{error}; going on at {home.served.base_url}")

    def touch(self, prefix: Prefix) -> int | None:
        """Use a prefix that was warmed, so that others' requests do not push it out; how much of it
        the server still had, as it reports."""
        home = self._prefixes.home(prefix)
        return touch(prefix, self.surface.connected.engine, home.forecast, home.levers)

    def prime_next(self) -> None:
        """Prefill the last answer while it is read.

        After thinking the next prompt leaves the last one where the answer begins, because
        reasoning is not repeated. A thread does it; the next question waits for a moment at most.
        """
        connected, effort = self.surface.connected, self.surface.wanted.effort
        conversation = self._conversation
        if conversation is None or effort is Effort.OFF or connected.takes is not Takes.IDS:
            return
        self._settle()
        template = connected.template
        asked = Segment(Role.USER, "question", "", Ids())
        now, then = (
            template.encode(conversation.prompt(segments), effort) for segments in ((), (asked,))
        )
        ids = now.head(shared_ids(now.data, then.data))
        home = self._prefixes.home(conversation.prefix)
        page = home.served.page_size or 1
        enough = (len(ids) - 1) // page * page
        if not conversation.said or home.forecast.expected(then) >= enough:
            return
        request = home.levers.on(Request(0, effort, ids=ids))
        tries = TRIES if home.served.sliding_window else 1
        self._ahead = Ahead(
            conversation.prefix, request, connected.engine, home.forecast, enough, tries
        )

    def _settle(self, patience: float = MOMENT) -> None:
        """Wait for what `prime_next` began, and note what the server has cached of it."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            for _ in range(ahead.settled(patience)):
                ahead.forecast.sent(ahead.prefix, ahead.ids, Ids())

    def answered(self, asked: Asked) -> Generator[Delta | Reasoning | Step | Turn]:
        """Send what was prepared, check the answer, keep the turn."""
        self._settle()
        answering = Answering(
            asked,
            self._prefixes,
            self._reckoning,
            lambda: self._finder.index(asked.corpus),
            lambda turn, segments: self._keep(asked, turn, segments),
        )
        return answering.events()

    def _keep(self, asked: Asked, turn: Turn, segments: tuple[Segment, ...]) -> Turn:
        """The turn with its id; the conversation goes on after it."""
        connected, effort = self.surface.connected, self.surface.wanted.effort
        if asked.conversation is not None and asked.seen is not None:
            ids = None if effort is not Effort.OFF else turn.usage.ids
            exact = None if ids is None else connected.template.repeated(ids, effort)
            if turn.answer or not turn.interrupted:
                said = answer_segment(turn.answer, connected.tokenizer.encode, exact)
                segments = (*segments, said)
            self._conversation = asked.conversation.answered(segments, asked.seen)
        return self._path.append(turn, asked, segments)

    # Where a question is asked.

    def _placed(
        self, loaded: Loaded, budget: Budget
    ) -> tuple[Conversation, Lineage, Continued | None]:
        """The conversation, what the model will have seen, and the lineage to keep if it is new."""
        conversation = self._conversation
        if conversation is not None:
            seen = self._ground.seen(conversation.seen, loaded.corpus, budget)
            if seen is not None:
                return conversation, seen, None
            self.surface.say("the sources changed much: the session goes on over a new base")
        said = self._path.retold() if conversation is None else conversation.said
        continued = self._ground.current(loaded, budget)
        prefix = self._prefixes.over(continued.lineage)
        return (
            Conversation(prefix, without_updates(said), continued.lineage),
            continued.lineage,
            continued,
        )


def without_updates(said: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Turns as they stand over a base that already holds what changed between them."""
    return tuple(segment for segment in said if segment.name != UPDATE)
