"""What failed in the outbox, in Postgres."""

from __future__ import annotations

from collections.abc import Sequence

from baton.ports.undelivered import UndeliveredEffect
from baton.store import sql
from baton.store.database import Database, Row

_SQL = sql.load("undelivered")


class UndeliveredTable:
    """Implements ``ports.undelivered.UndeliveredEffects`` for the API's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def roles(self, *, user_id: str) -> dict[str, frozenset[str]]:
        rows = self._database.fetch_all(_SQL["roles"], {"user_id": user_id})
        return {row["organization"]: frozenset(row["roles"]) for row in rows}

    def roles_for(self, *, user_id: str, effect_id: str) -> frozenset[str]:
        row = self._database.fetch_one(_SQL["roles_for"], {"user_id": user_id, "id": effect_id})
        return frozenset() if row is None else frozenset(row["roles"])

    def failed(
        self, *, user_id: str, organizations: Sequence[str], failures: int, limit: int
    ) -> list[UndeliveredEffect]:
        params = {"user_id": user_id, "organizations": list(organizations), "failures": failures, "limit": limit}
        return [_effect(row) for row in self._database.fetch_all(_SQL["failed"], params)]

    def redrive(self, *, user_id: str, effect_id: str) -> UndeliveredEffect | None:
        row = self._database.fetch_one(_SQL["redrive"], {"user_id": user_id, "id": effect_id})
        return None if row is None else _effect(row)

    def redrive_all(self, *, user_id: str, organizations: Sequence[str]) -> int:
        row = self._database.fetch_one(_SQL["redrive_all"], {"user_id": user_id, "organizations": list(organizations)})
        return 0 if row is None else int(row["redriven"])


def _effect(row: Row) -> UndeliveredEffect:
    return UndeliveredEffect(**{**row, "id": str(row["id"]), "run_id": str(row["run_id"])})
