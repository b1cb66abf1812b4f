"""Launching in Postgres: what a launch needs to know, and the run it writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from baton.errors import Forbidden
from baton.model import Role, RunStatus
from baton.plan import Plan
from baton.ports.runs import LaunchContext, NewRun, RecordedRun
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Function, Query, effects_of

_SQL = sql.load("runs")
_CONTEXT = Query(
    "launch_context",
    user_id="uuid",
    organization="text",
    agent="text",
    orchestration="text",
    version="text",
    shared_only="boolean",
    idempotency_key="text",
)
_LAUNCH = Function(
    "launch_run",
    run_id="uuid",
    organization_id="uuid",
    definition_id="uuid",
    user_id="uuid",
    engine_id="text",
    execution_prefix="text",
    options="jsonb",
    parameters="jsonb",
    idempotency_key="text",
    request_hash="text",
)


class Launches:
    """Implements ``ports.runs.LaunchRecord``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def context(
        self,
        *,
        user_id: str,
        organization: str,
        agent: str | None,
        orchestration: str,
        version: str | None,
        shared_only: bool,
        idempotency_key: str | None,
    ) -> LaunchContext | None:
        found = _CONTEXT(
            self._database,
            user_id=user_id,
            organization=organization,
            agent=agent,
            orchestration=orchestration,
            version=version,
            shared_only=shared_only,
            idempotency_key=idempotency_key,
        )
        if found is None:
            return None
        definition = found["definition"]
        return LaunchContext(
            organization_id=found["organizationId"],
            roles=frozenset(map(Role, found["roles"])),
            agent_slug=found["agent"],
            definition_id=definition["id"] if definition else None,
            plan=Plan.from_json(definition["plan"]) if definition else None,
            key_is_used=found["keyIsUsed"],
        )

    def earlier(self, *, user_id: str, organization_id: str, idempotency_key: str) -> RecordedRun:
        params = {"user_id": user_id, "organization_id": organization_id, "idempotency_key": idempotency_key}
        return _recorded(self._database.fetch_one(_SQL["earlier_run"], params))

    def insert(self, run: NewRun) -> RecordedRun:
        answer = _LAUNCH(
            self._database,
            run_id=run.run_id,
            organization_id=run.organization_id,
            definition_id=run.definition_id,
            user_id=run.user_id,
            engine_id=run.engine.id,
            execution_prefix=run.engine.execution_prefix,
            options=Jsonb(dict(run.options)),
            parameters=Jsonb(dict(run.parameters)),
            idempotency_key=run.idempotency_key,
            request_hash=run.request_hash,
        )
        return _recorded(answer)


def _recorded(run: Mapping[str, Any] | None) -> RecordedRun:
    if run is None:
        raise Forbidden("launching needs the role operator, which you had a moment ago")
    return RecordedRun(
        run_id=str(run["id"]),
        status=RunStatus(run["status"]),
        definition_id=str(run["definitionId"]),
        owner_agent_slug=run["ownerAgent"],
        plan=Plan.from_json(run["plan"]) if run["plan"] else None,
        request_hash=run["requestHash"],
        effects=effects_of(run),
    )
