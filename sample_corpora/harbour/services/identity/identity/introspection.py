"""The question the gateway asks on every request it has no fresh answer for.

Second of the three places that decide whether a request may happen: the gateway
found the token, we say whether it is good, and the bookings service decides what
its owner may do. We do not decide the latter: roles are facts here, not rights.
"""

from __future__ import annotations

from dataclasses import dataclass

from .audit import AuditLog
from .config import Config
from .keys import KeyRing
from .revocation import RevocationList
from .tokens import TokenError, verify


@dataclass(frozen=True)
class Introspection:
    active: bool
    reason: str = ""
    subject: str = ""
    org_id: str = ""
    roles: tuple[str, ...] = ()
    ports: tuple[str, ...] = ()
    session_id: str = ""
    expires_at: int = 0

    def to_json(self) -> dict[str, object]:
        if not self.active:
            return {"active": False, "reason": self.reason}
        return {
            "active": True,
            "sub": self.subject,
            "org_id": self.org_id,
            "roles": list(self.roles),
            "ports": list(self.ports),
            "session_id": self.session_id,
            "exp": self.expires_at,
        }


class Introspector:
    def __init__(
        self, ring: KeyRing, config: Config, revocations: RevocationList, audit: AuditLog
    ) -> None:
        self._ring = ring
        self._config = config
        self._revocations = revocations
        self._audit = audit

    async def introspect(self, token: str, now: int, request_id: str = "-") -> Introspection:
        """Signature, then expiry, then revocation. Never raises for a bad token.

        A failing revocation list does raise: not knowing whether a token was
        taken back is not the same as knowing that it was not, and the gateway
        turns the resulting 500 into a refusal.
        """
        try:
            claims = verify(self._ring, self._config, token, now)
        except TokenError as error:
            self._audit.note("introspect", request_id, active=False, reason=error.reason)
            return Introspection(active=False, reason=error.reason)

        cause = await self._revocations.cause(claims)
        if cause is not None:
            self._audit.note(
                "introspect", request_id, active=False, reason="revoked", cause=cause
            )
            return Introspection(active=False, reason="revoked")

        self._audit.note("introspect", request_id, active=True)
        return Introspection(
            active=True,
            subject=claims.subject,
            org_id=claims.org_id,
            roles=claims.roles,
            ports=claims.ports,
            session_id=claims.session_id,
            expires_at=claims.expires_at,
        )
