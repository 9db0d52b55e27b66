"""What vLLM's pages say of a server, read into `Served`.

Here may live: names of fields and what they mean. It must never do I/O: `vllm` asks. Seen on vLLM
0.32 by tests/live:

* `/v1/models` has each model's `max_model_len`, prompt and answer together;
* `/metrics` has one `vllm:cache_config_info` for each data-parallel engine, whose labels are the
  resolved settings of its cache (`block_size`, `num_gpu_blocks`, one of which is never used,
  `enable_prefix_caching`), and `process_start_time_seconds`;
* no page tells whether cached tokens are reported.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longctx.engines import Served
from longctx.engines.sglang_info import WINDOW, lengths, names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from longctx.engines.http import Json

INFO = re.compile(r"^vllm:cache_config_info\{(.*)\} ", re.M)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
STARTED = re.compile(r"^process_start_time_seconds (\S+)$", re.M)

UNREPORTED = "cached tokens are not reported: start vLLM with --enable-prompt-tokens-details"


@dataclass(frozen=True, slots=True)
class Pages:
    """What was read of a server; None for a page that it does not have."""

    version: str | None
    models: Json
    metrics: str | None


def served_by(root: str, model: str | None, pages: Pages) -> Served:
    """What answers at `root`. Engines behind it are taken to be alike."""
    engines = configurations(pages.metrics or "")
    first = engines[0] if engines else {}
    block, pool = _number(first, "block_size"), _pool(first)
    limits = [pool, *lengths(pages.models)]
    return Served(
        "vllm",
        root,
        pages.version,
        model,
        names(pages.models),
        window=min((limit for limit in limits if limit), default=None),
        page_size=block,
        sliding_window=_sliding_window(pages.models),
        pool=pool,
        incarnation=_incarnation(pages.metrics or ""),
        session_cache=False,
        workers=max(1, len(engines)),
        notes=tuple(_notes(first, told=pages.metrics is not None)),
    )


def configurations(metrics: str) -> list[dict[str, str]]:
    """The cache's settings of each engine, in the order of their numbers."""
    found = [dict(LABEL.findall(labels)) for labels in INFO.findall(metrics)]
    return sorted(found, key=lambda labels: int(labels.get("engine", "0")))


def _number(labels: dict[str, str], name: str) -> int | None:
    text = labels.get(name, "")
    return int(text) if text.isdecimal() else None


def _pool(labels: dict[str, str]) -> int | None:
    block, count = _number(labels, "block_size"), _number(labels, "num_gpu_blocks")
    return None if block is None or count is None else block * (count - 1)


def _sliding_window(models: Json) -> int | None:
    v4 = any("deepseek-v4" in name.lower().replace("_", "-") for name in names(models))
    return WINDOW if v4 else None


def _incarnation(metrics: str) -> str | None:
    started = STARTED.search(metrics)
    return None if started is None else hashlib.sha256(started[1].encode()).hexdigest()[:16]


def _notes(labels: dict[str, str], *, told: bool) -> Iterator[str]:
    """What keeps this server from serving long shared prefixes well, with what to do."""
    if labels.get("enable_prefix_caching") == "False":
        yield "the prefix cache is off: start vLLM without --no-enable-prefix-caching"
    if not told:
        yield (
            "the server has no /metrics, so cached tokens cannot be predicted in its blocks: start"
            " vLLM without --disable-log-stats"
        )
