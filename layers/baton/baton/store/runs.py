"""Runs in Postgres: the context of a launch or a fork, and the new run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from psycopg.types.json import Jsonb

from baton.errors import Forbidden
from baton.model import Role, RunStatus, SkipReason, StepStatus, WebhookStatus
from baton.plan import Plan
from baton.ports.runs import (
    ForkedRun,
    ForkSource,
    LaunchContext,
    NewFork,
    NewRun,
    RecordedRun,
    RegisteredWebhook,
    SourceStep,
)
from baton.store import sql
from baton.store.database import Database
from baton.store.functions import Function, Query, effects_of

_SQL = sql.load("runs")
# The arguments of the functions with which a login launches.
CONTEXT = MappingProxyType(
    {
        "user_id": "uuid",
        "organization": "text",
        "agent": "text",
        "orchestration": "text",
        "version": "text",
        "shared_only": "boolean",
        "idempotency_key": "text",
        "callback_url": "text",
    }
)
EARLIER = MappingProxyType({"user_id": "uuid", "organization_id": "uuid", "idempotency_key": "text"})
LAUNCH = MappingProxyType(
    {
        "run_id": "uuid",
        "organization_id": "uuid",
        "definition_id": "uuid",
        "user_id": "uuid",
        "engine_id": "text",
        "execution_prefix": "text",
        "options": "jsonb",
        "parameters": "jsonb",
        "idempotency_key": "text",
        "request_hash": "text",
    }
)
_EARLIER = Query("earlier_run", **EARLIER)
_LAUNCH = Function("launch_run", **LAUNCH)
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


class Launches:
    """For the API's login. The queries are attributes, because another login has others."""

    context_query = Query("launch_context", **CONTEXT)
    earlier_query = _EARLIER

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
        callback_url: str | None,
    ) -> LaunchContext | None:
        """With ``shared_only``, the agent and the orchestration must be those of ``global``.

        None: there is no such organisation, or the caller is not a member.
        """
        context = self.context_query(
            self._database,
            user_id=user_id,
            organization=organization,
            agent=agent,
            orchestration=orchestration,
            version=version,
            shared_only=shared_only,
            idempotency_key=idempotency_key,
            callback_url=callback_url,
        )
        if context is None:
            return None
        definition, webhook = context["definition"], context["callback"]
        return LaunchContext(
            organization_id=context["organizationId"],
            roles=frozenset(map(Role, context["roles"])),
            agent_slug=context["agent"],
            definition_id=definition["id"] if definition else None,
            plan=Plan.from_json(definition["plan"]) if definition else None,
            today=date.fromisoformat(context["today"]),
            key_is_used=context["keyIsUsed"],
            webhook=RegisteredWebhook(webhook["webhookId"], WebhookStatus(webhook["status"])) if webhook else None,
        )

    def earlier(self, *, user_id: str, organization_id: str, idempotency_key: str) -> RecordedRun:
        """The run with the idempotency key. Raises errors.Forbidden if the caller is no longer a member."""
        answer = self.earlier_query(
            self._database, user_id=user_id, organization_id=organization_id, idempotency_key=idempotency_key
        )
        return recorded(answer)

    def insert(self, run: NewRun) -> RecordedRun:
        """Writes the run. Raises errors.Forbidden if the caller is no longer an operator of the organisation."""
        return recorded(_LAUNCH(self._database, **launch_arguments(run)))


def launch_arguments(run: NewRun) -> dict[str, Any]:
    """The arguments ``LAUNCH``."""
    return {
        "run_id": run.run_id,
        "organization_id": run.organization_id,
        "definition_id": run.definition_id,
        "user_id": run.user_id,
        "engine_id": run.engine.id,
        "execution_prefix": run.engine.execution_prefix,
        "options": Jsonb(dict(run.options)),
        "parameters": Jsonb(dict(run.parameters)),
        "idempotency_key": run.idempotency_key,
        "request_hash": run.request_hash,
    }


def recorded(run: Mapping[str, Any] | None) -> RecordedRun:
    if run is None:
        raise Forbidden("launching needs the role operator, which you had a moment ago")
    return RecordedRun(
        run_id=str(run["id"]),
        status=RunStatus(run["status"]),
        definition_id=str(run["definitionId"]),
        owner_agent_slug=run["ownerAgent"],
        plan=Plan.from_json(run["plan"]) if run["plan"] else None,
        request_hash=run["requestHash"],
        execution=run["execution"],
        effects=effects_of(run),
    )


class Forks:
    """For the API's login."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def source(
        self, *, user_id: str, run_id: str, version: str | None, idempotency_key: str | None
    ) -> ForkSource | None:
        """None: there is no such run, or the caller is not a member of its organisation."""
        params = {
            "user_id": user_id,
            "source_run_id": run_id,
            "version": version,
            "idempotency_key": idempotency_key,
        }
        row = self._database.fetch_one(_SQL["fork_source"], params)
        if row is None:
            return None
        has_definition = row["definition_id"] is not None
        return ForkSource(
            organization_id=str(row["organization_id"]),
            organization=row["organization"],
            roles=frozenset(map(Role, row["roles"])),
            definition_name=row["definition_name"],
            definition_id=str(row["definition_id"]) if has_definition else None,
            plan=Plan.from_json(row["plan"]) if has_definition else None,
            parameters=row["parameters"],
            today=row["today"],
            options=row["options"],
            steps={step_id: _source_step(step) for step_id, step in row["steps"].items()},
            key_is_used=row["key_is_used"],
        )

    def earlier(self, *, user_id: str, organization_id: str, idempotency_key: str) -> ForkedRun:
        """The run with the idempotency key. Raises errors.Forbidden if the caller is no longer a member."""
        answer = _EARLIER(
            self._database, user_id=user_id, organization_id=organization_id, idempotency_key=idempotency_key
        )
        return _forked(answer)

    def insert(self, fork: NewFork) -> ForkedRun:
        """Writes the run. Raises errors.Forbidden if the caller is no longer an operator of the organisation."""
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
        return _forked(answer)


def _forked(run: Mapping[str, Any] | None) -> ForkedRun:
    if run is None:
        raise Forbidden("forking runs needs the role operator, which you had a moment ago")
    return ForkedRun(str(run["id"]), RunStatus(run["status"]), run["requestHash"], effects_of(run))


def _source_step(step: Mapping[str, Any]) -> SourceStep:
    reason = step["skipReason"]
    skip_reason = None if reason is None else SkipReason(reason)
    return SourceStep(StepStatus(step["status"]), step["outputs"], step["attemptNumber"], skip_reason)


def _reused(step: SourceStep, source_run_id: str) -> dict[str, object]:
    return {
        "status": step.status,
        "outputs": step.outputs,
        "skipReason": step.skip_reason,
        "reusedFrom": {"runId": source_run_id, "attemptNumber": step.attempt_number},
    }
