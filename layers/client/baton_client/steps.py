"""Steps of a run, and their progress."""

from __future__ import annotations

from typing import TypedDict

from baton_client.vocabulary import AttemptStatus, StepStatus, StepType


class Failure(TypedDict, total=False):
    """Why a step or a run failed. ``type`` is the error's stable name, ``stepId`` the failed step of a run."""

    type: str | None
    message: str | None
    retryable: bool
    stepId: str


class Item(TypedDict):
    """One item of a for_each step."""

    index: int
    status: StepStatus
    attemptNumber: int
    error: Failure | None


class Attempt(TypedDict):
    """One try of a step. ``deliveries`` above 1: earlier deliveries crashed. ``generation`` is the execution's
    number."""

    attemptNumber: int
    status: AttemptStatus
    generation: int
    deliveries: int
    error: Failure | None
    startedAt: str
    endedAt: str | None


class PlannedStep(TypedDict):
    """A step that has not begun. ``agent`` does the step, or owns the orchestration that the step runs."""

    id: str
    index: int
    name: str | None
    type: StepType
    status: StepStatus
    agent: str
    mode: str
    dependsOn: list[str]


class StepLine(PlannedStep):
    """``reason`` says why the step was skipped; ``childRunId`` belongs to an orchestration step."""

    attemptNumber: int
    error: Failure | None
    reason: str | None
    childRunId: str | None
    startedAt: str | None
    completedAt: str | None


class Step(StepLine):
    """``items`` are those of a for_each step; None: it has none yet, or is another step."""

    items: list[Item] | None


class StepHistory(Step):
    """A step with its newest attempts, the first one first."""

    attempts: list[Attempt]


class StepAttempt(Attempt):
    """An attempt in a list of all steps."""

    stepId: str
