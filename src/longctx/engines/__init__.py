"""What an engine is: it answers one prompt. Implementations live one a file beside this one.

An engine may speak to a server; it must never know documents, packing, sessions or the terminal.
Engines are found by entry-point name (group `longctx.engines`); the entry point is a function
`connect(connection) -> Engine` that does no network I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from longctx.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.metadata import EntryPoints

    from longctx.engines.caching import Caching
    from longctx.engines.findings import Finding
    from longctx.prompt import Effort, Ids, Message

GROUP = "longctx.engines"


class Takes(StrEnum):
    """What an engine reads of a request."""

    IDS = "ids"
    """Token ids, exactly as encoded here."""
    MESSAGES = "messages"
    """Chat messages, rendered and counted by the server."""
    EXCERPTS = "excerpts"
    """Only the passages found for the question."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Where an engine is and how to speak to it."""

    base_url: str | None = field(default=None, repr=False)
    """Of the server; of several of one model with blanks or commas between. May hold a name and a
    password; `longctx.engines.urls.bare` is what may be shown."""
    model: str | None = None
    """The served model's name; None takes the one that is served."""
    api_key: str | None = field(default=None, repr=False)
    connect_timeout: float = 10.0
    """Seconds until a connection stands."""
    silence_timeout: float = 3600.0
    """Seconds without a byte: a cold prefill of 1M tokens is minutes of silence."""
    retries: int = 4
    """Further attempts after a lost connection, 429 or 5xx, before the first token only."""
    say: Callable[[str], None] = field(default=lambda line: None, repr=False)
    """Called with one line for a person, such as the wait before another attempt."""


@dataclass(frozen=True, slots=True)
class Served:
    """What a server says of itself; None where it does not say."""

    engine: str
    base_url: str | None = None
    version: str | None = None
    model: str | None = None
    models: tuple[str, ...] = ()
    window: int | None = None
    """Tokens of prompt and answer together."""
    page_size: int | None = None
    chunk: int | None = None
    """Tokens of a prompt computed at a time; None too where a prompt is not divided."""
    sliding_window: int | None = None
    """Tokens that the model's window layers see; None for a model without any."""
    pool: int | None = None
    """Tokens that one worker's cache holds."""
    window_pool: int | None = None
    """Tokens of window layers that it holds."""
    incarnation: str | None = None
    """Differs after each restart, when everything cached is gone; equal until then."""
    session_cache: bool | None = None
    """Whether `Request.session` protects what a session used."""
    workers: int = 1
    """Caches that it has, each of its own."""
    routed: bool = False
    """Whether a router stands before the workers and chooses between them itself."""
    reports_cached: bool | None = None
    tells_calls: bool = False
    """Whether it tells a model's calls of `Request.tools` from its text, as `ToolCall`s."""
    encoding: str | None = None
    """The vocabulary and chat encoding that the model is known to have, `deepseek-v4`; what it
    counts is then known for messages too."""
    prefix_units: int | None = None
    """For a cache that keeps beginnings of requests as whole units, as well as it can: the tokens
    that a unit is a multiple of (`longctx.session.units`)."""
    notes: tuple[str, ...] = ()
    """Advice for a person, each with what to do."""
    findings: tuple[Finding, ...] = ()
    """What its settings mean, for `longctx doctor`: what is well, what is not and how to change it.
    An engine that has only words for it gives `notes`."""
    model_path: str | None = None
    """Where the model was loaded from: a folder, or a name on a hub."""


@dataclass(frozen=True, slots=True)
class Worker:
    """One of several caches, each of which keeps what was sent to it and to no other."""

    number: int
    """What `Request.worker` says."""
    served: Served
    """What the server that has it says of itself."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage found for the question."""

    path: str
    place: str
    """How it is cited behind the path: `:42-57`, ` p. 14 §12.3(b)`."""
    text: str
    """As it stands there; `[...]` on a line of its own stands for lines that are left out."""
    role: str = ""
    """What it is to the question, as a line of its own above it: `Defined here:`."""
    label: str = ""
    """What a person calls the place: a qualified name, a clause."""


@dataclass(frozen=True, slots=True)
class Tool:
    """What a model may call instead of answering; the prompt must tell it so."""

    name: str
    says: str
    parameters: str
    """A JSON Schema of the arguments, as JSON."""


