"""Approvals: questions to people, and their answers."""

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
    """An approval in a list, without the data to review."""

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
    """The data to review: the attempt's outputs and its deliverable."""

    outputs: dict[str, Any] | None
    deliverable: NotRequired[Deliverable | None]


class Review(TypedDict):
    """A person's request for this attempt, and its agents' report about people's notes.

    Each entry of `applied` and `notApplied` is an object with `message`, a sentence, and further members of the agent's
    choice. Both are null if there is no report.
    """

    notes: str | None
    modifications: dict[str, Any]
    applied: list[dict[str, Any]] | None
    notApplied: list[dict[str, Any]] | None


class Approval(ApprovalLine):
    """``review`` is null if no person asked for the attempt."""

    review: Review | None
    data: ReviewData


class DecisionTaken(TypedDict):
    """The decision in the record. The same decision again gets the same answer."""

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
    request = row["review"]
    if request is None:
        return None
    reports = [report for report in row["review_reports"] if isinstance(report, dict)]
    return {
        "notes": request.get("notes"),
        "modifications": request.get("modifications") or {},
        "applied": _entries(reports, "applied"),
        "notApplied": _entries(reports, "notApplied"),
    }


def _entries(reports: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]] | None:
    """One list of all agents' entries, each once; None if no agent has such a list."""
    lists = [report[name] for report in reports if isinstance(report.get(name), list)]
    if not lists:
        return None
    entries: list[dict[str, Any]] = []
    for item in chain.from_iterable(lists):
        report = {"message": item} if isinstance(item, str) else item
        if isinstance(report, dict) and (entry := {**report, "message": str(report.get("message", ""))}) not in entries:
            entries.append(entry)
    return entries
