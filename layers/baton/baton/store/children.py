"""Child runs in Postgres."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from baton.model import RunStatus
from baton.outbox import Effect
from baton.ports.recovery import SettleCommand
from baton.ports.steps import ChildRun
from baton.store.database import Database
from baton.store.functions import Function, effects_of

_INSERT = Function(
    "insert_child",
    run_id="uuid",
    step_id="text",
    attempt_number="integer",
    attempt_key="text",
    child_id="uuid",
    definition_id="uuid",
    parameters="jsonb",
    reviews="jsonb",
)
_ABORT = Function("abort_child", run_id="uuid", generation="integer", note="text")
_SETTLE = Function("settle_child", run_id="uuid", generation="integer", status="text", error="jsonb")


class Children:
    """For the step function's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(
        self,
        *,
        parent_run_id: str,
        step_id: str,
        attempt_number: int,
        attempt_key: str,
        child_id: str,
        definition_id: str,
        parameters: Mapping[str, Any],
        reviews: Sequence[Mapping[str, Any]],
    ) -> ChildRun | None:
        """Makes the child run of an attempt, or its next generation. ``reviews`` are for the child's first steps.

        None: the step is at another attempt by now, or a later try of its Task state owns the attempt.
        """
        child = _INSERT(
            self._database,
            run_id=parent_run_id,
            step_id=step_id,
            attempt_number=attempt_number,
            attempt_key=attempt_key,
            child_id=child_id,
            definition_id=definition_id,
            parameters=Jsonb(dict(parameters)),
            reviews=Jsonb([dict(review) for review in reviews]),
        )
        if child is None:
            return None
        status = RunStatus(child["status"])
        return ChildRun(child["id"], status, child["machine"], child["generation"], effects_of(child))

    def abort(self, child_run_id: str, generation: int, reason: str) -> Sequence[Effect]:
        """Aborts a child run that is open in that generation, and its open child runs."""
        return effects_of(_ABORT(self._database, run_id=child_run_id, generation=generation, note=reason))

    def settle(self, command: SettleCommand) -> Sequence[Effect]:
        """Ends an open child run as its execution has ended."""
        answer = _SETTLE(
            self._database,
            run_id=command.run_id,
            generation=command.generation,
            status=command.status,
            error=Jsonb(dict(command.error)),
        )
        return effects_of(answer)
