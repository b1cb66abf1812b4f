"""The kinds of effects that follow a commit, and the types of events."""

from __future__ import annotations

from enum import StrEnum


class EffectKind(StrEnum):
    """What the delivery of a row of the outbox does."""

    EVENT = "event"  # put an event on the bus
    START = "start"  # start the execution of a run's generation
    COMPLETE = "complete"  # complete the token of a decided checkpoint
    RELEASE = "release"  # complete the token of a gate whose step may go on
    STOP = "stop"  # stop the execution of a run's generation


class EventType(StrEnum):
    RUN_CREATED = "orchestration.run.created"
    RUN_UPDATED = "orchestration.run.updated"
    RUN_COMPLETED = "orchestration.run.completed"
    RUN_FAILED = "orchestration.run.failed"
    RUN_ABORTED = "orchestration.run.aborted"
    STEP_QUEUED = "orchestration.step.queued"
    STEP_RUNNING = "orchestration.step.running"
    STEP_COMPLETED = "orchestration.step.completed"
    STEP_FAILED = "orchestration.step.failed"
    STEP_SKIPPED = "orchestration.step.skipped"
    STEP_FAILED_FOR_GOOD = "orchestration.step_failed"
    CHECKPOINT_REQUESTED = "orchestration.checkpoint.requested"
    CHECKPOINT_RESOLVED = "orchestration.checkpoint.resolved"
