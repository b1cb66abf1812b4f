"""The events, one model each. The database lets no other type in (``orchestration_events.type``)."""

from __future__ import annotations

from typing import Literal

from baton.model import EventType
from cli.authoring.events import details
from cli.authoring.events.envelope import Event


class RunCreated(Event):
    """A run was launched, forked from another, or made by a step of its parent run."""

    type: Literal[EventType.RUN_CREATED]
    data: details.Created


class RunUpdated(Event):
    """A run goes on in another way than before: `data.reason` says how."""

    type: Literal[EventType.RUN_UPDATED]
    data: details.Updated


class RunCompleted(Event):
    """Every step is done."""

    type: Literal[EventType.RUN_COMPLETED]
    data: details.Completed


class RunFailed(Event):
    """A run has failed; an operator can still retry it, or skip the step."""

    type: Literal[EventType.RUN_FAILED]
    data: details.RunFailed


class RunAborted(Event):
    """A run was ended, by a person or with its parent run."""

    type: Literal[EventType.RUN_ABORTED]
    data: details.Aborted


class StepQueued(Event):
    """A step may begin and has not yet: it was let through its gate, or waits for its next attempt."""

    type: Literal[EventType.STEP_QUEUED]
    data: details.StepQueued


class StepRunning(Event):
    """An attempt of a step, or of one of its items, has begun."""

    type: Literal[EventType.STEP_RUNNING]
    data: details.StepRunning


class StepCompleted(Event):
    """A step, or one of its items, is done; one with a checkpoint once a person has said `continue`."""

    type: Literal[EventType.STEP_COMPLETED]
    data: details.StepCompleted


class StepFailed(Event):
    """An attempt of a step, or of one of its items, has failed."""

    type: Literal[EventType.STEP_FAILED]
    data: details.StepFailed


class StepFailedForGood(Event):
    """A step, or one of its items, has failed and will not be tried again by itself."""

    type: Literal[EventType.STEP_FAILED_FOR_GOOD]
    data: details.FailedForGood


class StepSkipped(Event):
    """A step was left out: by its condition, by an operator, or because its run was aborted."""

    type: Literal[EventType.STEP_SKIPPED]
    data: details.StepSkipped


class CheckpointRequested(Event):
    """A person is asked to look at a step's work; asked again when an operator takes the run up again."""

    type: Literal[EventType.CHECKPOINT_REQUESTED]
    data: details.Requested


class CheckpointResolved(Event):
    """A question needs no answer any more."""

    type: Literal[EventType.CHECKPOINT_RESOLVED]
    data: details.Resolved


EVENTS: tuple[type[Event], ...] = (
    RunCreated, RunUpdated, RunCompleted, RunFailed, RunAborted, StepQueued, StepRunning, StepCompleted, StepFailed,
    StepSkipped, StepFailedForGood, CheckpointRequested, CheckpointResolved,
)  # fmt: skip
