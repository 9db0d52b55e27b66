"""A question that was prepared, sent: in one request, or in the steps in which a model reads more.

Knows engines, forecasts and what is looked up. What must never be known here: how sources are read,
how turns are kept, how anything is shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.engines import Delta, Reasoning, Takes, Usage
from longctx.errors import EngineUnavailable
from longctx.prompt import Ids
from longctx.session.asking import INTERRUPTED, Generated, Step, Turn, checked, generated
from longctx.session.conversations import answer_segment
from longctx.session.exploring import found_segment, looks_of, request_segment
from longctx.session.forecasts import cause_of_miss
from longctx.session.holding import Held
from longctx.session.resuming import joined, resumed
from longctx.session.units import short_of

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from longctx.api.asked import Asked
    from longctx.api.prefixes import Home, Prefixes
    from longctx.api.reckoning import Reckoning
    from longctx.engines import Request
    from longctx.prompt import Prompt, Segment
    from longctx.recall import Index
    from longctx.session.looks import Look
    from longctx.session.reading import Reader

SPARE = 16
"""Tokens that a chat's encoding adds to a step, at the most."""

ROOM = 400
"""Tokens of room below which nothing is looked up any more."""


class Answering:
    """One question on its way to its answer."""

    def __init__(
        self,
        asked: Asked,
        prefixes: Prefixes,
        reckoning: Reckoning,
        index: Callable[[], Index],
        keep: Callable[[Turn, tuple[Segment, ...]], Turn],
    ) -> None:
        """`reckoning` counts what a prompt takes, `index` finds passages, `keep` gets the turn with
        what the question added to the conversation, once."""
        self._asked = asked
        self._surface = asked.session.surface
        self._prefixes = prefixes
        self._reckoning = reckoning
        self._encode = asked.session.surface.connected.tokenizer.encode
        self._index = index
        self._keep = keep
        self._request = asked.request
        self._segments = asked.segments
        self._digest = asked.digest
        self._steps: list[Step] = []
        self._said: list[str] = []
        """What came of the request that is on its way."""
        self._shown: list[str] = []
        """What of it was passed on."""
        self._reader: Reader | None = None
        self._left = 0 if asked.explore is None else asked.explore.steps
        """Steps that there may be yet."""

    def events(self) -> Generator[Delta | Reasoning | Step | Turn]:
        """The answer as it comes, each step, and the turn that was kept last."""
        try:
            turn = yield from self._answered()
        except BaseException:
            # Ctrl-C included: what was read is paid for, and the next question goes on from it.
            if self._steps:
                self._keep(self._broken_off(), self._segments)
            raise
        yield self._keep(turn, self._segments)

    def _answered(self) -> Generator[Delta | Reasoning | Step, None, Turn]:
        while True:
            said, expected, cause = yield from self._sent(Held() if self._left else None)
            looks = looks_of(said) if self._left else ()
            step = self._step(said, looks) if looks else None
            if step is None:
                break
            self._steps.append(replace(step, predicted_cached=expected, cause=cause))
            yield self._steps[-1]
        # What was kept back is the answer after all.
        if shown := said.text[len("".join(self._shown)) :]:
            yield Delta(shown)
        if self._steps and not looks and looks_of(said):
            self._surface.say("the model would read more, and may not: raise --explore")
        asked = self._asked
        turn = self._checked(said)
        return replace(
            turn,
            predicted_cached=expected,
            cause=cause,
            best_effort=expected is not None and asked.request.ids is None,
        )

    def _checked(self, said: Generated) -> Turn:
        asked, request = self._asked, self._request
        question, digest = asked.request.question, self._digest
        turn = checked(question, said, asked.corpus, request.tokens, digest, request.within)
        return replace(turn, steps=tuple(self._steps))

    def _sent(
        self, held: Held | None
    ) -> Generator[Delta | Reasoning, None, tuple[Generated, int | None, str]]:
        """One request: what was said, the tokens that were to be cached, why there were fewer.

        Where its server goes, another of several goes on, in the middle of a word if need be.
        """
        request, conversation = self._request, self._asked.conversation
        self._said, self._shown = [], []
        while True:
            home = None if conversation is None else self._prefixes.home(conversation.prefix)
            begun = "".join(self._said)
            try:
                said, expected, cause = yield from self._sent_to(home, request, held)
            except EngineUnavailable as error:
                connected = self._surface.connected
                again = resumed(
                    self._request, "".join(self._said), connected.template, self._encode
                )
                if home is None or conversation is None or again is None:
                    raise
                self._asked.session.move(conversation.prefix, home, error)
                self._asked.session.warm(conversation.prefix)
                request = again
            else:
                return joined(begun, request, said, self._request), expected, cause

    def _sent_to(
        self, home: Home | None, request: Request, held: Held | None
    ) -> Generator[Delta | Reasoning, None, tuple[Generated, int | None, str]]:
        conversation = self._asked.conversation
        request = request if home is None else home.levers.on(request)
        expected = None
        if home is not None and request.ids is not None:
            # Before it is sent: what others send meanwhile may come to the server later.
            expected = home.forecast.expected(request.ids)
        elif conversation is not None:
            prompt = conversation.prompt(self._segments)
            expected = self._reckoning.hit(prompt)
        whole: Generated | None = None
        for event in generated(request, self._surface.connected.engine):
            match event:
                case Generated():
                    whole = event
                case Delta(text):
                    self._said.append(text)
                    shown = text if held is None else held.feed(text)
                    self._shown.append(shown)
                    if shown:
                        yield Delta(shown)
                case _:
                    yield event
        assert whole is not None  # noqa: S101 - what was said comes last
        cause = ""
        if request.ids is not None and conversation is not None and home is not None:
            cause = cause_of_miss(
                expected,
                whole.usage.cached_tokens,
                conversation.prefix,
                turns=bool(conversation.said or self._steps),
            )
            read = self._read_again(whole, request, reads_end=home.forecast.reads_end)
            home.forecast.sent(conversation.prefix, request.ids, read)
        elif conversation is not None:
            self._reckoning.noted(prompt, answer_segment(whole.text, self._encode), whole.usage)
            cause = "" if expected is None else short_of(expected, whole.usage.cached_tokens)
        return whole, expected, cause

    def _step(self, said: Generated, looks: tuple[Look, ...]) -> Step | None:
        """Look up what was asked for and make the request that shows it; None without room."""
        asked, connected = self._asked, self._surface.connected
        explore, conversation = asked.explore, asked.conversation
        assert explore is not None  # noqa: S101 - nothing was offered otherwise
        assert conversation is not None  # noqa: S101 - nor without a prompt
        template, encode = connected.template, self._encode
        effort, called = asked.request.effort, bool(said.calls)
        repeated = request_segment(said, effort, template, encode)
        most = explore.limit - asked.request.max_tokens

        def following(blocks: list[str], more: int) -> tuple[Segment, Request, int, Prompt]:
            found = found_segment(blocks, more, template, encode, called=called)
            prompt = conversation.prompt((*self._segments, repeated, found))
            request = self._reckoning.measured(self._again(prompt), prompt)
            counted = request.tokens
            if counted is None:
                counted = sum(each.tokens or 0 for each in prompt.segments)
                counted += template.overhead(len(prompt.messages()), effort)
            return found, request, counted + request.within, prompt

        empty = [""] * len(looks)
        left = self._left - 1
        bare = found_segment(empty, left, template, encode, called=called)
        room = most - self._after(said, repeated) - (bare.tokens or 0)
        if room >= ROOM:
            seen, blocks = self._reading().read(looks, room)
        else:
            seen, blocks, left = self._reading().none(looks), empty, 0
        found, request, needed, prompt = following(blocks, left)
        if needed > most:
            self._surface.say("there is no room to read what the model asks for")
            return None
        tokens = self._request.tokens
        self._segments = (*self._segments, repeated, found)
        self._digest, self._left = prompt.digest.hex(), left
        self._request = replace(request, tools=explore.tools if left else ())
        return Step(repeated.text, tuple(seen), said.usage, tokens, None, "", said.seconds)

    def _after(self, said: Generated, repeated: Segment) -> int:
        """Tokens of the prompt that repeats what was said, before what was found; rather more."""
        before = said.usage.prompt_tokens or self._request.tokens
        if before is None:
            conversation = self._asked.conversation
            told = () if conversation is None else conversation.prompt(self._segments).segments
            before = sum(each.tokens or 0 for each in told)
        return before + max(said.usage.completion_tokens or 0, repeated.tokens or 0) + SPARE

    def _again(self, prompt: Prompt) -> Request:
        """The same request with another prompt."""
        connected, request = self._surface.connected, self._asked.request
        if connected.takes is not Takes.IDS:
            return replace(request, messages=prompt.messages())
        return replace(request, ids=connected.template.encode(prompt, request.effort))

    def _reading(self) -> Reader:
        if self._reader is None:
            # Loads grammars, and most questions never read more.
            from longctx.session.reading import Reader

            tokenizer = self._surface.connected.tokenizer
            self._reader = Reader(self._asked.corpus, self._index, tokenizer)
        return self._reader

    def _broken_off(self) -> Turn:
        """What is kept of a question whose answer was not waited for."""
        text = "".join(self._said)
        said = Generated(text, "", (), Usage(finish_reason=INTERRUPTED), None, 0.0)
        if looks_of(said):
            said = replace(said, text="")
        return self._checked(said)

    def _read_again(self, said: Generated, request: Request, *, reads_end: bool) -> Ids:
        """The generated ids that the server has cached; none where nothing tells them.

        All of them but the last, which is read only where the answer ended by itself, and by a
        server that takes one step more before it sees that (`Caching.reads_end`).
        """
        template, encode = self._surface.connected.template, self._encode
        count, cut = said.usage.completion_tokens or 0, said.usage.finish_reason == "length"
        ids = said.usage.ids
        if ids is None and not said.calls:
            ids = template.said(
                encode(said.text),
                encode(said.reasoning) if said.reasoning else None,
                finished=not cut,
            )
        if ids is None:
            return Ids()
        if cut:  # perhaps within a letter, which is then not sent
            return ids.head(count - 1) if 0 < len(ids) <= count else Ids()
        if len(ids) != count:
            return Ids()
        return ids if reads_end and count < request.max_tokens else ids.head(count - 1)
