"""The order of steps, and the number that can run at once."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given

from baton.compiler.order import members, order_of, width
from tests.unit.compiler.graphs import Graph, acyclic, transitive
from tests.unit.examples import plan_of_graph


@given(acyclic())
def test_the_order_is_what_depends_on_says_directly_and_through_others(graph: Graph) -> None:
    plan = plan_of_graph(graph)
    order = order_of(plan)
    ids = [step.id for step in plan.steps]
    pairs = {(ids[before], ids[step]) for step in range(len(ids)) for before in members(order.before[step])}
    assert pairs == transitive(graph)
    assert pairs == {(ids[step], ids[after]) for step in range(len(ids)) for after in members(order.after[step])}


@given(acyclic(most=8))
def test_the_width_is_the_size_of_the_largest_set_of_steps_without_an_order(graph: Graph) -> None:
    ordered = transitive(graph)
    largest = max(
        size
        for size in range(1, len(graph) + 1)
        for some in combinations(graph, size)
        if not any((one, other) in ordered or (other, one) in ordered for one, other in combinations(some, 2))
    )
    assert width(order_of(plan_of_graph(graph))) == largest


def test_immediately_before_leaves_out_indirect_dependencies() -> None:
    order = order_of(plan_of_graph({"a": [], "b": ["a"], "c": ["a", "b"]}))
    assert list(members(order.immediately_before(2, order.all))) == [1]
