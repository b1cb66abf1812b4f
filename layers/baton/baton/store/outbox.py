"""The outbox in Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from baton.model import EffectKind, Role
from baton.outbox import Effect, FailedDelivery
from baton.ports.outbox import FailedEffect
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Function, Query, effects_of, row_of

_CLAIM = Function("claim_effects", engine_id="text", limit="integer")
_PUT_OFF = Function("put_off_effects", failed="jsonb")
_EFFECT_TO_COMPLETE = Function("effect_to_complete", effect_id="uuid")
_NEWEST_TOKEN = Function("newest_checkpoint_token", approval_id="uuid")
_STRIKE_OFF = "select baton.strike_off_unawaited(%(delivered)s::uuid[])"


@dataclass(frozen=True)
class WaitingToken:
    token: str
    execution: str


class OutboxTable:
    """For every login that delivers effects. Only the relay may claim them, and only the approval function reads
    tokens."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def strike_off(self, effect_ids: Sequence[str]) -> None:
        """Deletes the rows of delivered effects. This does not wait for the answer, and the server does not wait for
        its disk. If the deletion is lost, the relay delivers the effects again, which is safe and rare."""
        self._database.send(_STRIKE_OFF, {"delivered": "{" + ",".join(effect_ids) + "}"})

    def put_off(self, failed: Sequence[FailedDelivery]) -> None:
        """Records the failures and their reasons. The next try comes later after each failure."""
        rows = [{"id": one.effect.id, "failures": one.effect.failures, "error": one.reason} for one in failed]
        _PUT_OFF.answer(self._database, failed=Jsonb(rows))

    def claim_due(self, engine_id: str, limit: int) -> tuple[Effect, ...]:
        """Due effects of this engine's runs, oldest first. The caller has them for a minute."""
        return effects_of(_CLAIM.answer(self._database, engine_id=engine_id, limit=limit))

    def effect_to_complete(self, effect_id: str) -> Effect | None:
        """The completion of a checkpoint, with its token; None if it is delivered already."""
        effect = _EFFECT_TO_COMPLETE(self._database, effect_id=effect_id)
        return None if effect is None else effects_of({"effects": [effect]})[0]

    def newest_token(self, approval_id: str) -> WaitingToken | None:
        token = _NEWEST_TOKEN(self._database, approval_id=approval_id)
        return None if token is None else WaitingToken(**token)


_SQL = sql.load("outbox")
_ROLES_FOR = Query("roles_for_effect", user_id="uuid", effect_id="uuid")
_FAILED = Query("failed_effects", user_id="uuid", organizations="text[]", failures="integer", limit="integer")
_REDRIVE = Function("redrive_effect", user_id="uuid", effect_id="uuid")
_REDRIVE_ALL = Function("redrive_effects", user_id="uuid", organizations="text[]")


class FailedEffects:
    """Effects that failed at least once, in organisations that the caller is a member of, for the API's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def roles(self, *, user_id: str) -> dict[str, frozenset[Role]]:
        """Organisation → the caller's roles in it."""
        rows = self._database.fetch_all(_SQL["roles"], {"user_id": user_id})
        return {row["organization"]: frozenset(map(Role, row["roles"])) for row in rows}

    def roles_for(self, *, user_id: str, effect_id: str) -> frozenset[Role]:
        """The caller's roles in the organisation of an effect; none if there is no such effect."""
        return frozenset(map(Role, _ROLES_FOR(self._database, user_id=user_id, effect_id=effect_id)))

    def failed(self, *, user_id: str, organizations: Sequence[str], failures: int, limit: int) -> list[FailedEffect]:
        """Effects with at least that many failures, oldest first."""
        effects = _FAILED(
            self._database, user_id=user_id, organizations=list(organizations), failures=failures, limit=limit
        )
        return [_effect(effect) for effect in effects]

    def redrive(self, *, user_id: str, effect_id: str) -> FailedEffect | None:
        """Makes the effect due now; None if it is delivered already."""
        effect = _REDRIVE(self._database, user_id=user_id, effect_id=effect_id)
        return None if effect is None else _effect(effect)

    def redrive_all(self, *, user_id: str, organizations: Sequence[str]) -> int:
        """Makes all failed effects due now. Returns their number."""
        answer = _REDRIVE_ALL(self._database, user_id=user_id, organizations=list(organizations))
        return 0 if answer is None else int(answer["redriven"])


def _effect(answer: Mapping[str, Any]) -> FailedEffect:
    return FailedEffect(**{**row_of(answer), "kind": EffectKind(answer["kind"])})
