"""SGLang's command, and that of its router, as of SGLang 0.5.23 and sglang-router 0.3.2."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.serving.launches import HEAD, NODE_RANK, Flag, Process, Var
from longctx.sizing.memory import BELOW, RUNNING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from longctx.serving.launches import Wish
    from longctx.sizing import Fit

IMAGE = "lmsysorg/sglang:v0.5.23"
RENDEZVOUS = 20_000
"""The port at which machines find each other."""

ROUTER_TIMEOUT = 7_200
"""Seconds; a cold prompt of a million tokens takes minutes, and the router gives up after 1,800."""

NOTES: tuple[str, ...] = (
    "HiCache stays off: with DeepSeek V4 it corrupts the window layers' cache (sglang issues 33656,"
    " 36179, both open on 2026-11-24), and answers with it.",
    "No data parallelism: each rank would have a prefix cache of its own, and a question would find"
    " its prefix only by chance. More users: more replicas.",
    "No --allow-auto-truncate: it cuts the end of a prompt that is too long, the question.",
)


def program(wish: Wish) -> tuple[str, ...]:
    if wish.python:
        return (wish.python, "-m", "sglang.launch_server")
    return ("sglang", "serve")


def flags(wish: Wish, port: int) -> tuple[Flag, ...]:
    v4, routed = wish.model is not None, wish.routed and wish.replicas > 1
    found = [
        Flag("--model-path", (wish.path,)),
        Flag("--served-model-name", (wish.served,)),
        Flag("--host", (wish.host,)),
        Flag("--port", (str(port),)),
        *_parallel(wish),
        Flag("--context-length", (str(wish.window),), "the window; a prompt takes 6 tokens less"),
        *(() if wish.fit is None else _memory(wish.fit)),
        Flag("--enable-cache-report", why="else no answer says how much of its prompt was cached"),
        Flag(
            "--enable-session-radix-cache",
            why="prefixes of open sessions are evicted last; longctx names its sessions",
        ),
        Flag("--enable-metrics"),
    ]
    if v4:
        found += [
            Flag("--tool-call-parser", ("deepseekv4",)),
            Flag("--reasoning-parser", ("deepseek-v4",), "reasoning comes apart from the answer"),
            Flag("--trust-remote-code"),
        ]
    if routed:
        found.append(
            Flag(
                "--incremental-streaming-output",
                why="else each piece of an answer brings the whole answer again through a router",
            )
        )
    if wish.key:
        found.append(Flag("--api-key", (Var(wish.key),)))
    return tuple(found)


def _parallel(wish: Wish) -> tuple[Flag, ...]:
    if wish.setup is None:
        return ()
    found = [Flag("--tp-size", (str(wish.setup.used()),))]
    if wish.setup.nodes > 1:
        found += [
            Flag("--nnodes", (str(wish.setup.nodes),)),
            Flag("--node-rank", (NODE_RANK,)),
            Flag("--dist-init-addr", (HEAD, f":{RENDEZVOUS}")),
        ]
    return tuple(found)


def _memory(fit: Fit) -> tuple[Flag, ...]:
    return (
        Flag(
            "--mem-fraction-static",
            (f"{fit.fraction:.2f}",),
            f"leaves room for activations of {fit.chunk:,} tokens at a time",
        ),
        Flag(
            "--chunked-prefill-size",
            (str(fit.chunk),),
            f"whole pages, and at most 1/{BELOW} of the window pool ({fit.window_pool:,} tokens)",
        ),
        Flag(
            "--swa-full-tokens-ratio",
            (str(fit.ratio),),
            "so a prefill does not push out the windows at whose ends other prefixes go on",
        ),
        Flag("--page-size", ("256",), "V4 takes no other; prefixes are found in whole pages"),
        Flag("--max-running-requests", (str(RUNNING),), "each takes cache, used or not"),
    )


def router(wish: Wish, workers: Sequence[str]) -> Process:
    """The router before `workers` (URLs): by prefix, not in turn."""
    python = wish.python or "python3"
    return Process(
        "router",
        (python, "-m", "sglang_router.launch_router"),
        (
            Flag("--worker-urls", tuple(workers[:1])),
            *(Flag(worker) for worker in workers[1:]),
            Flag("--policy", ("cache_aware",), "a prompt goes where its beginning was seen"),
            Flag("--host", (wish.host,)),
            Flag("--port", (str(wish.port),)),
            Flag("--request-timeout-secs", (str(ROUTER_TIMEOUT),), "a cold prefill takes minutes"),
        ),
        wish.port,
        health="/readiness",
    )
