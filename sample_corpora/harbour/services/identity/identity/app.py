"""HTTP surface of the identity service.

``/internal/*`` is reachable from the gateway only (see the network policy in
infra/k8s/identity.yaml); ``/v2/session/*`` is proxied from the outside.
"""

from __future__ import annotations

import time
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .audit import AuditLog
from .config import from_environment
from .introspection import Introspector
from .keys import parse_ring
from .revocation import RevocationList
from .sessions import RefreshRefused, SessionService, TokenPair
from .users import AccountLocked, LoginFailed, check_login

MAX_TOKEN = 4096


def _pair(pair: TokenPair) -> dict[str, Any]:
    return {
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "access_expires": pair.access_expires,
        "refresh_expires": pair.refresh_expires,
    }


def _error(status: int, code: str, **extra: Any) -> JSONResponse:
    return JSONResponse({"error": {"code": code, **extra}}, status_code=status)


async def introspect(request: Request) -> Response:
    body = await request.json()
    token = body.get("token")
    if not isinstance(token, str) or len(token) > MAX_TOKEN:
        return JSONResponse({"active": False, "reason": "malformed"})
    answer = await request.app.state.introspector.introspect(
        token, int(time.time()), request.headers.get("x-harbour-request-id", "-")
    )
    return JSONResponse(answer.to_json())


async def login(request: Request) -> Response:
    state = request.app.state
    body = await request.json()
    now = int(time.time())
    try:
        user = await check_login(
            state.users,
            state.config,
            state.audit,
            state.bcrypt_check,
            email=str(body.get("email", "")),
            password=str(body.get("password", "")),
            now=now,
        )
    except LoginFailed:
        return _error(401, "login_failed")
    except AccountLocked as locked:
        return _error(423, "account_locked", retry_after=locked.retry_after)
    pair = await state.sessions.start(user, str(body.get("device_label", "")), now)
    return JSONResponse(_pair(pair))


async def refresh(request: Request) -> Response:
    body = await request.json()
    try:
        pair = await request.app.state.sessions.refresh(
            str(body.get("refresh_token", "")), int(time.time())
        )
    except RefreshRefused as refused:
        return _error(401, "refresh_refused", reason=refused.reason)
    return JSONResponse(_pair(pair))


async def logout(request: Request) -> Response:
    body = await request.json()
    count = await request.app.state.sessions.end(
        str(body.get("refresh_token", "")),
        everywhere=body.get("everywhere") is True,
        now=int(time.time()),
    )
    return JSONResponse({"sessions_revoked": count})


async def ready(request: Request) -> Response:
    return Response(status_code=200 if len(request.app.state.ring) else 503)


def create_app() -> Starlette:
    from . import storage  # needs asyncpg and redis, which the tests do without

    config = from_environment()
    audit = AuditLog()
    ring = parse_ring(config.key_ring)
    revocations = RevocationList(storage.connect_redis(config.redis_url), config)

    app = Starlette(
        routes=[
            Route("/internal/introspect", introspect, methods=["POST"]),
            Route("/v2/session/login", login, methods=["POST"]),
            Route("/v2/session/refresh", refresh, methods=["POST"]),
            Route("/v2/session/logout", logout, methods=["POST"]),
            Route("/readyz", ready),
        ]
    )
    app.state.config = config
    app.state.audit = audit
    app.state.ring = ring
    app.state.users = storage.PostgresUsers(config.database_url)
    app.state.bcrypt_check = storage.bcrypt_check
    app.state.introspector = Introspector(ring, config, revocations, audit)
    app.state.sessions = SessionService(
        storage.PostgresSessions(config.database_url),
        app.state.users,
        ring,
        config,
        revocations,
        audit,
    )
    return app
