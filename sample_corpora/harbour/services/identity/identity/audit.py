"""Audit notes: one line each, never with a token or a password in it."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from typing import TextIO

_NEVER = frozenset({"token", "access_token", "refresh_token", "password"})


class AuditLog:
    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def note(self, event: str, request_id: str = "-", **fields: object) -> None:
        leaked = _NEVER.intersection(fields)
        if leaked:
            raise ValueError(f"refusing to log {', '.join(sorted(leaked))}")
        now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
        now = now.replace("+00:00", "Z")
        parts = [now, "info", "identity", request_id, event]
        parts += [f"{key}={_show(value)}" for key, value in fields.items()]
        self._stream.write(" ".join(parts) + "\n")


def _show(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f'"{text}"' if " " in text else text
