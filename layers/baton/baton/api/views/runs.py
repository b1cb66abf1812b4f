"""Runs: a line in a list, the short form for frequent requests, and the whole."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import WithJsonSchema
from pydantic.alias_generators import to_camel
from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.approvals import Approval, ApprovalLine, approval, approval_line, omitted_from_approval
from baton.api.views.deliverables import DeliverableLine, omitted_from_deliverable
from baton.api.views.executions import Execution, execution
from baton.api.views.fitting import fit
from baton.api.views.omitted import Answer, Omitted, Path, omitted_from, omitted_rows, output_url, part_url, value_url
from baton.api.views.steps import (
    Failure,
    PlannedStep,
    Step,
    StepHistory,
    omitted_from_attempts,
    omitted_from_steps,
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
    """The version of the definition of a run."""

    id: UUID
    name: str
    version: str
    displayName: str | None


class Fork(TypedDict):
    """The run and the step from which a fork started."""

    runId: UUID
    stepId: str


class Timings(TypedDict):
    """Seconds from the launch to the first step, from the launch to the end (or now), and in reviews. Reviews at the
    same time count each for itself."""

    queuedSeconds: Seconds
    totalSeconds: Seconds
    reviewSeconds: Seconds


class Child(TypedDict):
    """A child run, and the attempt of the step that made it."""

    id: UUID
    stepId: str
    attemptNumber: int
    status: AnsweredWord[RunStatus]
    definition: NamedDefinition
    createdAt: datetime
    startedAt: datetime | None
    completedAt: datetime | None


class NamedDefinition(TypedDict):
    name: str
    version: str


class RunLine(TypedDict):
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
    createdAt: datetime
    startedAt: datetime | None
    completedAt: datetime | None


class Run(RunLine, Answer):
    """A run with everything that fits; ``omitted`` names the rest. ``pendingApprovals`` has those of its child runs,
    too, with the data to review. ``approvals`` has its own approvals without these data. ``readySteps`` are those of
    ``steps`` that can begin now."""

    execution: Execution
    forkedFrom: Fork | None
    parameters: dict[str, Any] | None
    parameterOverrides: dict[str, Any] | None
    results: dict[str, Any] | None
    steps: list[StepHistory]
    readySteps: list[str]
    pendingApprovals: list[Approval]
    approvals: list[ApprovalLine]
    children: list[Child]
    deliverables: list[DeliverableLine]
    timings: Timings


class RunState(Answer):
    """The status of a run: the short form, for frequent requests."""

    id: UUID
    status: AnsweredWord[RunStatus]
    organization: str
    generation: int
    execution: Execution
    error: Failure | None
    steps: list[Step]
    readySteps: list[str]
    pendingApprovals: list[ApprovalLine]
    createdAt: datetime
    startedAt: datetime | None
    completedAt: datetime | None


class Launched(Answer):
    """The run of this launch, or of an earlier one with the same idempotency key."""

    id: str
    status: AnsweredWord[RunStatus]
    organization: str
    definition: DefinitionRef
    ownerAgent: str
    execution: Execution
    steps: list[PlannedStep] | list[Step]
    readySteps: list[str]


class Outcome(TypedDict, total=False):
    """The result of a recovery action."""

    runId: str
    organization: str
    action: AnsweredWord[RecoveryAction]
    status: AnsweredWord[RunStatus]
    generation: int
    stepId: str


class OutcomeAnswer(Outcome, Answer):
    pass


def run(row: Row) -> Run:
    return filled(
        Run,
        row,
        execution=execution(row["execution_arn"]),
        steps=[step_history(item, row["items"], row["attempts"]) for item in row["steps"]],
        readySteps=ready_steps(row["steps"]),
        pendingApprovals=[approval(item) for item in row["approvals"]],
        approvals=[approval_line(item) for item in row["reviews"]],
        omitted=_omitted_from_whole_run(row),
    )


def run_line(row: Row) -> RunLine:
    return filled(RunLine, row)


def run_status(row: Row) -> RunState:
    waiting = [approval_line(item) for item in row["approvals"]]
    return filled(
        RunState,
        row,
        execution=execution(row["execution_arn"]),
        steps=[step(item, row["items"]) for item in row["steps"]],
        readySteps=ready_steps(row["steps"]),
        pendingApprovals=waiting,
        omitted=_omitted_from_state(row),
    )


def omitted_from_run(row: Row, at: str) -> list[Omitted]:
    """What a run that is shown at the pointer ``at`` leaves out of its own values."""

    def url(path: Path) -> str:
        match path:
            case ["results", "steps", step_id, name]:
                return output_url(row["id"], step_id, name)
            case ["definition_display_name"]:
                return value_url(row["id"], "displayName")
            case [column, *rest]:
                return value_url(row["id"], to_camel(column), *rest)
        raise ValueError(f"a value has a path, not {path}")

    return omitted_from(row, at, url, {"definition_display_name": "/definition/displayName"})


def _omitted_from_state(row: Row) -> list[Omitted]:
    """What both forms of a run leave out."""
    run_id, approvals = row["id"], row["approvals"]
    omitted = omitted_from_run(row, "") + omitted_from_steps(run_id, row["steps"], row["items"], "/steps")
    for place, item in enumerate(approvals):
        omitted += omitted_from_approval(item, f"/pendingApprovals/{place}")
    return omitted + omitted_rows(approvals, "/pendingApprovals", part_url(run_id, "pending-approvals", len(approvals)))


def _omitted_from_whole_run(row: Row) -> list[Omitted]:
    run_id = row["id"]
    omitted = _omitted_from_state(row) + omitted_from_attempts(run_id, row["steps"], row["attempts"], "/steps")
    for place, item in enumerate(row["reviews"]):
        omitted += omitted_from_approval(item, f"/approvals/{place}")
    for place, item in enumerate(row["deliverables"]):
        omitted += omitted_from_deliverable(item, f"/deliverables/{place}")
    omitted += omitted_rows(row["reviews"], "/approvals", part_url(run_id, "approvals"))
    omitted += omitted_rows(row["deliverables"], "/deliverables", part_url(run_id, "deliverables"))
    return omitted + omitted_rows(row["children"], "/children", f"/orchestrations/runs?parent={run_id}")


def launched(result: LaunchedRun, organization: str, standing: Row | None) -> Launched:
    """``standing`` is the row of a run of an earlier launch: its steps may have begun."""
    plan = result.plan
    view: Launched = {
        "id": result.run_id,
        "status": result.status,
        "organization": organization,
        "definition": filled(DefinitionRef, plan, id=UUID(result.definition_id)),
        "ownerAgent": result.owner,
        "execution": execution(result.execution),
        "steps": planned_steps(plan)
        if standing is None
        else [step(item, standing["items"]) for item in standing["steps"]],
        "readySteps": planned_ready_steps(plan) if standing is None else ready_steps(standing["steps"]),
        "omitted": [],
    }
    if standing is not None:
        view["omitted"] = omitted_from_steps(result.run_id, standing["steps"], standing["items"], "/steps")
    view["omitted"] += fit(cast(dict[str, Any], view), ("definition.displayName", "steps.*.name"))
    return view
