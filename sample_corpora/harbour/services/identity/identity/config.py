"""Numbers and names the service runs with."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Config:
    issuer: str = "https://id.moorline.example"
    audience: str = "harbour"

    # Access tokens are short because the gateway may remember a positive answer
    # for a moment; refresh tokens are for people who come back next week.
    access_ttl: int = 15 * MINUTE
    refresh_ttl: int = 14 * DAY

    # However often it is refreshed, a session ends after this long and the
    # user has to type a password again.
    session_max_age: int = 60 * DAY

    # Difference we forgive between our clock and the one that issued the token.
    leeway: int = 30

    # After this many wrong passwords in a row the account rests.
    max_failed_logins: int = 8
    lock_seconds: int = 20 * MINUTE

    key_ring: str = ""
    database_url: str = ""
    redis_url: str = ""


def from_environment(env: Mapping[str, str] = os.environ) -> Config:
    missing = [n for n in ("IDENTITY_KEYS", "DATABASE_URL", "REDIS_URL") if not env.get(n)]
    if missing:
        raise RuntimeError(f"environment variables not set: {', '.join(missing)}")
    return Config(
        issuer=env.get("IDENTITY_ISSUER", Config.issuer),
        key_ring=env["IDENTITY_KEYS"],
        database_url=env["DATABASE_URL"],
        redis_url=env["REDIS_URL"],
    )
