"""Secrets of Secrets Manager. A function reads a secret at its first use. It reads the secret again if a login or a
token is refused, because the secret may have been rotated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.utilities.parameters import GetParameterError, SecretsProvider
from botocore.config import Config

from baton.clients import CREATION_LOCK, SHORT_CALLS

if TYPE_CHECKING:
    from baton.connection import Login

MAX_SECRET_AGE_SECONDS = 300  # in the cache
MIN_REREAD_SECONDS = 5  # between two reads after refusals: any caller can send a token that is refused

__all__ = ["GetParameterError", "Key", "Secrets"]


class Secrets:
    """Reads secrets.

    Raises (every method that reads):
        GetParameterError: the secret does not exist, the function may not read it, or Secrets Manager does not answer.
    """

    @cached_property
    def _provider(self) -> SecretsProvider:
        """SecretsProvider makes a session of its own if it gets no client. A session reads botocore's data again."""
        with CREATION_LOCK:
            client = boto3.client("secretsmanager", config=Config(**SHORT_CALLS))
        return SecretsProvider(boto3_client=client)

    def read(self, secret_id: str) -> str:
        """The secret, cached for ``MAX_SECRET_AGE_SECONDS``."""
        return str(self._provider.get(secret_id, max_age=MAX_SECRET_AGE_SECONDS))

    def read_again(self, secret_id: str) -> str:
        """The newest version of the secret."""
        return str(self._provider.get(secret_id, max_age=MAX_SECRET_AGE_SECONDS, force_fetch=True))

    def key(self, secret_id: str) -> Key:
        """A secret that is a key."""
        return Key(lambda: self.read_again(secret_id))

    def login(self, secret_id: str) -> Login:
        """A login whose URL is the secret."""
        from baton.connection import Login

        return Login(self.read(secret_id), lambda: self._other_urls(secret_id))

    def _other_urls(self, secret_id: str) -> Iterator[str]:
        """The newest version, then the version before it. A rotation changes the secret before the database."""
        for stage in ("AWSCURRENT", "AWSPREVIOUS"):
            try:
                yield str(self._provider.get(secret_id, force_fetch=True, VersionStage=stage))
            except GetParameterError:
                continue  # the caller reports the refusal of the database


class Key:
    """A key. It is read on first use, and again if a signature does not fit it."""

    def __init__(self, read: Callable[[], str], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._value: str | None = None
        self._read_at = 0.0

    @property
    def value(self) -> str:
        if self._value is None:
            self._value, self._read_at = self._read(), self._clock()
        return self._value

    def has_changed(self) -> bool:
        """Reads the key again and returns whether it is another one. Reads at most once in ``MIN_REREAD_SECONDS``."""
        before = self.value
        if self._clock() - self._read_at < MIN_REREAD_SECONDS:
            return False
        self._value, self._read_at = self._read(), self._clock()
        return self._value != before
