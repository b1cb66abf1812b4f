"""The public keys of an issuer, as it publishes them (RFC 7517)."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jwt

from baton.errors import BatonError

REFRESH_SECONDS = 600  # a key that the issuer withdrew is refused after this at the latest …
STALE_SECONDS = 3600  # … unless the issuer cannot be reached; then its last keys serve this long
UNKNOWN_KEY_SECONDS = 60  # invented key ids cannot make us ask the issuer more often than this
RETRY_SECONDS = 10  # an issuer that did not answer is left alone for this long
FETCH_TIMEOUT_SECONDS = 3
MAX_KEY_SET_BYTES = 256 * 1024

_ALGORITHMS = {("EC", "P-256"): "ES256", ("RSA", None): "RS256"}

FetchKeySet = Callable[[str], Mapping[str, Any]]


class IdentityUnavailable(BatonError):
    """Whatever a token is checked against cannot be fetched, so no token can be checked."""


class KeySet:
    """The signing keys by key id: fetched when first needed, when old and, not too often, for an unknown id."""

    def __init__(self, url: str, fetch: FetchKeySet | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._fetch = fetch or fetch_key_set
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key of this id; None if the issuer publishes none. Raises IdentityUnavailable."""
        old = self._age(self._fetched_at) > REFRESH_SECONDS
        if old or (key_id not in self._keys and self._age(self._tried_at) >= UNKNOWN_KEY_SECONDS):
            self._refresh()
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        usable = self._age(self._fetched_at) <= STALE_SECONDS
        if self._age(self._tried_at) < RETRY_SECONDS:  # it failed a moment ago: no time-out for every request
            if usable:
                return
            raise _unavailable()
        self._tried_at = self._clock()
        try:
            self._keys = dict(_usable_keys(self._fetch(self._url)))
        except (OSError, ValueError, TypeError, AttributeError, jwt.PyJWTError) as error:
            if usable:
                return
            raise _unavailable() from error
        self._fetched_at = self._tried_at

    def _age(self, moment: float | None) -> float:
        return float("inf") if moment is None else self._clock() - moment


def fetch_key_set(url: str) -> Mapping[str, Any]:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=FETCH_TIMEOUT_SECONDS) as answer:
        document = json.loads(answer.read(MAX_KEY_SET_BYTES))
    if not isinstance(document, dict):
        raise ValueError("a key set is an object with `keys`")
    return document


def _usable_keys(published: Mapping[str, Any]) -> Iterator[tuple[str, jwt.PyJWK]]:
    """Keys with an id and an accepted algorithm; others (a shared secret, an encryption key) are passed over."""
    for description in published.get("keys", []):
        algorithm = _ALGORITHMS.get((description.get("kty"), description.get("crv")))
        fits = description.get("alg", algorithm) == algorithm and description.get("use", "sig") == "sig"
        if algorithm and fits and isinstance(description.get("kid"), str):
            yield description["kid"], jwt.PyJWK(description, algorithm=algorithm)


def _unavailable() -> IdentityUnavailable:
    return IdentityUnavailable("The issuer's keys cannot be fetched; try again in a moment.")
