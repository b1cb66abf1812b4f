"""Bearer tokens against an issuer's keys."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from baton import service_token
from baton.api.identity import Identify, IdentityUnavailable, InvalidToken, KeySet, TokenVerifier, bearer_token
from baton.errors import Unauthenticated
from baton.model import Principal
from baton.ports.service_tokens import Bearer

ISSUER = "https://project.supabase.example/auth/v1"
USER = "0a000000-0000-4000-8000-000000000001"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_key(kid: str, key: Any, **changes: Any) -> dict[str, Any]:
    algorithm: Any = ECAlgorithm if isinstance(key, ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, **changes}


class FakeIssuer:
    """Publishes keys and notes each fetch."""

    def __init__(self) -> None:
        self.keys = [public_key("k1", EC_KEY)]
        self.fetches: list[str] = []
        self.down = False
        self.now = 0.0

    def fetch(self, url: str) -> dict[str, Any]:
        self.fetches.append(url)
        if self.down:
            raise OSError("connection refused")
        return {"keys": self.keys}

    def verifier(self, secret: str | None = None) -> TokenVerifier:
        keys = KeySet(f"{ISSUER}/.well-known/jwks.json", self.fetch, clock=lambda: self.now)
        return TokenVerifier(ISSUER, "authenticated", keys, legacy_secret=None if secret is None else lambda: secret)


@pytest.fixture
def issuer() -> FakeIssuer:
    return FakeIssuer()


def now() -> int:
    return int(time.time())


def token(key: Any = EC_KEY, algorithm: str = "ES256", kid: str | None = "k1", **changes: Any) -> str:
    claims = {"iss": ISSUER, "aud": "authenticated", "sub": USER, "role": "authenticated", "exp": now() + 60, **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, key, algorithm=algorithm, headers={"kid": kid} if kid else {})


def test_a_valid_token_names_its_user(issuer: FakeIssuer) -> None:
    verify = issuer.verifier()

    assert verify(token()).user_id == USER
    assert verify(token()).user_id == USER
    assert issuer.fetches == [f"{ISSUER}/.well-known/jwks.json"]


def test_a_token_with_an_rsa_key_is_valid(issuer: FakeIssuer) -> None:
    issuer.keys = [public_key("k2", RSA_KEY)]

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
        {"exp": float("inf")},
        {"exp": "soon"},
        {"iat": "now"},
        {"role": "anon"},
        {"role": "service_role"},
        {"role": None},
        {"is_anonymous": True},
        {"is_anonymous": "no"},
    ],
)
def test_a_token_with_a_wrong_or_missing_claim_is_refused(issuer: FakeIssuer, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        issuer.verifier()(token(**changes))


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -20), ("nbf", 20), ("iat", 20)])
def test_clocks_may_differ_by_half_a_minute(issuer: FakeIssuer, claim: str, seconds: int) -> None:
    assert issuer.verifier()(token(**{claim: now() + seconds})).user_id == USER


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -40), ("nbf", 40), ("iat", 40)])
def test_clocks_may_not_differ_by_more(issuer: FakeIssuer, claim: str, seconds: int) -> None:
    with pytest.raises(InvalidToken):
        issuer.verifier()(token(**{claim: now() + seconds}))


def test_a_token_with_is_anonymous_false_is_valid(issuer: FakeIssuer) -> None:
    assert issuer.verifier()(token(is_anonymous=False)).user_id == USER


def test_a_token_signed_with_another_key_is_refused(issuer: FakeIssuer) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token(ec.generate_private_key(ec.SECP256R1())))


DEEP = base64.urlsafe_b64encode(b'{"kid": ' + b"[" * 5000).decode()


@pytest.mark.parametrize("text", ["", "a.b.c", "annas-token", "ä.ö.ü", f"{DEEP}.e30.e30"])
def test_a_text_that_is_no_token_is_refused(issuer: FakeIssuer, text: str) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(text)
    assert issuer.fetches == []


def test_an_unsigned_token_is_refused(issuer: FakeIssuer) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token(None, "none"))


def test_a_public_key_is_not_used_as_a_shared_secret(issuer: FakeIssuer) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token("k" * 32, "HS256"))


def test_the_key_decides_the_algorithm_not_the_token(issuer: FakeIssuer) -> None:
    with pytest.raises(Unauthenticated):
        issuer.verifier()(token(RSA_KEY, "RS256", "k1"))


def test_a_published_shared_secret_is_ignored(issuer: FakeIssuer) -> None:
    issuer.keys = [{"kty": "oct", "k": "c2VjcmV0", "kid": "k0", "alg": "HS256"}, public_key("k1", EC_KEY)]

    assert issuer.verifier()(token()).user_id == USER


def test_a_new_key_is_fetched_when_a_token_names_it(issuer: FakeIssuer) -> None:
    verify = issuer.verifier()
    verify(token())
    issuer.keys = [public_key("k1", EC_KEY), public_key("k2", RSA_KEY)]
    issuer.now = 60

    assert verify(token(RSA_KEY, "RS256", "k2")).user_id == USER


def test_unknown_key_ids_do_not_cause_a_fetch_each_time(issuer: FakeIssuer) -> None:
    verify = issuer.verifier()
    verify(token())
    issuer.now = 60

    for number in range(120):
        issuer.now = 60 + number
        with pytest.raises(Unauthenticated):
            verify(token(kid=f"invented-{number}"))
    assert len(issuer.fetches) == 3  # at first, after a minute, and after another


def test_a_withdrawn_key_is_refused_after_ten_minutes(issuer: FakeIssuer) -> None:
    verify = issuer.verifier()
    verify(token())
    issuer.keys = [public_key("k2", RSA_KEY)]
    issuer.now = 601

    with pytest.raises(Unauthenticated):
        verify(token())


def test_without_the_issuer_its_last_keys_stay_valid_for_an_hour(issuer: FakeIssuer) -> None:
    verify = issuer.verifier()
    verify(token())
    issuer.down = True

    issuer.now = 700
    assert verify(token()).user_id == USER
    issuer.now = 3700
    with pytest.raises(IdentityUnavailable):
        verify(token())


def test_without_any_keys_the_error_is_identity_unavailable(issuer: FakeIssuer) -> None:
    issuer.down = True
    verify = issuer.verifier()

    for moment in range(10):
        issuer.now = moment
        with pytest.raises(IdentityUnavailable):
            verify(token())
    assert len(issuer.fetches) == 1
    issuer.down, issuer.now = False, 10
    assert verify(token()).user_id == USER


# --- HS256, of issuers that have no signing keys yet ------------------------------------------------------------------

SECRET = "a-secret-of-the-issuer-with-at-least-32-characters"


@pytest.mark.parametrize("kid", [None, "of-the-secret"])
def test_a_token_with_the_legacy_secret_is_valid_if_the_secret_is_configured(
    issuer: FakeIssuer, kid: str | None
) -> None:
    assert issuer.verifier(SECRET)(token(SECRET, "HS256", kid)).user_id == USER


@pytest.mark.parametrize("kid", [None, "k1", "of-the-secret"])
def test_a_token_with_the_legacy_secret_is_refused_if_none_is_configured(issuer: FakeIssuer, kid: str | None) -> None:
    with pytest.raises(InvalidToken, match="ES256 or RS256"):
        issuer.verifier()(token(SECRET, "HS256", kid))


def test_with_a_legacy_secret_tokens_of_signing_keys_are_valid_too(issuer: FakeIssuer) -> None:
    assert issuer.verifier(SECRET)(token()).user_id == USER


def test_a_token_that_names_a_signing_key_cannot_use_hs256(issuer: FakeIssuer) -> None:
    with pytest.raises(InvalidToken):
        issuer.verifier(SECRET)(token(SECRET, "HS256", "k1"))


def test_no_public_key_is_used_as_the_legacy_secret(issuer: FakeIssuer) -> None:
    """Everybody can read a public key, so it must not verify a symmetric signature (algorithm confusion)."""
    public = issuer.keys[0]
    with pytest.raises(InvalidToken):
        issuer.verifier(SECRET)(token(public["x"], "HS256", None))


@pytest.mark.parametrize("secret", ["", "short", json.dumps(public_key("k1", EC_KEY)), f"-----BEGIN {'x' * 40}"])
def test_a_legacy_secret_that_is_short_or_public_is_not_used(issuer: FakeIssuer, secret: str) -> None:
    with pytest.raises(IdentityUnavailable):
        issuer.verifier(secret)(token(SECRET, "HS256", None))


@pytest.mark.parametrize(
    "changes",
    [{"role": "service_role", "iss": "supabase"}, {"role": "anon"}, {"exp": 1}, {"aud": "other"}, {"iss": "supabase"}],
)
def test_the_claims_of_a_token_with_the_legacy_secret_are_checked(issuer: FakeIssuer, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidToken):
        issuer.verifier(SECRET)(token(SECRET, "HS256", None, **changes))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_the_legacy_secret_is_for_hs256_only(issuer: FakeIssuer, algorithm: str) -> None:
    with pytest.raises(InvalidToken):
        issuer.verifier(SECRET)(token(SECRET * 2, algorithm, None))


# --- machines ---------------------------------------------------------------------------------------------------------


class FakeBearers:
    def __init__(self, *, live: bool = True) -> None:
        self.token, self._hash = service_token.new(USER)
        self._live = live

    def bearer(self, token_id: str, secret_hash: str) -> Bearer | None:
        return Bearer(USER, self._live) if (token_id, secret_hash) == (USER, self._hash) else None

    def identify(self, token: str) -> Principal:
        return Identify(people, self)(token)


def people(token: str) -> Principal:
    raise AssertionError(f"{token} is no person's")


def test_a_service_token_names_its_machine() -> None:
    bearers = FakeBearers()

    assert bearers.identify(bearers.token).user_id == USER


def test_another_token_goes_to_the_issuers_verifier(issuer: FakeIssuer) -> None:
    assert Identify(issuer.verifier(), FakeBearers())(token()).user_id == USER


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text[:-1],
        lambda text: text.upper().replace("BATON_", "baton_"),
        lambda text: text + "0",
        lambda text: service_token.new("0a000000-0000-4000-8000-000000000002")[0],
        lambda text: "baton_",
    ],
)
def test_a_service_token_with_another_id_or_secret_is_refused(change: Callable[[str], str]) -> None:
    bearers = FakeBearers()

    with pytest.raises(InvalidToken, match="not one of this deployment"):
        bearers.identify(change(bearers.token))


def test_an_expired_or_revoked_service_token_gets_a_message_that_says_so() -> None:
    bearers = FakeBearers(live=False)

    with pytest.raises(InvalidToken, match="expired or was revoked"):
        bearers.identify(bearers.token)


def test_two_service_tokens_differ_and_the_record_gets_only_a_hash() -> None:
    (one, kept), (other, _) = service_token.new(USER), service_token.new(USER)

    assert one != other
    assert kept not in one
    assert service_token.read(one) == (USER, kept)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic dXNlcjpwYXNz", "token"])
def test_without_a_bearer_token_there_is_no_caller(header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        bearer_token(header)


def test_the_scheme_may_have_any_case() -> None:
    assert bearer_token("bearer abc") == "abc"
