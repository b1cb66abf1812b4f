"""The schedule of steps in a simulation of the compiled machine: each begins as soon as possible."""

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
    """When each step begins if it waits only for its own dependencies."""

    def begins(name: str) -> float:
        return max((begins(before) + seconds[before] for before in graph[name]), default=0.0)

    return {name: begins(name) for name in graph}


@given(graphs_with_seconds())
@settings(max_examples=examples())
def test_every_step_begins_when_its_own_dependencies_are_done(case: tuple[Graph, Seconds]) -> None:
    graph, seconds = case
    result = run(plan_of_graph(graph), seconds)
    assert result.began == earliest(graph, seconds)
    assert result.runs == len(graph), "every step once"
    assert result.makespan == max(result.ended.values())


@given(graphs_with_seconds(), st.integers(1, 4), st.data())
@settings(max_examples=examples())
def test_a_limit_is_kept_and_no_place_is_left_empty(
    case: tuple[Graph, Seconds], limit: int, data: st.DataObject
) -> None:
    graph, seconds = case
    reviewed = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    result = run(plan_of_graph(graph, reviewed, max_parallel=limit), seconds)
    assert result.runs == len(graph)
    assert result.max_at_once <= limit
    assert all(result.ended[one] <= result.began[other] for one, other in transitive(graph))
    # Graham's bound holds for every schedule that leaves no place empty while a step could run.
    longest = max(begin + seconds[name] for name, begin in earliest(graph, seconds).items())
    assert result.makespan <= sum(seconds.values()) / limit + longest * (1 - 1 / limit) + 1e-9


def test_the_step_with_the_longest_path_to_the_end_gets_the_first_free_place() -> None:
    graph: Graph = {"busy": [], "short": [], "long": [], "after": ["long"], "last": ["after"], "next": ["short"]}
    result = run(plan_of_graph(graph, max_parallel=1), dict.fromkeys(graph, 1.0))
    assert sorted(result.began, key=result.began.__getitem__) == ["busy", "long", "short", "after", "next", "last"]


@given(graphs_with_seconds(most=7), st.integers(1, 4), st.data())
def test_steps_of_every_kind_keep_the_order_and_the_limit(
    case: tuple[Graph, Seconds], limit: int, data: st.DataObject
) -> None:
    graph, seconds = case
    features = {name: data.draw(st.sampled_from(sorted(FEATURES))) for name in graph}
    reviewed = data.draw(st.lists(st.sampled_from(sorted(graph)), unique=True))
    result = run(plan_of_graph(graph, reviewed, limit, features), seconds)
    assert result.runs == len(graph)
    assert result.max_at_once <= limit
    assert all(result.ended[one] <= result.began[other] for one, other in transitive(graph))


def test_a_machine_with_every_feature_ends() -> None:
    numbers = count(1)
    result = run(whole_engine(), {step.id: float(next(numbers)) for step in whole_engine().steps})
    assert set(result.ended) == {step.id for step in whole_engine().steps}
