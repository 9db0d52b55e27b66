import asyncio
import io
from dataclasses import replace

import pytest
from fakes import NOW, FakeUsers

from identity.audit import AuditLog
from identity.config import Config
from identity.passwords import WeakPassword, check_strength, hash_password, verify_password
from identity.users import AccountLocked, LoginFailed, User, check_login

CONFIG = Config()
PASSWORD = "heave-short-and-single-up"


def never(password, stored):
    raise AssertionError("bcrypt was asked")


USER = User("u-1", "agent@tern.example", hash_password(PASSWORD), "org-tern", ("agent",))


def login(users, password=PASSWORD, now=NOW, email="agent@tern.example", bcrypt=never):
    audit = AuditLog(io.StringIO())
    return asyncio.run(
        check_login(users, CONFIG, audit, bcrypt, email=email, password=password, now=now)
    )


def test_right_password():
    assert login(FakeUsers(USER), email=" Agent@Tern.example ").id == "u-1"


def test_unknown_address_looks_like_a_wrong_password():
    with pytest.raises(LoginFailed):
        login(FakeUsers(USER), email="nobody@tern.example")
    with pytest.raises(LoginFailed):
        login(FakeUsers(USER), password="wrong")


def test_eighth_failure_locks_for_twenty_minutes():
    users = FakeUsers(USER)
    for _ in range(8):
        with pytest.raises(LoginFailed):
            login(users, password="wrong")
    with pytest.raises(AccountLocked) as caught:
        login(users)
    assert caught.value.retry_after == 20 * 60
    assert login(users, now=NOW + 20 * 60).id == "u-1"


def test_bcrypt_hash_is_replaced_at_login():
    users = FakeUsers(replace(USER, password_hash="$2b$12$old"))
    login(users, bcrypt=lambda password, stored: password == PASSWORD)
    assert users.users["u-1"].password_hash.startswith("scrypt$15$8$1$")
    assert verify_password(PASSWORD, users.users["u-1"].password_hash, never).ok


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "my-name-is-agent-7"])
def test_weak_passwords(password):
    with pytest.raises(WeakPassword):
        check_strength(password, "agent@tern.example")


def test_audit_refuses_secrets():
    with pytest.raises(ValueError):
        AuditLog(io.StringIO()).note("login", password="x")
