"""What a launch would do: the answer to mode `plan`."""

from __future__ import annotations

from typing import Any, NotRequired, cast

from typing_extensions import TypedDict

from baton.api.views import filled
from baton.api.views.approvals import Option
from baton.api.views.fitting import fit
from baton.api.views.omitted import Omitted
from baton.api.views.steps import PlannedStep, planned_ready_steps, planned_steps
from baton.model import TimeoutAction
from baton.plan import Step
from baton.usecases.preview_run import Preview
from baton.words import AnsweredWord


class PlannedCheckpoint(TypedDict):
    """A checkpoint after a step. If ``required`` is false, a launch can leave it out with
    ``skipOptionalCheckpoints``."""

    question: str | None
    required: bool
    options: list[Option] | None
    timeoutSeconds: int | None
    onTimeout: AnsweredWord[TimeoutAction] | None


class PlannedList(TypedDict):
    """The list of a for_each step, or the reference to a step's output, and the name of an item in templates."""

    items: Any
    name: str


class PlannedChild(TypedDict):
    """The orchestration that a step runs; ``version`` null is the newest when the step runs."""

    name: str
    version: str | None


class PreviewedStep(PlannedStep):
    """``input`` is the step's input; references to the outputs of steps stay unresolved."""

    input: dict[str, Any]
    checkpoint: PlannedCheckpoint | None
    when: NotRequired[str | None]
    forEach: NotRequired[PlannedList]
    orchestration: NotRequired[PlannedChild]


class PreviewedOrchestration(TypedDict):
    name: str
    version: str
    displayName: str | None


class PreviewView(TypedDict):
    orchestration: PreviewedOrchestration
    parameters: dict[str, Any]
    steps: list[PreviewedStep]
    readySteps: list[str]
    stateMachine: dict[str, Any] | None


LARGE = (
    "parameters.*",
    "stateMachine",
    "orchestration.displayName",
    "steps.*.name",
    "steps.*.when",
    "steps.*.input.*",
    "steps.*.forEach.items",
    "steps.*.checkpoint.question",
    "steps.*.checkpoint.options",
)


def preview(result: Preview) -> tuple[PreviewView, list[Omitted]]:
    """The view, and what it leaves out."""
    view = _whole(result)
    return view, fit(cast(dict[str, Any], view), LARGE)


def _whole(result: Preview) -> PreviewView:
    plan = result.plan
    lines = planned_steps(plan)
    return {
        "orchestration": filled(PreviewedOrchestration, plan),
        "parameters": dict(result.parameters),
        "steps": [_step(line, step, result) for line, step in zip(lines, plan.steps, strict=True)],
        "readySteps": planned_ready_steps(plan),
        "stateMachine": dict(result.asl),
    }


def _step(line: PlannedStep, step: Step, result: Preview) -> PreviewedStep:
    checkpoint = result.checkpoints.get(step.id)
    view = filled(
        PreviewedStep,
        line,
        input=dict(result.inputs[step.id]),
        checkpoint=filled(PlannedCheckpoint, checkpoint) if checkpoint else None,
    )
    if step.when is not None:
        view["when"] = step.when
    if step.for_each is not None:
        view["forEach"] = {"items": result.lists[step.id], "name": step.for_each.name}
    if step.child is not None:
        view["orchestration"] = filled(PlannedChild, step.child)
    return view
