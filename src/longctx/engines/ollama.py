"""Ollama, through its own `/api/chat`: the one endpoint that takes the size of the context.

Here may live: which page is asked when, how a chat is sent and read, and how much context is asked
for. It must never know how prompts are counted: requests say it.

Facts used here, from Ollama's documentation and source (server/prompt.go, server/routes.go,
llm/llama_server.go, of late 2026): a prompt longer than `num_ctx` loses its oldest messages
without a word, unless `truncate` is false; an answer that reaches the end of the context pushes the
prompt out, unless `shift` is false; another `num_ctx` than the loaded one reloads the model, and
everything cached is gone; `prompt_eval_count` counts cached tokens too, and how many were cached is
not told; `think` takes true or false, for gpt-oss a level. Servers that imitate these endpoints
leave pages and counts out (SGLang 0.5.23 has no `/api/version` and `/api/ps`, and counts nothing in
a stream).
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
from longctx.engines.chats import messages_of
from longctx.engines.hosted import encoding_of
from longctx.engines.http import Http, Json, Refused, field, integer, items, words
from longctx.engines.refusals import does_not_fit, too_long
from longctx.errors import BudgetError, EngineError, UsageError
from longctx.prompt import Effort

if TYPE_CHECKING:
    from collections.abc import Iterator

CHAT = "/api/chat"
KEEP_ALIVE = "1h"
"""Ollama unloads a model after five minutes without a request, while a person still reads."""

SMALLEST = 4_096
"""Tokens of context, at the least; steps beyond are an eighth to a sixteenth of the whole."""

SPARE = 64
"""Tokens of context beyond prompt and answer."""

NAMED = 12
"""Models that an error names."""


def connect(connection: Connection) -> Engine:
    """A client; a base URL is needed, the network is not touched yet."""
    if connection.base_url is None:
        raise UsageError("the ollama engine needs its server: --base-url http://HOST:11434")
    return Ollama(connection)


def context_for(tokens: int) -> int:
    """The size of context to ask for, such that a few tokens more do not change it."""
    step = max(SMALLEST, 1 << max(0, tokens.bit_length() - 4))
    return -(-tokens // step) * step


class Ollama(Engine):
    """A running Ollama server."""

    name = "ollama"

    def __init__(self, connection: Connection) -> None:
        self._http = Http(connection)
        self._say = connection.say
        self._wanted = connection.model
        self._told: Served | None = None
        self._shown: Json = None
        """What `/api/show` says of the model."""
        self._context = 0
        """The largest asked for so far: a smaller one would reload the model."""

    def close(self) -> None:
        self._http.close()

    def takes(self) -> tuple[Takes, ...]:
        return (Takes.MESSAGES,)

    def served(self) -> Served:
        listed = self._http.get("/api/tags")
        if listed is None:
            raise EngineError(
                f"what answers at {self._http.root} is not Ollama (no /api/tags): check --base-url"
            )
        models = _names(listed)
        loaded = _names(self._http.get("/api/ps", 5))
        model = self._chosen(models, loaded)
        self._shown = self._http.post("/api/show", {"model": model})
        self._told = Served(
            self.name,
            self._http.root,
            words(field(self._http.get("/api/version", 5), "version")),
            model,
            models,
            window=_window(self._shown),
            encoding=encoding_of(model),
            reports_cached=False,
        )
        return self._told

    def stream(self, request: Request) -> Iterator[Event]:
        served = self._known()
        body = self._body(request, served)
        last: Json = None
        try:
            for last in self._http.lines(CHAT, body):
                if thought := words(field(last, "message", "thinking")):
                    yield Reasoning(thought)
                if text := words(field(last, "message", "content")):
                    yield Delta(text)
        except Refused as error:
            raise self._meant(error, served) from error
        yield self._checked(_usage(last), request)

    def prime(self, request: Request) -> Usage:
        served = self._known()
        body = self._body(request, served) | {"stream": False}
        body["options"] = self._options(request, served) | {"num_predict": 1}
        try:
            return self._checked(_usage(self._http.post(CHAT, body)), request)
        except Refused as error:
            raise self._meant(error, served) from error

    def _known(self) -> Served:
        return self._told or self.served()

    def _chosen(self, models: tuple[str, ...], loaded: tuple[str, ...]) -> str:
        if self._wanted is None:
            found = next(iter((*loaded, *models)), None)
            if found is None:
                raise EngineError(f"{self._http.root} has no model: `ollama pull` one first")
            return found
        for name in (self._wanted, f"{self._wanted}:latest"):
            if name in models:
                return name
        some = ", ".join(models[:NAMED]) + (", ..." if len(models) > NAMED else "")
        raise EngineError(
            f"{self._http.root} does not have {self._wanted!r}; it has {some or 'no model'}:"
            f" `ollama pull {self._wanted}`, or another --model"
        )

    def _body(self, request: Request, served: Served) -> dict[str, object]:
        if request.salt is not None:
            raise UsageError(
                "Ollama cannot keep your prompts apart from others' in its cache: leave --isolate"
                " out, or use another engine"
            )
        body: dict[str, object] = {
            "model": served.model,
            "messages": messages_of(request.messages),
            "stream": True,
            "truncate": False,
            "shift": False,
            "keep_alive": KEEP_ALIVE,
            "options": self._options(request, served),
        }
        think = self._think(request.effort)
        return body if think is None else body | {"think": think}

    def _options(self, request: Request, served: Served) -> dict[str, object]:
        options: dict[str, object] = {
            "num_ctx": self._room(request, served),
            "num_predict": request.max_tokens,
        }
        if request.temperature is not None:
            options["temperature"] = request.temperature
        return options

    def _room(self, request: Request, served: Served) -> int:
        """The context to ask for: what is loaded, where that is enough."""
        if request.tokens is None:  # no count: a token has two bytes or more in most texts
            bytes_ = sum(len(m.content.encode("utf-8", "replace")) for m in request.messages)
            prompt = bytes_ // 2
        else:
            prompt = request.tokens + request.within
        needed = prompt + request.max_tokens + SPARE
        if served.window is not None and needed > served.window + SPARE:
            raise BudgetError(
                f"the prompt may take {prompt:,} tokens and the answer {request.max_tokens:,}, but"
                f" {served.model}'s window is {served.window:,}: use --budget {served.window}"
            )
        self._context = max(self._context, self._loaded(served.model))
        if self._context < needed:
            asked = context_for(needed)
            self._context = asked if served.window is None else min(asked, served.window)
        return self._context

    def _loaded(self, model: str | None) -> int:
        """The context that the model is loaded with; 0 where it is not, or not told."""
        for entry in items(field(self._http.get("/api/ps", 5), "models")):
            if field(entry, "name") == model:
                return integer(field(entry, "context_length")) or 0
        return 0

    def _think(self, effort: Effort) -> bool | str | None:
        can = "thinking" in items(field(self._shown, "capabilities"))
        if not can:
            if effort is not Effort.OFF:
                self._say("the model cannot think, as Ollama knows it: asked without")
            return None
        if "gpt" in (words(field(self._shown, "details", "family")) or ""):
            # gpt-oss always thinks, and takes a level.
            return "high" if effort in (Effort.HIGH, Effort.MAX) else "low"
        return effort is not Effort.OFF

    def _checked(self, usage: Usage, request: Request) -> Usage:
        """The usage; raises EngineError where it tells that the prompt was cut."""
        counted = usage.prompt_tokens
        if counted is None or request.tokens is None:
            return usage
        if counted < request.tokens - request.within:
            raise EngineError(
                f"Ollama read {counted:,} tokens of a prompt of {request.tokens:,}"
                f" (± {request.within:,}): it cut the prompt, and this answer cannot be trusted."
                " Update Ollama, which then refuses such prompts, or use a smaller --budget"
            )
        return usage

    def _meant(self, error: Refused, served: Served) -> EngineError | BudgetError:
        if too_long(error):
            return does_not_fit(self._http.root, served.model, error)
        if error.status == 404:
            return EngineError(f"{error}: `ollama pull {served.model}`")
        if "memory" in error.said:
            return EngineError(
                f"{error}: a context of {self._context:,} tokens does not fit this machine with the"
                " model; use a smaller --budget, or a smaller model"
            )
        return error


def _names(listed: Json) -> tuple[str, ...]:
    return tuple(
        name for entry in items(field(listed, "models")) if (name := words(field(entry, "name")))
    )


def _window(shown: Json) -> int | None:
    """The longest context that the model takes, in tokens."""
    info = field(shown, "model_info")
    architecture = words(field(info, "general.architecture"))
    length = integer(field(info, f"{architecture}.context_length"))
    if length is not None or not isinstance(info, dict):
        return length
    others = [integer(size) for name, size in info.items() if name.endswith(".context_length")]
    return min((size for size in others if size), default=None)


def _usage(reply: Json) -> Usage:
    """Counts as reported; how many tokens were cached is never told."""
    return Usage(
        integer(field(reply, "prompt_eval_count")),
        integer(field(reply, "eval_count")),
        None,
        words(field(reply, "done_reason")),
    )
