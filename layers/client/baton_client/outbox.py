"""The outbox: effects of a commit (events, starts, stops) that could not be delivered yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from baton_client.arguments import segment
from baton_client.connection import Connection, without_none

PATH = "/orchestrations/outbox"


class Effect(TypedDict):
    """``stuck``: it failed so often that a person should look at it."""

    id: str
    runId: str
    organization: str
    kind: str
    failures: int
    stuck: bool
    lastError: str | None
    nextTryAt: str
    createdAt: str


class _Effects(TypedDict):
    effects: list[Effect]


class RedriveResult(TypedDict):
    """``redriven`` is the number of effects that are tried again."""

    redriven: int


class Outbox:
    """``client.outbox``. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, organization: str | None = None, *, failures: int | None = None, limit: int | None = None
    ) -> Sequence[Effect]:
        """The oldest ``limit`` effects (default: 100) that failed at least ``failures`` times (default: once)."""
        query = {"organization": organization, "failures": failures, "limit": limit}
        return self._connection.get(PATH, _Effects, query)["effects"]

    def redrive(self, effect_id: str) -> Effect:
        """Try one effect again, within a minute."""
        return self._connection.post(f"{PATH}/{segment(effect_id, 'effect_id')}/redrive", Effect, {})

    def redrive_all(self, organization: str | None = None) -> RedriveResult:
        """Try every failed effect again."""
        return self._connection.post(f"{PATH}/redrive", RedriveResult, without_none(organization=organization))
