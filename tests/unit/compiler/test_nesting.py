"""Which steps run side by side: exactly those whose dependencies allow it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings

from baton.compiler.nesting import Nest, Sequence, SideBySide
from baton.compiler.shape import Shape, shape_of
from baton.plan import Plan
from tests.profile import examples
from tests.unit.compiler.graphs import Graph, acyclic, series_parallel, transitive
from tests.unit.examples import plan_of_graph


def drawn(shape: Shape) -> str:
    """``a > (b | c) > |d``: in sequence, side by side, behind a gate."""

    def draw(nesting: Nest) -> str:
        match nesting:
            case Sequence(parts=parts):
                return " > ".join(draw(part) for part in parts)
            case SideBySide(branches=branches):
                return "(" + " | ".join(draw(branch) for branch in branches) + ")"
            case step:
                return f"|{step.id}" if step.id in shape.gated else step.id

    return draw(shape.nest)


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        ({"a": []}, "a"),
        ({"a": [], "b": ["a"], "c": ["b"]}, "a > b > c"),
        ({"c": ["b"], "b": ["a"], "a": []}, "a > b > c"),
        ({"a": [], "b": []}, "(a | b)"),
        ({"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}, "a > (b | c) > d"),
        ({"a": [], "b": ["a"], "c": [], "d": ["b", "c"]}, "(a > b | c) > d"),
        ({"a": [], "b": ["a"], "c": ["a", "b"]}, "a > b > c"),
        ({"a": [], "b": [], "c": ["a", "b"], "d": ["a", "b"]}, "(a | b) > (c | d)"),
        ({"a": [], "b": ["a"], "c": [], "d": ["c"]}, "(a > b | c > d)"),
    ],
)
def test_steps_nest_as_sequences_and_side_by_side(graph: Graph, expected: str) -> None:
    assert drawn(shape_of(plan_of_graph(graph))) == expected


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        # the N: c waits for both, d must not wait for a
        ({"a": [], "b": [], "c": ["a", "b"], "d": ["b"]}, "(a > |c | b > d)"),
        # only the N is gated, not what comes before and after all of it
        (
            {"x": [], "a": ["x"], "b": ["x"], "c": ["a", "b"], "d": ["b"], "y": ["c", "d"]},
            "x > (a > |c | b > d) > y",
        ),
        # an arm of the N that is series-parallel itself stays one block: c1 and c2 have gates, c3 has none
        (
            {"a": [], "b": [], "c1": ["a", "b"], "c2": ["a", "b"], "c3": ["c1", "c2"], "d": ["b"]},
            "(a > (|c1 | |c2) > c3 | b > d)",
        ),
        # what waits for one step alone needs no gate, however many wait for it
        (
            {"a": [], "b": [], "c": ["a", "b"], "d": ["b"], "e": ["d"], "f": ["c", "d"], "g": ["e", "f"]},
            "(a > |c > |f | b > d > e) > g",
        ),
    ],
)
def test_only_dependencies_that_cross_get_gates(graph: Graph, expected: str) -> None:
    assert drawn(shape_of(plan_of_graph(graph))) == expected


@pytest.mark.parametrize(
    ("max_parallel", "expected"),
    [(1, "a > (|b | |c | |d) > e"), (2, "a > (|b | |c | |d) > e"), (3, "a > (b | c | d) > e")],
)
def test_a_limit_below_the_width_gates_every_step_that_can_run_beside_another(max_parallel: int, expected: str) -> None:
    graph = {"a": [], "b": ["a"], "c": ["a"], "d": ["a"], "e": ["b", "c", "d"]}
    assert drawn(shape_of(plan_of_graph(graph, max_parallel=max_parallel))) == expected


# --- on any graph ---------------------------------------------------------------------------------------------------


def nested_order(nesting: Nest) -> Iterator[tuple[str, str]]:
    """Every pair (earlier, later) that the nesting enforces."""
    if isinstance(nesting, Sequence):
        for position, part in enumerate(nesting.parts):
            yield from nested_order(part)
            for later in nesting.parts[position + 1 :]:
                yield from ((one, other) for one in steps_of(part) for other in steps_of(later))
    elif isinstance(nesting, SideBySide):
        for branch in nesting.branches:
            yield from nested_order(branch)


def steps_of(nesting: Nest) -> list[str]:
    match nesting:
        case Sequence(parts=children) | SideBySide(branches=children):
            return [step_id for child in children for step_id in steps_of(child)]
        case step:
            return [step.id]


def enforced_order(plan: Plan) -> set[tuple[str, str]]:
    """The order that the machine enforces: by its nesting, and by gates."""
    shape = shape_of(plan)
    direct: Graph = {step.id: [] for step in plan.steps}
    for one, other in nested_order(shape.nest):
        direct[other].append(one)
    for step_id in shape.gated:
        direct[step_id] += plan.step(step_id).depends_on
    return transitive(direct)


@given(series_parallel())
def test_a_series_parallel_graph_needs_no_gate(graph: Graph) -> None:
    assert not shape_of(plan_of_graph(graph)).gated


@given(acyclic())
@settings(max_examples=examples(300))
def test_every_step_exists_once_and_waits_for_exactly_its_dependencies(graph: Graph) -> None:
    plan = plan_of_graph(graph)
    assert sorted(steps_of(shape_of(plan).nest)) == sorted(graph)
    assert enforced_order(plan) == transitive(graph)


@given(acyclic())
def test_with_a_limit_every_step_waits_for_exactly_its_dependencies_too(graph: Graph) -> None:
    assert enforced_order(plan_of_graph(graph, max_parallel=2)) == transitive(graph)


@given(acyclic())
def test_a_gate_stands_only_before_a_step_that_waits_for_several(graph: Graph) -> None:
    assert all(len(graph[step_id]) > 1 for step_id in shape_of(plan_of_graph(graph)).gated)
