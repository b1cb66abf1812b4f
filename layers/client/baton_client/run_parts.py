"""The parts of a run in pages: what the answer about the whole run may leave out."""

from __future__ import annotations

from baton_client.approvals import ApprovalLine
from baton_client.arguments import segment
from baton_client.connection import Connection
from baton_client.contents import FittedAnswer
from baton_client.deliverables import DeliverableLine
from baton_client.steps import Item, StepAttempt, StepLine


class PartPage(FittedAnswer):
    """``nextAfter`` is the ``after`` of the next page, None on the last. A page may have fewer elements than its limit,
    because it has a limit of bytes, too."""

    nextAfter: int | None


class StepsPage(PartPage):
    steps: list[StepLine]


class ItemsPage(PartPage):
    items: list[Item]


class AttemptsPage(PartPage):
    attempts: list[StepAttempt]


class ApprovalsPage(PartPage):
    approvals: list[ApprovalLine]


class DeliverablesPage(PartPage):
    deliverables: list[DeliverableLine]


class RunParts:
    """``client.run_parts``. ``Client`` names the errors of its methods.

    Each method answers the page after the first ``after`` elements: at most ``limit`` (1 to 500, by default 200). The
    oldest elements are first.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def steps(self, run_id: str, *, after: int | None = None, limit: int | None = None) -> StepsPage:
        """The steps in the order of the definition, without their items and attempts."""
        return self._connection.get(_path(run_id, "steps"), StepsPage, {"after": after, "limit": limit})

    def items(self, run_id: str, step_id: str, *, after: int | None = None, limit: int | None = None) -> ItemsPage:
        """The items of a for_each step, in their order."""
        path = _path(run_id, f"steps/{segment(step_id, 'step_id')}/items")
        return self._connection.get(path, ItemsPage, {"after": after, "limit": limit})

    def attempts(self, run_id: str, *, after: int | None = None, limit: int | None = None) -> AttemptsPage:
        """The attempts of the steps, without those of items."""
        return self._connection.get(_path(run_id, "attempts"), AttemptsPage, {"after": after, "limit": limit})

    def approvals(self, run_id: str, *, after: int | None = None, limit: int | None = None) -> ApprovalsPage:
        """The run's own approvals in any status, without the data to review."""
        return self._connection.get(_path(run_id, "approvals"), ApprovalsPage, {"after": after, "limit": limit})

    def pending_approvals(self, run_id: str, *, after: int | None = None, limit: int | None = None) -> ApprovalsPage:
        """The pending approvals of the run and of its child runs, without the data to review."""
        path = _path(run_id, "pending-approvals")
        return self._connection.get(path, ApprovalsPage, {"after": after, "limit": limit})

    def deliverables(self, run_id: str, *, after: int | None = None, limit: int | None = None) -> DeliverablesPage:
        """The deliverables, without their content."""
        return self._connection.get(_path(run_id, "deliverables"), DeliverablesPage, {"after": after, "limit": limit})


def _path(run_id: str, part: str) -> str:
    return f"/orchestrations/runs/{segment(run_id, 'run_id')}/{part}"