@dataclass(frozen=True, slots=True)
class Request:
    """One prompt to answer; an engine reads the part that it `takes`."""

    max_tokens: int
    effort: Effort
    ids: Ids | None = None
    messages: tuple[Message, ...] = ()
    question: str = ""
    excerpts: tuple[Excerpt, ...] = ()
    finding: str = ""
    """How sure the excerpts are, or why there are none, as one line."""
    temperature: float | None = None
    """None leaves it to the server's default for the model."""
    session: str | None = None
    """Names the session whose prefixes are to outlive others', until `Engine.release`."""
    salt: str | None = None
    """Prompts under different salts share nothing; set only where a user asks for isolation."""
    worker: int | None = None
    """`Worker.number` of the cache that is to be used; None lets the server choose."""
    tools: tuple[Tool, ...] = ()
    """Only where `Served.tells_calls`."""
    tokens: int | None = None
    """What the prompt takes as counted here, for engines that make room for it."""
    within: int = 0
    """How many tokens more or fewer it may be in truth."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of what the model thought before it answered."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of one of the request's tools, whole; its text is in no `Delta`."""

    name: str
    arguments: str
    """JSON, as the model wrote it."""
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the server counted. "Not reported" is None and never zero."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    finish_reason: str | None = None
    """`stop`, or `length` when the answer was cut off by its limit."""
    ids: Ids | None = None
    """What was generated, token for token, its end mark too; None where that is not told."""


Event = Delta | Reasoning | ToolCall | Usage
"""What a stream yields: deltas and calls, then one Usage."""


class Engine(Protocol):
    """Answers prompts; subclassed by every engine, see `docs/engines.md`."""

    name: str

    def served(self) -> Served:
        """What answers, read from the server; raises EngineUnavailable where nothing does."""
        ...

    def takes(self) -> tuple[Takes, ...]:
        """What requests may hold, the preferred first."""
        ...

    def stream(self, request: Request) -> Iterator[Event]:
        """Send the prompt and yield the answer as it comes, Usage last.

        Closing the iterator early aborts the request on the server. Raises EngineError with what
        to do; errors before the first token that may pass are retried first.
        """
        ...

    def prime(self, request: Request) -> Usage:
        """Make the server prefill exactly this prompt, generating nothing if it can.

        `max_tokens` is not read. An exception from outside, such as KeyboardInterrupt, aborts the
        request on the server.
        """
        ...

    def release(self, session: str) -> None:
        """Give up what a session protected. Never raises: a server that is gone holds nothing."""
        return

    def workers_for(self, key: bytes) -> tuple[Worker, ...]:
        """The caches for prompts that begin with what `key` is a digest of, the preferred first;
        none where the server has but one.

        In the same order for everyone who asks the same servers, but for those that do not answer:
        they are left out. Raises EngineUnavailable where none answers.
        """
        return ()

    def waiting(self) -> int | None:
        """Prompt tokens, of all requests, that the server has yet to prefill; None if untold.

        Cheap, and callable from another thread while `stream` or `prime` runs. Never raises.
        """
        return None

    def caching(self, served: Served) -> Caching:
        """How the server that told `served` caches prompts, for predictions: unless an engine knows
        better, as SGLang does."""
        from longctx.engines import radix, radix_tree

        return radix.Radix(radix_tree.rules_of(served))

    def rendered(self, messages: Sequence[Message], effort: Effort) -> Ids | None:
        """The ids that the server makes of these messages; None where it cannot say."""
        return None

    def tokenized(self, text: str) -> Ids | None:
        """The ids that the server makes of a text; None where it cannot say."""
        return None

    def thinks_unasked(self) -> bool | None:
        """Whether the model thinks where a request does not say; None where it cannot say."""
        return None

    def close(self) -> None:
        """Give back connections and files; the engine is not used afterwards."""
        return


OURS = ("extractive", "llamacpp", "ollama", "openai", "scripted", "sglang", "vllm")
"""Registered like any other, and found without looking entry points up: that costs 20 ms."""


def names() -> tuple[str, ...]:
    """The installed engines, without importing them."""
    return tuple(sorted(point.name for point in entry_points()))


def entry_points() -> EntryPoints:
    """What is installed under GROUP."""
    from importlib import metadata

    return metadata.entry_points(group=GROUP)


def engine_for(name: str, connection: Connection) -> Engine:
    """The engine called `name`; raises UsageError with what is installed."""
    if name in OURS:
        ours: Engine = import_module(f"longctx.engines.{name}").connect(connection)
        return ours
    for point in entry_points():
        if point.name == name:
            connect: Callable[[Connection], Engine] = point.load()
            return connect(connection)
    raise UsageError(f"no engine is called {name!r}; installed: auto, {', '.join(names())}")
