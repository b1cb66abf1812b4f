"""Every example of docs/expressions.md, read from the page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from baton.compiler import make_plan
from baton.definition import DefinitionInvalid, parse_definition
from baton.errors import Invalid
from baton.expressions import holds
from baton.parameters import check_parameters
from baton.plan import Plan
from baton.templating import Scope
from tests.unit.examples import TODAY, document, plan_of

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "expressions.md").read_text(encoding="utf-8")
OUTPUTS = ("rows", "ok", "region")
MESSAGE = "The constraint does not hold."


def rows(*header: str) -> list[tuple[str, ...]]:
    """The rows of the table with that header; a cell that is code loses its backquotes."""
    _, _, below = PAGE.partition("| " + " | ".join(header) + " |\n")
    table = below.partition("\n\n")[0].splitlines()[1:]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table]
    assert rows
    assert all(len(row) == len(header) for row in rows)
    return [tuple(re.sub(r"^`([^`]*)`$", r"\1", cell) for cell in row) for row in rows]


def parameters() -> str:
    """The parameters that the page declares, as YAML."""
    return next(block for block in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "name: owner" in block)


def definition(*, when: str | None = None, rule: str | None = None) -> str:
    """A definition with the expression as a condition or as a constraint."""
    lines = ["metadata: {name: page, displayName: Page, version: 1.0.0}", "orchestration:", "  parameters:"]
    lines += [f"    {line}" for line in parameters().splitlines()]
    if rule is not None:
        lines += ["  constraints:", f"    - {{rule: {json.dumps(rule)}, message: {MESSAGE}}}"]
    mapping = ", ".join(f"{name}: $.{name}" for name in OUTPUTS)
    lines += ["  steps:", f"    - {{id: fetch, agent: worker, output_mapping: {{{mapping}}}}}"]
    lines += ["    - id: asked", "      agent: worker", "      depends_on: [fetch]"]
    lines += [] if when is None else [f"      when: {json.dumps(when)}"]
    return "\n".join(lines) + "\n"


def condition(text: str, given: Mapping[str, Any]) -> str:
    step = plan_of(definition(when=text)).step("asked")
    assert step.when is not None
    outputs = {name: given.get(f"steps.fetch.{name}") for name in OUTPUTS}
    values = {one.name: given.get(one.name) for one in plan_of(definition()).parameters}
    return str(holds(step.when, step.parameter_types, Scope(values, {"fetch": outputs}))).lower()


def constraint(text: str, given: Mapping[str, Any]) -> str:
    plan: Plan = make_plan(parse_definition(document(definition(rule=text))))
    try:
        check_parameters(plan, given, TODAY)
    except Invalid as refused:
        assert MESSAGE in str(refused.problems)
        return "false"
    return "true"


@pytest.mark.parametrize(("text", "given", "expected"), rows("expression", "with", "is"))
def test_an_example_of_the_page_has_the_value_of_the_page(text: str, given: str, expected: str) -> None:
    values = json.loads(given)
    assert condition(text, values) == expected
    if "steps." not in text:
        assert constraint(text, values) == expected


@pytest.mark.parametrize(
    ("text", "given", "in_when", "in_rule"), rows("expression", "with", "as `when`", "as a constraint")
)
def test_null_behaves_as_the_page_says(text: str, given: str, in_when: str, in_rule: str) -> None:
    values = json.loads(given)
    assert condition(text, values) == in_when
    # A constraint that is not asked refuses no launch.
    assert constraint(text, values) == ("true" if in_rule == "not asked" else in_rule)


@pytest.mark.parametrize(("place", "text", "message"), rows("in", "expression", "is refused with"))
def test_an_error_of_the_page_has_the_message_of_the_page(place: str, text: str, message: str) -> None:
    with pytest.raises(DefinitionInvalid) as refused:
        parse_definition(document(definition(**{place: text})))
    assert [str(problem).partition(f"`{place}`: ")[2] for problem in refused.value.problems] == [message]


def test_the_example_at_the_top_is_valid() -> None:
    found = re.findall(r"(?:rule: ([^,]+),|when: \"([^\"]+)\")", PAGE.partition("## Grammar")[0])
    assert len(found) == 2
    for rule, when in found:
        assert parse_definition(document(definition(rule=rule or None, when=when or None)))
