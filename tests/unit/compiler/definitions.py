"""Random definitions with references between steps in all places that the language allows."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from baton.plan import Plan
from tests.unit.compiler.graphs import Graph, acyclic, transitive
from tests.unit.examples import plan_of

PARAMETERS = {"names": "string[]", "day": "date", "grouping": "string"}
_COMPARISONS = (
    "{{ day }} >= 2024-07-01",
    "{{ parameters.grouping }} == week",
    "arr in {{ names }}",
    "day >= 2024-07-01",
    "grouping in [week, month]",
    "arr in names",
)
_OUTPUTS = {"agent": ("a", "b"), "items": ("a", "b"), "child": ("status", "results.last.a", "parameters.day")}


@st.composite
def definitions(draw: st.DrawFn) -> Plan:
    graph = draw(acyclic(most=6))
    kinds = {name: draw(st.sampled_from(sorted(_OUTPUTS))) for name in graph}
    before = transitive(graph)
    steps = []
    for name in graph:
        outputs = [
            f"{{{{ steps.{other}.{output} }}}}"
            for other in graph
            if (other, name) in before
            for output in _OUTPUTS[kinds[other]]
        ]
        steps.append(draw(_steps(name, kinds[name], graph, outputs)))
    parameters = [{"name": name, "type": type_name} for name, type_name in PARAMETERS.items()]
    return plan_of(
        json.dumps(
            {
                "metadata": {"name": "random", "displayName": "Random", "version": "1.0.0"},
                "orchestration": {"parameters": parameters, "steps": steps},
            }
        )
    )


@st.composite
def _steps(draw: st.DrawFn, name: str, kind: str, graph: Graph, outputs: list[str]) -> dict[str, Any]:
    """One step as the file has it; ``outputs`` are the references to outputs that it may use."""
    step: dict[str, Any] = {"id": name, "depends_on": graph[name]}
    if draw(st.booleans()):
        step["when"] = draw(_conditions(outputs))
    names = [f"{{{{ {parameter} }}}}" for parameter in PARAMETERS]
    if kind == "child":
        return {**step, "orchestration": {"name": "other", "parameters": draw(_mappings([*names, *outputs]))}}
    if kind == "items":
        lists = st.lists(_templates([*names, *outputs]), max_size=3)
        step["for_each"] = draw(lists | st.sampled_from(["{{ names }}", *outputs]))
        names.append("{{ item.a }}")
    mapping = {"a": "$.a", "b": "$.b"}
    return {**step, "agent": "worker", "input": draw(_mappings([*names, *outputs])), "output_mapping": mapping}


def _conditions(outputs: list[str]) -> st.SearchStrategy[str]:
    comparisons = st.sampled_from(_COMPARISONS)
    if outputs:
        output = st.sampled_from(outputs)
        comparisons |= output
        comparisons |= st.builds("{} == {}".format, output, output | st.sampled_from(["x", "3", "null", "{{ day }}"]))
        comparisons |= st.builds("{} > {}".format, output, st.sampled_from(["3", "{{ day }}"]))
        comparisons |= st.builds("x in [{}, {}]".format, output, output)
    joined = st.builds("({} {} not ({}))".format, comparisons, st.sampled_from(["and", "or"]), comparisons)
    return comparisons | joined


def _templates(references: list[str]) -> st.SearchStrategy[Any]:
    reference = st.sampled_from(references)
    texts = st.builds("{}{}{}".format, reference, st.sampled_from([" by ", ", ", ""]), reference)
    values = st.none() | st.integers(-9, 9) | reference | texts
    return values | st.lists(values, max_size=2) | st.dictionaries(st.sampled_from("xy"), values, max_size=2)


def _mappings(references: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from("uvw"), _templates(references), max_size=3)
