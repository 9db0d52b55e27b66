"""SGLang: ids in, text out, through its OpenAI endpoint; through its own behind a router.

Here may live: which page is asked when, and how a chat is sent and read; what the pages say is
`sglang_info`'s, and the native endpoint `sglang_native`'s.

Facts of SGLang 0.5.23 used here, each seen on a real server by tests/live: `/v1/chat/completions`
takes `input_ids` and then uses `messages` for nothing but parsing; `max_tokens` 0 prefills and
stops; usage is in the last chunk, with cached tokens only under `--enable-cache-report`; closing
the connection aborts the request; the model's name is not checked, so we check it; `/v1/loads`
answers in milliseconds during a prefill and counts down after each chunk; under
`--tool-call-parser`, `tools` beside `input_ids` change nothing of the prompt, and calls come as
deltas of their own, out of the text; without `tools` they come as the text that they are;
`return_output_ids_in_sglext` has the generated ids told in a chunk near the end.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import Lock
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
    Worker,
)
from longctx.engines.chats import counts_of, messages_of, not_served
from longctx.engines.http import Http, Json, field, integer, is_local, items, words
from longctx.engines.sglang_info import names, served_by
from longctx.engines.sglang_native import GENERATE, body_of, events_of, usage_of
from longctx.engines.tool_calls import Calls, offered
from longctx.errors import EngineError, UsageError
from longctx.prompt import Effort, Ids, Message, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHAT = "/v1/chat/completions"
ANY_MODEL = "default"
ANY_MESSAGE = [{"role": "user", "content": "."}]
"""SGLang wants messages beside `input_ids` and ignores their content."""


def connect(connection: Connection) -> Engine:
    """An SGLang client; a base URL is needed, the network is not touched yet."""
    if connection.base_url is None:
        raise UsageError("the sglang engine needs its server: --base-url http://HOST:30000")
    return SGLang(connection)


class SGLang(Engine):
    """A running SGLang server, or its router."""

    name = "sglang"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._http = Http(connection)
        self._wanted = connection.model
        self._model = connection.model or ANY_MODEL
        self._told: Served | None = None
        self._workers: dict[str, Http] = {}
        self._behind: list[Http] = []
        """The workers behind a router, for the pages that it does not have."""
        self._asking = Lock()

    def close(self) -> None:
        for http in (self._http, *self._workers.values()):
            http.close()

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.IDS, Takes.MESSAGES)

    def served(self) -> Served:
        info = self._http.get("/server_info")
        if info is None:
            info = self._http.get("/get_server_info")
        listed = self._http.get("/v1/models")
        models = names(listed)
        if info is None and not models:
            raise EngineError(
                f"what answers at {self._http.root} is not SGLang (no /server_info, no /v1/models):"
                " check --base-url"
            )
        chosen = self._chosen(models)
        self._model = chosen or ANY_MODEL
        routed = field(info, "router_manager") is True
        infos = self._infos_behind() if routed else [info] if info is not None else []
        self._told = served_by(self._http.root, chosen, listed, infos, routed=routed)
        return self._told

    def stream(self, request: Request) -> Iterator[Event]:
        streamed = {"stream": True}
        if request.ids is not None and self._known().routed:
            body = body_of(request, request.ids, request.max_tokens) | streamed
            yield from events_of(self._http.events(GENERATE, body), request.effort)
            return
        body = self._body(request) | streamed | {"stream_options": {"include_usage": True}}
        if request.ids is not None:
            body["return_output_ids_in_sglext"] = True
        usage, finish, ids = Usage(), None, None
        calls = Calls()
        for event in self._http.events(CHAT, body):
            delta = field(event, "choices", 0, "delta")
            thought = words(field(delta, "reasoning_content"))
            if thought:
                yield Reasoning(thought)
            text = words(field(delta, "content"))
            if text:
                yield Delta(text)
            calls.feed(field(delta, "tool_calls"))
            finish = words(field(event, "choices", 0, "finish_reason")) or finish
            ids = _ids(field(event, "sglext"), "output_ids", 0) or ids
            if field(event, "usage") is not None:
                usage = counts_of(event)
        yield from calls.whole()
        told = ids is not None and len(ids) == usage.completion_tokens
        yield replace(usage, finish_reason=finish, ids=ids if told else None)

    def prime(self, request: Request) -> Usage:
        if request.ids is not None and self._known().routed:
            return usage_of(self._http.post(GENERATE, body_of(request, request.ids, 0)))
        return counts_of(self._http.post(CHAT, self._body(replace(request, max_tokens=0))))

    def release(self, session: str) -> None:
        if self._told is not None and self._told.session_cache:
            with suppress(EngineError):
                self._http.tell("/close_session", {"session_id": session})

    def workers_for(self, key: bytes) -> tuple[Worker, ...]:
        served = self._known()
        return (Worker(key[0] % served.workers, served),) if served.workers > 1 else ()

    def waiting(self) -> int | None:
        try:
            pages = [http.get("/v1/loads?include=core", 2.0) for http in self._askable()]
        except (EngineError, RuntimeError):  # the latter when closed meanwhile
            return None
        loads = [load for page in pages for load in items(field(page, "loads"))]
        counts = [integer(field(load, "num_waiting_uncached_tokens")) for load in loads]
        known = [count for count in counts if count is not None]
        return sum(known) if known and len(known) == len(counts) else None

    def rendered(self, messages: Sequence[Message], effort: Effort) -> Ids | None:
        return self._tokenize({"messages": messages_of(messages)} | _thinking(effort))

    def tokenized(self, text: str) -> Ids | None:
        return self._tokenize({"prompt": text, "add_special_tokens": False})

    def thinks_unasked(self) -> bool | None:
        messages = (Message(Role.USER, "Hi"),)
        unasked = self._tokenize({"messages": messages_of(messages)})
        found = {effort: self.rendered(messages, effort) for effort in (Effort.OFF, Effort.LOW)}
        # Where both are the same, the template knows no thinking.
        if unasked is None or found[Effort.OFF] == found[Effort.LOW]:
            return None
        return unasked != found[Effort.OFF]

    def _tokenize(self, what: dict[str, object]) -> Ids | None:
        reply = self._askable()[0].post("/tokenize", {"model": self._model} | what)
        return _ids(reply, "tokens")

    def _askable(self) -> list[Http]:
        """Where SGLang's own pages are."""
        return self._behind or [self._http]

    def _infos_behind(self) -> list[Json]:
        """`/server_info` of each worker behind a router; empty unless all can be asked from here.

        The key was given for the router, and is not sent on.
        """
        self._behind = []
        with suppress(EngineError, UsageError):
            workers = items(field(self._http.get("/workers", 5), "workers"))
            urls = [words(field(worker, "url")) or "" for worker in workers]
            if any(map(is_local, urls)) and not is_local(self._http.root):
                return []  # the router's own machine is meant, not this one
            asked = [self._worker(url) for url in urls]
            infos = [http.get("/server_info", 5) for http in asked]
            if None not in infos:
                self._behind = asked
                return infos
        return []

    def _worker(self, url: str) -> Http:
        if url not in self._workers:
            quick = replace(self._connection, base_url=url, api_key=None, connect_timeout=2)
            self._workers[url] = Http(quick)
        return self._workers[url]

    def _known(self) -> Served:
        """What `served` told. Where it cannot be had, the request itself will say why."""
        with self._asking, suppress(EngineError):
            if self._told is None:
                self.served()
        return self._told or Served(self.name)

    def _chosen(self, models: tuple[str, ...]) -> str | None:
        if self._wanted is None:
            return models[0] if models else None
        if models and self._wanted not in models:
            raise not_served(self._http.root, self._wanted, models)
        return self._wanted

    def _body(self, request: Request) -> dict[str, object]:
        body: dict[str, object] = {"model": self._model}
        if request.ids is not None:
            body |= {"messages": ANY_MESSAGE, "input_ids": request.ids}
        else:
            body |= {"messages": messages_of(request.messages)}
        body |= {"max_tokens": request.max_tokens, **_thinking(request.effort)}
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.tools:
            body["tools"] = offered(request.tools)
        if request.salt is not None:
            if self._known().routed:
                raise UsageError(
                    f"{self._http.root} is a router, which would drop the salt of a prompt sent as"
                    " messages: name a worker's own URL, or the model's tokenizer with --tokenizer"
                )
            body["cache_salt"] = request.salt
        if request.session is not None and self._known().session_cache:
            body["session_id"] = request.session
        if request.worker is not None and self._known().workers > 1:
            body["routed_dp_rank"] = request.worker
        return body


def _thinking(effort: Effort) -> dict[str, object]:
    """How V4's renderer is told to think; the reasoning parser goes by it too."""
    if effort is Effort.OFF:
        return {"chat_template_kwargs": {"thinking": False}}
    return {"chat_template_kwargs": {"thinking": True}, "reasoning_effort": str(effort)}


def _ids(reply: Json, *path: str | int) -> Ids | None:
    tokens = field(reply, *path)
    if not isinstance(tokens, list):
        return None
    try:
        return Ids.of(token for token in tokens if isinstance(token, int))
    except OverflowError:  # no token id: the server is something else
        return None
