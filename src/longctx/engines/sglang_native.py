"""SGLang's own endpoint `/generate`: the one way for token ids through a router.

Here may live: its bodies and how its replies read. It must never do I/O. Seen with sglang-router
0.3.2, whose policy is `cache_aware` unless told otherwise: it passes on only fields that it knows.
In a chat completion it leaves out `input_ids`, so that the model sees the messages alone;
`/v1/completions` with ids is refused. In `/generate` it keeps `input_ids` and `extra_key`, routes
by the ids, and so keeps a prefix on one worker; it leaves out `cache_salt`, `session_id` and
`stream_interval`. Cached tokens are always told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from longctx.engines import Delta, Event, Reasoning, Usage
from longctx.engines.http import Json, field, integer, items, words
from longctx.engines.thoughts import THOUGHT
from longctx.errors import EngineError
from longctx.prompt import Effort, Ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from longctx.engines import Request

GENERATE = "/generate"


def body_of(request: Request, ids: Ids, max_tokens: int) -> dict[str, object]:
    """The body without `stream`."""
    sampling: dict[str, object] = {
        "max_new_tokens": max_tokens,
        "skip_special_tokens": False,  # THOUGHT is one
    }
    if request.temperature is not None:
        sampling["temperature"] = request.temperature
    body: dict[str, object] = {"input_ids": ids, "sampling_params": sampling}
    if request.salt is not None:
        body["extra_key"] = request.salt
    return body


def events_of(replies: Iterable[Json], effort: Effort) -> Iterator[Event]:
    """A stream's events. Raises EngineError where the server gave the request up."""
    last: Json = None
    ids: list[int] = []
    said, sent, thinking = "", 0, effort is not Effort.OFF
    for last in replies:
        said = _joined(said, last)
        ids = [*([] if _is_whole(last) else ids), *_output_ids(last)]
        # The mark is one token, so it never comes in two pieces.
        if thinking and (end := said.find(THOUGHT, sent)) >= 0:
            if end > sent:
                yield Reasoning(said[sent:end])
            sent, thinking = end + len(THOUGHT), False
        if len(said) > sent:
            yield Reasoning(said[sent:]) if thinking else Delta(said[sent:])
            sent = len(said)
    if field(last, "meta_info", "finish_reason", "type") == "abort":
        reason = words(field(last, "meta_info", "finish_reason", "message")) or "no reason given"
        raise EngineError(f"the server gave the request up: {' '.join(reason.split())[:300]}")
    usage = usage_of(last)
    told = bool(ids) and len(ids) == usage.completion_tokens
    yield replace(usage, ids=Ids.of(ids)) if told else usage


def _joined(said: str, reply: Json) -> str:
    """The whole answer so far. A reply brings all of it, or under `--incremental-streaming-output`
    what is new, as its `output_ids` tell."""
    text = words(field(reply, "text")) or ""
    return text if _is_whole(reply) else said + text


def _is_whole(reply: Json) -> bool:
    ids, count = field(reply, "output_ids"), field(reply, "meta_info", "completion_tokens")
    return isinstance(ids, list) and len(ids) == count


def _output_ids(reply: Json) -> list[int]:
    ids = [integer(each) for each in items(field(reply, "output_ids"))]
    return [id for id in ids if id is not None]


def usage_of(reply: Json) -> Usage:
    told = field(reply, "meta_info")
    return Usage(
        integer(field(told, "prompt_tokens")),
        integer(field(told, "completion_tokens")),
        integer(field(told, "cached_tokens")),
        words(field(told, "finish_reason", "type")),
    )
