"""Approvals: questions to people, and their answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NotRequired
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.deliverables import Deliverable, omitted_from_deliverable
from baton.api.views.omitted import Answer, Omitted, Path, omitted_from, omitted_rows, output_url, value_url
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
    question: str | None
    options: list[Option] | None
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
    modifications: dict[str, Any] | None
    applied: list[dict[str, Any]] | None
    notApplied: list[dict[str, Any]] | None


class Approval(ApprovalLine):
    """``review`` is null if no person asked for the attempt."""

    review: Review | None
    data: ReviewData


class ApprovalAnswer(Approval, Answer):
    pass


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


class DecisionAnswer(DecisionTaken, Answer):
    pass


def approval_line(row: Row) -> ApprovalLine:
    return filled(ApprovalLine, row)


def approval(row: Row) -> Approval:
    data: ReviewData = {"outputs": row["outputs"]}
    if "deliverable" in row:
        data["deliverable"] = filled(Deliverable, row["deliverable"]) if row["deliverable"] else None
    return filled(Approval, row, review=_review(row), data=data)


def approval_answer(row: Row) -> ApprovalAnswer:
    return {**approval(row), "omitted": omitted_from_approval(row, "")}


def omitted_from_approval(row: Row, at: str) -> list[Omitted]:
    """What an approval that is shown at the pointer ``at`` leaves out, with its data to review."""

    def url(path: Path) -> str:
        if path[0] == "outputs" and len(path) > 1:
            return output_url(row["run_id"], row["step_id"], path[1], row["attempt_number"])
        return value_url(row["run_id"], "approvals", row["id"], *path)

    omitted = omitted_from(row, at, url, {"outputs": "/data/outputs"})
    reports = row["review_reports"] if row.get("review") else ()
    for report in reports:
        omitted += _omitted_from_report(report, at)
    omitted += omitted_rows(reports, f"{at}/review/applied", f"/orchestrations/approvals/{row['id']}" if at else None)
    if row.get("deliverable"):
        omitted += omitted_from_deliverable(row["deliverable"], f"{at}/data/deliverable")
    return omitted


def _omitted_from_report(report: Row, at: str) -> list[Omitted]:
    source = ("attempts", report["step_id"], report["attempt_number"], "review")
    return omitted_from(report, at, lambda path: value_url(report["run_id"], *source, *path[1:]), {"report": "/review"})


def _review(row: Row) -> Review | None:
    request = row["review"]
    if request is None:
        return None
    reports = row["review_reports"]
    left_out = {tuple(entry["path"][1:]) for report in reports for entry in report.get("omitted") or ()}
    has_large_changes = ["review", "modifications"] in [entry["path"] for entry in row.get("omitted") or ()]
    return {
        "notes": request.get("notes"),
        "modifications": None if has_large_changes else request.get("modifications") or {},
        "applied": None if left_out & {(), ("applied",)} else _entries(reports, "applied"),
        "notApplied": None if left_out & {(), ("notApplied",)} else _entries(reports, "notApplied"),
    }


def _entries(rows: Sequence[Row], name: str) -> list[dict[str, Any]] | None:
    """One list of all agents' entries, each once; None if no agent has such a list."""
    reports = [row["report"] for row in rows if isinstance(row["report"], dict)]
    lists = [report[name] for report in reports if isinstance(report.get(name), list)]
    if not lists:
        return None
    entries: list[dict[str, Any]] = []
    for item in chain.from_iterable(lists):
        report = {"message": item} if isinstance(item, str) else item
        if isinstance(report, dict) and (entry := {**report, "message": str(report.get("message", ""))}) not in entries:
            entries.append(entry)
    return entries
