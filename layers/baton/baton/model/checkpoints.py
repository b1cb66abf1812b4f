"""A checkpoint: the decisions of people and, after a time-out, of the definition."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, assert_never


class ApprovalStatus(StrEnum):
    PENDING = "pending"
    DECIDED = "decided"
    EXPIRED = "expired"
    CLOSED = "closed"


class Decision(StrEnum):
    """A person's choice: an action of a checkpoint."""

    CONTINUE = "continue"
    RETRY = "retry"
    ABORT = "abort"

    @property
    def takes_modifications(self) -> bool:
        """Whether the step runs again after this decision, so that a person can change its input."""
        match self:
            case Decision.RETRY:
                return True
            case Decision.CONTINUE | Decision.ABORT:
                return False
            case _:
                assert_never(self)


class TimeoutAction(StrEnum):
    """The definition's choice after a time-out: ``on_timeout``."""

    CONTINUE = "continue"
    ABORT = "abort"
    FAIL = "fail"

    @property
    def decision(self) -> Decision | Literal[TimeoutAction.FAIL]:
        """The decision that is taken then. Only the definition can decide to fail."""
        match self:
            case TimeoutAction.CONTINUE:
                return Decision.CONTINUE
            case TimeoutAction.ABORT:
                return Decision.ABORT
            case TimeoutAction.FAIL:
                return TimeoutAction.FAIL
            case _:
                assert_never(self)


class CloseReason(StrEnum):
    """Why an approval needs no decision."""

    ABORTED = "aborted"  # its run was aborted
    SKIPPED = "skipped"  # an operator skipped its step
    REUSED = "reused"  # a fork took the step over, with its decision
    NOT_ASKED = "not asked"  # its step is done without a person
