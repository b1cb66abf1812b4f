"""The outbox in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from baton.outbox import Effect
from baton.store import sql
from baton.store.boundary import effects_of
from baton.store.database import Database

_SQL = sql.load("outbox")


@dataclass(frozen=True)
class WaitingToken:
    token: str
    execution: str


class OutboxTable:
    """Implements ``outbox.OutboxStore``, and for the relay and the approval function what they alone need."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def delivered(self, effect_ids: Sequence[str]) -> None:
        """Sent without waiting: were it lost, the relay would deliver again, which is safe and rare."""
        self._database.send(_SQL["delivered"], {"ids": list(effect_ids)})

    def not_delivered(self, effect_id: str, reason: str) -> None:
        self._database.execute(_SQL["not_delivered"], {"id": effect_id, "error": reason})

    def claim_due(self, engine_id: str, limit: int) -> tuple[Effect, ...]:
        """Due effects of this engine's runs, oldest first, leased to the caller for a minute."""
        return effects_of(self._database.fetch_all(_SQL["claim_due_effects"], {"engine_id": engine_id, "limit": limit}))

    def effect(self, effect_id: str) -> Effect | None:
        """One undelivered effect; None if it was delivered meanwhile."""
        rows = self._database.fetch_all(_SQL["effect"], {"id": effect_id})
        return effects_of(rows)[0] if rows else None

    def newest_token(self, approval_id: str) -> WaitingToken | None:
        row = self._database.fetch_one(_SQL["newest_token"], {"approval_id": approval_id})
        return None if row is None else WaitingToken(row["token"], row["execution"])
