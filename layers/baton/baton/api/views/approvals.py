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


class Review(TypedDict):
    """What a person said when they had this attempt made, and what its agent says it made of their notes. Each entry of
    ``applied`` and ``notApplied`` is an object with ``message``, a sentence, and what else the agent says; both are
    null where the agent does not say."""

    notes: str | None
    modifications: dict[str, Any]
    applied: list[dict[str, Any]] | None
    notApplied: list[dict[str, Any]] | None


class Approval(ApprovalLine):
    """``review`` is null where nobody asked for the attempt."""

    review: Review | None
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
    return {**approval_line(row), "review": _review(row), "data": data}


def _review(row: Row) -> Review | None:
    said, report = row["review"], row["review_report"]
    if said is None:
        return None
    told = report if isinstance(report, dict) else {}
    return {
        "notes": said.get("notes"),
        "modifications": said.get("modifications") or {},
        "applied": _entries(told.get("applied")),
        "notApplied": _entries(told.get("notApplied")),
    }


def _entries(told: Any) -> list[dict[str, Any]] | None:
    """An agent's list as far as it is one: sentences, or objects with a sentence each."""
    if not isinstance(told, list):
        return None
    objects = [{"message": entry} if isinstance(entry, str) else entry for entry in told]
    return [{**entry, "message": str(entry.get("message", ""))} for entry in objects if isinstance(entry, dict)]
