"""The outbox in Postgres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb

from baton.outbox import Effect, FailedDelivery
from baton.store.database import Database
from baton.store.functions import Function, effects_of

_CLAIM = Function("claim_effects", engine_id="text", limit="integer")
_PUT_OFF = Function("put_off_effects", failed="jsonb")
_EFFECT_TO_COMPLETE = Function("effect_to_complete", effect_id="uuid")
_NEWEST_TOKEN = Function("newest_token", approval_id="uuid")
_STRIKE_OFF = "select baton.strike_off_unawaited(%(delivered)s::uuid[])"


@dataclass(frozen=True)
class WaitingToken:
    token: str
    execution: str


class OutboxTable:
    """Implements ``outbox.OutboxStore``, and for the relay and the approval function what they alone need."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def strike_off(self, effect_ids: Sequence[str]) -> None:
        """What was delivered. Sent without waiting, nor does the server for its disk: were it lost, the relay would
        deliver again, which is safe and rare."""
        self._database.send(_STRIKE_OFF, {"delivered": "{" + ",".join(effect_ids) + "}"})

    def put_off(self, failed: Sequence[FailedDelivery]) -> None:
        """What failed waits longer each time, with the reason."""
        told = [{"id": one.effect.id, "failures": one.effect.failures, "error": one.reason} for one in failed]
        _PUT_OFF.answer(self._database, failed=Jsonb(told))

    def claim_due(self, engine_id: str, limit: int) -> tuple[Effect, ...]:
        """Due effects of this engine's runs, oldest first, leased to the caller for a minute."""
        return effects_of(_CLAIM.answer(self._database, engine_id=engine_id, limit=limit))

    def effect_to_complete(self, effect_id: str) -> Effect | None:
        """A decision that was not delivered, with its token; None if it was delivered meanwhile."""
        effect = _EFFECT_TO_COMPLETE(self._database, effect_id=effect_id)
        return None if effect is None else effects_of({"effects": [effect]})[0]

    def newest_token(self, approval_id: str) -> WaitingToken | None:
        token = _NEWEST_TOKEN(self._database, approval_id=approval_id)
        return None if token is None else WaitingToken(**token)
