"""What a launch would do, as far as this can be known before the launch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baton import templating
from baton.errors import FieldProblem, Invalid
from baton.plan import Checkpoint, Plan, Step

MAX_PREVIEW_BYTES = 64 * 1024 * 1024  # of the values in all inputs: an answer shows the smaller ones


@dataclass(frozen=True)
class Preview:
    """``parameters`` are those of the run, with defaults. ``inputs`` is step id → input, ``lists`` is for_each step id
    → its list. In both, a reference to another step or to an item of a list stays unresolved. ``checkpoints`` is step
    id → its checkpoint, without those that the launch leaves out. ``asl`` is the state machine, with placeholders for
    the functions' ARNs."""

    definition_id: str
    plan: Plan
    parameters: Mapping[str, Any]
    inputs: Mapping[str, Mapping[str, Any]]
    lists: Mapping[str, Any]
    checkpoints: Mapping[str, Checkpoint]
    asl: Mapping[str, Any]


def preview(
    definition_id: str, plan: Plan, parameters: Mapping[str, Any], *, skip_optional_checkpoints: bool = False
) -> Preview:
    """Raises Invalid: the inputs of all steps together have more than ``MAX_PREVIEW_BYTES``."""
    from baton.compiler import compile_machine  # takes long to import, and no launch needs it

    inputs, lists = _rendered(plan, parameters)
    checkpoints = {
        step.id: step.checkpoint
        for step in plan.steps
        if step.checkpoint and (step.checkpoint.required or not skip_optional_checkpoints)
    }
    return Preview(definition_id, plan, parameters, inputs, lists, checkpoints, compile_machine(plan).asl)


def _rendered(plan: Plan, parameters: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """The inputs and the lists of the steps, by step id."""
    inputs = {step.id: _input_template(step) for step in plan.steps}
    lists = {step.id: step.for_each.items for step in plan.steps if step.for_each}
    scope = templating.Scope(parameters=parameters, steps={})
    try:
        rendered: list[dict[str, Any]] = templating.render(
            [inputs, lists], scope, leave_unknown=True, max_bytes=MAX_PREVIEW_BYTES
        )
    except templating.InputTooLarge as error:
        raise Invalid(
            "The inputs of all steps together are too large", [FieldProblem("parameters", str(error))]
        ) from None
    return rendered


def _input_template(step: Step) -> Mapping[str, Any]:
    """The template of an agent's input, or of a child run's parameters."""
    return step.child.parameters if step.child else step.input
