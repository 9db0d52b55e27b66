"""llama.cpp's server: ids in, text out, through its own `/completion`.

Here may live: which page is asked when, and how requests are sent and read; what the pages say is
`llamacpp_info`'s, what the slots do with a prompt `slots`'s, files of slots `llamacpp_saved`'s.

Facts of llama-server (build 11549) used here, each seen on a real server by tests/live: a list of
ids as `prompt` is used as it is; the stream ends with the event whose `stop` is true, without
`[DONE]`, and it names the slot; `return_progress` tells how far the prompt is; `n_predict` 0 fills
the slot and stops; a named slot that is at work is waited for, one that is empty is NOT filled from
memory; closing the connection aborts the request; `/tokenize` reads the model's own tokens in a
text whatever `parse_special` says, where their kind is "user defined".
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.engines import (
    Connection,
    Delta,
    Engine,
    Event,
    Reasoning,
    Request,
    Served,
    Takes,
    Usage,
)
from longctx.engines.chats import counts_of, messages_of, not_served
from longctx.engines.http import Http, Json, field, integer, words
from longctx.engines.llamacpp_info import busy, fingerprint, served_by, shared_memory
from longctx.engines.llamacpp_saved import SavedSlots
from longctx.engines.slots import Slots
from longctx.engines.thoughts import told_apart
from longctx.errors import EngineError, UsageError
from longctx.prompt import Effort, Ids, Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.engines.caching import Caching

COMPLETION = "/completion"
CHAT = "/v1/chat/completions"


def connect(connection: Connection) -> Engine:
    """A llama.cpp client; a base URL is needed, the network is not touched yet."""
    if connection.base_url is None:
        raise UsageError("the llamacpp engine needs its server: --base-url http://HOST:8080")
    return LlamaCpp(connection)


class LlamaCpp(Engine):
    """A running llama-server."""

    name = "llamacpp"

    def __init__(self, connection: Connection) -> None:
        self._http = Http(connection)
        self._wanted = connection.model
        self._window: int | None = None
        self._slots = Slots()
        self._saved: SavedSlots | None = None
        self._used: dict[str, int] = {}
        """The slot of each session that was answered."""
        self._lacking: dict[int, int] = {}
        """Tokens that each running request has yet to prefill."""

    def close(self) -> None:
        self._http.close()

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.IDS, Takes.MESSAGES)

    def served(self) -> Served:
        props, listed = self._http.get("/props"), self._http.get("/v1/models")
        if field(props, "default_generation_settings") is None:
            raise EngineError(
                f"what answers at {self._http.root} is not llama.cpp's server (no /props): check"
                " --base-url, or use another --engine"
            )
        count = integer(field(props, "total_slots")) or 1
        self._slots = Slots(count, shared_memory(self._occupied(), count))
        told = served_by(self._http.root, props, listed, unified=self._slots.unified)
        if self._wanted is not None and self._wanted not in (told.model, *told.models):
            raise not_served(self._http.root, self._wanted, told.models or (str(told.model),))
        self._window = told.window
        self._saved = SavedSlots(self._http, fingerprint(props, listed))
        return told

    def caching(self, served: Served) -> Caching:
        return self._slots

    def stream(self, request: Request) -> Iterator[Event]:
        if request.ids is None:
            yield from self._chatted(request)
            return
        answer = _Answer(self, request)
        named = self._waited_for(request)
        yield from told_apart(answer.pieces(self._body(request, named)), request.effort)
        yield self._noted(request, answer.last)

    def prime(self, request: Request) -> Usage:
        if request.ids is None:
            reply = self._http.post(CHAT, self._chat(replace(request, max_tokens=1)))
            return counts_of(reply, None)
        named = self._saved.restored(request, self._occupied()) if self._saved else None
        if named is None:
            named = self._waited_for(request)
        answer = _Answer(self, request)
        for _ in answer.pieces(self._body(replace(request, max_tokens=0), named)):
            pass
        usage = self._noted(request, answer.last)
        slot = integer(field(answer.last, "id_slot"))
        if self._saved is not None and slot is not None and slot >= 0:
            self._saved.save(request, slot, len(request.ids) - (usage.cached_tokens or 0))
        return usage

    def release(self, session: str) -> None:
        self._used.pop(session, None)

    def waiting(self) -> int | None:
        lacking = list(self._lacking.values())
        return sum(lacking) if lacking else None

    def lacks(self, request: Request, tokens: int | None) -> None:
        """Note how much of a running request is yet to be prefilled; None when it has ended."""
        if tokens is None:
            self._lacking.pop(id(request), None)
        else:
            self._lacking[id(request)] = tokens

    def events(self, body: dict[str, object]) -> Iterator[Json]:
        return self._http.events(COMPLETION, body)

    def rendered(self, messages: Sequence[Message], effort: Effort) -> Ids | None:
        prompt = words(
            field(
                self._http.post(
                    "/apply-template", {"messages": messages_of(messages)} | _thinking(effort)
                ),
                "prompt",
            )
        )
        return None if prompt is None else self._tokenize(prompt, special=True)

    def tokenized(self, text: str) -> Ids | None:
        return self._tokenize(text, special=False)

    def _tokenize(self, text: str, *, special: bool) -> Ids | None:
        body: dict[str, object] = {
            "content": text,
            "add_special": special,
            "parse_special": special,
        }
        tokens = field(self._http.post("/tokenize", body), "tokens")
        if not isinstance(tokens, list):
            return None
        return Ids.of(token for token in tokens if isinstance(token, int))

    def _occupied(self) -> Json:
        """`/slots`; None where the server does not show them."""
        with suppress(EngineError):
            return self._http.get("/slots", 5)
        return None

    def _waited_for(self, request: Request) -> int | None:
        """The session's slot while it is at work, so that a question waits for it instead of being
        prefilled elsewhere. An idle one is left to the server, which finds the most alike."""
        slot = self._used.get(request.session or "")
        return slot if slot is not None and busy(self._occupied()).get(slot) else None

    def _noted(self, request: Request, last: Json) -> Usage:
        """The counts of the last event, which was not cut."""
        slot, sent = integer(field(last, "id_slot")), len(request.ids or ())
        if request.session is not None and slot is not None and slot >= 0:
            self._used[request.session] = slot
        usage = Usage(
            integer(field(last, "tokens_evaluated")),
            integer(field(last, "tokens_predicted")),
            integer(field(last, "timings", "cache_n")),
            "length" if field(last, "stop_type") == "limit" else "stop",
        )
        total = (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
        full = self._window is not None and self._window - 1 <= total <= self._window
        if field(last, "truncated") is True and not full:
            raise EngineError(
                f"{self._http.root} cut a prompt of {sent:,} tokens to fit its slot: start it"
                " without --context-shift and with a larger -c, or use a smaller --budget"
            )
        return usage

    def _body(self, request: Request, slot: int | None) -> dict[str, object]:
        _refuse_salt(request)
        body: dict[str, object] = {
            "prompt": [] if request.ids is None else request.ids.tolist(),
            "n_predict": request.max_tokens,
            "cache_prompt": True,
            "return_progress": True,
            "stream": True,
        }
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if slot is not None:
            body["id_slot"] = slot
        return body

    def _chat(self, request: Request) -> dict[str, object]:
        _refuse_salt(request)
        body: dict[str, object] = {"max_tokens": request.max_tokens}
        body |= {"messages": messages_of(request.messages)} | _thinking(request.effort)
        if request.temperature is not None:
            body["temperature"] = request.temperature
        return body

    def _chatted(self, request: Request) -> Iterator[Event]:
        body = self._chat(request) | {"stream": True, "stream_options": {"include_usage": True}}
        last: Json = None
        finish: str | None = None
        for event in self._http.events(CHAT, body):
            delta = field(event, "choices", 0, "delta")
            if thought := words(field(delta, "reasoning_content")):
                yield Reasoning(thought)
            if text := words(field(delta, "content")):
                yield Delta(text)
            finish = words(field(event, "choices", 0, "finish_reason")) or finish
            last = event if field(event, "usage") is not None else last
        yield counts_of(last, finish)


class _Answer:
    """One `/completion` on its way."""

    def __init__(self, engine: LlamaCpp, request: Request) -> None:
        self._engine = engine
        self._request = request
        self.last: Json = None

    def pieces(self, body: dict[str, object]) -> Iterator[str]:
        """What the model says; the last event is in `last` then."""
        self._engine.lacks(self._request, len(self._request.ids or ()))
        try:
            for event in self._engine.events(body):
                total, done = (
                    integer(field(event, "prompt_progress", name))
                    for name in ("total", "processed")
                )
                if total is not None and done is not None:
                    self._engine.lacks(self._request, total - done)
                if text := words(field(event, "content")):
                    yield text
                if field(event, "stop") is True:
                    self.last = event
                    return
        finally:
            self._engine.lacks(self._request, None)


def _refuse_salt(request: Request) -> None:
    if request.salt is not None:
        raise UsageError(
            "llama.cpp has no isolated caches: ask without --isolate, or of a server of your own"
        )


def _thinking(effort: Effort) -> dict[str, object]:
    """How V4's template is told to think."""
    thinking = effort is not Effort.OFF
    told: dict[str, object] = {"thinking": thinking, "enable_thinking": thinking}
    if thinking:
        told["reasoning_effort"] = str(effort)
    return {"chat_template_kwargs": told}
