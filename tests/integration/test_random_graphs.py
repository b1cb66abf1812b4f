"""Random graphs, compiled, published and executed on the whole stack: checks the times in the record.

``small`` leaves out four of six graphs. One of the two others has gates.
"""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import pytest

from baton.compiler.shape import shape_of
from bench.graphs import Graph, plan_of_graph, random_graph
from local.stack import Stack
from tests.integration.fake_agent import FakeAgent
from tests.integration.stack_client import StackClient, step
from tests.profile import PROFILE

SEEDS = range(PROFILE.choose(small=2, thorough=6))


def graph_of(seed: int) -> Graph:
    """A random graph. Those with an odd seed are not series-parallel, so they have gates."""
    random = Random(seed)
    while True:
        graph = random_graph(random, random.randint(6, 12))
        if bool(shape_of(plan_of_graph(graph)).gated) == bool(seed % 2):
            return graph


def max_at_once(times: dict[str, tuple[datetime, datetime]]) -> int:
    """The maximum of overlapping times. An end and a beginning at the same moment do not overlap."""
    moments = sorted(
        (moment, change) for began, ended in times.values() for moment, change in ((began, 1), (ended, -1))
    )
    now = most = 0
    for _, change in moments:
        now += change
        most = max(most, now)
    return most


@pytest.mark.parametrize("max_parallel", [None, 2], ids=["unlimited", "two at once"])
@pytest.mark.parametrize("seed", SEEDS)
def test_all_steps_run_in_order_and_within_the_limit(
    stack: Stack, agent: FakeAgent, seed: int, max_parallel: int | None
) -> None:
    graph = graph_of(seed)
    client = StackClient(stack, agent.url)
    execution: dict[str, Any] = {"execution": {"concurrency": {"maxParallel": max_parallel}}}
    client.publish(*(step(name, *before) for name, before in graph.items()), **(execution if max_parallel else {}))
    run_id = client.launch()

    assert client.wait_for_end(run_id)["status"] == "completed"
    rows = client.rows(
        "select step_id, started_at, completed_at, attempt_number from orchestration_steps where run_id = %s", run_id
    )
    times = {step_id: (began, ended) for step_id, began, ended, _ in rows}
    assert times.keys() == graph.keys()
    assert {number for *_, number in rows} == {1}
    assert [
        (earlier, later) for later, before in graph.items() for earlier in before if times[earlier][1] > times[later][0]
    ] == []
    assert max_at_once(times) <= (max_parallel or len(graph))
