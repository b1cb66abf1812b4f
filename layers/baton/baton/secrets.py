"""Secrets of Secrets Manager: read when they are needed, and once more where what they open is refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from aws_lambda_powertools.utilities.parameters import GetParameterError, SecretsProvider
from botocore.config import Config

from baton.clients import SHORT_CALLS

if TYPE_CHECKING:
    from baton.connection import Login

MAX_SECRET_AGE = 300  # seconds that a secret is cached
REREAD_SECONDS = 5  # what strangers send, and is refused, has a secret read again no more often than this

__all__ = ["GetParameterError", "Key", "Secrets"]


class Secrets:
    """
    Raises (every method, when it reads):
        GetParameterError: the secret is not there, may not be read, or Secrets Manager does not answer.
    """

    @cached_property
    def _provider(self) -> SecretsProvider:
        return SecretsProvider(boto_config=Config(**SHORT_CALLS))

    def read(self, secret_id: str) -> str:
        """The secret, not older than ``MAX_SECRET_AGE``."""
        return str(self._provider.get(secret_id, max_age=MAX_SECRET_AGE))

    def read_again(self, secret_id: str) -> str:
        """The secret as it is now."""
        return str(self._provider.get(secret_id, max_age=MAX_SECRET_AGE, force_fetch=True))

    def key(self, secret_id: str) -> Key:
        """The key that the secret is."""
        return Key(lambda: self.read_again(secret_id))

    def login(self, secret_id: str) -> Login:
        """The login whose URL is the secret."""
        from baton.connection import Login

        return Login(self.read(secret_id), lambda: self._other_urls(secret_id))

    def _other_urls(self, secret_id: str) -> Iterator[str]:
        """As it is now; and as it was before: a new password is put here before the database is told of it."""
        for stage in ("AWSCURRENT", "AWSPREVIOUS"):
            try:
                yield str(self._provider.get(secret_id, force_fetch=True, VersionStage=stage))
            except GetParameterError:
                continue  # what the database said counts


class Key:
    """A key that is read when it is first needed, and again, once in a while, where something does not fit it."""

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
        """Whether it is another one by now. It is not asked for more often than every ``REREAD_SECONDS``."""
        before = self.value
        if self._clock() - self._read_at < REREAD_SECONDS:
            return False
        self._value, self._read_at = self._read(), self._clock()
        return self._value != before
