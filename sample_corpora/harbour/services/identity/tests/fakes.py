"""In-memory stand-ins for Redis and Postgres."""

from __future__ import annotations

from dataclasses import replace

from identity.keys import KeyRing, SigningKey
from identity.sessions import RefreshRecord, Session
from identity.users import User

NOW = 1_742_280_000

OLD_KEY = SigningKey("k-2025-01", b"o" * 32)
NEW_KEY = SigningKey("k-2025-02", b"n" * 32)


def ring() -> KeyRing:
    return KeyRing([NEW_KEY, OLD_KEY])


class FakeRedis:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.ttl: dict[str, int] = {}

    async def set(self, name: str, value: str, ex: int) -> object:
        self.values[name] = value
        self.ttl[name] = ex
        return True

    async def mget(self, keys: list[str]) -> list[str | bytes | None]:
        return [self.values.get(key) for key in keys]


class FakeUsers:
    def __init__(self, *users: User) -> None:
        self.users = {user.id: user for user in users}

    async def by_email(self, email: str) -> User | None:
        return next((u for u in self.users.values() if u.email == email), None)

    async def by_id(self, user_id: str) -> User | None:
        return self.users.get(user_id)

    async def save(self, user: User) -> None:
        self.users[user.id] = user


class FakeSessions:
    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.refresh: dict[bytes, RefreshRecord] = {}

    async def add_session(self, session: Session) -> None:
        self.sessions[session.id] = session

    async def get_session(self, session_id: str) -> Session | None:
        return self.sessions.get(session_id)

    async def sessions_of(self, user_id: str) -> list[Session]:
        return [s for s in self.sessions.values() if s.user_id == user_id]

    async def mark_revoked(self, session_id: str, cause: str) -> None:
        self.sessions[session_id] = replace(self.sessions[session_id], revoked=True)

    async def add_refresh(self, record: RefreshRecord) -> None:
        self.refresh[record.digest] = record

    async def get_refresh(self, digest: bytes) -> RefreshRecord | None:
        return self.refresh.get(digest)

    async def mark_rotated(self, digest: bytes, now: int) -> bool:
        record = self.refresh[digest]
        if record.rotated_at is not None:
            return False
        record.rotated_at = now
        return True
