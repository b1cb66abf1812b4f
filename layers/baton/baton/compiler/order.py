"""The order of a plan's steps: who must be done before whom, directly or through others.

Sets of steps are the bits of an ``int``, bit n being the step with ``index`` n, which keeps 200 steps fast.
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
    """For every step the steps before it and the steps after it, both transitively."""

    before: tuple[Steps, ...]
    after: tuple[Steps, ...]

    @property
    def all(self) -> Steps:
        return (1 << len(self.before)) - 1

    def comparable(self, index: int) -> Steps:
        """The steps that can never run beside this one."""
        return self.before[index] | self.after[index]

    def incomparable(self, index: int) -> Steps:
        """The steps that may run beside this one, as far as dependencies go."""
        return self.all & ~self.comparable(index) & ~(1 << index)

    def immediately_before(self, index: int, within: Steps) -> Steps:
        """Of the steps before this one, those that no other of them comes after."""
        candidates = self.before[index] & within
        return candidates & ~_union(self.before, candidates)


def order_of(plan: Plan) -> Order:
    """The order that ``depends_on`` makes; the graph has no cycle."""
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
    """The most steps that can ever run at once: steps less the pairs of a largest matching of each step with one that
    comes after it (Dilworth's theorem)."""
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
