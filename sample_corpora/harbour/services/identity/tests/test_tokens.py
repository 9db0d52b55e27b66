import json

import pytest
from fakes import NEW_KEY, NOW, OLD_KEY, ring

from identity.config import Config
from identity.keys import KeyRing, KeyRingError, b64url_encode, parse_ring
from identity.tokens import TokenError, mint, new_claims, verify

CONFIG = Config()


def claims(now=NOW):
    return new_claims(
        CONFIG,
        subject="u-1",
        org_id="org-tern",
        roles=("agent",),
        ports=(),
        session_id="s-1",
        now=now,
    )


def refused(token, now=NOW, using=None):
    with pytest.raises(TokenError) as caught:
        verify(using or ring(), CONFIG, token, now)
    return caught.value.reason


def test_round_trip():
    wanted = claims()
    assert verify(ring(), CONFIG, mint(ring(), CONFIG, wanted), NOW) == wanted


def test_lives_fifteen_minutes_and_the_leeway():
    token = mint(ring(), CONFIG, claims())
    verify(ring(), CONFIG, token, NOW + 15 * 60 + 29)
    assert refused(token, NOW + 15 * 60 + 30) == "expired"


def test_a_retired_first_key_still_verifies_while_in_the_ring():
    token = mint(KeyRing([OLD_KEY]), CONFIG, claims())
    verify(ring(), CONFIG, token, NOW)
    assert refused(token, using=KeyRing([NEW_KEY])) == "signature"


def test_alg_none_is_refused():
    head = b64url_encode(json.dumps({"alg": "none", "typ": "at+jwt"}).encode())
    body = mint(ring(), CONFIG, claims()).split(".")[1]
    assert refused(f"{head}.{body}.AAAA") == "signature"


def test_changed_claims_are_refused():
    head, body, signature = mint(ring(), CONFIG, claims()).split(".")
    other = mint(ring(), CONFIG, claims(NOW + 1)).split(".")[1]
    assert body != other
    assert refused(f"{head}.{other}.{signature}") == "signature"


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c.d", "!!.!!.!!"])
def test_rubbish_is_malformed(token):
    assert refused(token) == "malformed"


def test_issued_in_the_future():
    assert refused(mint(ring(), CONFIG, claims(NOW + 31))) == "malformed"


def test_ring_from_the_environment():
    text = f"k-new:{b64url_encode(b'x' * 32)}, k-old:{b64url_encode(b'y' * 32)}"
    parsed = parse_ring(text)
    assert parsed.current.kid == "k-new"
    assert parsed.find("k-old") is not None
    with pytest.raises(KeyRingError):
        parse_ring("k-short:" + b64url_encode(b"x" * 8))
    with pytest.raises(KeyRingError):
        parse_ring("")
