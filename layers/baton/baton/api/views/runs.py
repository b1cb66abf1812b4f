"""Runs: a line in a list, the short form for those who ask often, and everything."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import WithJsonSchema
from typing_extensions import TypedDict

from baton.api.views import Row
from baton.api.views.approvals import Approval, ApprovalLine, approval, approval_line
from baton.api.views.deliverables import DeliverableLine, deliverable_line
from baton.api.views.steps import (
    Failure,
    PlannedStep,
    Step,
    StepHistory,
    planned_ready_steps,
    planned_steps,
    ready_steps,
    step,
    step_history,
)
from baton.model import RecoveryAction, RunStatus
from baton.usecases.launch_run import LaunchedRun
from baton.words import AnsweredWord

Seconds = Annotated[Decimal, WithJsonSchema({"type": "number"})]


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


class Moments(TypedDict):
    createdAt: datetime
    startedAt: datetime | None
    completedAt: datetime | None


class Timings(TypedDict):
    """Seconds: until the run began, from its launch to its end or until now, and those that its reviews took (reviews
    at the same time count one by one)."""

    queuedSeconds: Seconds
    totalSeconds: Seconds
    reviewSeconds: Seconds


class Child(Moments):
    """A child run, and the attempt of the step that made it."""

    id: UUID
    stepId: str
    attemptNumber: int
    status: AnsweredWord[RunStatus]
    definition: NamedDefinition


class NamedDefinition(TypedDict):
    name: str
    version: str


class RunLine(Moments):
    """A run in a list."""

    id: UUID
    status: AnsweredWord[RunStatus]
    organization: str
    definition: DefinitionRef
    ownerAgent: str
    generation: int
    error: Failure | None
    launchedBy: UUID
    rootRunId: UUID
    parentRunId: UUID | None


class Run(RunLine):
    """The whole of a run. ``pendingApprovals`` are also those of its child runs, with the data to review;
    ``approvals`` are all of its own, without."""

    forkedFrom: Fork | None
    parameters: dict[str, Any]
    parameterOverrides: dict[str, Any]
    results: dict[str, Any]
    steps: list[StepHistory]
    readySteps: list[str]
    pendingApprovals: list[Approval]
    approvals: list[ApprovalLine]
    children: list[Child]
    deliverables: list[DeliverableLine]
    timings: Timings


class RunState(Moments):
    """How a run stands: the short form, for those who ask often."""

    id: UUID
    status: AnsweredWord[RunStatus]
    organization: str
    generation: int
    error: Failure | None
    steps: list[Step]
    readySteps: list[str]
    pendingApprovals: list[ApprovalLine]


class Launched(TypedDict):
    """A run that was launched, by this request or an earlier one with the same idempotency key."""

    id: str
    status: AnsweredWord[RunStatus]
    organization: str
    definition: DefinitionRef
    ownerAgent: str
    steps: list[PlannedStep] | list[Step]
    readySteps: list[str]


class Outcome(TypedDict, total=False):
    """What a recovery action has come to."""

    runId: str
    organization: str
    action: AnsweredWord[RecoveryAction]
    status: AnsweredWord[RunStatus]
    generation: int
    stepId: str


def run(row: Row) -> Run:
    return {
        **run_line(row),
        "forkedFrom": _fork(row),
        "parameters": row["parameters"],
        "parameterOverrides": row["parameter_overrides"],
        "results": row["results"],
        "steps": [step_history(item, row["attempts"]) for item in row["steps"]],
        "readySteps": ready_steps(row["steps"]),
        "pendingApprovals": [approval(item) for item in row["approvals"]],
        "approvals": [approval_line(item) for item in row["reviews"]],
        "children": [_child(item) for item in row["children"]],
        "deliverables": [deliverable_line(item) for item in row["deliverables"]],
        "timings": {
            "queuedSeconds": row["queued_seconds"],
            "totalSeconds": row["total_seconds"],
            "reviewSeconds": row["review_seconds"],
        },
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
        "rootRunId": row["root_run_id"],
        "parentRunId": row["parent_run_id"],
        **_moments(row),
    }


def run_status(row: Row) -> RunState:
    return {
        "id": row["id"],
        "status": row["status"],
        "organization": row["organization"],
        "generation": row["generation"],
        "error": row["error"],
        "steps": [step(item) for item in row["steps"]],
        "readySteps": ready_steps(row["steps"]),
        "pendingApprovals": [approval_line(item) for item in row["approvals"]],
        **_moments(row),
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


def _child(row: Row) -> Child:
    return {
        "id": row["id"],
        "stepId": row["parent_step_id"],
        "attemptNumber": row["parent_attempt"],
        "status": row["status"],
        "definition": {"name": row["definition_name"], "version": row["definition_version"]},
        **_moments(row),
    }


def _moments(row: Row) -> Moments:
    return {"createdAt": row["created_at"], "startedAt": row["started_at"], "completedAt": row["completed_at"]}
