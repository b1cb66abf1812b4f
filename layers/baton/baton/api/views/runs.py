"""Runs: a line in a list, the short form for those who ask often, and everything."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row
from baton.api.views.approvals import Approval, ApprovalLine, approval, approval_line
from baton.api.views.deliverables import DeliverableLine, deliverable_line
from baton.api.views.steps import Failure, PlannedStep, Step, planned_ready_steps, planned_steps, ready_steps, step
from baton.usecases.launch import LaunchedRun


class DefinitionRef(TypedDict):
    """The version of the definition that a run goes by."""

    id: UUID
    name: str
    version: str
    displayName: str


class Fork(TypedDict):
    """The run and step that a fork went on from."""

    runId: UUID
    stepId: str


class Timings(TypedDict):
    createdAt: datetime
    startedAt: datetime | None
    completedAt: datetime | None


class RunLine(Timings):
    """A run in a list."""

    id: UUID
    status: str
    organization: str
    definition: DefinitionRef
    ownerAgent: str
    generation: int
    error: Failure | None
    launchedBy: UUID


class Run(RunLine):
    """The whole of a run."""

    rootRunId: UUID
    parentRunId: UUID | None
    forkedFrom: Fork | None
    parameters: dict[str, Any]
    parameterOverrides: dict[str, Any]
    results: dict[str, Any]
    steps: list[Step]
    readySteps: list[str]
    pendingApprovals: list[Approval]
    deliverables: list[DeliverableLine]


class RunStatus(Timings):
    """How a run stands: the short form, for those who ask often."""

    id: UUID
    status: str
    organization: str
    generation: int
    error: Failure | None
    steps: list[Step]
    readySteps: list[str]
    pendingApprovals: list[ApprovalLine]


class Launched(TypedDict):
    """A run that was launched, by this request or an earlier one with the same idempotency key."""

    id: str
    status: str
    organization: str
    definition: DefinitionRef
    ownerAgent: str
    steps: list[PlannedStep] | list[Step]
    readySteps: list[str]


class Outcome(TypedDict, total=False):
    """What a recovery action has come to."""

    runId: str
    action: str
    status: str
    generation: int
    stepId: str


def run(row: Row) -> Run:
    return {
        **run_line(row),
        "rootRunId": row["root_run_id"],
        "parentRunId": row["parent_run_id"],
        "forkedFrom": _fork(row),
        "parameters": row["parameters"],
        "parameterOverrides": row["parameter_overrides"],
        "results": row["results"],
        "steps": [step(item) for item in row["steps"]],
        "readySteps": ready_steps(row["steps"]),
        "pendingApprovals": [approval(item) for item in row["approvals"]],
        "deliverables": [deliverable_line(item) for item in row["deliverables"]],
    }


def run_line(row: Row) -> RunLine:
    return {
        "id": row["id"],
        "status": row["status"],
        "organization": row["organization"],
        "definition": {
            "id": row["definition_id"],
            "name": row["definition_name"],
            "version": row["definition_version"],
            "displayName": row["definition_display_name"],
        },
        "ownerAgent": row["owner_agent_slug"],
        "generation": row["generation"],
        "error": row["error"],
        "launchedBy": row["launched_by"],
        **_timings(row),
    }


def run_status(row: Row) -> RunStatus:
    return {
        "id": row["id"],
        "status": row["status"],
        "organization": row["organization"],
        "generation": row["generation"],
        "error": row["error"],
        "steps": [step(item) for item in row["steps"]],
        "readySteps": ready_steps(row["steps"]),
        "pendingApprovals": [approval_line(item) for item in row["approvals"]],
        **_timings(row),
    }


def launched(found: LaunchedRun, organization: str, standing: Row | None) -> Launched:
    """``standing`` is the row of a run that an earlier launch made: it may be well under way."""
    steps = planned_steps(found.plan) if standing is None else [step(item) for item in standing["steps"]]
    return {
        "id": found.run_id,
        "status": found.status,
        "organization": organization,
        "definition": {
            "id": UUID(found.definition_id),
            "name": found.plan.name,
            "version": found.plan.version,
            "displayName": found.plan.display_name,
        },
        "ownerAgent": found.owner,
        "steps": steps,
        "readySteps": planned_ready_steps(found.plan) if standing is None else ready_steps(standing["steps"]),
    }


def _fork(row: Row) -> Fork | None:
    if row["forked_from_run_id"] is None:
        return None
    return {"runId": row["forked_from_run_id"], "stepId": row["forked_from_step_id"]}


def _timings(row: Row) -> Timings:
    return {"createdAt": row["created_at"], "startedAt": row["started_at"], "completedAt": row["completed_at"]}
