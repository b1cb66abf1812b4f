"""The workloads of the bench, and its figures."""

from __future__ import annotations

import math
import zlib
from random import Random

import pytest

from baton.compiler import compile_machine, make_plan
from baton.definition.models import Definition
from bench.dag import compiled_graphs
from bench.graphs import Graph, plan_of_graph
from bench.measuring import NOTHING, Cost, Stopwatch
from bench.record.measured import Row, WireCounts
from bench.record.report import as_json, figures, line
from bench.workloads import ALL, PEERS, Workload, chain, definition, fan, text


@pytest.mark.parametrize("workload", ALL.values(), ids=ALL)
def test_a_workload_is_a_valid_definition(workload: Workload) -> None:
    plan = make_plan(Definition.model_validate(definition(workload)), owner="manager")
    assert {step.id: step.depends_on for step in plan.steps} == workload.steps
    assert {step.id for step in plan.steps if step.checkpoint} == workload.pauses
    assert [step.id for step in plan.steps if step.for_each] == (["s0"] if workload.items else [])


def test_a_workload_of_peers_uses_only_features_that_peers_have() -> None:
    assert [name for name in PEERS if ALL[name].items or ALL[name].deliverable] == []


@pytest.mark.parametrize("graph", compiled_graphs(Random(1)).values(), ids=compiled_graphs(Random(1)))
def test_a_graph_whose_compilation_is_measured_is_within_all_limits(graph: Graph) -> None:
    assert compile_machine(plan_of_graph(graph, max_parallel=3, reviewed=True)).asl["States"]


def test_steps_of_a_chain_wait_for_the_one_before_and_a_join_for_all() -> None:
    assert chain(3) == {"s0": (), "s1": ("s0",), "s2": ("s1",)}
    assert fan(2) == {"s0": (), "s1": (), "join": ("s0", "s1")}


def test_outputs_differ_and_cannot_be_compressed_below_half() -> None:
    one, other = text(50_000, 1), text(50_000, 2)
    assert len(one) == len(other) == 50_000
    assert len(zlib.compress((one + other).encode(), 9)) > 50_000


def test_nested_stopwatch_calls_count_cpu_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([10.0, 12.0])
    monkeypatch.setattr("time.process_time", lambda: next(clock))
    watch = Stopwatch()
    with watch.running(), watch.running():
        pass
    assert watch.seconds == 2.0


def row(*costs: Cost, size: int = 2, wire_counts: WireCounts | None = None) -> Row:
    return Row("W", "a workload", size, costs, wire_counts)


def test_figures_are_the_least_and_the_median_round_of_a_step() -> None:
    costs = [Cost(client=client, record=client / 2, postgres=10, server=0, wal=4000) for client in (6.0, 2.0, 4.0)]
    result = figures(row(*costs))
    assert result["postgres"] == (5, 5)
    assert result["client_of_record"] == (0.5, 1)
    assert result["record"] == (5.5, 6)
    assert result["all"] == (6, 7)
    assert result["wal"] == (2, 2)


def test_an_unknown_figure_is_a_question_mark_and_null() -> None:
    unknown = row(Cost(client=1, record=1, postgres=math.nan, server=math.nan, wal=0))
    assert "?" in line(unknown)
    assert as_json([unknown])[0]["postgres"] == {"min": None, "median": None}


def test_counts_of_the_wire_are_shown_per_step() -> None:
    wire_counts = WireCounts(awaited=4, unawaited=2, statements=28, bytes_up=3000, bytes_down=500)
    assert "    2.00      1.00       14.0     1.5      0.2" in line(row(NOTHING, wire_counts=wire_counts))
    assert as_json([row(NOTHING, wire_counts=wire_counts)])[0]["statements"] == 14
