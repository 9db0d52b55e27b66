"""Which engine answers: the one that is named, the server that runs here, or the embedded one."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from longctx.api.counting import ServerTokenizer
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
)
"""Where `auto` looks for a server, in this order."""

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


def connect(
    name: str = AUTO,
    connection: Connection | None = None,
    tokenizer: str | None = None,
    effort: Effort = Effort.OFF,
    say: Callable[[str], None] = lambda line: None,
) -> Connected:
    """The engine called `name`, checked to be there.

    `auto` means the server at the connection's base URL, of whatever kind, else one at a well-known
    local port, else the embedded engine. Raises EngineUnavailable where a server was named and does
    not answer.
    """
    connection = connection or Connection()
    if name == AUTO and connection.base_url is None:
        engine, served = _found_here(connection, say)
    else:
        engine = engine_for(_kind(connection, "sglang") if name == AUTO else name, connection)
        try:
            served = engine.served()
        except BaseException:
            engine.close()
            raise
    return _agreed(engine, served, tokenizer, effort, say)


def _found_here(connection: Connection, say: Callable[[str], None]) -> tuple[Engine, Served]:
    for usual, base_url in WELL_KNOWN:
        if not _listens(base_url):
            continue
        # Whoever listens there was not chosen by the user, and does not get the user's key.
        found = replace(connection, base_url=base_url, api_key=None)
        hasty = replace(found, connect_timeout=0.5, retries=0)
        name = _kind(hasty, usual)
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


def _kind(connection: Connection, usual: str) -> str:
    """The engine for what answers there; where we have none, the usual one, whose client says what
    is wrong."""
    from longctx.engines.probing import probe  # HTTP, which a run without a server spares

    found = probe(replace(connection, model=None, retries=0))
    return found.engine if found is not None and found.engine in OURS else usual


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
    counting = ours if tokenizer not in (None, "server") else ServerTokenizer(engine, served)
    return Connected(engine, served, Takes.MESSAGES, counting, template)


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
