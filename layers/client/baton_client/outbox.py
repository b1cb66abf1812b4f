"""The outbox: effects of a commit (events, starts, stops) that could not be delivered yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from baton_client.connection import Connection, segment, without_none

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


class RedriveResult(TypedDict):
    """``redriven`` is the number of effects that are tried again."""

    redriven: int


class Outbox:
    """``client.outbox``. Raises (all methods): Unreachable, Refused."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(
        self, organization: str | None = None, *, failures: int | None = None, limit: int | None = None
    ) -> Sequence[Effect]:
        """The oldest ``limit`` effects (default: 100) that failed at least ``failures`` times (default: once)."""
        query = {"organization": organization, "failures": failures, "limit": limit}
        effects: Sequence[Effect] = self._connection.get(PATH, query)["effects"]
        return effects

    def redrive(self, effect_id: str) -> Effect:
        """Try one effect again, within a minute."""
        effect: Effect = self._connection.post(f"{PATH}/{segment(effect_id)}/redrive", {})
        return effect

    def redrive_all(self, organization: str | None = None) -> RedriveResult:
        """Try every failed effect again."""
        result: RedriveResult = self._connection.post(f"{PATH}/redrive", without_none(organization=organization))
        return result
