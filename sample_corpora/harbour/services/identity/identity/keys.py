"""The ring of signing keys.

The ring comes from the environment as ``kid:secret,kid:secret``, newest first.
The first key signs; all of them verify. A key is taken out of the ring once the
last token it signed has expired, which with our numbers is 15 minutes after it
stopped being first (see docs/runbook.md, "Rotating the signing key").
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

_KID = re.compile(r"^[a-z0-9-]{3,32}$")
MIN_SECRET_BYTES = 24


class KeyRingError(ValueError):
    """The ring in the environment cannot be used."""


def b64url_decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def b64url_encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@dataclass(frozen=True)
class SigningKey:
    kid: str
    secret: bytes

    def sign(self, message: bytes) -> bytes:
        return hmac.new(self.secret, message, hashlib.sha256).digest()

    def verify(self, message: bytes, signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(message), signature)


class KeyRing:
    def __init__(self, keys: list[SigningKey]) -> None:
        if not keys:
            raise KeyRingError("the key ring is empty")
        self._keys = {key.kid: key for key in keys}
        if len(self._keys) != len(keys):
            raise KeyRingError("two keys share a kid")
        self.current = keys[0]

    def find(self, kid: str) -> SigningKey | None:
        return self._keys.get(kid)

    def __len__(self) -> int:
        return len(self._keys)


def parse_ring(text: str) -> KeyRing:
    keys = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        kid, sep, encoded = item.partition(":")
        if not sep or not _KID.match(kid):
            raise KeyRingError(f"bad key id {kid!r}")
        try:
            secret = b64url_decode(encoded)
        except ValueError as error:
            raise KeyRingError(f"key {kid} is not base64url") from error
        if len(secret) < MIN_SECRET_BYTES:
            raise KeyRingError(f"key {kid} is shorter than {MIN_SECRET_BYTES} bytes")
        keys.append(SigningKey(kid, secret))
    return KeyRing(keys)
