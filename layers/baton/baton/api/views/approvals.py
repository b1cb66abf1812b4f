"""What people are asked, and what they answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row
from baton.api.views.deliverables import Deliverable, deliverable


class Option(TypedDict):
    action: str
    label: str
    allowsModification: bool


class ApprovalLine(TypedDict):
    """An approval in a list: what is asked, without the data to look at."""

    id: UUID
    runId: UUID
    organization: str
    stepId: str
    attemptNumber: int
    status: str
    question: str
    options: list[Option]
    decision: str | None
    notes: str | None
    modifications: dict[str, Any] | None
    decidedBy: UUID | None
    decidedAt: datetime | None
    closedReason: str | None
    createdAt: datetime
    expiresAt: datetime | None


class ReviewData(TypedDict):
    """What the person is asked to look at: the attempt's outputs and what it delivered."""

    outputs: dict[str, Any] | None
    deliverable: NotRequired[Deliverable | None]


class Approval(ApprovalLine):
    data: ReviewData


class DecisionTaken(TypedDict):
    """The decision as it was taken; the same decision sent again gets the same answer."""

    approvalId: UUID
    runId: UUID
    stepId: str
    attemptNumber: int
    decision: str
    decidedBy: UUID
    decidedAt: datetime
    status: str
    runStatus: str


def approval_line(row: Row) -> ApprovalLine:
    return {
        "id": row["id"],
        "runId": row["run_id"],
        "organization": row["organization"],
        "stepId": row["step_id"],
        "attemptNumber": row["attempt_number"],
        "status": row["status"],
        "question": row["question"],
        "options": row["options"],
        "decision": row["decision"],
        "notes": row["notes"],
        "modifications": row["modifications"],
        "decidedBy": row["decided_by"],
        "decidedAt": row["decided_at"],
        "closedReason": row["closed_reason"],
        "createdAt": row["created_at"],
        "expiresAt": row["expires_at"],
    }


def approval(row: Row) -> Approval:
    data: ReviewData = {"outputs": row["outputs"]}
    if "deliverable" in row:
        data["deliverable"] = deliverable(row["deliverable"]) if row["deliverable"] else None
    return {**approval_line(row), "data": data}
