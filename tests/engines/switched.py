"""Doubles of servers that go and come back, for what several of them do together."""

from collections.abc import Iterator
from dataclasses import replace

from longctx.engines import Delta, Event, Request, Served, Usage, Worker
from longctx.engines.radix_tree import PLAIN, Rules
from longctx.engines.scripted import SPOKEN, Scripted
from longctx.errors import EngineError, EngineUnavailable
from longctx.prompt import Effort, Ids
from longctx.template.deepseek_v4 import EOS
from longctx.tokens import tokenizer_for

TOKENIZER = tokenizer_for("deepseek-v4")


class Switched(Scripted):
    """A double of a server that can be switched off, also in the middle of an answer."""

    def __init__(self, url: str, model: str = "tiny", rules: Rules = PLAIN, **told: object) -> None:
        super().__init__([f"I am {url}"], rules=rules)
        self.url = url
        self.on = True
        self.breaks = False
        self.backlog: int | None = None
        self.heard: list[str] = []
        self.ids: Ids | None = Ids.of([1, 2])
        self.told = replace(super().served(), base_url=url, model=model, **told)  # type: ignore[arg-type]  # test values

    def restart(self) -> None:
        """Be there, with nothing cached."""
        fresh = Scripted([""], rules=self._cache.rules)
        self._cache, self.on = fresh._cache, True
        self.told = replace(self.told, incarnation=fresh.served().incarnation)

    def served(self) -> Served:
        if not self.on:
            raise EngineUnavailable(f"{self.url} does not answer")
        return self.told

    def stream(self, request: Request) -> Iterator[Event]:
        self.served()
        events = super().stream(request)
        yield next(events)
        if self.breaks:
            self.on = False
            raise EngineError("the connection broke off")
        yield from events

    def prime(self, request: Request) -> Usage:
        self.served()
        return super().prime(request)

    def workers_for(self, key: bytes) -> tuple[Worker, ...]:
        ranks = self.told.workers
        return (Worker(key[0] % ranks, self.told),) if ranks > 1 else ()

    def waiting(self) -> int | None:
        return self.backlog

    def release(self, session: str) -> None:
        self.heard.append(session)

    def close(self) -> None:
        self.heard.append("closed")

    def rendered(self, messages: object, effort: Effort) -> Ids | None:
        return self.ids


class Speaking(Switched):
    """The same, and it says one sentence, from wherever in it the prompt ends."""

    def __init__(self, url: str, sentence: str, rules: Rules = PLAIN) -> None:
        super().__init__(url, rules=rules)
        first, *more = sentence.split(" ")
        self.words = [first, *(" " + word for word in more)]
        self.breaks_after: int | None = None
        """Words after which it is gone, once."""
        self.asked: list[Request] = []

    def stream(self, request: Request) -> Iterator[Event]:
        self.served()
        self.asked.append(request)
        assert request.ids is not None
        said = max(n for n in range(len(self.words)) if ends_with(request.ids, self.words[:n]))
        ids = Ids.joined([TOKENIZER.encode("".join(self.words[said:])), EOS])
        counts = self._counts(request.ids, [*ids, SPOKEN])
        for number, word in enumerate(self.words[said:]):
            if number == self.breaks_after:
                self.on = False
                raise EngineError(f"{self.url}: the connection broke off")
            yield Delta(word)
        yield Usage(counts.prompt_tokens, len(ids), counts.cached_tokens, "stop")


def ends_with(ids: Ids, words: list[str]) -> bool:
    end = TOKENIZER.encode("".join(words)).data
    return not words or ids.data.endswith(end)
