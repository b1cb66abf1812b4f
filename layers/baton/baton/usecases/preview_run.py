"""What a launch would do, as far as that is known before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from baton import templating
from baton.plan import Checkpoint, Plan, Step


@dataclass(frozen=True)
class Preview:
    """``parameters`` are those that the run would have, defaults filled in. ``inputs`` is step id → what the step would
    be given, ``lists`` for_each step id → its list, both with references to other steps, and to an item of a list, as
    they are written. ``checkpoints`` is step id → its checkpoint, without those that the launch leaves out. ``asl`` is
    the state machine, with the functions' names in place of their ARNs."""

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
    from baton.compiler import compile_machine  # takes long to import, and no launch needs it

    scope = templating.Scope(parameters=parameters, steps={})
    inputs = {step.id: templating.render(_given_to(step), scope, leave_unknown=True) for step in plan.steps}
    lists = {
        step.id: templating.render(step.for_each.items, scope, leave_unknown=True)
        for step in plan.steps
        if step.for_each
    }
    checkpoints = {
        step.id: step.checkpoint
        for step in plan.steps
        if step.checkpoint and (step.checkpoint.required or not skip_optional_checkpoints)
    }
    return Preview(definition_id, plan, parameters, inputs, lists, checkpoints, compile_machine(plan).asl)


def _given_to(step: Step) -> Mapping[str, Any]:
    """The template of what an agent's input, or a child run's parameters, will be."""
    return step.child.parameters if step.child else step.input
