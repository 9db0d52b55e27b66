"""llama-server's command, as of mid-2026."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.serving.launches import Flag

if TYPE_CHECKING:
    from longctx.serving.launches import Wish

NOTES: tuple[str, ...] = (
    "llama.cpp keeps a slot's last prompt and no tree of prefixes: one slot, so that nobody's other"
    " prompt takes its place.",
    "DeepSeek V4 came to llama.cpp in 2026-07; issue 25259 (open on 2026-11-24) has it forget"
    " context after a cache hit. Compare an answer cold and warm before relying on it.",
)


def program(wish: Wish) -> tuple[str, ...]:
    return ("llama-server",)


def flags(wish: Wish, port: int) -> tuple[Flag, ...]:
    found = [
        Flag("--model", (wish.path,)),
        Flag("--alias", (wish.served,)),
        Flag("--host", (wish.host,)),
        Flag("--port", (str(port),)),
        Flag("--ctx-size", (str(wish.window),), "the window; slots would share it"),
        Flag("--parallel", ("1",)),
        Flag("--jinja"),
        Flag("--metrics"),
        Flag("--slots"),
    ]
    if wish.setup is not None:
        found += [
            Flag("--n-gpu-layers", ("999",), "all of them"),
            Flag("--split-mode", ("layer",), "each GPU holds its layers' weights and cache"),
        ]
    return tuple(found)
