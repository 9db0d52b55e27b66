"""Any server that speaks OpenAI's chat completions; DeepSeek's hosted API is one of them.

Here may live: how a chat is sent and read, how thinking is asked for, and what `/models` tells.
What hosted models are is `hosted`'s, what refusals mean `refusals`'. It must never know prices.

Facts used here, from the servers' documentation: DeepSeek takes `thinking` and `reasoning_effort`
(low, high, max), ignores `temperature` while thinking, reports `prompt_cache_hit_tokens`, and sends
comments while a request waits. OpenAI's newer models want `max_completion_tokens`. A context length
is told as `max_model_len` (vLLM, SGLang), `context_length` (OpenRouter), `context_window` (Groq),
or by `/api/v0/models` (LM Studio). What SGLang does with such requests is tested in tests/live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

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
from longctx.engines.chats import messages_of
from longctx.engines.hosted import encoding_of, hosted_at, hosted_model
from longctx.engines.http import Http, Json, Refused, field, integer, is_local, items, words
from longctx.engines.refusals import does_not_fit, too_long, unwanted, window_in
from longctx.errors import EngineError, UsageError
from longctx.prompt import Effort

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LENGTHS = ("max_model_len", "context_length", "context_window", "max_context_length")
"""Names under which a model's entry tells its window."""

OPTIONAL = (
    "stream_options",
    "temperature",
    "thinking",
    "chat_template_kwargs",
    "reasoning_effort",
)
"""Fields that a request can do without where a server refuses them."""

LIMIT, OTHER_LIMIT = "max_tokens", "max_completion_tokens"
NAMED = 12
"""Models that an error names."""


def connect(connection: Connection) -> Engine:
    """A client; a base URL is needed, the network is not touched yet."""
    if connection.base_url is None:
        raise UsageError(
            "the openai engine needs its server: --base-url https://api.deepseek.com, or another"
        )
    return OpenAI(connection)


def version_in(base_url: str) -> str:
    """The path before `/chat/completions`: `/v1` unless the base URL has a path of its own."""
    path = urlsplit(base_url).path.rstrip("/")
    return "/v1" if not path or path.endswith("/v1") else ""


