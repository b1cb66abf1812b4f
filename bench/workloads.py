"""The workloads of Baton and its peers, as data that each engine translates into its own form."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Definition = dict[str, Any]
SMALL = 200  # characters of an agent's answer, by default


@dataclass(frozen=True)
class Workload:
    """``steps`` are step ids with their dependencies. After a step of ``pauses`` a person decides. ``items`` is the
    length of a list whose items count as steps. ``output`` is the length of every answer, a text that cannot be
    compressed below half. Each of ``rounds`` measurements has ``runs`` runs."""

    name: str
    title: str
    steps: Mapping[str, tuple[str, ...]]
    pauses: frozenset[str] = frozenset()
    items: int = 0
    output: int = SMALL
    deliverable: bool = False
    runs: int = 2
    rounds: int = 5

    @property
    def size(self) -> int:
        """The divisor of a figure "a step"."""
        return self.items or len(self.steps)


def chain(length: int) -> dict[str, tuple[str, ...]]:
    return {f"s{n}": (f"s{n - 1}",) if n else () for n in range(length)}


def fan(width: int) -> dict[str, tuple[str, ...]]:
    """Parallel steps, and one step that waits for all of them."""
    sides = tuple(f"s{n}" for n in range(width))
    return {**dict.fromkeys(sides, ()), "join": sides}


ALL = {
    workload.name: workload
    for workload in (
        Workload("W1", "two steps, a checkpoint", chain(2), pauses=frozenset({"s0"}), runs=10),
        Workload("W2", "chain of 50", chain(50)),
        Workload("W2d", "… with deliverables", chain(50), deliverable=True),
        Workload("W2x", "… with outputs of 50 kB", chain(50), output=50_000, runs=1, rounds=3),
        Workload("W3", "fan-out of 40 and a join", fan(40)),
        Workload("G10", "chain of 10", chain(10), runs=5),
        Workload("G200", "chain of 200", chain(200), runs=1, rounds=3),
        Workload("I1000", "list of 1,000 items", {"s0": ()}, items=1000, runs=1, rounds=2),
    )
}
PEERS = ("W1", "W2", "W3")


@lru_cache(maxsize=64)
def text(length: int, _number: int = 0) -> str:
    """Random hexadecimal digits: two characters are a byte, so compression can at most halve them."""
    return os.urandom(length // 2).hex()


def definition(workload: Workload) -> Definition:
    """The workload as a definition of Baton. Every step reads the outputs of its dependencies."""
    checkpoint = {"question": "Good?", "options": [{"action": "continue"}, {"action": "retry"}]}
    steps = [
        {
            "id": step_id,
            "agent": "worker",
            "depends_on": list(before),
            "input": {
                "userMessage": f"Do {step_id}.",
                "context": {name: f"{{{{ steps.{name}.value }}}}" for name in before},
            },
            "output_mapping": {
                "value": "$.content.deliverable.content" if workload.deliverable else "$.content.value",
            },
            **({"checkpoint_after": checkpoint} if step_id in workload.pauses else {}),
            **({"for_each": "{{ items }}"} if workload.items else {}),
        }
        for step_id, before in workload.steps.items()
    ]
    items = {"name": "items", "type": "number[]", "default": list(range(workload.items))}
    return {
        "metadata": {"name": f"bench-{workload.name.lower()}", "displayName": workload.title, "version": "1.0.0"},
        "orchestration": {"steps": steps, **({"parameters": [items]} if workload.items else {})},
    }
