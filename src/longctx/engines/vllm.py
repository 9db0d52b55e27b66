"""vLLM: ids in, text out, through its completions; messages through its chat completions.

Here may live: which page is asked when, and how requests are sent and read; what the pages say is
`vllm_info`'s, and what the cache does with a prompt `blocks`'s.

Facts of vLLM 0.32 used here, each seen on a real server by tests/live: `/v1/completions` takes a
list of ids as its prompt and renders nothing; `max_tokens` is 1 at least; the last event carries
usage, with cached tokens only under `--enable-prompt-tokens-details`; closing the connection aborts
the request, in the prefill too; the answer of a completion is one text, the thoughts' mark in it.
"""

from __future__ import annotations

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
from longctx.engines.blocks import Blocks
from longctx.engines.chats import messages_of, not_served
from longctx.engines.http import Http, Json, field, integer, words
from longctx.engines.sglang_info import names
from longctx.engines.thoughts import told_apart
from longctx.engines.vllm_info import UNREPORTED, Pages, served_by
from longctx.errors import EngineError, UsageError
from longctx.prompt import Effort, Ids, Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from longctx.engines.caching import Caching

COMPLETIONS = "/v1/completions"
CHAT = "/v1/chat/completions"
RANK = "X-data-parallel-rank"
"""The header that names one of several data-parallel engines, each with a cache of its own."""


def connect(connection: Connection) -> Engine:
    """A vLLM client; a base URL is needed, the network is not touched yet."""
    if connection.base_url is None:
        raise UsageError("the vllm engine needs its server: --base-url http://HOST:8000")
    return VLLM(connection)


class VLLM(Engine):
    """A running vLLM server."""

    name = "vllm"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._http = Http(connection)
        self._ranks: dict[str, Http] = {}
        self._say = connection.say
        self._wanted = connection.model
        self._model = connection.model
        self._workers = 1
        self._reports: bool | None = None
        """Whether cached tokens are reported; None before the first answer."""

    def close(self) -> None:
        for http in (self._http, *self._ranks.values()):
            http.close()

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.IDS, Takes.MESSAGES)

    def served(self) -> Served:
        version = words(field(self._http.get("/version"), "version"))
        listed = self._http.get("/v1/models")
        models = names(listed)
        if version is None or not models:
            raise EngineError(
                f"what answers at {self._http.root} is not vLLM (no /version, no /v1/models):"
                " check --base-url, or use another --engine"
            )
        if self._wanted is not None and self._wanted not in models:
            raise not_served(self._http.root, self._wanted, models)
        self._model = self._wanted or models[0]
        pages = Pages(version, listed, self._http.page("/metrics"))
        told = served_by(self._http.root, self._model, pages)
        self._workers = told.workers
        return replace(told, reports_cached=self._reports)

    def caching(self, served: Served) -> Caching:
        if served.page_size is None or served.sliding_window is not None:
            return super().caching(served)  # nobody has measured what vLLM keeps of windows
        count = None if served.pool is None else served.pool // served.page_size
        return Blocks(served.page_size, count)

    def stream(self, request: Request) -> Iterator[Event]:
        body = self._body(request) | {"stream": True, "stream_options": {"include_usage": True}}
        last = _Last()
        if request.ids is not None:
            texts = last.seen(self._chosen(request).events(COMPLETIONS, body))
            pieces = (words(field(event, "choices", 0, "text")) or "" for event in texts)
            yield from told_apart(pieces, request.effort)
        else:
            for event in last.seen(self._chosen(request).events(CHAT, body)):
                yield from _chatted(field(event, "choices", 0, "delta"))
        yield self._told(last.usage, last.finish)

    def prime(self, request: Request) -> Usage:
        body = self._body(replace(request, max_tokens=1))
        path = CHAT if request.ids is None else COMPLETIONS
        reply = self._chosen(request).post(path, body)
        return self._told(field(reply, "usage"), words(field(reply, "choices", 0, "finish_reason")))

    def rendered(self, messages: Sequence[Message], effort: Effort) -> Ids | None:
        return self._tokenize({"messages": messages_of(messages)} | _thinking(effort))

    def tokenized(self, text: str) -> Ids | None:
        return self._tokenize({"prompt": text, "add_special_tokens": False})

    def _tokenize(self, what: dict[str, object]) -> Ids | None:
        tokens = field(self._http.post("/tokenize", {"model": self._model} | what), "tokens")
        if not isinstance(tokens, list):
            return None
        return Ids.of(token for token in tokens if isinstance(token, int))

    def _told(self, usage: Json, finish: str | None) -> Usage:
        """Counts as reported; says so, once, where cached tokens are not."""
        cached = integer(field(usage, "prompt_tokens_details", "cached_tokens"))
        if cached is None and usage is not None and self._reports is None:
            self._say(UNREPORTED)
        self._reports = cached is not None
        return Usage(
            integer(field(usage, "prompt_tokens")),
            integer(field(usage, "completion_tokens")),
            cached,
            finish,
        )

    def _chosen(self, request: Request) -> Http:
        """The way to the engine that the request names."""
        if request.worker is None or self._workers < 2:
            return self._http
        rank = str(request.worker)
        if rank not in self._ranks:
            self._ranks[rank] = Http(self._connection, {RANK: rank})
        return self._ranks[rank]

    def _body(self, request: Request) -> dict[str, object]:
        body: dict[str, object] = {"model": self._model, "max_tokens": request.max_tokens}
        if request.ids is not None:
            # The thoughts' mark is a special token in some vocabularies.
            body |= {"prompt": request.ids.tolist(), "skip_special_tokens": False}
        else:
            body |= {"messages": messages_of(request.messages)} | _thinking(request.effort)
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.salt is not None:
            body["cache_salt"] = request.salt
        return body


class _Last:
    """What a stream's events say at the end."""

    usage: Json = None
    finish: str | None = None

    def seen(self, events: Iterator[Json]) -> Iterator[Json]:
        for event in events:
            self.usage = field(event, "usage") or self.usage
            self.finish = words(field(event, "choices", 0, "finish_reason")) or self.finish
            yield event


def _chatted(delta: Json) -> Iterator[Event]:
    """One event of a chat; `reasoning` was `reasoning_content` in older releases."""
    for name in ("reasoning", "reasoning_content"):
        thought = words(field(delta, name))
        if thought:
            yield Reasoning(thought)
            break
    text = words(field(delta, "content"))
    if text:
        yield Delta(text)


def _thinking(effort: Effort) -> dict[str, object]:
    """How V4's renderer is told to think. vLLM thinks hard where nothing is said, and hands
    `reasoning_effort` to templates only within these arguments."""
    told: dict[str, object] = {"thinking": effort is not Effort.OFF}
    if effort is not Effort.OFF:
        told["reasoning_effort"] = str(effort)
    return {"chat_template_kwargs": told}
