"""SGLang: ids in, text out, through its OpenAI endpoint.

Facts of SGLang 0.5.23 used here, each seen on a real server by tests/live: `/v1/chat/completions`
takes `input_ids` and then uses `messages` for nothing but parsing; `max_tokens` 0 prefills and
stops; usage is in the last chunk, with cached tokens only under `--enable-cache-report`; closing
the connection aborts the request; the model's name is not checked, so we check it.
"""

from __future__ import annotations

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
from longctx.engines.http import Http, Json, field, integer, words
from longctx.errors import EngineError, UsageError
from longctx.prompt import Effort, Ids, Message

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


class SGLang:
    """A running SGLang server, or its router."""

    name = "sglang"

    def __init__(self, connection: Connection) -> None:
        self._http = Http(connection)
        self._wanted = connection.model
        self._model = connection.model or ANY_MODEL

    def close(self) -> None:
        self._http.close()

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.IDS, Takes.MESSAGES)

    def served(self) -> Served:
        info = self._http.get("/server_info")
        if info is None:
            info = self._http.get("/get_server_info")
        listed = field(self._http.get("/v1/models"), "data")
        entries: list[Json] = listed if isinstance(listed, list) else []
        models = tuple(name for entry in entries if (name := words(field(entry, "id"))))
        if info is None and not models:
            raise EngineError(
                f"what answers at {self._http.root} is not SGLang (no /server_info, no /v1/models):"
                " check --base-url"
            )
        chosen = self._chosen(models)
        self._model = chosen or ANY_MODEL
        limits = [
            integer(field(info, "context_length")),
            integer(field(info, "max_total_num_tokens")),
            *(integer(field(entry, "max_model_len")) for entry in entries),
        ]
        reports = field(info, "enable_cache_report")
        return Served(
            self.name,
            self._http.root,
            words(field(info, "version")),
            chosen,
            models,
            window=min((limit for limit in limits if limit), default=None),
            page_size=integer(field(info, "page_size")),
            reports_cached=reports if isinstance(reports, bool) else None,
            notes=tuple(_notes(info)),
        )

    def stream(self, request: Request) -> Iterator[Event]:
        body = self._body(request) | {
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        usage, finish = Usage(), None
        for event in self._http.events(CHAT, body):
            delta = field(event, "choices", 0, "delta")
            thought = words(field(delta, "reasoning_content"))
            if thought:
                yield Reasoning(thought)
            text = words(field(delta, "content"))
            if text:
                yield Delta(text)
            finish = words(field(event, "choices", 0, "finish_reason")) or finish
            if field(event, "usage") is not None:
                usage = _usage(event)
        yield Usage(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, finish)

    def prime(self, ids: Ids) -> Usage:
        body = self._body(Request(max_tokens=0, effort=Effort.OFF, ids=ids))
        return _usage(self._http.post(CHAT, body))

    def rendered(self, messages: Sequence[Message], effort: Effort) -> Ids | None:
        reply = self._http.post(
            "/tokenize", {"model": self._model, **_messages(messages), **_thinking(effort)}
        )
        return _ids(reply)

    def tokenized(self, text: str) -> Ids | None:
        return _ids(
            self._http.post(
                "/tokenize", {"model": self._model, "prompt": text, "add_special_tokens": False}
            )
        )

    def _chosen(self, models: tuple[str, ...]) -> str | None:
        if self._wanted is None:
            return models[0] if models else None
        if models and self._wanted not in models:
            raise EngineError(
                f"{self._http.root} does not serve {self._wanted!r}; it serves {', '.join(models)}:"
                " use --model"
            )
        return self._wanted

    def _body(self, request: Request) -> dict[str, object]:
        body: dict[str, object] = {"model": self._model}
        if request.ids is not None:
            body |= {"messages": ANY_MESSAGE, "input_ids": request.ids.tolist()}
        else:
            body |= _messages(request.messages)
        body |= {"max_tokens": request.max_tokens, **_thinking(request.effort)}
        if request.temperature is not None:
            body["temperature"] = request.temperature
        return body


def _messages(messages: Sequence[Message]) -> dict[str, object]:
    return {
        "messages": [
            {"role": str(message.role), "content": message.content} for message in messages
        ]
    }


def _thinking(effort: Effort) -> dict[str, object]:
    """How V4's renderer is told to think; the reasoning parser goes by it too."""
    if effort is Effort.OFF:
        return {"chat_template_kwargs": {"thinking": False}}
    return {"chat_template_kwargs": {"thinking": True}, "reasoning_effort": str(effort)}


def _usage(event: Json) -> Usage:
    """Counts as reported. SGLang leaves the details out both when nothing was cached and when it
    does not report, so a missing count stays None here."""
    return Usage(
        integer(field(event, "usage", "prompt_tokens")),
        integer(field(event, "usage", "completion_tokens")),
        integer(field(event, "usage", "prompt_tokens_details", "cached_tokens")),
        words(field(event, "choices", 0, "finish_reason")),
    )


def _ids(reply: Json) -> Ids | None:
    tokens = field(reply, "tokens")
    if not isinstance(tokens, list):
        return None
    return Ids.of(token for token in tokens if isinstance(token, int))


def _notes(info: Json) -> Iterator[str]:
    """What keeps this server from serving long shared prefixes well, with what to do."""
    if field(info, "enable_cache_report") is False:
        yield "cached tokens are not reported: start SGLang with --enable-cache-report"
    if field(info, "disable_radix_cache") is True:
        yield "the prefix cache is off: start SGLang without --disable-radix-cache"
    if field(info, "allow_auto_truncate") is True:
        yield "over-long prompts lose their end, the question: drop --allow-auto-truncate"
    pool, context = (
        integer(field(info, name)) for name in ("max_total_num_tokens", "context_length")
    )
    if pool and context and pool < context:
        yield (
            f"the KV cache holds {pool:,} tokens, less than the context length of {context:,}:"
            " raise --mem-fraction-static, or use more GPUs, for longer prompts"
        )
