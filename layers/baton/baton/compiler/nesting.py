"""Which steps follow each other and which run side by side.

A step starts as soon as its own dependencies are done. Step Functions has sequences and ``Parallel``, which express
exactly the *series-parallel* orders. This module finds the nesting of such an order:

* Groups of steps without a dependency between two groups run side by side.
* Groups of steps in which every step waits for all steps of the group before run in sequence.
* If neither splits the steps, the graph has an N (a→c, b→c, b→d but not a→d), and ``branching`` takes over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from baton.compiler.order import Order, Steps, members
from baton.plan import Plan, Step


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Nest, ...]


@dataclass(frozen=True, slots=True)
class SideBySide:
    branches: tuple[Nest, ...]


Nest = Step | Sequence | SideBySide


def in_sequence(parts: list[Nest]) -> Nest:
    """The parts one after the other. Sequences within sequences become one."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, Sequence) else (part,))]
    return flat[0] if len(flat) == 1 else Sequence(tuple(flat))


def side_by_side(branches: list[Nest]) -> Nest:
    """The branches beside each other. A side-by-side branch becomes several branches."""
    flat = [
        inner for branch in branches for inner in (branch.branches if isinstance(branch, SideBySide) else (branch,))
    ]
    return flat[0] if len(flat) == 1 else SideBySide(tuple(flat))


def nest(plan: Plan, order: Order, branch: Callable[[Steps], Nest]) -> Nest:
    """The nesting of the plan's steps. ``branch`` nests the parts that are not series-parallel."""

    def nested(steps: Steps) -> Nest:
        if steps.bit_count() == 1:
            return plan.steps[steps.bit_length() - 1]
        apart = _groups(steps, order.comparable)
        if len(apart) > 1:
            return side_by_side([nested(group) for group in apart])
        in_turn = _groups(steps, order.incomparable)
        if len(in_turn) > 1:
            # All steps of one group are before all of the next, so a later group has more steps before it.
            in_turn.sort(key=lambda group: (order.before[next(members(group))] & steps).bit_count())
            return in_sequence([nested(group) for group in in_turn])
        return branch(steps)

    return nested(order.all)


def _groups(steps: Steps, linked: Callable[[int], Steps]) -> list[Steps]:
    """Groups of linked steps, in the order of each group's first step."""
    groups = []
    while steps:
        group = ahead = steps & -steps
        while ahead:
            index = ahead.bit_length() - 1
            ahead ^= 1 << index
            new = linked(index) & steps & ~group
            group |= new
            ahead |= new
        groups.append(group)
        steps &= ~group
    return groups
