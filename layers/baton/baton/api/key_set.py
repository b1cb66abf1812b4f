"""The public keys of an issuer, as it publishes them (RFC 7517)."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jwt

from baton.errors import BatonError

MAX_FRESH_SECONDS = 600  # after this time, keys are fetched again: a key that the issuer has withdrawn is valid so long
MAX_STALE_SECONDS = 3600  # the same, if the issuer cannot be reached
UNKNOWN_KEY_SECONDS = 60  # between two fetches for unknown key ids: any caller can invent key ids
RETRY_SECONDS = 10  # after a fetch that failed
FETCH_TIMEOUT_SECONDS = 3
MAX_KEY_SET_BYTES = 256 * 1024

_ALGORITHMS = {("EC", "P-256"): "ES256", ("RSA", None): "RS256"}

FetchKeySet = Callable[[str], Mapping[str, Any]]


class IdentityUnavailable(BatonError):
    """The keys or the record that a token needs for its check cannot be reached."""


class KeySet:
    """The signing keys by key id. It fetches them at first use, when they are old and, not too often, for an unknown
    id."""

    def __init__(self, url: str, fetch: FetchKeySet | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = url
        self._fetch = fetch or fetch_key_set
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def find(self, key_id: str) -> jwt.PyJWK | None:
        """The key of this id; None if the issuer publishes none. Raises IdentityUnavailable."""
        old = self._age(self._fetched_at) > MAX_FRESH_SECONDS
        if old or (key_id not in self._keys and self._age(self._tried_at) >= UNKNOWN_KEY_SECONDS):
            self._refresh()
        return self._keys.get(key_id)

    def _refresh(self) -> None:
        usable = self._age(self._fetched_at) <= MAX_STALE_SECONDS
        if self._age(self._tried_at) < RETRY_SECONDS:  # the last fetch failed; do not wait for another time-out
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
    """The keys with an id and an accepted algorithm, without others such as encryption keys."""
    for description in published.get("keys", []):
        algorithm = _ALGORITHMS.get((description.get("kty"), description.get("crv")))
        fits = description.get("alg", algorithm) == algorithm and description.get("use", "sig") == "sig"
        if algorithm and fits and isinstance(description.get("kid"), str):
            yield description["kid"], jwt.PyJWK(description, algorithm=algorithm)


def _unavailable() -> IdentityUnavailable:
    return IdentityUnavailable("The issuer's keys cannot be fetched; try again in a moment.")
