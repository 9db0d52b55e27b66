"""What SGLang's settings mean for long prompts over one prefix, each with the flag that changes it.

Here may live: pure checks of `/server_info`. It must never do I/O, and never know profiles,
tokenizers or templates. Flags are those of SGLang 0.5.23; that its pages hold these fields is seen
by tests/live.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longctx.engines.findings import Finding, advice, gravest, ok, trouble, unknown
from longctx.engines.http import Json, field, integer, words
from longctx.engines.versions import is_v4

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WINDOW_POOL = ("internal_states", 0, "memory_usage", "token_capacity_swa")


def findings_of(
    infos: Sequence[Json], models: Sequence[str], *, routed: bool
) -> tuple[Finding, ...]:
    """What is to be said of a server, from the `/server_info` of each worker behind it.

    `models`: what the served ones are called. What several workers share is said once.
    """
    found: list[Finding] = []
    for info in infos:
        for check in WORKER_CHECKS:
            found += check(info)
        found += _for_v4(info, models)
        found += _streaming(info) if routed else _alone(info)
    if routed:
        found += _routing(infos)
    return gravest(found)


def _prefix_cache(info: Json) -> Iterator[Finding]:
    off = field(info, "disable_radix_cache")
    if off is True:
        yield advice(
            "prefix cache",
            "the prefix cache is off",
            "every question prefills the whole prompt again",
            "start SGLang without --disable-radix-cache",
        )
    elif off is False:
        yield ok("prefix cache", "the prefix cache is on")


def _truncation(info: Json) -> Iterator[Finding]:
    cuts = field(info, "allow_auto_truncate")
    if cuts is True:
        yield trouble(
            "truncation",
            "over-long prompts are cut instead of refused",
            "a prompt loses its end, which is the question",
            "start SGLang without --allow-auto-truncate",
        )
    elif cuts is False:
        yield ok("truncation", "over-long prompts are refused")


def _tokenizing(info: Json) -> Iterator[Finding]:
    if field(info, "skip_tokenizer_init") is True:
        yield trouble(
            "tokenizing",
            "the server has no tokenizer",
            "it can neither read chats nor write text",
            "start SGLang without --skip-tokenizer-init",
        )


def _window_pool(info: Json) -> Iterator[Finding]:
    chunk, pool = integer(field(info, "chunked_prefill_size")), integer(field(info, *WINDOW_POOL))
    if not chunk or chunk < 0 or not pool:
        return
    if pool < 2 * chunk:
        lower = 1 << max(0, (pool // 2).bit_length() - 1)
        yield advice(
            "window pool",
            f"the window layers' cache holds {pool:,} tokens, a prefill takes {chunk:,} at a time",
            "prompts push each other's prefixes out though the other cache is empty",
            f"start SGLang with --chunked-prefill-size {lower}, or a higher"
            " --swa-full-tokens-ratio",
        )
    else:
        yield ok("window pool", f"the window layers' cache holds {pool // chunk:,} prefill chunks")


def _kv_pool(info: Json) -> Iterator[Finding]:
    pool, context = (
        integer(field(info, name)) for name in ("max_total_num_tokens", "context_length")
    )
    if not pool or not context:
        return
    if pool < context:
        yield advice(
            "KV cache",
            f"the KV cache holds {pool:,} tokens, less than the context length of {context:,}",
            "longer prompts are refused, and no second one stays cached beside a long one",
            "raise --mem-fraction-static (and drop --max-total-tokens), use more GPUs, or promise"
            f" less with --context-length {pool}",
        )
    else:
        yield ok("KV cache", f"the KV cache holds {pool:,} tokens")


def _for_v4(info: Json, models: Sequence[str]) -> Iterator[Finding]:
    """SGLang issues 33656 and 36179, both open in November 2026, are about HiCache."""
    if not is_v4(words(field(info, "model_path")) or "", *models):
        return
    if field(info, "enable_hierarchical_cache") is True:
        yield trouble(
            "HiCache",
            "the hierarchical cache is on with DeepSeek V4",
            "V4's window layers come back from it damaged: answers repeat themselves or fail"
            " (SGLang issues 33656 and 36179)",
            "start SGLang without --enable-hierarchical-cache",
        )
    elif field(info, "enable_hierarchical_cache") is False:
        yield ok("HiCache", "the hierarchical cache is off, as V4 needs it")
    if isinstance(info, dict) and "reasoning_parser" in info:
        parser = field(info, "reasoning_parser")
        if parser is None:
            yield advice(
                "reasoning",
                "no reasoning parser is set",
                "with --think the thoughts come as a part of the answer",
                "start SGLang with --reasoning-parser deepseek-v4",
            )
        else:
            yield ok("reasoning", "thoughts are kept apart from answers")


def _alone(info: Json) -> Iterator[Finding]:
    """What a router makes no difference to, because through it these never matter."""
    reports = field(info, "enable_cache_report")
    if reports is False:
        yield advice(
            "cache report",
            "cached tokens are not reported",
            "nobody can see whether a repeated prefix was served from the cache",
            "start SGLang with --enable-cache-report",
        )
    elif reports is True:
        yield ok("cache report", "cached tokens are reported")
    tagged = field(info, "enable_session_radix_cache")
    if tagged is False and field(info, "disable_radix_cache") is not True:
        yield advice(
            "session tags",
            "a session's prefix is not protected from other prompts",
            "on a busy server strangers' prompts push it out",
            "start SGLang with --enable-session-radix-cache if others use this server too",
        )
    elif tagged is True:
        yield ok("session tags", "a session's prefix is protected from other prompts")


def _streaming(info: Json) -> Iterator[Finding]:
    if field(info, "incremental_streaming_output") is False:
        yield advice(
            "streaming",
            "through the router each piece of an answer brings the whole answer again",
            "long answers cost the network their length squared",
            "start the workers with --incremental-streaming-output",
        )


def _routing(infos: Sequence[Json]) -> Iterator[Finding]:
    if not infos:
        yield advice(
            "router",
            "a router answers, and its workers cannot be asked from here",
            "cached tokens cannot be predicted, and the workers' settings not be examined",
            "use a worker's own URL, or run longctx where the workers can be reached",
        )
    elif len(infos) > 1:
        yield unknown(
            "router",
            f"a router stands before {len(infos)} workers and does not tell its policy",
            "start it with --policy cache_aware; `longctx doctor --measure` tries whether a"
            " prefix stays on one worker",
        )
    else:
        yield ok("router", "a router stands before one worker")


WORKER_CHECKS = (_prefix_cache, _truncation, _tokenizing, _window_pool, _kv_pool)
