"""What llama-server's pages say of a server, read into `Served`.

Here may live: names of fields and what they mean. It must never do I/O: `llamacpp` asks. Seen on
builds 11434 (source) and 11549 by tests/live:

* `/props`: `default_generation_settings.n_ctx` is what one slot holds, prompt and answer together;
  `total_slots`; `media_marker` holds random letters, drawn at each start;
* `/v1/models`: `meta` tells the model by its sizes;
* `/slots`, unless switched off: each slot's `is_processing`, and `n_prompt_tokens` where it was
  used.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from longctx.engines import Served
from longctx.engines.http import Json, field, integer, items, words
from longctx.engines.sglang_info import WINDOW, names

if TYPE_CHECKING:
    from collections.abc import Iterator

UNTOLD = 4
"""Slots of a server that was not told how many."""
SETTINGS = "default_generation_settings"


def served_by(root: str, props: Json, models: Json, *, unified: bool) -> Served:
    """What answers at `root`, from `/props` and `/v1/models`; `unified` as `shared_memory` says."""
    found = names(models)
    return Served(
        "llamacpp",
        root,
        words(field(props, "build_info")),
        words(field(props, "model_alias")) or next(iter(found), None),
        found,
        window=integer(field(props, SETTINGS, "n_ctx")),
        page_size=1,
        sliding_window=_sliding_window(props, found),
        incarnation=_incarnation(props),
        # A base's slot is remembered, so that its questions wait for that slot.
        session_cache=True,
        reports_cached=True,
        notes=() if unified else tuple(_notes(props)),
    )


def fingerprint(props: Json, models: Json) -> bytes:
    """Tells models apart whose states cannot be exchanged."""
    meta = field(models, "data", 0, "meta")
    sizes = {name: field(meta, name) for name in ("n_vocab", "n_embd", "n_params", "size")}
    told = [field(props, "model_path"), field(props, "model_ftype"), sizes]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).digest()


def busy(slots: Json) -> dict[int, bool]:
    """Whether each slot is at work, by its number."""
    found = {}
    for slot in items(slots):
        number, working = integer(field(slot, "id")), field(slot, "is_processing")
        if number is not None and isinstance(working, bool):
            found[number] = working
    return found


def emptiest(slots: Json) -> int | None:
    """The idle slot that holds least; None where all are at work."""
    held = {
        number: integer(field(slot, "n_prompt_tokens")) or 0
        for slot in items(slots)
        if (number := integer(field(slot, "id"))) is not None
        and field(slot, "is_processing") is False
    }
    return min(held, key=lambda number: held[number], default=None)


def shared_memory(slots: Json, count: int) -> bool:
    """Whether the slots share one memory (`--kv-unified`), so that only one stays filled: told by
    what they hold, and before they were used by their number, which is 4 where nothing was said."""
    held = [
        integer(field(slot, "n_prompt_tokens"))
        for slot in items(slots)
        if field(slot, "is_processing") is False
    ]
    if 0 in held:
        return True
    if len([tokens for tokens in held if tokens]) > 1:
        return False
    return count == UNTOLD


def _sliding_window(props: Json, models: tuple[str, ...]) -> int | None:
    called = [words(field(props, "model_path")) or "", *models]
    v4 = any("deepseek-v4" in name.lower().replace("_", "-") for name in called)
    return WINDOW if v4 else None


def _incarnation(props: Json) -> str | None:
    marker = words(field(props, "media_marker"))
    return None if marker is None else hashlib.sha256(marker.encode()).hexdigest()[:16]


def _notes(props: Json) -> Iterator[str]:
    """What to do about a window that is divided between slots."""
    slots = integer(field(props, "total_slots"))
    if slots is not None and slots > 1:
        yield (
            f"{slots} slots: each holds one prompt, and the window told is that of one; for one"
            " user, -np 1 leaves the whole context to it"
        )
