"""Steps of a run, and their attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.omitted import Omitted, omitted_from, value_url
from baton.model import AttemptStatus, Mode, SkipReason, StepStatus, StepType
from baton.plan import Plan
from baton.words import AnsweredWord


class Failure(TypedDict, total=False):
    """Why a step or run failed: ``type`` is the error's stable name, ``stepId`` that of a run's failed step."""

    type: str | None
    message: str | None
    retryable: bool
    stepId: str


class Item(TypedDict):
    """One item of a for_each step."""

    index: int
    status: AnsweredWord[StepStatus]
    attemptNumber: int
    error: Failure | None


class Attempt(TypedDict):
    """One attempt of a step. With more than one of ``deliveries``, the earlier ones crashed. ``generation`` is that of
    the execution that began it."""

    attemptNumber: int
    status: AnsweredWord[AttemptStatus]
    generation: int
    deliveries: int
    error: Failure | None
    startedAt: datetime
    endedAt: datetime | None


class PlannedStep(TypedDict):
    """A step of a new run or of a preview. ``agent`` does the step, or owns the orchestration that it runs; it is "" if
    an orchestration step names none."""

    id: str
    index: int
    name: str | None
    type: AnsweredWord[StepType]
    status: AnsweredWord[StepStatus]
    agent: str
    mode: AnsweredWord[Mode]
    dependsOn: list[str]


class Step(PlannedStep):
    """``reason`` says why the step is skipped. ``items`` are those of a for_each step, ``childRunId`` is the child run
    of an orchestration step."""

    attemptNumber: int
    error: Failure | None
    reason: AnsweredWord[SkipReason] | None
    childRunId: UUID | None
    items: list[Item] | None
    startedAt: datetime | None
    completedAt: datetime | None


class StepHistory(Step):
    """A step with all its attempts, the first one first. It has no attempts of a for_each step's items."""

    attempts: list[Attempt]


def step_history(row: Row, attempts: Sequence[Row]) -> StepHistory:
    """``attempts`` are those of the whole run."""
    return filled(StepHistory, row, attempts=[filled(Attempt, one) for one in attempts if one["step_id"] == row["id"]])


def step(row: Row) -> Step:
    return filled(Step, row)


def omitted_from_steps(run_id: object, steps: Sequence[Row], at: str, attempts: Sequence[Row] = ()) -> list[Omitted]:
    """What the steps of a run leave out, and their ``attempts``. ``at`` points to the list of steps."""
    omitted: list[Omitted] = []
    for place, row in enumerate(steps):
        here = f"{at}/{place}"
        omitted += _omitted_from_shown(row, here, run_id, "steps", row["id"])
        for number, item in enumerate(row.get("items") or ()):  # in the record, an item is a step of its own
            name = f"{row['id']}[{item['index']}]"
            omitted += _omitted_from_shown(item, f"{here}/items/{number}", run_id, "steps", name)
        own = [one for one in attempts if one["step_id"] == row["id"]]
        for number, one in enumerate(own):
            source = ("attempts", row["id"], one["attempt_number"])
            omitted += _omitted_from_shown(one, f"{here}/attempts/{number}", run_id, *source)
    return omitted


def _omitted_from_shown(row: Row, at: str, run_id: object, *source: object) -> list[Omitted]:
    """What a step, an item or an attempt leaves out. ``source`` is its place among the values of the run."""
    return omitted_from(row, at, lambda path: value_url(run_id, *source, *path))


def ready_steps(steps: Sequence[Row]) -> list[str]:
    """Ids of the steps that can begin now: they have not begun, and all that they depend on is done."""
    done = {item["id"] for item in steps if item["done"]}
    return [
        item["id"]
        for item in steps
        if item["status"] in (StepStatus.PENDING, StepStatus.QUEUED) and done.issuperset(item["depends_on"])
    ]


def planned_steps(plan: Plan) -> list[PlannedStep]:
    return [filled(PlannedStep, item, status=StepStatus.PENDING) for item in plan.steps]


def planned_ready_steps(plan: Plan) -> list[str]:
    return [item.id for item in plan.steps if not item.depends_on]
