"""The shape of a plan's machine: the nesting of its steps, and the steps with a gate."""

from __future__ import annotations

from dataclasses import dataclass

from baton.compiler.branching import branch
from baton.compiler.nesting import Nest, nest
from baton.compiler.order import Steps, members, order_of, width
from baton.plan import Plan


@dataclass(frozen=True, slots=True)
class Shape:
    """``gated`` are the ids of the steps with a gate. A gate waits for dependencies that the nesting does not express,
    and for a free place if the plan has a ``max_parallel``."""

    nest: Nest
    gated: frozenset[str]


def shape_of(plan: Plan) -> Shape:
    """The shape in which every step starts as soon as its own dependencies are done and, if the graph can reach
    ``max_parallel``, a place is free. A step that always runs alone needs no place."""
    order = order_of(plan)
    gated = 0

    def branched(steps: Steps) -> Nest:
        nonlocal gated
        nesting, waiting = branch(plan, order, steps)
        gated |= waiting
        return nesting

    nesting = nest(plan, order, branched)
    if plan.max_parallel is not None and plan.max_parallel < len(plan.steps) and plan.max_parallel < width(order):
        gated |= sum(1 << step.index for step in plan.steps if order.incomparable(step.index))
    return Shape(nesting, frozenset(plan.steps[index].id for index in members(gated)))
