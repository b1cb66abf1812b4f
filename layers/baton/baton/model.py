"""The words of the record: who acts, and the statuses of run, step and approval with the moves between them.

``docs/state-machine.md`` draws the same moves; the CHECK constraints of ``supabase/migrations`` hold the same statuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RunStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    CHECKPOINT = "checkpoint"
    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"

    @property
    def ended(self) -> bool:
        return self in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.ABORTED)


class StepStatus(StrEnum):
    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    CHECKPOINT = "checkpoint"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    DECIDED = "decided"
    EXPIRED = "expired"
    CLOSED = "closed"


class Decision(StrEnum):
    CONTINUE = "continue"
    RETRY = "retry"
    ABORT = "abort"


class Role(StrEnum):
    """A member's roles are a set, not a ladder: an approver may not launch, an admin may not decide."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"


GLOBAL = "global"  # the organisation of what the deployment ships; nobody is a member of it

DEEPEST = 5  # levels of runs in a tree, the root's included

# What an orchestration step has for outputs: how its child run stood at its end (see ``usecases.run_child``).
CHILD_OUTPUTS = (
    "status", "results", "parameters", "plan", "completedSteps", "orchestrationRunId", "timings", "errorDetails",
)  # fmt: skip


@dataclass(frozen=True)
class Principal:
    """The caller that a verified bearer token names. ``user_id`` is a UUID in text form."""

    user_id: str
