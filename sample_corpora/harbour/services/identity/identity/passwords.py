"""Password hashing with scrypt, and a way out of old bcrypt hashes.

A stored hash looks like ``scrypt$15$8$1$salt$hash`` (log2 of N, r, p). Hashes
that start with ``$2`` are bcrypt from before 2.0; they are checked with the
function handed in and replaced at the first successful login.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from .keys import b64url_decode, b64url_encode

LOG_N = 15
R = 8
P = 1
_MAXMEM = 64 * 1024 * 1024

MIN_LENGTH = 12
MAX_LENGTH = 512

BcryptCheck = Callable[[str, str], bool]


class WeakPassword(ValueError):
    pass


@dataclass(frozen=True)
class Verdict:
    ok: bool
    needs_rehash: bool = False


def check_strength(password: str, email: str) -> None:
    if len(password) < MIN_LENGTH:
        raise WeakPassword(f"a password has at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        raise WeakPassword(f"a password has at most {MAX_LENGTH} characters")
    local_part = email.partition("@")[0].lower()
    if len(local_part) >= 4 and local_part in password.lower():
        raise WeakPassword("the password contains your name")
    if len(set(password)) < 5:
        raise WeakPassword("the password repeats too few characters")


def hash_password(password: str) -> str:
    salt = secrets.token_bytes(16)
    digest = _scrypt(password, salt, LOG_N, R, P)
    return f"scrypt${LOG_N}${R}${P}${b64url_encode(salt)}${b64url_encode(digest)}"


def verify_password(password: str, stored: str, bcrypt_check: BcryptCheck) -> Verdict:
    if len(password) > MAX_LENGTH:
        return Verdict(False)
    if stored.startswith("$2"):
        return Verdict(bcrypt_check(password, stored), needs_rehash=True)

    try:
        scheme, log_n, r, p, salt, expected = stored.split("$")
    except ValueError:
        return Verdict(False)
    if scheme != "scrypt":
        return Verdict(False)
    digest = _scrypt(password, b64url_decode(salt), int(log_n), int(r), int(p))
    ok = hmac.compare_digest(digest, b64url_decode(expected))
    return Verdict(ok, needs_rehash=(int(log_n), int(r), int(p)) != (LOG_N, R, P))


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8"), salt=salt, n=1 << log_n, r=r, p=p, maxmem=_MAXMEM, dklen=32
    )
