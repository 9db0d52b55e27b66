import asyncio
import io

import pytest
from fakes import NOW, FakeRedis, FakeSessions, FakeUsers, ring

from identity.audit import AuditLog
from identity.config import DAY, Config
from identity.introspection import Introspector
from identity.revocation import RevocationList
from identity.sessions import RefreshRefused, SessionService
from identity.users import User

CONFIG = Config()
USER = User("u-1", "agent@tern.example", "-", "org-tern", ("agent",))


class World:
    def __init__(self):
        self.redis = FakeRedis()
        self.store = FakeSessions()
        self.users = FakeUsers(USER)
        audit = AuditLog(io.StringIO())
        revocations = RevocationList(self.redis, CONFIG)
        self.sessions = SessionService(
            self.store, self.users, ring(), CONFIG, revocations, audit
        )
        self.introspector = Introspector(ring(), CONFIG, revocations, audit)

    def start(self, now=NOW):
        return asyncio.run(self.sessions.start(USER, "tablet", now))

    def ask(self, token, now=NOW):
        return asyncio.run(self.introspector.introspect(token, now))

    def refresh(self, token, now):
        return asyncio.run(self.sessions.refresh(token, now))

    def refusal(self, token, now):
        with pytest.raises(RefreshRefused) as caught:
            self.refresh(token, now)
        return caught.value.reason


def test_logout_kills_the_access_token():
    world = World()
    pair = world.start()
    assert world.ask(pair.access_token).active
    ended = asyncio.run(world.sessions.end(pair.refresh_token, everywhere=False, now=NOW))
    assert ended == 1
    answer = world.ask(pair.access_token)
    assert (answer.active, answer.reason) == (False, "revoked")


def test_entries_outlive_the_tokens():
    world = World()
    world.start()
    (session_id,) = world.store.sessions
    asyncio.run(world.sessions.revoke(session_id, "logout"))
    (ttl,) = world.redis.ttl.values()
    assert ttl > CONFIG.access_ttl + CONFIG.leeway


def test_epoch_spares_what_comes_later():
    world = World()
    before = world.start(NOW)
    asyncio.run(world.sessions.revoke_everywhere("u-1", NOW, "password_changed"))
    after = world.start(NOW + 1)
    assert not world.ask(before.access_token, NOW + 1).active
    assert world.ask(after.access_token, NOW + 1).active


def test_reuse_of_a_rotated_token_revokes_the_family():
    world = World()
    first = world.start()
    second = world.refresh(first.refresh_token, NOW + 60)
    assert world.refusal(first.refresh_token, NOW + 120) == "reused"
    assert world.refusal(second.refresh_token, NOW + 121) == "revoked"
    assert not world.ask(second.access_token, NOW + 121).active


def test_two_tabs_are_not_a_thief():
    world = World()
    first = world.start()
    second = world.refresh(first.refresh_token, NOW + 60)
    assert world.refusal(first.refresh_token, NOW + 65) == "raced"
    assert world.ask(second.access_token, NOW + 65).active


def test_refresh_token_ends_after_fourteen_days():
    world = World()
    pair = world.start()
    assert pair.refresh_expires == NOW + 14 * DAY
    assert world.refusal(pair.refresh_token, NOW + 14 * DAY) == "expired"


def test_a_session_cannot_be_extended_past_sixty_days():
    world = World()
    pair = world.start()
    for day in (13, 26, 39, 52):
        pair = world.refresh(pair.refresh_token, NOW + day * DAY)
    assert pair.refresh_expires == NOW + 60 * DAY
