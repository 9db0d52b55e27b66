"""Which engine answers: the one that is named, the server that runs here, or the embedded one."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from longctx.api.counting import ServerTokenizer
from longctx.budget import EXACT, Gauge, Trust
from longctx.engines import OURS, Connection, Engine, Served, Takes, engine_for
from longctx.errors import EngineError, EngineUnavailable
from longctx.prompt import Effort, Prompt, Role, Segment
from longctx.template import Template, template_for
from longctx.tokens import DEEPSEEK_V4, Tokenizer, tokenizer_for

if TYPE_CHECKING:
    from collections.abc import Callable

AUTO = "auto"
WELL_KNOWN = (
    ("sglang", "http://127.0.0.1:30000"),
    ("vllm", "http://127.0.0.1:8000"),
    ("llamacpp", "http://127.0.0.1:8080"),
    ("ollama", "http://127.0.0.1:11434"),
)
"""Where `auto` looks for a server, in this order."""

EMBEDDED = frozenset({"extractive", "scripted"})
"""Engines whose base URL is no URL of a server."""

SOON = 3.0
"""Seconds until a connection to one of several servers stands; another answers in its place."""

COUNTED = Gauge(Trust.SERVER)
KNOWN = Gauge(Trust.ESTIMATED, around=64)
"""Vocabulary and encoding are known, what else the server puts into a prompt is not."""
NAMED = Gauge(Trust.ESTIMATED, error=0.03, around=256)
"""The user named the vocabulary; the chat encoding is not known."""
GUESSED = Gauge(Trust.ESTIMATED, error=0.35, around=256)
"""Nothing is known: DeepSeek V4's vocabulary counts. Other vocabularies give 0.91 to 1.13 times as
many tokens (GPT-4o, GPT-4, an early Claude), old ones up to 1.33 times (docs/engines.md)."""

SAMPLE = (
    "Counting: 3.14159, 1000000 and 42!\n\n    def naïve(x): return x**2  # 你好, мир\r\n\tEnd.\n"
)
"""A text in which vocabularies that differ give different ids."""


@dataclass(frozen=True, slots=True)
class Connected:
    """An engine that answers, what serves it, and how prompts for it are counted."""

    engine: Engine
    served: Served
    takes: Takes
    tokenizer: Tokenizer
    template: Template
    gauge: Gauge = EXACT
    """How the server's counts follow from ours, before it has reported any."""


def connect(
    name: str = AUTO,
    connection: Connection | None = None,
    tokenizer: str | None = None,
    effort: Effort = Effort.OFF,
    say: Callable[[str], None] = lambda line: None,
) -> Connected:
    """The engine called `name`, checked to be there.

    `auto` means whatever serves at the connection's base URL, else a server at a well-known local
    port, else the embedded engine. Raises EngineUnavailable where a server was named and does
    not answer.
    """
    connection = connection or Connection()
    if name == AUTO and connection.base_url is None:
        engine, served = _found_here(connection, say)
    elif name == AUTO:
        engine, served = _found_at(connection)
    else:
        engine, served = _asked(name, connection)
    return _agreed(engine, served, tokenizer, effort, say)


def _asked(name: str, connection: Connection) -> tuple[Engine, Served]:
    engine = _engine(name, connection)
    try:
        return engine, engine.served()
    except BaseException:
        engine.close()
        raise


def urls_of(engine: str, base_url: str | None) -> tuple[str, ...]:
    """The servers that a base URL names: one, or several with blanks or commas between.

    What is no URL of a server is an engine's own business: a file, or a command with its words.
    """
    if base_url is None or engine in EMBEDDED:
        return () if base_url is None else (base_url,)
    urls = tuple(base_url.replace(",", " ").split())
    return urls if all("://" in url for url in urls) else (base_url,)


def _engine(name: str, connection: Connection) -> Engine:
    """The engine for the connection's server, or for all of them."""
    urls = urls_of(name, connection.base_url)
    if len(urls) < 2:
        return engine_for(name, connection)
    from longctx.engines.http import root_of  # slow to load, and the embedded engine has no use
    from longctx.engines.several import Several

    quick = replace(connection, connect_timeout=min(connection.connect_timeout, SOON))
    return Several({root_of(url): engine_for(name, replace(quick, base_url=url)) for url in urls})


