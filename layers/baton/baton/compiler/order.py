"""The order of a plan's steps: which must be done before which, directly or through others.

A set of steps is an ``int``: bit n is the step with ``index`` n. This is fast enough for 200 steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter

from baton.plan import Plan

Steps = int


def members(steps: Steps) -> Iterator[int]:
    """The indices in a set, ascending."""
    while steps:
        lowest = steps & -steps
        yield lowest.bit_length() - 1
        steps ^= lowest


@dataclass(frozen=True, slots=True)
class Order:
    """For every step, all steps before it and all steps after it."""

    before: tuple[Steps, ...]
    after: tuple[Steps, ...]

    @property
    def all(self) -> Steps:
        return (1 << len(self.before)) - 1

    def comparable(self, index: int) -> Steps:
        """The steps that can never run beside this one."""
        return self.before[index] | self.after[index]

    def incomparable(self, index: int) -> Steps:
        """The steps whose dependencies let them run beside this one."""
        return self.all & ~self.comparable(index) & ~(1 << index)

    def immediately_before(self, index: int, within: Steps) -> Steps:
        """The steps immediately before this one: no other step is between."""
        candidates = self.before[index] & within
        return candidates & ~_union(self.before, candidates)


def order_of(plan: Plan) -> Order:
    """The order by ``depends_on``, which must have no cycle."""
    index = {step.id: step.index for step in plan.steps}
    before, after = [0] * len(plan.steps), [0] * len(plan.steps)
    for step_id in TopologicalSorter({step.id: step.depends_on for step in plan.steps}).static_order():
        for dependency in plan.steps[index[step_id]].depends_on:
            before[index[step_id]] |= before[index[dependency]] | 1 << index[dependency]
    for step in range(len(before)):
        for earlier in members(before[step]):
            after[earlier] |= 1 << step
    return Order(tuple(before), tuple(after))


def width(order: Order) -> int:
    """The largest number of steps that can run at once. By Dilworth's theorem, it is the number of steps minus the size
    of a largest matching of steps with later steps."""
    matched: dict[int, int] = {}  # later step → the earlier one that it follows

    def follow(earlier: int, tried: list[Steps]) -> bool:
        for later in members(order.after[earlier]):
            if not tried[0] >> later & 1:
                tried[0] |= 1 << later
                if later not in matched or follow(matched[later], tried):
                    matched[later] = earlier
                    return True
        return False

    return len(order.after) - sum(follow(earlier, [0]) for earlier in range(len(order.after)))


def _union(sets: tuple[Steps, ...], steps: Steps) -> Steps:
    union = 0
    for index in members(steps):
        union |= sets[index]
    return union
