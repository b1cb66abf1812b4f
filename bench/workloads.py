"""What is run, here and by the peers: as data, so that every engine makes of it what it would."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Definition = dict[str, Any]
SMALL = 200  # characters that an agent answers with, unless a workload says how many


@dataclass(frozen=True)
class Workload:
    """``steps`` says which step waits for which. ``pauses`` are the steps after which a person decides. ``items`` makes
    a list of that length, each item of which is a step. ``output`` is the length of every answer, as text that no
    compression makes shorter than half. A run is repeated ``runs`` times in each of ``rounds`` measurements."""

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
        """What a figure "a step" is divided by."""
        return self.items or len(self.steps)


def chain(length: int) -> dict[str, tuple[str, ...]]:
    return {f"s{n}": (f"s{n - 1}",) if n else () for n in range(length)}


def fan(width: int) -> dict[str, tuple[str, ...]]:
    """Side by side, and one that waits for all of them."""
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
    """Hexadecimal digits at random: two characters are worth a byte, and no compression does better."""
    return os.urandom(length // 2).hex()


def definition(workload: Workload) -> Definition:
    """As somebody would write it in YAML for Baton: every step reads the outputs of those that it waits for."""
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
