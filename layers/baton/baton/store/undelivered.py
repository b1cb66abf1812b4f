"""What failed in the outbox, in Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from baton.model import EffectKind, Role
from baton.ports.outbox import FailedEffect
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Function, Query, row_of

_SQL = sql.load("undelivered")
_ROLES_FOR = Query("roles_for_effect", user_id="uuid", effect_id="uuid")
_FAILED = Query("failed_effects", user_id="uuid", organizations="text[]", failures="integer", limit="integer")
_REDRIVE = Function("redrive_effect", user_id="uuid", effect_id="uuid")
_REDRIVE_ALL = Function("redrive_effects", user_id="uuid", organizations="text[]")


class UndeliveredTable:
    """Implements ``ports.outbox.UndeliveredEffects`` for the API's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def roles(self, *, user_id: str) -> dict[str, frozenset[Role]]:
        rows = self._database.fetch_all(_SQL["roles"], {"user_id": user_id})
        return {row["organization"]: frozenset(map(Role, row["roles"])) for row in rows}

    def roles_for(self, *, user_id: str, effect_id: str) -> frozenset[Role]:
        return frozenset(map(Role, _ROLES_FOR(self._database, user_id=user_id, effect_id=effect_id)))

    def failed(self, *, user_id: str, organizations: Sequence[str], failures: int, limit: int) -> list[FailedEffect]:
        failed = _FAILED(
            self._database, user_id=user_id, organizations=list(organizations), failures=failures, limit=limit
        )
        return [_effect(effect) for effect in failed]

    def redrive(self, *, user_id: str, effect_id: str) -> FailedEffect | None:
        redriven = _REDRIVE(self._database, user_id=user_id, effect_id=effect_id)
        return None if redriven is None else _effect(redriven)

    def redrive_all(self, *, user_id: str, organizations: Sequence[str]) -> int:
        answer = _REDRIVE_ALL(self._database, user_id=user_id, organizations=list(organizations))
        return 0 if answer is None else int(answer["redriven"])


def _effect(answer: Mapping[str, Any]) -> FailedEffect:
    return FailedEffect(**{**row_of(answer), "kind": EffectKind(answer["kind"])})
