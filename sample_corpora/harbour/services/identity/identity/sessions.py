"""Sessions and refresh tokens.

A refresh token is 32 random bytes; we keep only its SHA-256. Every refresh
rotates it: the old one is marked and a new one is issued in the same session.
Somebody presenting a token that was already rotated either stole it or is the
victim of a thief who was faster. We cannot tell which, so the whole session is
revoked and both have to log in again.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Protocol

from .audit import AuditLog
from .config import Config
from .keys import KeyRing
from .revocation import RevocationList
from .tokens import mint, new_claims
from .users import User, UserStore

# Two tabs of one browser may refresh at the same moment. The loser of that race
# is not a thief, so a token that was rotated this recently is merely refused.
ROTATION_GRACE = 10


@dataclass
class Session:
    id: str
    user_id: str
    device_label: str
    created_at: int
    revoked: bool = False


@dataclass
class RefreshRecord:
    digest: bytes
    session_id: str
    issued_at: int
    expires_at: int
    rotated_at: int | None = None


@dataclass(frozen=True)
class TokenPair:
    access_token: str
    refresh_token: str
    access_expires: int
    refresh_expires: int


class SessionStore(Protocol):
    async def add_session(self, session: Session) -> None: ...

    async def get_session(self, session_id: str) -> Session | None: ...

    async def sessions_of(self, user_id: str) -> list[Session]: ...

    async def mark_revoked(self, session_id: str, cause: str) -> None: ...

    async def add_refresh(self, record: RefreshRecord) -> None: ...

    async def get_refresh(self, digest: bytes) -> RefreshRecord | None: ...

    async def mark_rotated(self, digest: bytes, now: int) -> bool:
        """Set rotated_at if it is unset; False when somebody else did."""
        ...


class RefreshRefused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SessionService:
    def __init__(
        self,
        store: SessionStore,
        users: UserStore,
        ring: KeyRing,
        config: Config,
        revocations: RevocationList,
        audit: AuditLog,
    ) -> None:
        self._store = store
        self._users = users
        self._ring = ring
        self._config = config
        self._revocations = revocations
        self._audit = audit

    async def start(self, user: User, device_label: str, now: int) -> TokenPair:
        session = Session(str(uuid.uuid4()), user.id, device_label[:80], now)
        await self._store.add_session(session)
        return await self._issue(user, session, now)

    async def refresh(self, refresh_token: str, now: int) -> TokenPair:
        digest = _digest(refresh_token)
        record = await self._store.get_refresh(digest)
        if record is None:
            raise RefreshRefused("unknown")

        session = await self._store.get_session(record.session_id)
        if session is None or session.revoked:
            raise RefreshRefused("revoked")
        if now >= record.expires_at:
            raise RefreshRefused("expired")
        if now >= session.created_at + self._config.session_max_age:
            raise RefreshRefused("session_too_old")

        if record.rotated_at is not None:
            if now - record.rotated_at <= ROTATION_GRACE:
                raise RefreshRefused("raced")
            await self.revoke(session.id, "refresh_reuse")
            raise RefreshRefused("reused")
        if not await self._store.mark_rotated(digest, now):
            raise RefreshRefused("raced")

        user = await self._users.by_id(session.user_id)
        if user is None:
            await self.revoke(session.id, "user_gone")
            raise RefreshRefused("revoked")
        # Roles are read again here, so a change of role takes effect at the
        # next refresh even if nobody raised the epoch.
        return await self._issue(user, session, now)

    async def end(self, refresh_token: str, *, everywhere: bool, now: int) -> int:
        """Log out. Returns how many sessions ended; an unknown token ends none."""
        record = await self._store.get_refresh(_digest(refresh_token))
        session = record and await self._store.get_session(record.session_id)
        if not session or session.revoked:
            return 0
        if everywhere:
            return await self.revoke_everywhere(session.user_id, now, "logout_everywhere")
        await self.revoke(session.id, "logout")
        return 1

    async def revoke(self, session_id: str, cause: str) -> None:
        # Postgres first: if Redis fails afterwards the session is at least dead
        # at its next refresh, while the other order could lose it for good.
        await self._store.mark_revoked(session_id, cause)
        await self._revocations.revoke_session(session_id, cause)
        self._audit.note("session_revoked", session=session_id, cause=cause)

    async def revoke_everywhere(self, user_id: str, now: int, cause: str) -> int:
        alive = [s for s in await self._store.sessions_of(user_id) if not s.revoked]
        for session in alive:
            await self._store.mark_revoked(session.id, cause)
        await self._revocations.raise_epoch(user_id, now)
        self._audit.note("everything_revoked", user=user_id, sessions=len(alive), cause=cause)
        return len(alive)

    async def _issue(self, user: User, session: Session, now: int) -> TokenPair:
        claims = new_claims(
            self._config,
            subject=user.id,
            org_id=user.org_id,
            roles=user.roles,
            ports=user.ports,
            session_id=session.id,
            now=now,
        )
        refresh_token = secrets.token_urlsafe(32)
        session_end = session.created_at + self._config.session_max_age
        refresh_expires = min(now + self._config.refresh_ttl, session_end)
        await self._store.add_refresh(
            RefreshRecord(_digest(refresh_token), session.id, now, refresh_expires)
        )
        return TokenPair(
            mint(self._ring, self._config, claims),
            refresh_token,
            claims.expires_at,
            refresh_expires,
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8")).digest()
