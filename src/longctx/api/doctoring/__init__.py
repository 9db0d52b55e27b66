"""What answers where, what is wrong with it, and whether this machine is in order.

Here may live: which servers are looked at, in which order. What is asked of each is `gathering`'s,
what it means `checks`', `differences`' and `judging`'s, the prompts that are sent `measuring`'s,
this machine `health`'s. What must never be known here: terminals.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from longctx.api import connecting
from longctx.api.connecting import AUTO, EMBEDDED, urls_of
from longctx.api.doctoring.checks import Aim, findings_of
from longctx.api.doctoring.differences import between
from longctx.api.doctoring.gathering import Facts, gather
from longctx.api.doctoring.health import Cache, caches, local
from longctx.api.doctoring.judging import Measured, judged
from longctx.api.doctoring.measuring import DEFAULT, Measuring
from longctx.api.rates import keep_rate
from longctx.engines import Connection, Engine, Served, Takes, engine_for
from longctx.engines import names as installed
from longctx.engines.findings import Finding, Severity, trouble
from longctx.engines.probing import failed, probe
from longctx.engines.urls import bare
from longctx.errors import EngineError, EngineUnavailable
from longctx.template import template_for
from longctx.tokens import DEEPSEEK_V4, tokenizer_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from longctx.store import Store
    from longctx.tokens import Tokenizer

__all__ = [
    "DEFAULT",
    "Aim",
    "Cache",
    "Finding",
    "Measured",
    "Place",
    "Severity",
    "between",
    "caches",
    "local",
    "measure",
    "servers",
    "troubles",
]

CONFIGURED = "configured"
"""`Place.usual` of a server that the user named."""

TITLES = {"sglang": "SGLang", "vllm": "vLLM", "llamacpp": "llama.cpp", "ollama": "Ollama"}

WELL_KNOWN = tuple((TITLES[name], url) for name, url in connecting.WELL_KNOWN)
"""Where each kind of server listens unless told otherwise."""

PATIENCE = 20.0
"""Seconds that a page may take; a busy server answers late."""


@dataclass(frozen=True, slots=True)
class Place:
    """A URL that was asked, what answered, and what is to be said of it."""

    usual: str
    """The kind of server that is usual there, or CONFIGURED."""
    url: str
    facts: Facts | None
    """None where nothing answers."""
    findings: tuple[Finding, ...] = ()
    measured: Measured | None = None
    tried: tuple[Finding, ...] = ()
    """What is to be said of `measured`, or of why there is none."""
    connection: Connection = field(default_factory=Connection, repr=False)
    """How it was asked."""

    @property
    def served(self) -> Served | None:
        return None if self.facts is None else self.facts.served

    @property
    def configured(self) -> bool:
        return self.usual == CONFIGURED

    @property
    def usable(self) -> bool:
        """Whether an engine of ours speaks to it and nothing makes its answers wrong."""
        spoken = self.facts is not None and bool(self.facts.takes)
        return spoken and not troubles((*self.findings, *self.tried))


def troubles(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that make answers wrong, cut or impossible."""
    return tuple(each for each in findings if each.severity is Severity.TROUBLE)


def servers(engine: str, connection: Connection, aim: Aim) -> tuple[Place, ...]:
    """Everything that answers at the configured URLs and the well-known ports, asked at once.

    No prompt is sent. `engine`: the one that was named for the configured URLs, or `auto`.
    """
    tokenizer = _tokenizer(aim)
    quick = replace(connection, silence_timeout=PATIENCE, retries=0)
    # The key belongs to the configured servers alone.
    anonymous = replace(quick, connect_timeout=1.0, api_key=None, model=None)
    asked = [
        (CONFIGURED, replace(quick, base_url=url)) for url in urls_of(engine, connection.base_url)
    ]
    named = {str(each.base_url).rstrip("/").removesuffix("/v1") for _, each in asked}
    asked += [
        (usual, replace(anonymous, base_url=url)) for usual, url in WELL_KNOWN if url not in named
    ]
    with ThreadPoolExecutor(len(asked)) as pool:
        look = partial(_looked_at, engine=engine, aim=aim, tokenizer=tokenizer)
        return tuple(pool.map(lambda each: look(*each), asked))


def measure(
    place: Place,
    aim: Aim,
    tokens: int,
    store: Store | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Place:
    """The place with what a few prompts of so many tokens show; the rate is kept in `store`.

    Nothing happens where no engine of ours speaks to the server.
    """
    facts = place.facts
    if facts is None or not facts.takes or facts.takes[0] is Takes.EXCERPTS:
        return place
    patient = Connection(place.connection.base_url, facts.served.model, place.connection.api_key)
    try:
        with closing(engine_for(facts.engine, patient)) as engine:
            served = engine.served()
            measuring = Measuring(
                engine, served, _tokenizer(aim), template_for(DEEPSEEK_V4), tokens
            )
            if any(chat.parting is not None for chat in facts.chats[:1]):
                measuring.by_messages()
            measured = measuring.run(say)
    except EngineError as error:
        found = trouble("answering", str(error), "no question would be answered either", "")
        return replace(place, tried=(found,))
    if store is not None and measured.prefilled is not None:
        keep_rate(store, served, measured.prefilled, measured.cold.seconds)
    return replace(place, measured=measured, tried=judged(measured, served))


def _tokenizer(aim: Aim) -> Tokenizer:
    name = aim.tokenizer
    return tokenizer_for(DEEPSEEK_V4 if name is None or name == "server" else name)


def _looked_at(
    usual: str, connection: Connection, engine: str, aim: Aim, tokenizer: Tokenizer
) -> Place:
    url = bare(str(connection.base_url))
    named = None if usual != CONFIGURED or engine == AUTO else engine
    facts = _facts(connection, named, tokenizer)
    if facts is None:
        silent = trouble(
            "connection",
            "nothing answers",
            "no question can be asked",
            "start the server, or correct --base-url, LONGCTX_BASE_URL or longctx.toml",
        )
        return Place(usual, url, None, (silent,) if usual == CONFIGURED else ())
    return Place(usual, url, facts, findings_of(facts, aim), connection=connection)


def _facts(connection: Connection, named: str | None, tokenizer: Tokenizer) -> Facts | None:
    """What is known of a server, from the engine that was named or that its pages ask for."""
    if named is None:
        served = probe(connection)
        if served is None or served.engine in EMBEDDED or served.engine not in installed():
            return None if served is None else Facts(served)
        named = served.engine
    with closing(engine_for(named, connection)) as engine:
        return _asked(engine, connection, tokenizer)


def _asked(engine: Engine, connection: Connection, tokenizer: Tokenizer) -> Facts | None:
    try:
        served = engine.served()
    except EngineUnavailable:
        return None
    except EngineError as error:
        found = (failed(error, connection),)
        shown = bare(connection.base_url or "")
        return Facts(Served(engine.name, shown, findings=found), engine.name)
    return gather(engine, served, tokenizer, template_for(DEEPSEEK_V4))
