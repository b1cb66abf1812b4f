"""The parts of a graph that are not series-parallel: branches that never join, and gates where they would have to.

Any nesting of such a part would make some step wait for a step that it does not depend on. So the part becomes a tree:
each step follows *one* of the steps immediately before it, beside the others that follow that one. A step that waits
for more than that one gets a gate: a Task that ends when all dependencies of the step are done.

Series-parallel steps inside such a part stay together as one block, which needs no gates inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from baton.compiler.nesting import Nest, in_sequence, side_by_side
from baton.compiler.order import Order, Steps, members
from baton.plan import Plan


@dataclass(eq=False, slots=True)
class _Block:
    """Nested steps. ``before`` and ``after`` are the blocks immediately before and after it. ``level`` is the number of
    blocks before it on the longest path. ``first`` are the steps without another step of the block before them.
    ``behind`` are the blocks that follow it in the tree."""

    steps: Steps
    nest: Nest
    first: Steps
    before: dict[_Block, None] = field(default_factory=dict)  # a set that keeps its order
    after: dict[_Block, None] = field(default_factory=dict)
    level: int = 0
    behind: list[_Block] = field(default_factory=list)


def branch(plan: Plan, order: Order, steps: Steps) -> tuple[Nest, Steps]:
    """The nesting of the steps, and the steps that need a gate."""
    blocks = _merged(_single_blocks(plan, order, steps))
    in_turn = sorted(blocks, key=lambda block: (_set_level(block), block.steps & -block.steps))
    gated = 0
    roots = []
    for block in in_turn:
        if not block.before:
            roots.append(block)
        elif len(block.before) == 1:
            next(iter(block.before)).behind.append(block)
    for block in in_turn:
        if len(block.before) > 1:
            gated |= block.first
            _home(block.before).behind.append(block)
    return side_by_side([_tree(root) for root in roots]), gated


def _single_blocks(plan: Plan, order: Order, steps: Steps) -> list[_Block]:
    blocks = {index: _Block(1 << index, plan.steps[index], 1 << index) for index in members(steps)}
    for index, block in blocks.items():
        for earlier in members(order.immediately_before(index, steps)):
            block.before[blocks[earlier]] = None
            blocks[earlier].after[block] = None
    return list(blocks.values())


def _merged(blocks: list[_Block]) -> list[_Block]:
    """The blocks after all possible mergers: of two blocks that follow only each other, and of blocks with the same
    neighbours before and after."""
    count = 0
    while count != len(blocks):
        count = len(blocks)
        blocks = _merged_beside(_merged_in_line(blocks))
    return blocks


def _merged_in_line(blocks: list[_Block]) -> list[_Block]:
    remaining = dict.fromkeys(blocks)
    for block in blocks:
        while block in remaining and len(block.after) == 1:
            [follower] = block.after
            if len(follower.before) > 1:
                break
            block.steps |= follower.steps
            block.nest = in_sequence([block.nest, follower.nest])
            block.after = follower.after
            for further in block.after:
                del further.before[follower]
                further.before[block] = None
            del remaining[follower]
    return list(remaining)


def _merged_beside(blocks: list[_Block]) -> list[_Block]:
    alike: dict[tuple[frozenset[_Block], frozenset[_Block]], list[_Block]] = {}
    for block in blocks:
        alike.setdefault((frozenset(block.before), frozenset(block.after)), []).append(block)
    remaining = []
    for first, *others in alike.values():
        if others:
            first.nest = side_by_side([first.nest, *(other.nest for other in others)])
        for other in others:
            first.steps |= other.steps
            first.first |= other.first
            for earlier in other.before:
                del earlier.after[other]
            for later in other.after:
                del later.before[other]
        remaining.append(first)
    return remaining


def _set_level(block: _Block) -> int:
    if block.before and not block.level:
        block.level = 1 + max(_set_level(before) for before in block.before)
    return block.level


def _home(candidates: Iterable[_Block]) -> _Block:
    """The block that a gated block follows: one that no block follows yet, else the last one."""
    return max(candidates, key=lambda block: (not block.behind, block.level, -(block.steps & -block.steps)))


def _tree(block: _Block) -> Nest:
    line = [block.nest]
    while len(block.behind) == 1:
        [block] = block.behind
        line.append(block.nest)
    if block.behind:
        line.append(side_by_side([_tree(further) for further in block.behind]))
    return in_sequence(line)
