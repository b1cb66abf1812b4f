"""Random definitions to measure on. The same seed gives the same graphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from baton.compiler.planning import make_plan
from baton.definition.models import Definition
from baton.plan import Plan

Graph = Mapping[str, Sequence[str]]


def plan_of_graph(graph: Graph, max_parallel: int | None = None, reviewed: bool = False) -> Plan:
    """A plan of agents' steps with these dependencies; with ``reviewed`` every step has a checkpoint."""
    checkpoint = {"question": "Good?", "options": [{"action": "continue"}, {"action": "retry"}]}
    steps = [
        {
            "id": name,
            "agent": "worker",
            "depends_on": list(before),
            "checkpoint_after": checkpoint if reviewed else None,
        }
        for name, before in graph.items()
    ]
    return make_plan(
        Definition.model_validate(
            {
                "metadata": {"name": "graph", "displayName": "A graph", "version": "1.0.0"},
                "orchestration": {"steps": steps, "execution": {"concurrency": {"maxParallel": max_parallel}}},
            }
        )
    )


def random_graph(random: Random, size: int) -> Graph:
    """One of three kinds: nested, layered (each step waits for some of the layer before), or with random edges."""
    kind = random.choice([_nested, _layered, _any])
    return kind(random, size)


def _nested(random: Random, size: int) -> Graph:
    graph: dict[str, list[str]] = {}

    def build(count: int, before: list[str]) -> list[str]:
        if count == 1:
            name = f"s{len(graph)}"
            graph[name] = list(before)
            return [name]
        left = random.randint(1, count - 1)
        if random.random() < 0.5:
            return build(count - left, build(left, before))
        return build(left, before) + build(count - left, before)

    build(size, [])
    return graph


def _layered(random: Random, size: int) -> Graph:
    layers: list[list[str]] = []
    graph: dict[str, list[str]] = {}
    while len(graph) < size:
        layer = [f"s{len(graph) + number}" for number in range(min(random.randint(1, 6), size - len(graph)))]
        for name in layer:
            above = layers[-1] if layers else []
            graph[name] = random.sample(above, random.randint(1, min(3, len(above)))) if above else []
        layers.append(layer)
    return graph


def _any(random: Random, size: int) -> Graph:
    names = [f"s{number}" for number in range(size)]
    edges = random.uniform(0.5, 2.5) / size
    return {name: [before for before in names[:at] if random.random() < edges] for at, name in enumerate(names)}
