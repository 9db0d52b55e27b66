"""Taking tokens back before they expire.

There are three ways for a token to be dead although its signature is fine:

* the token itself was revoked (``jti``), which only the abuse desk does;
* its session was revoked (``sid``): log out, stolen tablet, refresh reuse;
* it was issued before the subject's epoch: password change, role change,
  "log me out everywhere".

The list lives in Redis. An entry only has to outlive the tokens it concerns, so
it expires by itself after the access token lifetime plus the leeway; for the
long term the session row in Postgres says the same thing and a refresh looks
there.
"""

from __future__ import annotations

from typing import Protocol

from .config import Config
from .tokens import Claims

_TOKEN = "revoked:jti:"
_SESSION = "revoked:sid:"
_EPOCH = "epoch:sub:"


class Store(Protocol):
    """The part of a Redis client that is used here."""

    async def set(self, name: str, value: str, ex: int) -> object: ...

    async def mget(self, keys: list[str]) -> list[str | bytes | None]: ...


class RevocationList:
    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        # One second more than the last moment at which verify() says yes.
        self._keep = config.access_ttl + config.leeway + 1

    async def revoke_token(self, token_id: str, cause: str) -> None:
        await self._store.set(_TOKEN + token_id, cause, ex=self._keep)

    async def revoke_session(self, session_id: str, cause: str) -> None:
        await self._store.set(_SESSION + session_id, cause, ex=self._keep)

    async def raise_epoch(self, subject: str, now: int) -> None:
        """Kill everything that was issued to the subject up to and including now."""
        await self._store.set(_EPOCH + subject, str(now), ex=self._keep)

    async def cause(self, claims: Claims) -> str | None:
        """Why the token is dead, or None while it is alive. One round trip."""
        token, session, epoch = await self._store.mget(
            [
                _TOKEN + claims.token_id,
                _SESSION + claims.session_id,
                _EPOCH + claims.subject,
            ]
        )
        if token is not None:
            return _text(token)
        if session is not None:
            return _text(session)
        if epoch is not None and claims.issued_at <= int(_text(epoch)):
            return "epoch"
        return None


def _text(value: str | bytes) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else value
