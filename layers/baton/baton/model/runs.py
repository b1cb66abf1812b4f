"""A run: how it stands, why it goes on, and what an operator can do about it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

MAX_RUN_LEVELS = 5  # levels of runs in a tree, the root's included

# What an orchestration step has for outputs: how its child run stood at its end (see ``usecases.run_child``).
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
"""How a run ends whose execution has ended without it."""


class ExecutionStatus(StrEnum):
    """How an execution stands, in the words of Step Functions; ``LOST`` is ours."""

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
    """Why a run goes on in another way than before."""

    STARTED = "started"  # its first step begins
    WAITING = "waiting"  # for a person
    RESUMED = "resumed"  # it waits for nobody any more
    RETRIED = "retried"  # it had failed
    MOVED = "moved"  # to another state machine


class RecoveryAction(StrEnum):
    """What an operator does about a run itself; a fork makes another one."""

    RETRY = "retry"
    SKIP = "skip"
    ABORT = "abort"
