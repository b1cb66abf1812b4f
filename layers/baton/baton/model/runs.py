"""A run: its status, its updates, and the actions of an operator."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

MAX_RUN_LEVELS = 5  # of a tree of runs, with the root

# The outputs of an orchestration step: its child run at its end (see ``usecases.run_child``).
CHILD_OUTPUTS = (
    "status", "results", "parameters", "plan", "completedSteps", "orchestrationRunId", "timings", "errorDetails",
)  # fmt: skip


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
        return self not in (ExecutionStatus.RUNNING, ExecutionStatus.PENDING_REDRIVE)


class RunUpdate(StrEnum):
    """What has changed for a run that goes on."""

    STARTED = "started"  # its first step begins
    WAITING = "waiting"  # for a person
    RESUMED = "resumed"  # it no longer waits for a person
    RETRIED = "retried"  # it had failed
    MOVED = "moved"  # to another state machine


class RecoveryAction(StrEnum):
    """An operator's action on a run. A fork is none: it makes another run."""

    RETRY = "retry"
    SKIP = "skip"
    ABORT = "abort"
