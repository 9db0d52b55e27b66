"""Postgres and Redis behind the protocols of users.py and sessions.py."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import asyncpg
import redis.asyncio as redis

from .sessions import RefreshRecord, Session
from .users import User


def connect_redis(url: str) -> redis.Redis:
    # A short timeout: the gateway waits 800 ms in all.
    return redis.from_url(url, socket_timeout=0.3, socket_connect_timeout=0.3)


def bcrypt_check(password: str, stored: str) -> bool:
    import bcrypt  # only installed while old hashes exist

    return bcrypt.checkpw(password.encode("utf-8"), stored.encode("ascii"))


def _unix(value: datetime | None) -> int:
    return int(value.timestamp()) if value is not None else 0


def _time(value: int) -> datetime:
    return datetime.fromtimestamp(value, timezone.utc)


class _Pooled:
    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncpg.Pool | None = None

    async def pool(self) -> asyncpg.Pool:
        if self._pool is None:
            self._pool = await asyncpg.create_pool(self._url, min_size=2, max_size=10)
        return self._pool


class PostgresUsers(_Pooled):
    _COLUMNS = (
        "id, email, password_hash, org_id, roles, ports, failed_logins, locked_until"
    )

    async def by_email(self, email: str) -> User | None:
        pool = await self.pool()
        row = await pool.fetchrow(
            f"SELECT {self._COLUMNS} FROM identity.users WHERE email = $1", email
        )
        return self._user(row)

    async def by_id(self, user_id: str) -> User | None:
        pool = await self.pool()
        row = await pool.fetchrow(
            f"SELECT {self._COLUMNS} FROM identity.users WHERE id = $1", user_id
        )
        return self._user(row)

    async def save(self, user: User) -> None:
        pool = await self.pool()
        await pool.execute(
            "UPDATE identity.users SET password_hash = $2, failed_logins = $3,"
            " locked_until = $4 WHERE id = $1",
            user.id,
            user.password_hash,
            user.failed_logins,
            _time(user.locked_until) if user.locked_until else None,
        )

    @staticmethod
    def _user(row: Any) -> User | None:
        if row is None:
            return None
        return User(
            id=str(row["id"]),
            email=row["email"],
            password_hash=row["password_hash"],
            org_id=row["org_id"],
            roles=tuple(row["roles"]),
            ports=tuple(row["ports"]),
            failed_logins=row["failed_logins"],
            locked_until=_unix(row["locked_until"]),
        )


class PostgresSessions(_Pooled):
    async def add_session(self, session: Session) -> None:
        pool = await self.pool()
        await pool.execute(
            "INSERT INTO identity.sessions (id, user_id, device_label, created_at)"
            " VALUES ($1, $2, $3, $4)",
            session.id,
            session.user_id,
            session.device_label,
            _time(session.created_at),
        )

    async def get_session(self, session_id: str) -> Session | None:
        pool = await self.pool()
        row = await pool.fetchrow("SELECT * FROM identity.sessions WHERE id = $1", session_id)
        return None if row is None else self._session(row)

    async def sessions_of(self, user_id: str) -> list[Session]:
        pool = await self.pool()
        rows = await pool.fetch("SELECT * FROM identity.sessions WHERE user_id = $1", user_id)
        return [self._session(row) for row in rows]

    async def mark_revoked(self, session_id: str, cause: str) -> None:
        pool = await self.pool()
        await pool.execute(
            "UPDATE identity.sessions SET revoked_at = now(), revoke_cause = $2"
            " WHERE id = $1 AND revoked_at IS NULL",
            session_id,
            cause,
        )

    async def add_refresh(self, record: RefreshRecord) -> None:
        pool = await self.pool()
        await pool.execute(
            "INSERT INTO identity.refresh_tokens (digest, session_id, issued_at, expires_at)"
            " VALUES ($1, $2, $3, $4)",
            record.digest,
            record.session_id,
            _time(record.issued_at),
            _time(record.expires_at),
        )

    async def get_refresh(self, digest: bytes) -> RefreshRecord | None:
        pool = await self.pool()
        row = await pool.fetchrow(
            "SELECT * FROM identity.refresh_tokens WHERE digest = $1", digest
        )
        if row is None:
            return None
        rotated = row["rotated_at"]
        return RefreshRecord(
            digest,
            str(row["session_id"]),
            _unix(row["issued_at"]),
            _unix(row["expires_at"]),
            _unix(rotated) if rotated is not None else None,
        )

    async def mark_rotated(self, digest: bytes, now: int) -> bool:
        pool = await self.pool()
        status = await pool.execute(
            "UPDATE identity.refresh_tokens SET rotated_at = $2"
            " WHERE digest = $1 AND rotated_at IS NULL",
            digest,
            _time(now),
        )
        return status == "UPDATE 1"

    @staticmethod
    def _session(row: Any) -> Session:
        return Session(
            str(row["id"]),
            str(row["user_id"]),
            row["device_label"],
            _unix(row["created_at"]),
            row["revoked_at"] is not None,
        )
