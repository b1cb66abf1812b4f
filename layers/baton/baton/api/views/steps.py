"""Steps of a run, and their attempts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from typing_extensions import TypedDict

from baton.api.views import Row, filled
from baton.api.views.omitted import Omitted, omitted_elements, omitted_from, omitted_rows, part_url, value_url
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


class StepLine(PlannedStep):
    """``reason`` says why the step is skipped. ``childRunId`` is the child run of an orchestration step."""

    attemptNumber: int
    error: Failure | None
    reason: AnsweredWord[SkipReason] | None
    childRunId: UUID | None
    startedAt: datetime | None
    completedAt: datetime | None


class Step(StepLine):
    """``items`` are those of a for_each step; null: it has none yet, or is another step."""

    items: list[Item] | None


class StepHistory(Step):
    """A step with its newest attempts, the first one first. It has no attempts of a for_each step's items."""

    attempts: list[Attempt]


class StepAttempt(Attempt):
    """An attempt in a list of all steps."""

    stepId: str


def step_history(row: Row, items: Sequence[Row], attempts: Sequence[Row]) -> StepHistory:
    """``items`` and ``attempts`` are those of the whole run."""
    own = [filled(Attempt, one) for one in attempts if one["step_id"] == row["id"]]
    return filled(StepHistory, row, items=_items(row, items), attempts=own)


def step(row: Row, items: Sequence[Row]) -> Step:
    """``items`` are those of the whole run."""
    return filled(Step, row, items=_items(row, items))


def _items(row: Row, items: Sequence[Row]) -> list[Item] | None:
    return [filled(Item, one) for one in items if one["item_of"] == row["id"]] if row["item_count"] else None


def omitted_from_steps(run_id: object, steps: Sequence[Row], items: Sequence[Row], at: str) -> list[Omitted]:
    """What the steps of a run leave out, with their items. ``at`` points to the list of steps."""
    omitted = omitted_rows(steps, at, part_url(run_id, "steps", len(steps)))
    for place, row in enumerate(steps):
        here = f"{at}/{place}"
        omitted += omitted_from_step(run_id, row, here)
        own = [one for one in items if one["item_of"] == row["id"]]
        for number, item in enumerate(own):
            omitted += omitted_from_item(run_id, item, f"{here}/items/{number}")
        url = part_url(run_id, f"steps/{quote(row['id'], safe='')}/items", len(own))
        omitted += omitted_elements(f"{here}/items", row["item_count"], len(own), url)
    return omitted


def omitted_from_attempts(run_id: object, steps: Sequence[Row], attempts: Sequence[Row], at: str) -> list[Omitted]:
    """What the attempts of steps leave out. ``at`` points to the list of steps."""
    omitted: list[Omitted] = []
    for place, row in enumerate(steps):
        here = f"{at}/{place}/attempts"
        own = [one for one in attempts if one["step_id"] == row["id"]]
        for number, one in enumerate(own):
            omitted += omitted_from_attempt(run_id, one, f"{here}/{number}")
        omitted += omitted_elements(here, row["attempt_count"], len(own), part_url(run_id, "attempts"))
    return omitted


def omitted_from_step(run_id: object, row: Row, at: str) -> list[Omitted]:
    return omitted_from(row, at, lambda path: value_url(run_id, "steps", row["id"], *path))


def omitted_from_item(run_id: object, row: Row, at: str) -> list[Omitted]:
    name = f"{row['item_of']}[{row['index']}]"  # in the record, an item is a step of its own
    return omitted_from(row, at, lambda path: value_url(run_id, "steps", name, *path))


def omitted_from_attempt(run_id: object, row: Row, at: str) -> list[Omitted]:
    return omitted_from(
        row, at, lambda path: value_url(run_id, "attempts", row["step_id"], row["attempt_number"], *path)
    )


def ready_steps(steps: Sequence[Row]) -> list[str]:
    """Ids of those of the steps that can begin now: they have not begun, and all that they depend on is done."""
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
