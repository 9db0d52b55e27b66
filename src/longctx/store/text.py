"""Strings and times as SQLite can hold them without losing or refusing anything.

A Python string may hold lone surrogates (a file name that is not UTF-8, a model's broken output);
SQLite's TEXT may not.
"""

from __future__ import annotations

from datetime import UTC, datetime


def blob(text: str) -> bytes:
    """The text as bytes that `text_of` turns back into exactly this text."""
    return text.encode("utf-8", "surrogatepass")


def text_of(stored: bytes) -> str:
    return stored.decode("utf-8", "surrogatepass")


def moment(seconds: float) -> str:
    """Seconds since 1970 in ISO 8601, UTC, at a fixed width: later sorts later."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
