"""From a wish to a launch: engine, replicas, router, and what a person should know.

What must never be known here: how commands are quoted, how files look.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from longctx.errors import UsageError
from longctx.serving import llamacpp, sglang, vllm
from longctx.serving.launches import Launch, Process

if TYPE_CHECKING:
    from longctx.serving.launches import Flag, Wish

ENGINES = {"sglang": 30_000, "vllm": 8_000, "llamacpp": 8_080}
"""What can be served with, and the port that each usually listens on."""

KEY_VARIABLES = {"vllm": "VLLM_API_KEY", "llamacpp": "LLAMA_API_KEY"}
"""Engines that read the key from their environment themselves."""


def launch_for(wish: Wish) -> Launch:
    """What to start; raises UsageError for a wish that cannot be."""
    _checked(wish)
    notes = list(_notes(wish))
    routed = wish.replicas > 1 and wish.routed
    first = wish.port + 1 if routed else wish.port
    servers = tuple(_server(wish, index, first + index) for index in range(wish.replicas))
    router = None
    if routed:
        urls = [f"http://127.0.0.1:{server.port}" for server in servers]
        router = sglang.router(wish, urls)
        notes.append(
            "The router takes messages and text: it refuses token ids on /v1/completions and drops"
            " session ids. longctx reaches one worker's cache more surely without it (--no-router)."
        )
    elif wish.replicas > 1:
        notes.append(
            "Several servers without a router: give longctx all of their URLs, or each user one;"
            " a corpus is warm only where it was asked before."
        )
    setup = wish.setup
    return Launch(
        _name(wish),
        _title(wish),
        tuple(notes),
        wish.engine,
        servers,
        router,
        1 if setup is None else setup.nodes,
        wish.image or {"sglang": sglang.IMAGE, "vllm": vllm.IMAGE}.get(wish.engine, ""),
        wish.key,
    )


def _checked(wish: Wish) -> None:
    nodes = 1 if wish.setup is None else wish.setup.nodes
    if nodes > 1 and wish.replicas > 1:
        raise UsageError("--nodes and --replicas: one server over several machines, or several")
    if nodes > 1 and wish.engine == "llamacpp":
        raise UsageError("llama.cpp serves from one machine: leave --nodes out")
    if wish.replicas > 1 and wish.routed and wish.engine != "sglang":
        raise UsageError(
            f"sglang-router is for SGLang: with {wish.engine} take --no-router, and give longctx"
            " the servers' URLs"
        )
    if wish.key and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", wish.key):
        raise UsageError(f"--key-env {wish.key}: the name of a variable, not the key itself")
    reads = KEY_VARIABLES.get(wish.engine, wish.key)
    if wish.key and wish.key != reads:
        raise UsageError(f"{wish.engine} reads its key from {reads}: --key-env {reads}")
    for word in (wish.path, wish.served, *wish.extra):
        if any(ord(character) < 32 for character in word):
            raise UsageError(f"{word!r}: no control characters, please")


def _server(wish: Wish, index: int, port: int) -> Process:
    per = 0 if wish.setup is None else wish.setup.used() // wish.setup.nodes
    return Process(
        "server" if wish.replicas == 1 else f"server-{index}",
        _ENGINES[wish.engine].program(wish),
        _flags(wish, port),
        port,
        wish.extra,
        gpus=per,
        first=index * per,
    )


def _flags(wish: Wish, port: int) -> tuple[Flag, ...]:
    if wish.replicas > 1 and wish.setup is not None:
        wish = replace(wish, setup=replace(wish.setup, nodes=1))
    return _ENGINES[wish.engine].flags(wish, port)


class Kind(Protocol):
    """What a module of an engine has."""

    NOTES: tuple[str, ...]

    def program(self, wish: Wish) -> tuple[str, ...]: ...

    def flags(self, wish: Wish, port: int) -> tuple[Flag, ...]: ...


_ENGINES: dict[str, Kind] = {"sglang": sglang, "vllm": vllm, "llamacpp": llamacpp}


def _notes(wish: Wish) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if wish.model is not None:
        found += _ENGINES[wish.engine].NOTES
    if wish.engine == "vllm" and wish.setup is not None and wish.setup.nodes > 1:
        found += (vllm.SPAN_NOTE,)
    setup = wish.setup
    if setup is not None and setup.used() < setup.count:
        found += (
            f"{setup.count - setup.used()} of {setup.count} GPUs stay idle: a server shares the"
            " model's heads between 1, 2, 4, 8, ... GPUs.",
        )
    return found


def _name(wish: Wish) -> str:
    letters = (c if c.isascii() and c.isalnum() else "-" for c in wish.served.lower())
    name = "-".join(part for part in "".join(letters).split("-") if part)
    return f"longctx-{name}"[:50].rstrip("-")


def _title(wish: Wish) -> str:
    kind = {"sglang": "SGLang", "vllm": "vLLM", "llamacpp": "llama.cpp"}[wish.engine]
    name = wish.path if wish.model is None else wish.model.name
    where = "CPU" if wish.setup is None else wish.setup.name
    times = f"{wish.replicas} replicas, each " if wish.replicas > 1 else ""
    return f"{name}, window {wish.window:,}, on {times}{where}, {kind}"
