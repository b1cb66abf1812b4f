"""The history of an execution: how many events the calls of its Tasks cost.

Step Functions ends an execution at ``MAX_EVENTS``. The compiler estimates the events of a definition with these
numbers, and each call of a Task reports to the record how many events it has cost so far. When the record has counted
``FULL_EVENTS``, the run goes on in its next execution. The other 5,000 events are for work that still goes on beside
this call, and for 40 Tasks at once that wait until Lambda or the database is back.
"""

from __future__ import annotations

from typing import assert_never

from baton.model import StepTask

MAX_EVENTS = 25_000
FULL_EVENTS = 20_000  # ``supabase/schemas/begin_step.sql`` has the same number

TASK = 5  # entered, scheduled, started, succeeded, exited
WAITING_TASK = 6  # and submitted
CHOICE = 2
PARALLEL = 4
MAP = 4
ITERATION = 2
RETRY = 3  # failed, scheduled, started


def of_work(task: StepTask, retry_count: int) -> int:
    """The events of a call of the step function, with the states around it, after so many retries of its Task."""
    return RETRY * retry_count + _around(task)


def of_waiting(retry_count: int) -> int:
    """The events of a Task that waits with a token, with the Choices around it and the Task after a time-out."""
    return RETRY * retry_count + WAITING_TASK + 2 * CHOICE + TASK


def _around(task: StepTask) -> int:
    match task:
        case StepTask.RUN:
            return TASK + PARALLEL
        case StepTask.ITEM:
            return TASK + ITERATION
        case StepTask.EXPAND:
            return TASK + MAP + PARALLEL
        case StepTask.PREPARE:
            return TASK + CHOICE + PARALLEL
        case StepTask.COLLECT:
            return TASK + WAITING_TASK  # the Task that waited for the child's execution
        case StepTask.GATHER | StepTask.SETTLE:
            return TASK
        case _:
            assert_never(task)
