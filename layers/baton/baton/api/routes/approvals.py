"""Approvals: the inbox of a reviewer, the data to review, and the decision."""

from __future__ import annotations

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from aws_lambda_powertools.event_handler.openapi.params import Query

from baton.api.functions import ApiFunction
from baton.api.operations import operation
from baton.api.paging import CursorQuery, Page, omitted_from_page, page, read_cursor
from baton.api.requests import ApprovalId, Body, Modifications, Note, OrganizationQuery
from baton.api.resolver import Resolver
from baton.api.views import approvals as views
from baton.api.views.omitted import Answer
from baton.errors import ApprovalUnavailable, Conflict, Forbidden, NotFound
from baton.model import ApprovalStatus, Decision
from baton.usecases.approvals import DecisionRequest
from baton.words import Word


class DecisionBody(Body):
    decision: Word[Decision]
    notes: Note | None = None
    modifications: Modifications | None = None


class Approvals(Page, Answer):
    approvals: list[views.ApprovalLine]


def add_routes(app: Resolver, function: ApiFunction) -> None:
    path = "/orchestrations/approvals"

    @operation(app.get, path, tag="approvals", answers={200: Approvals}, refuses=(NotFound,))
    def list_approvals(
        organization: OrganizationQuery = None,
        status: Annotated[Word[ApprovalStatus], Query()] = ApprovalStatus.PENDING,
        mine: Annotated[bool, Query(description="Only those that you may decide.")] = False,
        cursor: CursorQuery = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 50,
    ) -> Approvals:
        """List approvals, the oldest first."""
        rows = function.reads.approvals(
            app.caller,
            organization=organization,
            status=status,
            mine=mine,
            cursor=read_cursor(cursor),
            limit=limit + 1,
        )
        approvals, next_cursor = page(rows, limit, views.approval_line)
        omitted = omitted_from_page(rows, limit, "/approvals", views.omitted_from_approval)
        return {"approvals": approvals, "nextCursor": next_cursor, "omitted": omitted}

    @operation(
        app.get, f"{path}/<approval_id>", tag="approvals", answers={200: views.ApprovalAnswer}, refuses=(NotFound,)
    )
    def get_approval(approval_id: ApprovalId) -> views.ApprovalAnswer:
        """Get an approval with the data to review."""
        return views.approval_answer(function.reads.approval(app.caller, approval_id))

    @operation(
        app.post,
        f"{path}/<approval_id>/decision",
        tag="approvals",
        answers={200: views.DecisionAnswer},
        refuses=(ApprovalUnavailable, Conflict, Forbidden, NotFound),
    )
    def decide_approval(approval_id: ApprovalId, body: Annotated[DecisionBody, JsonBody()]) -> dict[str, Any]:
        """Decide an approval.

        An approval has one decision: the same one again gets the same answer, another one is a conflict.
        """
        request = DecisionRequest(
            approval_id=approval_id,
            decision=body.decision,
            notes=body.notes,
            modifications=body.modifications or {},
        )
        return {**function.decide(app.caller, request), "omitted": []}
