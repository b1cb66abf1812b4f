"""Who is calling: a bearer token, checked against the public keys of its issuer.

Works with any issuer that publishes ``{issuer}/.well-known/jwks.json``, as Supabase Auth and the local stack do.
What a person may do is not in the token: it is their membership, which the record knows.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import jwt

from baton.errors import BatonError, Unauthenticated
from baton.model import Principal

REFRESH_SECONDS = 600  # a key that the issuer withdrew is refused after this at the latest …
STALE_SECONDS = 3600  # … unless the issuer cannot be reached; then its last keys serve this long
UNKNOWN_KEY_SECONDS = 10  # invented key ids cannot make us ask the issuer more often than this
FETCH_TIMEOUT_SECONDS = 3
LARGEST_KEY_SET = 256 * 1024

_ALGORITHMS = {("EC", "P-256"): "ES256", ("RSA", None): "RS256"}

FetchKeySet = Callable[[str], Mapping[str, Any]]


class IdentityUnavailable(BatonError):
    """The issuer's keys cannot be fetched, so no token can be checked."""


class InvalidToken(Unauthenticated):
    """A token was sent, and it is not good."""

    token_was_sent = True


def bearer_token(authorization: str | None) -> str:
    """The token of an ``Authorization`` header. Raises Unauthenticated when there is none."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the header `Authorization: Bearer <token>`.")
    return token.strip()


class KeySet:
    """The signing keys by key id: fetched when first needed, when old and, not too often, for an unknown id."""

    def __init__(self, url: str, fetch: FetchKeySet | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._fetch = fetch or fetch_key_set
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def key(self, key_id: str) -> jwt.PyJWK:
        if self._age(self._fetched_at) > REFRESH_SECONDS or (
            key_id not in self._keys and self._age(self._tried_at) > UNKNOWN_KEY_SECONDS
        ):
            self._refresh()
        if key_id not in self._keys:
            raise InvalidToken("The token is signed with a key that its issuer does not publish.")
        return self._keys[key_id]

    def _refresh(self) -> None:
        usable = self._age(self._fetched_at) <= STALE_SECONDS
        if usable and self._age(self._tried_at) <= UNKNOWN_KEY_SECONDS:
            return  # it failed a moment ago: do not add the time-out to every request
        self._tried_at = self._clock()
        try:
            published = self._fetch(self._url)
            self._keys = dict(_usable_keys(published))
        except (OSError, ValueError, TypeError, AttributeError, jwt.PyJWTError) as error:
            if usable:
                return
            raise IdentityUnavailable("The issuer's keys cannot be fetched; try again in a moment.") from error
        self._fetched_at = self._tried_at

    def _age(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._clock() - moment


class TokenVerifier:
    """Bearer token → Principal. Raises Unauthenticated for every token but a valid one of this issuer and audience."""

    def __init__(self, issuer: str, audience: str, keys: KeySet | None = None) -> None:
        self._issuer = issuer.rstrip("/")
        self._audience = audience
        self._keys = keys or KeySet(f"{self._issuer}/.well-known/jwks.json")

    def __call__(self, token: str) -> Principal:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise InvalidToken("The bearer token is not a JSON Web Token.") from error
        key_id = header.get("kid")
        if header.get("alg") not in _ALGORITHMS.values() or not isinstance(key_id, str):
            raise InvalidToken("The token must be signed with ES256 or RS256 and name its key (`kid`).")
        key = self._keys.key(key_id)
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=[key.algorithm_name],  # the key's, never the token's choice
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "sub", "aud", "iss"], "verify_iat": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise InvalidToken("The token has expired; get a new one.") from error
        except jwt.PyJWTError as error:
            raise InvalidToken(f"The token is not valid: {error}.") from error
        return Principal(user_id=_user_id(claims["sub"]))


def fetch_key_set(url: str) -> Mapping[str, Any]:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=FETCH_TIMEOUT_SECONDS) as answer:
        document = json.loads(answer.read(LARGEST_KEY_SET))
    if not isinstance(document, dict):
        raise ValueError("a key set is an object with `keys`")
    return document


def _usable_keys(published: Mapping[str, Any]) -> list[tuple[str, jwt.PyJWK]]:
    """Keys with an id and an accepted algorithm; others (a shared secret, an encryption key) are passed over."""
    usable = []
    for description in published.get("keys", []):
        algorithm = _ALGORITHMS.get((description.get("kty"), description.get("crv")))
        fits = description.get("alg", algorithm) == algorithm and description.get("use", "sig") == "sig"
        if algorithm and fits and isinstance(description.get("kid"), str):
            usable.append((description["kid"], jwt.PyJWK(description, algorithm=algorithm)))
    return usable


def _user_id(subject: Any) -> str:
    try:
        return str(UUID(subject))
    except (ValueError, TypeError, AttributeError) as error:
        raise InvalidToken("The token's subject is not a user id (a UUID).") from error
