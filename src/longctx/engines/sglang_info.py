"""What SGLang's pages say of a server, read into `Served`.

Here may live: names of fields and what they mean. It must never do I/O: `sglang` asks. Seen on
SGLang 0.5.23, ordinary and hybrid, with pages of 1 and 256, by tests/live:

* `/server_info` holds the resolved settings (`page_size`, `chunked_prefill_size`, -1 for "whole",
  `enable_session_radix_cache`, `random_seed`), `max_total_num_tokens` (in whole pages),
  `startup_time` (durations, to the nanosecond) and one of `internal_states` for each data-parallel
  rank, whose `memory_usage.token_capacity_swa` is null unless the model has window layers;
* no page tells how long the sliding window is.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from longctx.engines import Served
from longctx.engines.http import Json, field, integer, items, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WINDOW = 128
"""The sliding window of DeepSeek V4 and of most models that SGLang keeps a second pool for. Where
it is longer in truth, hits are still right: they end where prompts and chunks end."""


WINDOW_POOL = ("internal_states", 0, "memory_usage", "token_capacity_swa")


def served_by(
    root: str, model: str | None, models: Json, infos: Sequence[Json], *, routed: bool
) -> Served:
    """What answers at `root`, from `/v1/models` and the `/server_info` of each worker behind it.

    Workers are taken to be alike; of what they have, the smallest counts.
    """
    first = infos[0] if infos else None
    pool = _least(infos, "max_total_num_tokens")
    limits = [_least(infos, "context_length"), pool, *lengths(models)]
    return Served(
        "sglang",
        root,
        words(field(first, "version")),
        model,
        names(models),
        window=min((limit for limit in limits if limit), default=None),
        page_size=integer(field(first, "page_size")),
        chunk=_chunk(infos),
        sliding_window=_sliding_window(first, models),
        pool=pool,
        window_pool=_least(infos, *WINDOW_POOL),
        incarnation=_incarnation(infos),
        # A router's requests carry no session_id and no rank: it leaves out what it does not know.
        session_cache=False if routed else _flag(first, "enable_session_radix_cache"),
        workers=1 if routed else max(1, len(items(field(first, "internal_states")))),
        routed=routed,
        reports_cached=True if routed else _flag(first, "enable_cache_report"),
        tells_calls=not routed and bool(words(field(first, "tool_call_parser"))),
        notes=tuple(_notes(first, routed=routed)),
    )


def names(models: Json) -> tuple[str, ...]:
    """The served models that `/v1/models` lists."""
    return tuple(
        name for entry in items(field(models, "data")) if (name := words(field(entry, "id")))
    )


def lengths(models: Json) -> list[int | None]:
    """Each model's longest prompt and answer, in tokens; a router does not tell."""
    return [integer(field(entry, "max_model_len")) for entry in items(field(models, "data"))]


def _flag(info: Json, name: str) -> bool | None:
    value = field(info, name)
    return value if isinstance(value, bool) else None


def _least(infos: Sequence[Json], *path: str | int) -> int | None:
    found = (integer(field(info, *path)) for info in infos)
    return min((number for number in found if number is not None), default=None)


def _chunk(infos: Sequence[Json]) -> int | None:
    chunk = _least(infos, "chunked_prefill_size")
    return chunk if chunk and chunk > 0 else None


def _sliding_window(info: Json, models: Json) -> int | None:
    hybrid = integer(field(info, *WINDOW_POOL))
    called = [words(field(info, "model_path")) or "", *names(models)]
    v4 = any("deepseek-v4" in name.lower().replace("_", "-") for name in called)
    return WINDOW if hybrid is not None or v4 else None


def _incarnation(infos: Sequence[Json]) -> str | None:
    """The seed is drawn at each start unless a flag sets it; no two starts take equally long."""
    told = [[field(info, "random_seed"), field(info, "startup_time")] for info in infos]
    if not told or any(time is None for _, time in told):
        return None
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _notes(info: Json, *, routed: bool) -> Iterator[str]:
    """What keeps this server from serving long shared prefixes well, with what to do."""
    if routed and info is None:
        yield (
            "a router answers, and its workers cannot be asked from here: cached tokens cannot be"
            " predicted; use a worker's own URL for that"
        )
    elif routed and field(info, "incremental_streaming_output") is False:
        yield (
            "each piece of an answer brings the whole answer again through a router: start the"
            " workers with --incremental-streaming-output for long answers"
        )
    if not routed and field(info, "enable_cache_report") is False:
        yield "cached tokens are not reported: start SGLang with --enable-cache-report"
    if field(info, "disable_radix_cache") is True:
        yield "the prefix cache is off: start SGLang without --disable-radix-cache"
    if field(info, "allow_auto_truncate") is True:
        yield "over-long prompts lose their end, the question: drop --allow-auto-truncate"
    chunk, swa = _chunk([info]), integer(field(info, *WINDOW_POOL))
    if chunk and swa and swa < 2 * chunk:
        yield (
            f"the window layers' cache holds {swa:,} tokens, a prefill takes {chunk:,} at a time,"
            " and so prompts push each other's prefixes out: lower --chunked-prefill-size, or raise"
            " --swa-full-tokens-ratio"
        )
    pool, context = (
        integer(field(info, name)) for name in ("max_total_num_tokens", "context_length")
    )
    if pool and context and pool < context:
        yield (
            f"the KV cache holds {pool:,} tokens, less than the context length of {context:,}:"
            " raise --mem-fraction-static, or use more GPUs, for longer prompts"
        )
