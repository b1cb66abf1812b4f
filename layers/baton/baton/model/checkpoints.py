"""A checkpoint: what may be decided, by a person or, when nobody did in time, by the definition."""

from __future__ import annotations

from enum import StrEnum
from typing import assert_never


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    DECIDED = "decided"
    EXPIRED = "expired"
    CLOSED = "closed"


class Decision(StrEnum):
    """What a person may choose: an action of a checkpoint."""

    CONTINUE = "continue"
    RETRY = "retry"
    ABORT = "abort"

    @property
    def takes_modifications(self) -> bool:
        """Whether something runs again, so that its input may be changed."""
        match self:
            case Decision.RETRY:
                return True
            case Decision.CONTINUE | Decision.ABORT:
                return False
            case _:
                assert_never(self)


class TimeoutAction(StrEnum):
    """What the definition chooses when nobody decided in time: ``on_timeout``."""

    CONTINUE = "continue"
    ABORT = "abort"
    FAIL = "fail"


class CloseReason(StrEnum):
    """Why an approval needs no decision."""

    ABORTED = "aborted"  # its run was aborted
    SKIPPED = "skipped"  # an operator skipped its step
    REUSED = "reused"  # a fork took the step over, with what was decided
    NOT_ASKED = "not asked"  # its step was done without a person
