"""The reads of a step: its own part of the plan and the outputs of the steps in ``reads`` are enough for its work."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from baton import expressions, templating
from baton.expressions import ExpressionInvalid
from baton.plan import Plan, Step
from baton.templating import Scope, TemplateInvalid
from tests.unit.compiler.definitions import definitions
from tests.unit.compiler.graphs import transitive
from tests.unit.examples import EXAMPLE, plan_of, whole_engine

RANDOM_DEFINITIONS = 200
LAUNCHED = {"names": ["arr", "churn"], "day": "2024-07-02", "grouping": "week"}
VALUES = st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["x", "2024-07-01"]) | st.just(["x", 3])


def outputs_of(step: Step) -> st.SearchStrategy[Mapping[str, Any]]:
    """Possible outputs of the step; none if it is skipped."""
    if step.child is None:
        return st.just({}) | st.fixed_dictionaries(dict.fromkeys(step.output_mapping, VALUES))
    child = {"status": st.just("completed"), "results": st.fixed_dictionaries({"last": st.builds(dict, a=VALUES)})}
    return st.fixed_dictionaries({**child, "parameters": st.builds(dict, day=VALUES)})


@st.composite
def runs(draw: st.DrawFn) -> tuple[Plan, dict[str, Mapping[str, Any]]]:
    """A plan, and the outputs of the steps that are done."""
    plan = draw(definitions())
    return plan, {step.id: draw(outputs_of(step)) for step in plan.steps if draw(st.integers(0, 5))}


def attempt(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except (TemplateInvalid, ExpressionInvalid) as error:
        return type(error).__name__, str(error)


def rendered(step: Step, parameter_types: Mapping[str, str], outputs: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """The values of the step's condition and templates, or their errors."""
    scope = Scope(LAUNCHED, outputs, {step.for_each.name: {"a": "b"}} if step.for_each else {})
    templates = [step.input, step.for_each and step.for_each.items, step.child and step.child.parameters]
    return [
        attempt(lambda: step.when and expressions.holds(step.when, parameter_types, scope)),
        *(attempt(lambda template=template: templating.render(template, scope)) for template in templates),
    ]


def rendered_item(step: Step, outputs: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value of an item's input, or its error. The work on an item reads nothing else."""
    assert step.for_each is not None
    scope = Scope(LAUNCHED, outputs, {step.for_each.name: {"a": "b"}})
    return attempt(lambda: templating.render(step.input, scope))


@given(runs())
@settings(max_examples=RANDOM_DEFINITIONS)
def test_steps_and_items_render_the_same_from_all_outputs_and_from_those_that_they_read(
    run: tuple[Plan, dict[str, Mapping[str, Any]]],
) -> None:
    plan, outputs = run

    def only(step_ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        return {step_id: outputs[step_id] for step_id in step_ids if step_id in outputs}

    for step in plan.steps:
        part = Step.from_json(json.loads(json.dumps(step.to_json())))
        assert part.reads is not None
        read = only(part.reads)
        assert rendered(part, part.parameter_types, read) == rendered(step, plan.parameter_types, outputs)
        if step.for_each is None:
            assert part.item_reads is None
        else:
            assert part.item_reads is not None
            assert set(part.item_reads) <= set(part.reads)
            assert rendered_item(part, only(part.item_reads)) == rendered_item(step, outputs)


@given(definitions())
def test_a_step_reads_only_steps_that_it_waits_for(plan: Plan) -> None:
    before = transitive({step.id: list(step.depends_on) for step in plan.steps})
    assert all((read, step.id) in before for step in plan.steps for read in step.reads or ())


def test_a_step_reads_for_templates_condition_list_and_child_parameters_in_order() -> None:
    plan = plan_of("""\
metadata: {name: reads, displayName: Reads, version: 1.0.0}
orchestration:
  parameters: [{name: day, type: date}, {name: grouping, type: string}]
  steps:
    - {id: a, agent: worker, output_mapping: {rows: $.rows}}
    - {id: b, agent: worker, output_mapping: {rows: $.rows}}
    - {id: c, depends_on: [a, b], agent: worker, input: {deep: [{text: "Rows: {{ steps.b.rows }}"}]}}
    - {id: d, depends_on: [c], agent: worker, when: "{{ steps.a.rows }} > 3 and {{ day }} > 2024-07-01"}
    - {id: e, depends_on: [b], agent: worker, for_each: "{{ steps.b.rows }}", input: {is: "{{ item }}"}}
    - id: f
      depends_on: [c]
      orchestration:
        name: other
        parameters: {x: ["{{ steps.b.rows }}", "{{ steps.b.rows }}"], y: "{{ steps.a.rows }}"}
    - {id: g, depends_on: [f], agent: worker, when: "grouping in [week, month]"}
""")
    assert {step.id: step.reads for step in plan.steps} == {
        "a": (), "b": (), "c": ("b",), "d": ("a",), "e": ("b",), "f": ("a", "b"), "g": (),
    }  # fmt: skip
    assert {step.id: step.parameter_types for step in plan.steps if step.when} == {
        "d": {"day": "date"},
        "g": {"grouping": "string"},
    }


def test_an_item_reads_for_its_input_and_not_for_the_list_or_the_condition() -> None:
    plan = plan_of("""\
metadata: {name: reads, displayName: Reads, version: 1.0.0}
orchestration:
  steps:
    - {id: a, agent: worker, output_mapping: {rows: $.rows}}
    - {id: b, agent: worker, output_mapping: {rows: $.rows}}
    - {id: c, agent: worker, output_mapping: {rows: $.rows}}
    - id: d
      depends_on: [a, b, c]
      agent: worker
      when: "{{ steps.a.rows }} > 3"
      for_each: "{{ steps.b.rows }}"
      input: {is: "{{ item }}", of: "{{ steps.c.rows }}"}
    - {id: e, depends_on: [b], agent: worker, for_each: "{{ steps.b.rows }}", input: {is: "{{ item }}"}}
    - id: f
      depends_on: [b]
      agent: worker
      for_each: "{{ steps.b.rows }}"
      input: {is: "{{ item }}", among: "{{ steps.b.rows }}"}
""")
    assert {step.id: (step.reads, step.item_reads) for step in plan.steps if step.for_each} == {
        "d": (("a", "b", "c"), ("c",)), "e": (("b",), ()), "f": (("b",), ("b",)),
    }  # fmt: skip


def test_steps_of_every_kind_read_the_steps_that_they_name() -> None:
    assert {step.id: step.reads for step in whole_engine().steps} == {
        "figures": (), "totals": (), "tracking": (), "outlook": ("totals",), "brief": ("figures", "tracking"),
    }  # fmt: skip


def test_a_step_of_an_older_plan_may_read_all() -> None:
    stored = plan_of(EXAMPLE).to_json()["steps"][1]
    del stored["reads"], stored["itemReads"]
    step = Step.from_json(stored)
    assert (step.reads, step.item_reads) == (None, None)
