"""The `data` of each event. It contains no tokens and no outputs. On the bus, texts of people and agents have at most
1,000 characters."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from baton.model import (
    ApprovalStatus,
    CloseReason,
    Decision,
    DisabledReason,
    QueueReason,
    RunStatus,
    RunUpdate,
    SkipReason,
    TimeoutAction,
)
from baton.words import Word
from cli.authoring.events.envelope import EventPart, Missing


class Failure(EventPart):
    """Why something failed."""

    type: str
    message: str
    retryable: bool | Missing = None


class StepPart(EventPart):
    """The step and its attempt."""

    step_id: str
    item_index: int | Missing = Field(default=None, ge=0, description="Of a for_each step's item.")
    attempt_number: int = Field(ge=1)


class ForkedFrom(EventPart):
    run_id: UUID
    step_id: str = Field(description="The first step of the new run: the steps before it keep their results.")
    reused_step_ids: list[str]
    note: str | Missing = None


class Created(EventPart):
    """`launchingExecution` is the ARN of the execution of `{stack}-launch` that launched the run."""

    launched_by: UUID
    owner_agent: str
    launching_execution: str | Missing = None
    parent_step_id: str | Missing = None
    forked_from: ForkedFrom | Missing = None


class Updated(EventPart):
    """`started`: the first step begins. `waiting`: the run waits for a person. `resumed`: it no longer waits for a
    person. `retried`: a failed run goes on, after a retry or a skip. `moved`: another state machine drives the run; its
    status is unchanged."""

    previous_status: RunStatus
    reason: Word[RunUpdate]
    retried_by: UUID | Missing = None
    note: str | Missing = None
    step_ids: list[str] | Missing = None


class Completed(EventPart):
    """No details."""


class RunFailed(EventPart):
    """`stepId` is missing if the failure belongs to no single step."""

    step_id: str | Missing = None
    item_index: int | Missing = None
    attempt_number: int | Missing = None
    error: Failure


class Aborted(EventPart):
    """`abortedBy` is the person who aborted the run. `stepId` is there if that was a decision at a checkpoint. If no
    person aborted the run, `reason` says why it was aborted."""

    aborted_by: UUID | Missing = None
    step_id: str | Missing = None
    note: str | Missing = None
    reason: str | Missing = None


class StepQueued(StepPart):
    """`admitted`: the step may pass its gate. `retry`: it waits until `attemptNumber` may begin."""

    reason: Word[QueueReason]


class StepRunning(StepPart):
    agent: str | Missing = None


class StepCompleted(StepPart):
    deliverable_id: UUID | Missing = None


class StepFailed(StepPart):
    """One attempt failed; `willRetry` says whether another attempt follows automatically."""

    error: Failure
    will_retry: bool


class FailedForGood(StepPart):
    """The step has failed, also if its definition lets the run go on."""

    error: Failure
    notify_human: bool


class StepSkipped(StepPart):
    """`condition`: its condition is false. `skipped`: an operator skipped it. `aborted`: its run was aborted."""

    reason: Word[Literal[SkipReason.CONDITION, SkipReason.SKIPPED, SkipReason.ABORTED]]
    skipped_by: UUID | Missing = None
    note: str | Missing = None


class CheckpointPart(EventPart):
    step_id: str
    attempt_number: int = Field(ge=1)
    approval_id: UUID
    review_url: str | Missing = Field(default=None, description="The page on which a person reviews and decides.")


class Requested(CheckpointPart):
    question: str
    actions: list[Word[Decision]] = Field(description="The possible decisions.")
    expires_at: datetime | Missing = None


class Resolved(CheckpointPart):
    """`decided`: a person decided. `expired`: the definition decided. `closed`: no decision is needed any more."""

    status: Word[Literal[ApprovalStatus.DECIDED, ApprovalStatus.EXPIRED, ApprovalStatus.CLOSED]]
    decision: Word[Decision | Literal[TimeoutAction.FAIL]] | Missing = None
    decided_by: UUID | Missing = None
    notes: str | Missing = None
    reason: Word[Literal[CloseReason.ABORTED]] | Missing = None


class WebhookPart(EventPart):
    """The webhook, and what its admin wrote about it."""

    webhook_id: UUID
    description: str


class Disabled(WebhookPart):
    """`gone`: it answered 410. `failing`: it had no success for five days."""

    reason: Word[DisabledReason]
