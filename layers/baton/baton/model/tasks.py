"""What is asked of a function: by a Task state of a compiled machine (the ``action`` of its payload), or by another
agent."""

from __future__ import annotations

from enum import StrEnum


class StepTask(StrEnum):
    """Of the step function."""

    RUN = "run"
    ITEM = "item"
    EXPAND = "expand"
    GATHER = "gather"
    PREPARE = "prepare"
    COLLECT = "collect"
    SETTLE = "settle"


class PrepareAnswer(StrEnum):
    """What ``prepare`` says of a child run."""

    START = "start"  # its execution is to be started
    DONE = "done"  # it needs none: it has ended, or the step has


class TaskMode(StrEnum):
    """What a caller of the agent-to-agent dialect asks of an orchestrator."""

    BUILD = "build"  # launch a run
    PLAN = "plan"  # say what a launch would do
    RESPOND = "orchestrator_run_human_response"  # decide an approval
    CANCEL = "orchestrator_run_cancel"  # end an open run


class CheckpointTask(StrEnum):
    """Of the checkpoint function."""

    OPEN = "open"
    EXPIRE = "expire"
