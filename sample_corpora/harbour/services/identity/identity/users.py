"""Users and the slow door: logging in with a password."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from .audit import AuditLog
from .config import Config
from .passwords import BcryptCheck, hash_password, verify_password

ROLES = ("viewer", "agent", "berth_planner", "harbour_master", "auditor")


@dataclass(frozen=True)
class User:
    id: str
    email: str
    password_hash: str
    org_id: str
    roles: tuple[str, ...] = ("viewer",)
    ports: tuple[str, ...] = ()
    failed_logins: int = 0
    locked_until: int = 0


class UserStore(Protocol):
    async def by_email(self, email: str) -> User | None: ...

    async def by_id(self, user_id: str) -> User | None: ...

    async def save(self, user: User) -> None: ...


class LoginFailed(Exception):
    """One message for every cause, so that nobody learns which addresses exist."""


class AccountLocked(Exception):
    def __init__(self, retry_after: int) -> None:
        super().__init__("account is locked")
        self.retry_after = retry_after


# Verified when the address is unknown, so that a miss takes as long as a hit.
_DECOY = hash_password("there-is-no-such-user")


async def check_login(
    store: UserStore,
    config: Config,
    audit: AuditLog,
    bcrypt_check: BcryptCheck,
    *,
    email: str,
    password: str,
    now: int,
) -> User:
    user = await store.by_email(email.strip().lower())
    if user is None:
        verify_password(password, _DECOY, bcrypt_check)
        audit.note("login", ok=False, cause="unknown_address")
        raise LoginFailed

    if user.locked_until > now:
        audit.note("login", ok=False, cause="locked", user=user.id)
        raise AccountLocked(user.locked_until - now)

    verdict = verify_password(password, user.password_hash, bcrypt_check)
    if not verdict.ok:
        failed = user.failed_logins + 1
        if failed >= config.max_failed_logins:
            user = replace(user, failed_logins=0, locked_until=now + config.lock_seconds)
            audit.note("account_locked", user=user.id, seconds=config.lock_seconds)
        else:
            user = replace(user, failed_logins=failed)
        await store.save(user)
        audit.note("login", ok=False, cause="password", user=user.id)
        raise LoginFailed

    changed = replace(user, failed_logins=0, locked_until=0)
    if verdict.needs_rehash:
        changed = replace(changed, password_hash=hash_password(password))
        audit.note("password_rehashed", user=user.id)
    if changed != user:
        await store.save(changed)
    audit.note("login", ok=True, user=user.id)
    return changed
