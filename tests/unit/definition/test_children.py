"""Orchestrations that run others: parameters, outputs, and the limit of levels."""

from __future__ import annotations

import pytest

from baton.definition import children, lineage, parse_definition
from baton.plan import Plan
from tests.unit.examples import EXAMPLE, document, plan_of

PARENT = """\
metadata: {name: parent, displayName: Parent, version: 1.0.0}
orchestration:
  parameters:
    - {name: kpi_names, type: "string[]"}
  steps:
    - id: run
      type: orchestration
      orchestration:
        name: example
        parameters:
          kpi_names: "{{ kpi_names }}"
          grouping: week
    - id: brief
      agent: summarizer
      depends_on: [run]
      when: "{{ steps.run.status }} == completed"
      input:
        rows: "{{ steps.run.results.fetch.rows }}"
        days: "{{ steps.run.parameters.grouping }}"
"""
KNOWN = {"example": plan_of(EXAMPLE)}


def problems_of(old: str = "", new: str = "", known: dict[str, Plan] | None = None) -> list[str]:
    assert old in PARENT
    source = document(PARENT.replace(old, new, 1))
    return [str(one) for one in children.problems(parse_definition(source), source, KNOWN if known is None else known)]


def test_a_step_that_fits_its_child_has_no_problem() -> None:
    assert problems_of() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "grouping: week",
            "groupin: week",
            "example.yaml:12:11: `groupin` is not a parameter of `example` (did you mean `grouping`?)",
        ),
        (
            "grouping: week",
            "grouping: month",
            "example.yaml:12:21: `grouping` of `example` must be one of `day`, `week`, not `month`",
        ),
        (
            'kpi_names: "{{ kpi_names }}"',
            "start_date: 2024-01-01",
            "example.yaml:11:11: `example` needs its parameter `kpi_names` (string[])",
        ),
        (
            "results.fetch.rows",
            "results.fetsh.rows",
            "example.yaml:18:16: `example` has no step `fetsh` (did you mean `fetch`?)",
        ),
        (
            "results.fetch.rows",
            "results.fetch.row",
            "example.yaml:18:16: the step `fetch` of `example` has no output `row`; it has `rows` "
            "(did you mean `rows`?)",
        ),
        (
            "results.fetch.rows",
            "results.fetch.rows.first",
            "example.yaml:18:16: the output `rows` of `example` is used as a whole, without `.first`",
        ),
        (
            "parameters.grouping",
            "parameters.grupping",
            "example.yaml:19:16: `example` has no parameter `grupping` (did you mean `grouping`?)",
        ),
    ],
)
def test_a_wrong_parameter_or_output_of_the_child_is_reported_at_its_place(old: str, new: str, expected: str) -> None:
    assert problems_of(old, new) == [expected]


def test_a_step_with_an_unknown_child_has_no_problem() -> None:
    assert problems_of("results.fetch.rows", "results.fetsh.rows", known={}) == []
    assert problems_of("name: example", "name: example\n        version: 2.0.0", KNOWN) == []


def test_outputs_of_a_grandchild_are_looked_up_in_its_own_definition() -> None:
    known = {**KNOWN, "parent": plan_of(PARENT)}
    text = (
        PARENT.replace("name: parent", "name: grandparent")
        .replace("name: example", "name: parent")
        .replace("          grouping: week\n", "")
        .replace("results.fetch.rows", "results.run.results.fetch.rows")
        .replace("parameters.grouping", "parameters.kpi_names")
    )
    for name, expected in [("rows", []), ("row", ["the step `fetch` of `example` has no output `row`; it has `rows`"])]:
        source = document(text.replace("results.fetch.rows", f"results.fetch.{name}"))
        messages = [problem.message for problem in children.problems(parse_definition(source), source, known)]
        assert messages == expected


# --- how deep ---------------------------------------------------------------------------------------------------------


def plan_that_runs(name: str, *others: str) -> Plan:
    steps = "".join(
        f"    - {{id: run-{index}, type: orchestration, orchestration: {{name: {other}}}}}\n"
        for index, other in enumerate(others)
    )
    return plan_of(
        f"metadata: {{name: {name}, displayName: X, version: 1.0.0}}\norchestration:\n  steps:\n"
        + (steps or "    - {id: work, agent: worker}\n")
    )


def chain(*names: str) -> dict[str, Plan]:
    """Definitions; each runs the next."""
    following = [*names[1:], ""]
    return {name: plan_that_runs(name, *filter(None, [then])) for name, then in zip(names, following, strict=True)}


def test_five_levels_are_allowed_and_a_sixth_is_not() -> None:
    known = chain("a", "b", "c", "d", "e", "f")
    assert list(lineage.problems(known["b"], known)) == []
    [(path, message)] = lineage.problems(known["a"], known)
    assert path == ("orchestration", "steps", 0, "orchestration", "name")
    assert message == "orchestrations nest at most 5 deep, and this is too deep: a → b → c → d → e → f"


def test_the_deepest_of_several_paths_counts() -> None:
    known = {**chain("b", "c", "d", "e", "f"), "a": plan_that_runs("a", "f", "b")}
    [(path, _)] = lineage.problems(known["a"], known)
    assert path[2] == 1


@pytest.mark.parametrize("names", [("a",), ("a", "b"), ("a", "b", "c")])
def test_a_circle_is_refused_with_its_names(names: tuple[str, ...]) -> None:
    known = chain(*names) | {names[-1]: plan_that_runs(names[-1], names[0])}
    [(_, message)] = lineage.problems(known["a"], known)
    assert message == "the orchestrations run each other in a circle: " + " → ".join([*names, names[0]])


def test_a_circle_may_lead_through_a_version_that_is_no_longer_the_newest() -> None:
    known = {"a": plan_that_runs("a", "b, version: 1.0.0"), "b": plan_that_runs("b")}
    versions = {("b", "1.0.0"): (("a", None),), ("b", "2.0.0"): ()}
    assert list(lineage.problems(known["a"], known)) == []
    [(_, message)] = lineage.problems(known["a"], known, versions)
    assert message == "the orchestrations run each other in a circle: a → b → a"


def test_the_plan_itself_stands_for_an_earlier_version_of_it() -> None:
    known = chain("a", "b", "c")
    assert list(lineage.problems(plan_that_runs("c", "a"), known))
