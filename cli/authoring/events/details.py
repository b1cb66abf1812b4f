"""What an event says of its own: `data`. No tokens, no outputs; on the bus, texts of people and agents up to 1,000
characters."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from baton.model import (
    ApprovalStatus,
    CloseReason,
    Decision,
    QueueReason,
    RunStatus,
    RunUpdate,
    SkipReason,
    TimeoutAction,
)
from baton.words import Word
from cli.authoring.events.envelope import Missing, Told


class Failure(Told):
    """Why something failed."""

    type: str
    message: str
    retryable: bool | Missing = None


class OfStep(Told):
    """Which try of which step."""

    step_id: str
    item_index: int | Missing = Field(default=None, ge=0, description="Of a for_each step's item.")
    attempt_number: int = Field(ge=1)


class ForkedFrom(Told):
    run_id: UUID
    step_id: str = Field(description="The first step that was not taken over.")
    reused_step_ids: list[str]
    note: str | Missing = None


class Created(Told):
    launched_by: UUID
    owner_agent: str
    parent_step_id: str | Missing = None
    forked_from: ForkedFrom | Missing = None


class Updated(Told):
    """`started`: the first step begins. `waiting`: for a person. `resumed`: for nobody any more. `retried`: a
    failed run goes on, after a retry or a skip. `moved`: to another state machine, its status unchanged."""

    previous_status: RunStatus
    reason: Word[RunUpdate]
    retried_by: UUID | Missing = None
    note: str | Missing = None
    step_ids: list[str] | Missing = None


class Completed(Told):
    """Nothing beyond the run itself."""


class RunFailed(Told):
    """`stepId` is missing when no single step is to blame."""

    step_id: str | Missing = None
    item_index: int | Missing = None
    attempt_number: int | Missing = None
    error: Failure


class Aborted(Told):
    """By a person (`abortedBy`, at the checkpoint of `stepId` if it was a decision), or for a `reason`."""

    aborted_by: UUID | Missing = None
    step_id: str | Missing = None
    note: str | Missing = None
    reason: str | Missing = None


class StepQueued(OfStep):
    """`admitted`: its gate let it go. `retry`: it waits until `attemptNumber` may begin."""

    reason: Word[QueueReason]


class StepRunning(OfStep):
    agent: str | Missing = None


class StepCompleted(OfStep):
    deliverable_id: UUID | Missing = None


class StepFailed(OfStep):
    """One attempt failed; `willRetry` says whether there will be another by itself."""

    error: Failure
    will_retry: bool


class FailedForGood(OfStep):
    """The step has failed, whatever its definition says about that."""

    error: Failure
    notify_human: bool


class StepSkipped(OfStep):
    """`condition`: its own. `skipped`: by an operator. `aborted`: with its run."""

    reason: Word[Literal[SkipReason.CONDITION, SkipReason.SKIPPED, SkipReason.ABORTED]]
    skipped_by: UUID | Missing = None
    note: str | Missing = None


class OfCheckpoint(Told):
    step_id: str
    attempt_number: int = Field(ge=1)
    approval_id: UUID
    review_url: str | Missing = Field(default=None, description="Where a person looks at it and decides.")


class Requested(OfCheckpoint):
    question: str
    actions: list[Word[Decision]] = Field(description="What may be decided.")
    expires_at: datetime | Missing = None


class Resolved(OfCheckpoint):
    """`decided` by a person, `expired` and decided by the definition, or `closed` because nobody has to decide."""

    status: Word[Literal[ApprovalStatus.DECIDED, ApprovalStatus.EXPIRED, ApprovalStatus.CLOSED]]
    decision: Word[Decision | Literal[TimeoutAction.FAIL]] | Missing = None
    decided_by: UUID | Missing = None
    notes: str | Missing = None
    reason: Word[Literal[CloseReason.ABORTED]] | Missing = None
