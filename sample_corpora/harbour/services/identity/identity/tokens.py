"""Access tokens: minting and verification.

An access token is a compact JWS (``header.claims.signature``, each base64url).
The only algorithm is HMAC-SHA256 and the header's ``alg`` is compared with that
one string, never used to look something up.

Verification here answers "is this token genuine and current". Whether it has
been taken back in the meantime is the business of :mod:`identity.revocation`.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from .config import Config
from .keys import KeyRing, b64url_decode, b64url_encode

ALGORITHM = "HS256"
TYPE = "at+jwt"


class TokenError(Exception):
    """Why a token was refused. ``reason`` goes on the wire."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail or reason)
        self.reason = reason


@dataclass(frozen=True)
class Claims:
    subject: str
    org_id: str
    roles: tuple[str, ...]
    ports: tuple[str, ...]
    session_id: str
    token_id: str
    issued_at: int
    expires_at: int


def mint(ring: KeyRing, config: Config, claims: Claims) -> str:
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": ring.current.kid}
    body = {
        "iss": config.issuer,
        "aud": config.audience,
        "sub": claims.subject,
        "org": claims.org_id,
        "roles": list(claims.roles),
        "ports": list(claims.ports),
        "sid": claims.session_id,
        "jti": claims.token_id,
        "iat": claims.issued_at,
        "exp": claims.expires_at,
    }
    signing_input = f"{_segment(header)}.{_segment(body)}"
    signature = ring.current.sign(signing_input.encode("ascii"))
    return f"{signing_input}.{b64url_encode(signature)}"


def new_claims(
    config: Config,
    *,
    subject: str,
    org_id: str,
    roles: tuple[str, ...],
    ports: tuple[str, ...],
    session_id: str,
    now: int,
) -> Claims:
    return Claims(
        subject=subject,
        org_id=org_id,
        roles=roles,
        ports=ports,
        session_id=session_id,
        token_id=secrets.token_urlsafe(12),
        issued_at=now,
        expires_at=now + config.access_ttl,
    )


def verify(ring: KeyRing, config: Config, token: str, now: int) -> Claims:
    """Return the claims of a genuine, current token, or raise TokenError.

    The signature is checked before a single claim is believed.
    """
    try:
        header_part, body_part, signature_part = token.split(".")
        header = json.loads(b64url_decode(header_part))
        signature = b64url_decode(signature_part)
    except ValueError as error:
        raise TokenError("malformed") from error

    if not isinstance(header, dict) or header.get("alg") != ALGORITHM:
        raise TokenError("signature", "unexpected algorithm")
    if header.get("typ") != TYPE:
        raise TokenError("malformed", "not an access token")

    key = ring.find(str(header.get("kid")))
    if key is None:
        raise TokenError("signature", "unknown key")
    if not key.verify(f"{header_part}.{body_part}".encode("ascii"), signature):
        raise TokenError("signature")

    try:
        body = json.loads(b64url_decode(body_part))
    except ValueError as error:
        raise TokenError("malformed") from error
    return _check_claims(config, body, now)


def _check_claims(config: Config, body: dict[str, Any], now: int) -> Claims:
    if body.get("iss") != config.issuer or body.get("aud") != config.audience:
        raise TokenError("audience")

    expires_at = body.get("exp")
    issued_at = body.get("iat")
    if not isinstance(expires_at, int) or not isinstance(issued_at, int):
        raise TokenError("malformed", "exp and iat must be integers")
    if now >= expires_at + config.leeway:
        raise TokenError("expired")
    if issued_at > now + config.leeway:
        raise TokenError("malformed", "issued in the future")

    try:
        return Claims(
            subject=body["sub"],
            org_id=body["org"],
            roles=tuple(body["roles"]),
            ports=tuple(body["ports"]),
            session_id=body["sid"],
            token_id=body["jti"],
            issued_at=issued_at,
            expires_at=expires_at,
        )
    except KeyError as error:
        raise TokenError("malformed", f"missing claim {error}") from error


def _segment(value: dict[str, Any]) -> str:
    return b64url_encode(json.dumps(value, separators=(",", ":")).encode("utf-8"))
