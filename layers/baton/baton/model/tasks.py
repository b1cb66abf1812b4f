"""The actions that a Task state of a compiled machine asks for (``action`` in its payload), and the modes in which a
caller asks an orchestrator."""

from __future__ import annotations

from enum import StrEnum


class StepTask(StrEnum):
    """The actions of the step function."""

    RUN = "run"
    ITEM = "item"
    EXPAND = "expand"
    GATHER = "gather"
    PREPARE = "prepare"
    COLLECT = "collect"
    SETTLE = "settle"


class PrepareAnswer(StrEnum):
    """The answer of ``prepare`` about a child run."""

    START = "start"  # the state machine must start its execution
    DONE = "done"  # it needs no execution: the child run or the step has ended


class TaskMode(StrEnum):
    """What a caller asks of an orchestrator in the agent-to-agent dialect."""

    BUILD = "build"  # launch a run
    PLAN = "plan"  # say what a launch would do
    RESPOND = "orchestrator_run_human_response"  # decide an approval
    CANCEL = "orchestrator_run_cancel"  # end an open run


class CheckpointTask(StrEnum):
    """The actions of the checkpoint function."""

    OPEN = "open"
    EXPIRE = "expire"
