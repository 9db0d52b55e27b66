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
from longctx.engines.sglang_checks import WINDOW_POOL, findings_of
from longctx.engines.versions import is_v4

if TYPE_CHECKING:
    from collections.abc import Sequence

WINDOW = 128
"""The sliding window of DeepSeek V4 and of most models that SGLang keeps a second pool for. Where
it is longer in truth, hits are still right: they end where prompts and chunks end."""


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
        findings=findings_of(infos, names(models), routed=routed),
        model_path=words(field(first, "model_path")),
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
    return WINDOW if hybrid is not None or is_v4(*called) else None


def _incarnation(infos: Sequence[Json]) -> str | None:
    """The seed is drawn at each start unless a flag sets it; no two starts take equally long."""
    told = [[field(info, "random_seed"), field(info, "startup_time")] for info in infos]
    if not told or any(time is None for _, time in told):
        return None
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
