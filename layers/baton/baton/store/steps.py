"""The record of steps: one method a boundary."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from baton.ports.steps import Begun, Completed, Delivery, Failed, Settled, StepResult
from baton.store import sql
from baton.store.boundary import Boundary
from baton.store.database import Database
from baton.store.tree import ABORT_ORPHANS, Tree

_SQL = sql.load("steps")


class Steps:
    """Implements ``ports.steps.StepRecord`` on Postgres."""

    def __init__(self, database: Database) -> None:
        self._boundary = Boundary(database, releases_gates=True)
        self._tree = Tree(database, releases_gates=True)

    def begin(self, delivery: Delivery, lease_seconds: float) -> Begun:
        crossed = self._boundary(
            _SQL["begin_step"],
            {
                "run_id": delivery.run_id,
                "step_id": delivery.step_id,
                "generation": delivery.generation,
                "digest": delivery.digest,
                "attempt_key": delivery.attempt_key,
                "delivery_id": delivery.delivery_id,
                "lease_seconds": lease_seconds,
            },
        )
        if crossed.row is None:
            return Begun(outcome="unknown_step", effects=crossed.effects)
        return Begun(effects=crossed.effects, **crossed.row)

    def complete(self, delivery: Delivery, attempt_number: int, result: StepResult) -> Completed:
        crossed = self._boundary(
            _SQL["complete_step"],
            {
                **_attempt(delivery, attempt_number),
                "outputs": Jsonb(dict(result.outputs)),
                "metadata": _runtime(result.input, result.response),
                "deliverable": Jsonb(dict(result.deliverable or {})),
                "has_checkpoint": result.has_checkpoint,
                "input_hash": result.input_hash,
                "cache_seconds": result.cache_seconds,
                "from_cache": result.from_cache,
                "new_id": str(uuid.uuid4()),
            },
        )
        assert crossed.row is not None  # the statement always answers with one row
        return Completed(found=crossed.row["given"], recorded=crossed.row["recorded"], effects=crossed.effects)

    def fail(
        self,
        delivery: Delivery,
        attempt_number: int,
        *,
        error: Mapping[str, Any],
        retry_count: int,
        notify_human: bool = False,
        input: Any = None,
        response: Any = None,
    ) -> Failed:
        crossed = self._boundary(
            _SQL["fail_step"],
            {
                **_attempt(delivery, attempt_number),
                "error": Jsonb(dict(error)),
                "retryable": bool(error["retryable"]),
                "retry_count": retry_count,
                "notify_human": notify_human,
                "metadata": _runtime(input, response),
            },
        )
        row = crossed.row or {"will_retry": False, "recorded": False}
        return Failed(will_retry=row["will_retry"], recorded=row["recorded"], effects=crossed.effects)

    def skip(self, delivery: Delivery, attempt_number: int) -> Completed:
        crossed = self._boundary(_SQL["skip_step"], _attempt(delivery, attempt_number))
        assert crossed.row is not None  # the statement always answers with one row
        return Completed(found=True, recorded=crossed.row["recorded"], effects=crossed.effects)

    def expand(self, delivery: Delivery, attempt_number: int, items: Sequence[Any]) -> None:
        self._boundary(_SQL["expand_step"], {**_attempt(delivery, attempt_number), "items": Jsonb(list(items))})

    def settle(self, delivery: Delivery, error: Mapping[str, Any]) -> Settled:
        crossed = self._tree(
            [_SQL["settle_step"], ABORT_ORPHANS],
            {
                "engine_id": None,
                "run_id": delivery.run_id,
                "step_id": delivery.step_id,
                "generation": delivery.generation,
                "digest": delivery.digest,
                "error": Jsonb(dict(error)),
            },
        )
        if crossed.row is None:
            return Settled(outcome="unknown_step", effects=crossed.effects)
        return Settled(outcome=crossed.row["outcome"], effects=crossed.effects)


def _attempt(delivery: Delivery, attempt_number: int) -> dict[str, Any]:
    return {
        "run_id": delivery.run_id,
        "step_id": delivery.step_id,
        "attempt_number": attempt_number,
        "delivery_id": delivery.delivery_id,
    }


def _runtime(input: Any, response: Any) -> Jsonb:
    return Jsonb({"runtime": {"input": input, "response": response}})