def _found_at(connection: Connection) -> tuple[Engine, Served]:
    """Whatever serves at the base URL. SGLang is asked first, so that it costs nothing there."""
    from longctx.engines.hosted import hosted_at

    urls = urls_of(AUTO, connection.base_url)
    if len(urls) > 1:
        kinds = (_kind_at(replace(connection, base_url=url)) for url in urls)
        return _asked(next((kind for kind in kinds if kind), "sglang"), connection)
    if hosted_at(connection.base_url or ""):
        return _asked("openai", connection)
    try:
        engine, served = _asked("sglang", connection)
    except EngineUnavailable:
        raise
    except EngineError:
        name = _kind_at(connection)
        if name is None:
            raise
        return _asked(name, connection)
    name = None if served.version or served.routed else _kind_at(connection)
    if name is None:
        return engine, served
    engine.close()
    return _asked(name, connection)


def _kind_at(connection: Connection) -> str | None:
    """The engine for what answers there; None where there is none for it, or nothing answers."""
    from longctx.engines.probing import probe  # HTTP, which a run without a server spares

    found = probe(replace(connection, model=None, retries=0))
    return found.engine if found is not None and found.engine in OURS else None


def _found_here(connection: Connection, say: Callable[[str], None]) -> tuple[Engine, Served]:
    for usual, base_url in WELL_KNOWN:
        if not _listens(base_url):
            continue
        # Whoever listens there was not chosen by the user, and does not get the user's key.
        found = replace(connection, base_url=base_url, api_key=None)
        hasty = replace(found, connect_timeout=0.5, retries=0)
        name = _kind_at(hasty) or usual
        with closing(engine_for(name, hasty)) as engine:
            try:
                served = engine.served()
            except EngineUnavailable:
                continue
            except EngineError as error:
                say(f"not used: {error}")
                continue
        say(f"using {name} at {base_url}" + (f" ({served.model})" if served.model else ""))
        return engine_for(name, found), served
    engine = engine_for("extractive", connection)
    return engine, engine.served()


def _listens(base_url: str) -> bool:
    """Whether anything listens there; spares a run without a server the HTTP library."""
    parts = urlsplit(base_url)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=0.5).close()
    except OSError:
        return False
    return True


def _agreed(
    engine: Engine,
    served: Served,
    tokenizer: str | None,
    effort: Effort,
    say: Callable[[str], None],
) -> Connected:
    """How to count for this engine: in our own ids where the server's agree, else as it counts."""
    template = template_for("deepseek-v4")
    ours = tokenizer_for(DEEPSEEK_V4 if tokenizer in (None, "server") else str(tokenizer))
    takes = engine.takes()
    if takes[0] is Takes.MESSAGES:
        gauge = _gauge(served, tokenizer)
        return Connected(engine, served, Takes.MESSAGES, ours, template, gauge)
    if takes[0] is not Takes.IDS:
        return Connected(engine, served, takes[0], ours, template)
    if tokenizer is None and _same_ids(engine, served, ours, template, effort):
        return Connected(engine, served, Takes.IDS, ours, template)
    if Takes.MESSAGES not in takes:
        return Connected(engine, served, takes[0], ours, template)
    say(
        f"{served.model or 'the served model'} does not encode chats as DeepSeek V4 does:"
        " sending messages, which the server counts"
    )
    if tokenizer not in (None, "server"):
        return Connected(engine, served, Takes.MESSAGES, ours, template, NAMED)
    counting = ServerTokenizer(engine, served)
    return Connected(engine, served, Takes.MESSAGES, counting, template, COUNTED)


def _gauge(served: Served, tokenizer: str | None) -> Gauge:
    """How far counts of messages can be trusted that no server was asked for."""
    if tokenizer not in (None, "server"):
        return NAMED
    return KNOWN if served.encoding == DEEPSEEK_V4 else GUESSED


def _same_ids(
    engine: Engine, served: Served, tokenizer: Tokenizer, template: Template, effort: Effort
) -> bool:
    """Whether the server renders a sample chat to the very ids that we would send."""
    prompt = Prompt(
        tuple(
            Segment(role, "sample", SAMPLE, tokenizer.encode(SAMPLE))
            for role in (Role.SYSTEM, Role.USER)
        )
    )
    theirs = engine.rendered(prompt.messages(), effort)
    if theirs is None:
        name = (served.model or "").lower().replace("_", "-")
        return Takes.MESSAGES not in engine.takes() or "deepseek-v4" in name
    return theirs == template.encode(prompt, effort)
