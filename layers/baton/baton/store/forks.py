"""Forks in Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from baton.errors import Forbidden
from baton.model import Role, RunStatus, SkipReason, StepStatus
from baton.plan import Plan
from baton.ports.forks import ForkedRun, ForkSource, NewFork, StepDone
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Function, effects_of

_SQL = sql.load("forks")
_LAUNCH = sql.load("runs")
_FORK = Function(
    "fork_run",
    run_id="uuid",
    source_run_id="uuid",
    step_id="text",
    definition_id="uuid",
    user_id="uuid",
    engine_id="text",
    execution_prefix="text",
    options="jsonb",
    parameters="jsonb",
    overrides="jsonb",
    modifications="jsonb",
    reused="jsonb",
    note="text",
    idempotency_key="text",
    request_hash="text",
)


class Forks:
    """Implements ``ports.forks.ForkRecord``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def source(
        self, *, user_id: str, run_id: str, version: str | None, idempotency_key: str | None
    ) -> ForkSource | None:
        params = {
            "user_id": user_id,
            "source_run_id": run_id,
            "version": version,
            "idempotency_key": idempotency_key,
        }
        row = self._database.fetch_one(_SQL["fork_source"], params)
        if row is None:
            return None
        found = row["definition_id"] is not None
        return ForkSource(
            organization_id=str(row["organization_id"]),
            organization=row["organization"],
            roles=frozenset(map(Role, row["roles"])),
            definition_name=row["definition_name"],
            definition_id=str(row["definition_id"]) if found else None,
            plan=Plan.from_json(row["plan"]) if found else None,
            parameters=row["parameters"],
            options=row["options"],
            steps={step_id: _done(step) for step_id, step in row["steps"].items()},
            key_is_used=row["key_is_used"],
        )

    def earlier(self, *, user_id: str, organization_id: str, idempotency_key: str) -> ForkedRun:
        params = {"user_id": user_id, "organization_id": organization_id, "idempotency_key": idempotency_key}
        return _recorded(self._database.fetch_one(_LAUNCH["earlier_run"], params))

    def insert(self, fork: NewFork) -> ForkedRun:
        answer = _FORK(
            self._database,
            run_id=fork.run_id,
            source_run_id=fork.source_run_id,
            step_id=fork.step_id,
            definition_id=fork.definition_id,
            user_id=fork.user_id,
            engine_id=fork.engine.id,
            execution_prefix=fork.engine.execution_prefix,
            options=Jsonb(dict(fork.options)),
            parameters=Jsonb(dict(fork.parameters)),
            overrides=Jsonb(dict(fork.overrides)),
            modifications=Jsonb(dict(fork.modifications)),
            reused=Jsonb({step_id: _reused(step, fork.source_run_id) for step_id, step in fork.reused.items()}),
            note=fork.note,
            idempotency_key=fork.idempotency_key,
            request_hash=fork.request_hash,
        )
        return _recorded(answer)


def _recorded(run: Mapping[str, Any] | None) -> ForkedRun:
    if run is None:
        raise Forbidden("forking runs needs the role operator, which you had a moment ago")
    return ForkedRun(str(run["id"]), RunStatus(run["status"]), run["requestHash"], effects_of(run))


def _done(step: Mapping[str, Any]) -> StepDone:
    reason = step["skipReason"]
    return StepDone(
        StepStatus(step["status"]),
        step["outputs"],
        step["attemptNumber"],
        None if reason is None else SkipReason(reason),
    )


def _reused(step: StepDone, source_run_id: str) -> dict[str, object]:
    return {
        "status": step.status,
        "outputs": step.outputs,
        "skipReason": step.skip_reason,
        "reusedFrom": {"runId": source_run_id, "attemptNumber": step.attempt_number},
    }
