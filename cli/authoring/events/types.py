"""The events, one model each. The database refuses other types of events of runs (``orchestration_events.type``)."""

from __future__ import annotations

from typing import Literal

from baton.model import EventType
from cli.authoring.events import details
from cli.authoring.events.envelope import BusEvent, Event


class RunCreated(Event):
    """A run was launched, forked from another, or made by a step of its parent run."""

    type: Literal[EventType.RUN_CREATED]
    data: details.Created


class RunUpdated(Event):
    """The state of a run changed: `data.reason` says how."""

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
    """A step will begin soon: its gate released it, or it waits for its next attempt."""

    type: Literal[EventType.STEP_QUEUED]
    data: details.StepQueued


class StepRunning(Event):
    """An attempt of a step, or of one of its items, has begun."""

    type: Literal[EventType.STEP_RUNNING]
    data: details.StepRunning


class StepCompleted(Event):
    """A step, or one of its items, is done. A step with a checkpoint is done after the decision `continue`."""

    type: Literal[EventType.STEP_COMPLETED]
    data: details.StepCompleted


class StepFailed(Event):
    """An attempt of a step, or of one of its items, has failed."""

    type: Literal[EventType.STEP_FAILED]
    data: details.StepFailed


class StepFailedForGood(Event):
    """A step, or one of its items, has failed, and no attempt follows automatically."""

    type: Literal[EventType.STEP_FAILED_FOR_GOOD]
    data: details.FailedForGood


class StepSkipped(Event):
    """A step was left out: by its condition, by an operator, or because its run was aborted."""

    type: Literal[EventType.STEP_SKIPPED]
    data: details.StepSkipped


class CheckpointRequested(Event):
    """A step's work waits for a person's decision. The event is repeated when an operator retries the run."""

    type: Literal[EventType.CHECKPOINT_REQUESTED]
    data: details.Requested


class CheckpointResolved(Event):
    """An approval is no longer open."""

    type: Literal[EventType.CHECKPOINT_RESOLVED]
    data: details.Resolved


class WebhookDisabled(BusEvent):
    """A webhook gets no more events. It is on the bus alone, and belongs to no run."""

    type: Literal["baton.webhook.disabled"]
    data: details.Disabled


class Ping(BusEvent):
    """What `baton webhooks test` sends to a webhook. It is not on the bus, and belongs to no run."""

    type: Literal["baton.ping"]
    data: details.WebhookPart


EVENTS: tuple[type[Event], ...] = (
    RunCreated, RunUpdated, RunCompleted, RunFailed, RunAborted, StepQueued, StepRunning, StepCompleted, StepFailed,
    StepSkipped, StepFailedForGood, CheckpointRequested, CheckpointResolved,
)  # fmt: skip
WEBHOOK_EVENTS: tuple[type[BusEvent], ...] = (WebhookDisabled, Ping)
