"""When steps run, in simulation of the compiled machine: each as soon as it may, and never before."""

from __future__ import annotations

from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from baton.compiler import compile_machine
from baton.plan import Plan
from bench.simulation import SimulationResult, simulate
from tests.profile import examples
from tests.unit.compiler.graphs import Graph, acyclic, transitive
from tests.unit.examples import FEATURES, plan_of_graph, whole_engine

Seconds = dict[str, float]


@st.composite
def graphs_with_seconds(draw: st.DrawFn, **options: int) -> tuple[Graph, Seconds]:
    graph = draw(acyclic(**options))
    return graph, {name: float(draw(st.integers(1, 20))) for name in graph}


def run(plan: Plan, seconds: Seconds) -> SimulationResult:
    return simulate(compile_machine(plan).asl, plan, seconds)


def earliest(graph: Graph, seconds: Seconds) -> Seconds:
    """When each step begins if nothing but its own dependencies keeps it."""

    def begins(name: str) -> float:
        return max((begins(before) + seconds[before] for before in graph[name]), default=0.0)

    return {name: begins(name) for name in graph}


@given(graphs_with_seconds())
@settings(max_examples=examples())
def test_every_step_begins_the_moment_its_own_dependencies_are_done(case: tuple[Graph, Seconds]) -> None:
    graph, seconds = case
    ran = run(plan_of_graph(graph), seconds)
    assert ran.began == earliest(graph, seconds)
    assert ran.runs == len(graph), "every step once"
    assert ran.makespan == max(ran.ended.values())


@given(graphs_with_seconds(), st.integers(1, 4), st.data())
@settings(max_examples=examples())
def test_a_limit_is_kept_and_no_place_is_left_empty(
    case: tuple[Graph, Seconds], limit: int, data: st.DataObject
) -> None:
    graph, seconds = case
    reviewed = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    ran = run(plan_of_graph(graph, reviewed, max_parallel=limit), seconds)
    assert ran.runs == len(graph)
    assert ran.max_at_once <= limit
    assert all(ran.ended[one] <= ran.began[other] for one, other in transitive(graph))
    # Graham's bound holds for every schedule that leaves no place empty while a step could run.
    longest = max(begin + seconds[name] for name, begin in earliest(graph, seconds).items())
    assert ran.makespan <= sum(seconds.values()) / limit + longest * (1 - 1 / limit) + 1e-9


def test_of_those_that_wait_for_a_place_the_one_with_the_longest_way_still_to_go_is_first() -> None:
    graph: Graph = {"busy": [], "short": [], "long": [], "after": ["long"], "last": ["after"], "next": ["short"]}
    ran = run(plan_of_graph(graph, max_parallel=1), dict.fromkeys(graph, 1.0))
    assert sorted(ran.began, key=ran.began.__getitem__) == ["busy", "long", "short", "after", "next", "last"]


@given(graphs_with_seconds(most=7), st.integers(1, 4), st.data())
def test_whatever_a_step_is_it_keeps_the_order_and_the_limit(
    case: tuple[Graph, Seconds], limit: int, data: st.DataObject
) -> None:
    graph, seconds = case
    features = {name: data.draw(st.sampled_from(sorted(FEATURES))) for name in graph}
    reviewed = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    ran = run(plan_of_graph(graph, reviewed, limit, features), seconds)
    assert ran.runs == len(graph)
    assert ran.max_at_once <= limit
    assert all(ran.ended[one] <= ran.began[other] for one, other in transitive(graph))


def test_a_machine_that_uses_everything_comes_to_its_end() -> None:
    numbers = count(1)
    ran = run(whole_engine(), {step.id: float(next(numbers)) for step in whole_engine().steps})
    assert set(ran.ended) == {step.id for step in whole_engine().steps}
