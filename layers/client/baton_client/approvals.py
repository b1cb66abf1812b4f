"""Approvals: what people are asked at a checkpoint, and what they decide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NotRequired, TypedDict, Unpack

from baton_client.arguments import segment
from baton_client.connection import Connection, without_none
from baton_client.contents import FittedAnswer
from baton_client.deliverables import Deliverable
from baton_client.vocabulary import ApprovalStatus, Decision, RunStatus

PATH = "/orchestrations/approvals"


class Option(TypedDict):
    """One of the decisions that the question offers."""

    action: Decision
    label: str
    allowsModification: bool


class ApprovalLine(TypedDict):
    """An approval in a list: the question, without the data to review."""

    id: str
    runId: str
    organization: str
    stepId: str
    attemptNumber: int
    status: ApprovalStatus
    question: str | None
    options: list[Option] | None
    decision: Decision | None
    notes: str | None
    modifications: dict[str, Any] | None
    decidedBy: str | None
    decidedAt: str | None
    closedReason: str | None
    createdAt: str
    expiresAt: str | None


class ReviewData(TypedDict):
    """The data to review: the attempt's outputs, and its deliverable."""

    outputs: dict[str, Any] | None
    deliverable: NotRequired[Deliverable | None]


class Review(TypedDict):
    """The notes of the person who retried the step, and what the agent did with them. ``applied`` and ``notApplied``
    are None if the agent does not say."""

    notes: str | None
    modifications: dict[str, Any] | None
    applied: list[dict[str, Any]] | None
    notApplied: list[dict[str, Any]] | None


class Approval(ApprovalLine):
    """``review`` is None where the attempt is not a person's retry."""

    review: Review | None
    data: ReviewData


class ApprovalAnswer(Approval, FittedAnswer):
    """An approval with what the answer leaves out."""


class ApprovalPage(FittedAnswer):
    """``nextCursor`` is the ``cursor`` of the next page, None on the last."""

    approvals: list[ApprovalLine]
    nextCursor: str | None


class DecisionResult(TypedDict):
    """The decision in the record. ``runStatus`` is the run's status after it."""

    approvalId: str
    runId: str
    organization: str
    stepId: str
    attemptNumber: int
    decision: Decision
    decidedBy: str
    decidedAt: str
    status: ApprovalStatus
    runStatus: RunStatus


class DecisionAnswer(DecisionResult, FittedAnswer):
    """A decision, as an answer of its own."""


class ApprovalFilter(TypedDict, total=False):
    """Filters of a list of approvals. ``status`` is ``pending`` by default; ``mine`` selects those that the caller may
    decide; ``limit`` is the size of a page (1 to 100)."""

    organization: str | None
    status: ApprovalStatus | None
    mine: bool | None
    limit: int | None


class Approvals:
    """``client.approvals``. ``Client`` names the errors of its methods."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, cursor: str | None = None, **filters: Unpack[ApprovalFilter]) -> ApprovalPage:
        """One page, the oldest first."""
        return self._connection.get(PATH, ApprovalPage, {**filters, "cursor": cursor})

    def each(self, **filters: Unpack[ApprovalFilter]) -> Iterator[ApprovalLine]:
        """The approvals of all pages."""
        cursor: str | None = None
        while True:
            page = self.page(cursor, **filters)
            yield from page["approvals"]
            if (cursor := page["nextCursor"]) is None:
                return

    def get(self, approval_id: str) -> ApprovalAnswer:
        """The approval with the data to review."""
        return self._connection.get(f"{PATH}/{segment(approval_id, 'approval_id')}", ApprovalAnswer)

    def decide(
        self,
        approval_id: str,
        decision: Decision,
        *,
        notes: str | None = None,
        modifications: Mapping[str, Any] | None = None,
    ) -> DecisionAnswer:
        """Take the decision ``continue``, ``retry`` or ``abort``. ``modifications`` belong to ``retry``: parameters,
        and parts of the step's input. The same decision again gets the same answer. Another decision is refused."""
        body = without_none(decision=decision, notes=notes, modifications=modifications)
        path = f"{PATH}/{segment(approval_id, 'approval_id')}/decision"
        return self._connection.post(path, DecisionAnswer, body)
