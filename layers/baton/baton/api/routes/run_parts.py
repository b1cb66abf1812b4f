"""The parts of a run in pages: what the answer about the whole run may leave out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from baton.api.functions import ApiFunction
from baton.api.operations import operation
from baton.api.paging import LimitQuery, omitted_from_page
from baton.api.requests import RunId
from baton.api.resolver import Resolver
from baton.api.views import Row, filled
from baton.api.views.approvals import ApprovalLine, approval_line, omitted_from_approval
from baton.api.views.deliverables import DeliverableLine, omitted_from_deliverable
from baton.api.views.omitted import Answer, Omitted
from baton.api.views.steps import (
    Item,
    StepAttempt,
    StepLine,
    omitted_from_attempt,
    omitted_from_item,
    omitted_from_step,
)
from baton.errors import NotFound
from baton.ports.reads import RunPart

RUN = "/orchestrations/runs/<run_id>"
AfterQuery = Annotated[
    int, Query(ge=0, le=2**53, description="The number of elements before the page: `nextAfter` of the page before.")
]


class PartPage(Answer):
    """``nextAfter``: with this as ``after``, the next elements follow; null: there are no more. An answer may have
    fewer elements than ``limit``, because it has a limit of bytes, too."""

    nextAfter: int | None


class Steps(PartPage):
    steps: list[StepLine]


class Items(PartPage):
    items: list[Item]


class Attempts(PartPage):
    attempts: list[StepAttempt]


class ApprovalsOfRun(PartPage):
    approvals: list[ApprovalLine]


class DeliverablesOfRun(PartPage):
    deliverables: list[DeliverableLine]


def add_routes(app: Resolver, function: ApiFunction) -> None:
    _add_steps(app, function)
    _add_approvals(app, function)

    @operation(app.get, f"{RUN}/deliverables", tag="runs", answers={200: DeliverablesOfRun}, refuses=(NotFound,))
    def list_run_deliverables(run_id: RunId, after: AfterQuery = 0, limit: LimitQuery = 200) -> DeliverablesOfRun:
        """List the deliverables of a run, the oldest first, without their content."""
        rows = function.reads.run_part(app.caller, run_id, RunPart.DELIVERABLES, after=after, limit=limit)
        return {
            "deliverables": [filled(DeliverableLine, row) for row in rows],
            "nextAfter": _next_after(rows),
            "omitted": omitted_from_page(rows, limit, "/deliverables", omitted_from_deliverable),
        }


def _add_steps(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, f"{RUN}/steps", tag="runs", answers={200: Steps}, refuses=(NotFound,))
    def list_run_steps(run_id: RunId, after: AfterQuery = 0, limit: LimitQuery = 200) -> Steps:
        """List the steps of a run in the order of its definition, without their items and attempts."""

        def omitted(row: Row, at: str) -> list[Omitted]:
            return omitted_from_step(run_id, row, at)

        rows = function.reads.run_part(app.caller, run_id, RunPart.STEPS, after=after, limit=limit)
        return {
            "steps": [filled(StepLine, row) for row in rows],
            "nextAfter": _next_after(rows),
            "omitted": omitted_from_page(rows, limit, "/steps", omitted),
        }

    @operation(app.get, f"{RUN}/steps/<step_id>/items", tag="runs", answers={200: Items}, refuses=(NotFound,))
    def list_step_items(
        run_id: RunId, step_id: Annotated[str, Path()], after: AfterQuery = 0, limit: LimitQuery = 200
    ) -> Items:
        """List the items of a for_each step in their order."""

        def omitted(row: Row, at: str) -> list[Omitted]:
            return omitted_from_item(run_id, row, at)

        rows = function.reads.run_part(app.caller, run_id, RunPart.ITEMS, step_id=step_id, after=after, limit=limit)
        return {
            "items": [filled(Item, row) for row in rows],
            "nextAfter": _next_after(rows),
            "omitted": omitted_from_page(rows, limit, "/items", omitted),
        }

    @operation(app.get, f"{RUN}/attempts", tag="runs", answers={200: Attempts}, refuses=(NotFound,))
    def list_run_attempts(run_id: RunId, after: AfterQuery = 0, limit: LimitQuery = 200) -> Attempts:
        """List the attempts of the steps of a run, the oldest first, without those of items."""

        def omitted(row: Row, at: str) -> list[Omitted]:
            return omitted_from_attempt(run_id, row, at)

        rows = function.reads.run_part(app.caller, run_id, RunPart.ATTEMPTS, after=after, limit=limit)
        return {
            "attempts": [filled(StepAttempt, row) for row in rows],
            "nextAfter": _next_after(rows),
            "omitted": omitted_from_page(rows, limit, "/attempts", omitted),
        }


def _add_approvals(app: Resolver, function: ApiFunction) -> None:
    def page(run_id: str, part: RunPart, after: int, limit: int) -> ApprovalsOfRun:
        rows = function.reads.run_part(app.caller, run_id, part, after=after, limit=limit)
        return {
            "approvals": [approval_line(row) for row in rows],
            "nextAfter": _next_after(rows),
            "omitted": omitted_from_page(rows, limit, "/approvals", omitted_from_approval),
        }

    @operation(app.get, f"{RUN}/approvals", tag="runs", answers={200: ApprovalsOfRun}, refuses=(NotFound,))
    def list_run_approvals(run_id: RunId, after: AfterQuery = 0, limit: LimitQuery = 200) -> ApprovalsOfRun:
        """List the approvals of a run in any status, the oldest first, without the data to review."""
        return page(run_id, RunPart.APPROVALS, after, limit)

    @operation(app.get, f"{RUN}/pending-approvals", tag="runs", answers={200: ApprovalsOfRun}, refuses=(NotFound,))
    def list_pending_approvals(run_id: RunId, after: AfterQuery = 0, limit: LimitQuery = 200) -> ApprovalsOfRun:
        """List the pending approvals of a run and of its child runs, the oldest first, without the data to review."""
        return page(run_id, RunPart.PENDING_APPROVALS, after, limit)


def _next_after(rows: Sequence[Row]) -> int | None:
    return rows[-1]["place"] if rows and rows[-1]["place"] < rows[-1]["total"] else None
