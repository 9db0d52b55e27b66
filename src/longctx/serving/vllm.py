"""vLLM's command, as of vLLM 0.33."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.serving.launches import HEAD, NODE_RANK, Flag
from longctx.sizing.memory import RUNNING

if TYPE_CHECKING:
    from longctx.serving.launches import Wish
    from longctx.sizing import Fit

IMAGE = "vllm/vllm-openai:v0.33.0"

NOTES: tuple[str, ...] = (
    "No data parallelism: each rank would have a prefix cache of its own. More users: more"
    " replicas.",
    "Reset of the cache and more of the server's state need VLLM_SERVER_DEV_MODE=1; longctx does"
    " not.",
)
SPAN_NOTE = "On every machine but the first add --headless."


def program(wish: Wish) -> tuple[str, ...]:
    if wish.python:
        return (wish.python, "-m", "vllm.entrypoints.cli.main", "serve", wish.path)
    return ("vllm", "serve", wish.path)


def flags(wish: Wish, port: int) -> tuple[Flag, ...]:
    found = [
        Flag("--served-model-name", (wish.served,)),
        Flag("--host", (wish.host,)),
        Flag("--port", (str(port),)),
        *_parallel(wish),
        Flag("--max-model-len", (str(wish.window),), "the window"),
        *(() if wish.fit is None else _memory(wish.fit)),
        Flag("--enable-prefix-caching"),
        Flag(
            "--enable-prompt-tokens-details",
            why="else no answer says how much of its prompt was cached",
        ),
    ]
    if wish.model is not None:
        found += [
            Flag("--kv-cache-dtype", ("fp8",)),
            Flag("--block-size", ("256",), "prefixes are found in whole blocks"),
            Flag("--tokenizer-mode", ("deepseek_v4",)),
            Flag("--tool-call-parser", ("deepseek_v4",)),
            Flag("--enable-auto-tool-choice"),
            Flag("--reasoning-parser", ("deepseek_v4",), "reasoning comes apart from the answer"),
            Flag("--trust-remote-code"),
        ]
    return tuple(found)


def _parallel(wish: Wish) -> tuple[Flag, ...]:
    if wish.setup is None:
        return ()
    used = wish.setup.used()
    found = [Flag("--tensor-parallel-size", (str(used),))]
    if used > 1 and wish.model is not None:
        found.append(Flag("--enable-expert-parallel", why="whole experts on each GPU"))
    if wish.setup.nodes > 1:
        found += [
            Flag("--nnodes", (str(wish.setup.nodes),)),
            Flag("--node-rank", (NODE_RANK,)),
            Flag("--master-addr", (HEAD,)),
        ]
    return tuple(found)


def _memory(fit: Fit) -> tuple[Flag, ...]:
    return (
        Flag(
            "--gpu-memory-utilization",
            (f"{fit.fraction:.2f}",),
            f"leaves room for activations of {fit.chunk:,} tokens at a time",
        ),
        Flag("--max-num-batched-tokens", (str(fit.chunk),), "tokens prefilled at a time"),
        Flag("--max-num-seqs", (str(RUNNING),)),
    )
