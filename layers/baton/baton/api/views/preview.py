"""What a launch would do: the answer to mode `plan`."""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict

from baton.api.views import filled
from baton.api.views.approvals import Option
from baton.api.views.steps import PlannedStep, planned_ready_steps, planned_steps
from baton.model import TimeoutAction
from baton.plan import Step
from baton.usecases.preview_run import Preview
from baton.words import AnsweredWord


class PlannedCheckpoint(TypedDict):
    """Where a person will be asked. ``required`` false: a launch may leave it out, with ``skipOptionalCheckpoints``."""

    question: str
    required: bool
    options: list[Option]
    timeoutSeconds: int | None
    onTimeout: AnsweredWord[TimeoutAction] | None


class PlannedList(TypedDict):
    """The list of a for_each step, or the reference to it if a step makes it, and how its templates call an item."""

    items: Any
    name: str


class PlannedChild(TypedDict):
    """The orchestration that a step runs; ``version`` null is the newest at that time."""

    name: str
    version: str | None


class PreviewedStep(PlannedStep):
    """``input`` is what the step would be given: references to steps that have not run stay as they are written."""

    input: dict[str, Any]
    checkpoint: PlannedCheckpoint | None
    when: NotRequired[str]
    forEach: NotRequired[PlannedList]
    orchestration: NotRequired[PlannedChild]


class PreviewedOrchestration(TypedDict):
    name: str
    version: str
    displayName: str


class PreviewView(TypedDict):
    orchestration: PreviewedOrchestration
    parameters: dict[str, Any]
    steps: list[PreviewedStep]
    readySteps: list[str]
    stateMachine: dict[str, Any]


def preview(found: Preview) -> PreviewView:
    plan = found.plan
    lines = planned_steps(plan)
    return {
        "orchestration": filled(PreviewedOrchestration, plan),
        "parameters": dict(found.parameters),
        "steps": [_step(line, step, found) for line, step in zip(lines, plan.steps, strict=True)],
        "readySteps": planned_ready_steps(plan),
        "stateMachine": dict(found.asl),
    }


def _step(line: PlannedStep, step: Step, found: Preview) -> PreviewedStep:
    checkpoint = found.checkpoints.get(step.id)
    view = filled(
        PreviewedStep,
        line,
        input=dict(found.inputs[step.id]),
        checkpoint=filled(PlannedCheckpoint, checkpoint) if checkpoint else None,
    )
    if step.when is not None:
        view["when"] = step.when
    if step.for_each is not None:
        view["forEach"] = {"items": found.lists[step.id], "name": step.for_each.name}
    if step.child is not None:
        view["orchestration"] = filled(PlannedChild, step.child)
    return view
