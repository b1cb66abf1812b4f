"""A run: its status, its updates, and the actions of an operator."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias, assert_never

MAX_RUN_LEVELS = 5  # of a tree of runs, with the root
LAUNCH_MACHINE = "launch"  # the state machine ``<stack>-launch`` launches runs, and drives none

# The outputs of an orchestration step: its child run at its end (see ``usecases.run_child``). True: it has fields.
CHILD_OUTPUTS = {
    "status": False,
    "results": True,
    "parameters": True,
    "plan": True,
    "completedSteps": False,
    "orchestrationRunId": False,
    "timings": True,
    "errorDetails": True,
}


class RunStatus(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    CHECKPOINT = "checkpoint"
    COMPLETED = "completed"
    FAILED = "failed"
    ABORTED = "aborted"

    @property
    def ended(self) -> bool:
        match self:
            case RunStatus.COMPLETED | RunStatus.FAILED | RunStatus.ABORTED:
                return True
            case RunStatus.PENDING | RunStatus.RUNNING | RunStatus.CHECKPOINT:
                return False
            case _:
                assert_never(self)


RunEnd: TypeAlias = Literal[RunStatus.FAILED, RunStatus.ABORTED]
"""The end of an open run whose execution has ended."""


class ExecutionStatus(StrEnum):
    """The status of an execution, in the words of Step Functions; ``LOST`` is Baton's."""

    RUNNING = "RUNNING"
    PENDING_REDRIVE = "PENDING_REDRIVE"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    LOST = "LOST"  # Step Functions does not know it

    @property
    def ended(self) -> bool:
        match self:
            case ExecutionStatus.RUNNING | ExecutionStatus.PENDING_REDRIVE:
                return False
            case (
                ExecutionStatus.SUCCEEDED
                | ExecutionStatus.FAILED
                | ExecutionStatus.TIMED_OUT
                | ExecutionStatus.ABORTED
                | ExecutionStatus.LOST
            ):
                return True
            case _:
                assert_never(self)


class RunUpdate(StrEnum):
    """What has changed for a run that goes on."""

    STARTED = "started"  # its first step begins
    WAITING = "waiting"  # for a person
    RESUMED = "resumed"  # it no longer waits for a person
    RETRIED = "retried"  # it had failed
    MOVED = "moved"  # to its next execution, because its state machine has changed or its history is nearly full


class RecoveryAction(StrEnum):
    """An operator's action on a run. A fork is none: it makes another run."""

    RETRY = "retry"
    SKIP = "skip"
    ABORT = "abort"