class OpenAI(Engine):
    """A server with `/chat/completions`, spoken to in messages."""

    name = "openai"

    def __init__(self, connection: Connection) -> None:
        self._http = Http(connection)
        self._version = version_in(connection.base_url or "")
        self._say = connection.say
        self._wanted = connection.model
        self._model = connection.model
        self._refused: set[str] = set()
        """Of OPTIONAL, what this server does not take."""
        self._limit = LIMIT
        self._models: tuple[str, ...] = ()
        """As `served` was told."""
        self._window: int | None = None
        """As a refusal named it."""

    def close(self) -> None:
        self._http.close()

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.MESSAGES,)

    def served(self) -> Served:
        root = self._http.root
        entries = items(field(self._http.get(f"{self._version}/models"), "data"))
        self._models = models = tuple(
            name for entry in entries if (name := words(field(entry, "id")))
        )
        model = self._chosen(models)
        known = hosted_model(root, model)
        entry = next((each for each in entries if field(each, "id") == model), None)
        window = self._window or _length(entry) or self._loaded_length(model)
        return Served(
            self.name,
            root,
            None,
            model,
            models,
            window=window or (known.window if known else None),
            encoding=known.encoding if known else encoding_of(model),
            prefix_units=known.prefix_units if known else None,
            reports_cached=True if known and known.prefix_units else None,
            notes=tuple(self._notes(models, model)),
        )

    def stream(self, request: Request) -> Iterator[Event]:
        usage, finish = Usage(), None
        for event in self._sent(request, self._http.events, stream=True):
            delta = field(event, "choices", 0, "delta")
            thought = words(field(delta, "reasoning_content")) or words(field(delta, "reasoning"))
            if thought:
                yield Reasoning(thought)
            if text := words(field(delta, "content")):
                yield Delta(text)
            finish = words(field(event, "choices", 0, "finish_reason")) or finish
            if field(event, "usage") is not None:
                usage = _usage(event)
        yield Usage(usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens, finish)

    def prime(self, request: Request) -> Usage:
        def posted(path: str, body: dict[str, object]) -> Iterator[Json]:
            yield self._http.post(path, body)

        body = Request(1, request.effort, messages=request.messages, salt=request.salt)
        return _usage(next(self._sent(body, posted, stream=False)))

    def _sent(
        self,
        request: Request,
        send: Callable[[str, dict[str, object]], Iterator[Json]],
        *,
        stream: bool,
    ) -> Iterator[Json]:
        """What the server replies; fields that it refuses are left out from then on."""
        while True:
            try:
                yield from send(f"{self._version}/chat/completions", self._body(request, stream))
            except Refused as error:
                if too_long(error):
                    self._window = window_in(error.said)
                    raise does_not_fit(self._http.root, self._model, error) from error
                if not self._learned(error):
                    raise self._meant(error) from error
            else:
                return

    def _meant(self, error: Refused) -> EngineError:
        """The refusal, with the models to choose from where it is about the model."""
        if error.status not in (400, 404) or "model" not in error.said.lower() or not self._models:
            return error
        return EngineError(f"{error}; it serves {_some(self._models)}: choose with --model")

    def _learned(self, error: Refused) -> bool:
        """Whether another attempt is worth it, spelled otherwise."""
        if self._limit == LIMIT and OTHER_LIMIT in error.said and error.status in (400, 422):
            self._limit = OTHER_LIMIT
            return True
        left = tuple(name for name in OPTIONAL if name not in self._refused)
        name = unwanted(error, left)
        if name is None:
            return False
        self._refused.add(name)
        self._say(f"{self._http.root} does not take {name}: asked without it")
        return True

    def _body(self, request: Request, stream: bool) -> dict[str, object]:
        if request.salt is not None:
            raise UsageError(
                f"{self._http.root} cannot keep your prompts apart from others' in its cache:"
                " leave --isolate out, or use an engine of your own server"
            )
        if self._model is None:
            self.served()
        known = hosted_model(self._http.root, self._model)
        answer = request.max_tokens
        if known is not None and known.answer is not None:
            answer = min(answer, known.answer)
        body: dict[str, object] = {
            "model": self._model,
            "messages": messages_of(request.messages),
            self._limit: answer,
        }
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        if request.temperature is not None:
            body["temperature"] = request.temperature
        body |= self._thinking(request.effort)
        return {name: value for name, value in body.items() if name not in self._refused}

    def _thinking(self, effort: Effort) -> dict[str, object]:
        thinks = effort is not Effort.OFF
        how: dict[str, object] = {}
        if hosted_at(self._http.root):
            how["thinking"] = {"type": "enabled" if thinks else "disabled"}
        elif encoding_of(self._model):
            how["chat_template_kwargs"] = {"thinking": thinks}
        elif thinks:
            return {"reasoning_effort": "low" if effort is Effort.LOW else "high"}
        return how | ({"reasoning_effort": str(effort)} if thinks else {})

    def _chosen(self, models: tuple[str, ...]) -> str:
        """The model to ask; remembered for the requests."""
        if self._wanted is None:
            usual = [name for known in hosted_at(self._http.root) for name in known.names]
            found = [name for name in usual if name in models] or list(models)
            if not found or (len(found) > 1 and not usual):
                raise EngineError(
                    f"{self._http.root} serves {_some(models)}: choose with --model"
                    if models
                    else f"{self._http.root} lists no models: name one with --model, and check"
                    " --base-url"
                )
            self._model = found[0]
        return str(self._model)

    def _loaded_length(self, model: str) -> int | None:
        """The window of a model as LM Studio has loaded it."""
        if not is_local(self._http.root):
            return None
        for entry in items(field(self._http.get("/api/v0/models", 5), "data")):
            if field(entry, "id") == model:
                loaded = integer(field(entry, "loaded_context_length"))
                return loaded or integer(field(entry, "max_context_length"))
        return None

    def _notes(self, models: tuple[str, ...], model: str) -> Iterator[str]:
        if models and model not in models:
            yield f"{model} is not among the models that it lists ({_some(models)})"
        known = hosted_model(self._http.root, model)
        if known is not None:
            yield (
                f"window {known.window or 0:,} and longest answer {known.answer or 0:,} tokens are"
                f" those of {known.source} on {known.read}: the API does not tell them"
            )


def _some(models: tuple[str, ...]) -> str:
    return ", ".join(models[:NAMED]) + (", ..." if len(models) > NAMED else "")


def _length(entry: Json) -> int | None:
    """The window that a model's entry tells, in tokens."""
    told = [integer(field(entry, name)) for name in LENGTHS]
    return next((length for length in told if length), None)


def _usage(reply: Json) -> Usage:
    """Counts as reported; what is not reported stays None."""
    counts = field(reply, "usage")
    hit = integer(field(counts, "prompt_cache_hit_tokens"))
    return Usage(
        integer(field(counts, "prompt_tokens")),
        integer(field(counts, "completion_tokens")),
        integer(field(counts, "prompt_tokens_details", "cached_tokens")) if hit is None else hit,
        words(field(reply, "choices", 0, "finish_reason")),
    )
