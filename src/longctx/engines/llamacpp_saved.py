"""Slots of llama-server written to its disk, so that a base outlives a restart.

Here may live: when a slot is saved or restored, and under which name. llama-server does it only
where it was started with `--slot-save-path`, in that folder, and never removes a file; so there is
one file for each base and model, written anew when the base has grown.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from longctx.engines.http import field, integer, items
from longctx.engines.llamacpp_info import emptiest
from longctx.errors import EngineError

if TYPE_CHECKING:
    from longctx.engines import Request
    from longctx.engines.http import Http, Json

WORTH = 4_096
"""Tokens from which reading a file is faster than computing, whatever the model."""


class SavedSlots:
    """The files of one server."""

    def __init__(self, http: Http, model: bytes) -> None:
        """`model` differs for models whose states cannot be exchanged."""
        self._http = http
        self._model = model
        self._refused = False
        """Whether the server was seen not to do it."""

    def restored(self, request: Request, slots: Json) -> int | None:
        """The slot that now holds the base of this prompt again; None where none does, and where a
        slot holds as much, which may be the base itself."""
        if self._refused or request.ids is None or len(request.ids) < WORTH:
            return None
        held = [integer(field(slot, "n_prompt_tokens")) or 0 for slot in items(slots)]
        number = emptiest(slots)
        if number is None or max(held) >= len(request.ids) // 2:
            return None
        with suppress(EngineError):  # no such file yet, or no room
            reply = self._told("restore", number, request)
            return number if integer(field(reply, "n_restored")) else None
        return None

    def save(self, request: Request, slot: int, computed: int) -> None:
        """Write a slot of which so many tokens were just computed. Never raises."""
        if self._refused or computed < WORTH:
            return
        try:
            self._told("save", slot, request)
        except EngineError:
            self._refused = True

    def _told(self, action: str, slot: int, request: Request) -> Json:
        base = request.session or (b"" if request.ids is None else request.ids.data).hex()
        name = hashlib.sha256(self._model + base.encode()).hexdigest()[:32]
        body: dict[str, object] = {"filename": f"longctx-{name}.bin"}
        return self._http.post(f"/slots/{slot}?action={action}", body)
