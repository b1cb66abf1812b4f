"""Steps, their attempts and their items: types, statuses and reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never


class StepType(StrEnum):
    AGENT = "agent"
    ORCHESTRATION = "orchestration"


class Mode(StrEnum):
    """What a step asks of its agent."""

    BUILD = "BUILD"


class StepStatus(StrEnum):
    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    CHECKPOINT = "checkpoint"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


class SkipReason(StrEnum):
    """Why a step or an item is skipped. Only skipped ones have a reason, and all of them have one."""

    CONDITION = "condition"  # its own condition does not hold
    SKIPPED = "skipped"  # by an operator
    ABORTED = "aborted"  # with its run, so its work is undone
    ABANDONED = "abandoned"  # an item, because the run goes on without its for_each step

    @property
    def is_done(self) -> bool:
        """Whether a step that is skipped for this reason is done."""
        match self:
            case SkipReason.CONDITION | SkipReason.SKIPPED:
                return True
            case SkipReason.ABORTED | SkipReason.ABANDONED:
                return False
            case _:
                assert_never(self)


class AttemptStatus(StrEnum):
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class QueueReason(StrEnum):
    """Why a step is queued."""

    ADMITTED = "admitted"  # its gate let it go
    RETRY = "retry"  # it waits for its next attempt
