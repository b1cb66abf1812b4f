"""Bearer tokens against an issuer's keys."""

from __future__ import annotations

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from baton.api.identity import IdentityUnavailable, KeySet, TokenVerifier, bearer_token
from baton.errors import Unauthenticated

ISSUER = "https://project.supabase.example/auth/v1"
USER = "0a000000-0000-4000-8000-000000000001"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(kid: str, key: Any, **changes: Any) -> dict[str, Any]:
    algorithm: Any = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, **changes}


class Issuer:
    """Publishes keys and counts how often it is asked."""

    def __init__(self) -> None:
        self.keys = [published("k1", EC_KEY)]
        self.asked: list[str] = []
        self.down = False
        self.now = 0.0

    def fetch(self, url: str) -> dict[str, Any]:
        self.asked.append(url)
        if self.down:
            raise OSError("connection refused")
        return {"keys": self.keys}

    def verifier(self) -> TokenVerifier:
        keys = KeySet(f"{ISSUER}/.well-known/jwks.json", self.fetch, clock=lambda: self.now)
        return TokenVerifier(ISSUER, "authenticated", keys)


@pytest.fixture
def issuer() -> Issuer:
    return Issuer()


def token(key: Any = EC_KEY, algorithm: str = "ES256", kid: str | None = "k1", **changes: Any) -> str:
    claims = {"iss": ISSUER, "aud": "authenticated", "sub": USER, "exp": int(time.time()) + 60, **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


def test_a_good_token_names_its_user(issuer: Issuer) -> None:
    verify = issuer.verifier()

    assert verify(token()).user_id == USER
    assert verify(token()).user_id == USER
    assert issuer.asked == [f"{ISSUER}/.well-known/jwks.json"]


def test_an_rsa_key_is_good_too(issuer: Issuer) -> None:
    issuer.keys = [published("k2", RSA_KEY)]

    assert issuer.verifier()(token(RSA_KEY, "RS256", "k2")).user_id == USER


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example/auth/v1"},
        {"iss": None},
        {"aud": "baton-mcp"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": "root"},
        {"nbf": int(time.time()) + 600},
    ],
)
def test_a_token_with_a_wrong_or_missing_claim_is_refused(issuer: Issuer, changes: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token(**changes))


def test_a_token_signed_with_another_key_is_refused(issuer: Issuer) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token(ec.generate_private_key(ec.SECP256R1())))


@pytest.mark.parametrize("text", ["", "a.b.c", "annas-token", "ä.ö.ü"])
def test_what_is_no_token_is_refused(issuer: Issuer, text: str) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(text)
    assert issuer.asked == []


def test_an_unsigned_token_is_refused(issuer: Issuer) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token(None, "none"))


def test_a_public_key_does_not_serve_as_a_shared_secret(issuer: Issuer) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token("k" * 32, "HS256"))


def test_the_key_decides_the_algorithm_not_the_token(issuer: Issuer) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token(RSA_KEY, "RS256", "k1"))


def test_a_published_shared_secret_is_passed_over(issuer: Issuer) -> None:
    issuer.keys = [{"kty": "oct", "k": "c2VjcmV0", "kid": "k0", "alg": "HS256"}, published("k1", EC_KEY)]

    assert issuer.verifier()(token()).user_id == USER


def test_a_new_key_is_fetched_when_a_token_names_it(issuer: Issuer) -> None:
    verify = issuer.verifier()
    verify(token())
    issuer.keys = [published("k1", EC_KEY), published("k2", RSA_KEY)]
    issuer.now = 60

    assert verify(token(RSA_KEY, "RS256", "k2")).user_id == USER


def test_invented_key_ids_do_not_make_us_ask_the_issuer_every_time(issuer: Issuer) -> None:
    verify = issuer.verifier()
    verify(token())
    issuer.now = 60

    for number in range(20):
        with pytest.raises(Unauthenticated):
            verify(token(kid=f"invented-{number}"))
    assert len(issuer.asked) == 2


def test_a_withdrawn_key_is_refused_after_a_while(issuer: Issuer) -> None:
    verify = issuer.verifier()
    verify(token())
    issuer.keys = [published("k2", RSA_KEY)]
    issuer.now = 601

    with pytest.raises(Unauthenticated):
        verify(token())


def test_while_the_issuer_is_away_its_last_keys_serve_for_an_hour(issuer: Issuer) -> None:
    verify = issuer.verifier()
    verify(token())
    issuer.down = True

    issuer.now = 700
    assert verify(token()).user_id == USER
    issuer.now = 3700
    with pytest.raises(IdentityUnavailable):
        verify(token())


def test_without_any_keys_it_says_that_it_cannot_check(issuer: Issuer) -> None:
    issuer.down = True

    with pytest.raises(IdentityUnavailable):
        issuer.verifier()(token())


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic dXNlcjpwYXNz", "token"])
def test_without_a_bearer_token_there_is_no_caller(header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        bearer_token(header)


def test_the_scheme_may_be_written_in_any_case() -> None:
    assert bearer_token("bearer abc") == "abc"
