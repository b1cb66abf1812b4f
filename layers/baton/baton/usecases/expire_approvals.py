"""Expire approvals: take the definition's decision about each approval whose time is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from baton.errors import ApprovalUnavailable
from baton.model import Decision
from baton.ports.approvals import ApprovalService, DecisionCommand

if TYPE_CHECKING:
    from baton.store.approvals import ExpiredApprovals

MARGIN_SECONDS = 35.0  # at the end of the sweep's time, for the last decision and for the outbox
_MAX_APPROVALS = 200


@dataclass(frozen=True)
class ExpireApprovals:
    """The sweep over all approvals of this engine, on a schedule: ``expires_at`` is an instant, and the time-out of the
    Task that waits is only an upper bound."""

    record: ExpiredApprovals
    approval: ApprovalService
    engine_id: str
    report: Callable[[str, Exception], None]

    def __call__(self, seconds_left: Callable[[], float]) -> int:
        """How many approvals were expired. The approval function takes each decision and completes the Task's token.
        If the function does not answer, reports the approval's id; the next sweep asks again."""
        expired = 0
        for run_id, approval_id in self.record.due(self.engine_id, _MAX_APPROVALS):
            if seconds_left() < MARGIN_SECONDS:
                break
            try:
                self.approval.decide(DecisionCommand(run_id, approval_id, user_id=None, decision=Decision.CONTINUE))
                expired += 1
            except ApprovalUnavailable as error:
                self.report(approval_id, error)
        return expired
