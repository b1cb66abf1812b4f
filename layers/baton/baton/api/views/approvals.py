"""What people are asked, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.deliverables import Deliverable
from baton.model import ApprovalStatus, CloseReason, Decision, RunStatus
from baton.words import AnsweredWord


class Option(TypedDict):
    action: AnsweredWord[Decision]
    label: str
    allowsModification: bool


class ApprovalLine(TypedDict):
    """An approval in a list: what is asked, without the data to look at."""

    id: UUID
    runId: UUID
    organization: str
    stepId: str
    attemptNumber: int
    status: AnsweredWord[ApprovalStatus]
    question: str
    options: list[Option]
    decision: AnsweredWord[Decision] | None
    notes: str | None
    modifications: dict[str, Any] | None
    decidedBy: UUID | None
    decidedAt: datetime | None
    closedReason: AnsweredWord[CloseReason] | None
    createdAt: datetime
    expiresAt: datetime | None


class ReviewData(TypedDict):
    """What the person is asked to look at: the attempt's outputs and what it delivered."""

    outputs: dict[str, Any] | None
    deliverable: NotRequired[Deliverable | None]


class Review(TypedDict):
    """What a person said when they had this attempt made, and what its agents say they made of people's notes.

    Each entry of `applied` and `notApplied` is an object with `message`, a sentence, and what else the agent says. Both
    are null where no agent says anything.
    """

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
    organization: str
    stepId: str
    attemptNumber: int
    decision: AnsweredWord[Decision]
    decidedBy: UUID
    decidedAt: datetime
    status: AnsweredWord[ApprovalStatus]
    runStatus: AnsweredWord[RunStatus]


def approval_line(row: Row) -> ApprovalLine:
    return filled(ApprovalLine, row)


def approval(row: Row) -> Approval:
    data: ReviewData = {"outputs": row["outputs"]}
    if "deliverable" in row:
        data["deliverable"] = filled(Deliverable, row["deliverable"]) if row["deliverable"] else None
    return filled(Approval, row, review=_review(row), data=data)


def _review(row: Row) -> Review | None:
    said = row["review"]
    if said is None:
        return None
    reports = [report for report in row["review_reports"] if isinstance(report, dict)]
    return {
        "notes": said.get("notes"),
        "modifications": said.get("modifications") or {},
        "applied": _entries(reports, "applied"),
        "notApplied": _entries(reports, "notApplied"),
    }


def _entries(reports: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]] | None:
    """The lists of several agents as one, each entry once; None if no agent has such a list."""
    lists = [report[name] for report in reports if isinstance(report.get(name), list)]
    if not lists:
        return None
    entries: list[dict[str, Any]] = []
    for told in chain.from_iterable(lists):
        entry = {"message": told} if isinstance(told, str) else told
        if isinstance(entry, dict) and (read := {**entry, "message": str(entry.get("message", ""))}) not in entries:
            entries.append(read)
    return entries
