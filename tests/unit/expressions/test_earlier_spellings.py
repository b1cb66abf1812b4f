"""Expressions from the time before the common language keep their meaning."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.errors import Invalid
from baton.expressions import ExpressionInvalid, holds, operands, parameters_of, spelled_out
from baton.expressions.checking import check
from baton.expressions.declared import DeclaredParameter
from baton.model import ParameterType
from baton.parameters import check_parameters
from baton.plan import Constraint, Parameter, Plan
from baton.templating import Scope
from tests.profile import examples
from tests.unit.examples import TODAY
from tests.unit.expressions.earlier import condition_holds, constraint_holds

TYPES = {"n": "number", "k": "string", "d": "date", "xs": "string[]", "b": "boolean", "week": "string", "o": "object"}
DECLARED = {name: DeclaredParameter(ParameterType(type_name)) for name, type_name in TYPES.items()}

_TEXTS = st.sampled_from(["week", "month", "", "null", "2024-07-01"])
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "n": st.sampled_from([0, 1, 2.5]),
    "k": _TEXTS,
    "d": st.sampled_from(["2024-07-01", "2024-08-01"]),
    "xs": st.lists(_TEXTS, max_size=2),
    "b": st.booleans(),
    "week": _TEXTS,
    "o": st.just({"a": 1}),
}
VALUES = st.fixed_dictionaries({name: st.none() | values for name, values in _VALUES.items()})
OUTPUTS = st.fixed_dictionaries({"rows": st.none() | st.one_of(*_VALUES.values()), "ok": st.none() | st.booleans()})
CONSTANTS = st.sampled_from(
    ["0", "1", "2.50", "-1", "2024-07-01", "'2024-07-01'", "'week'", '"month"', "true", "false", "null", "'null'", "[]"]
)
OPERATORS = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])


def expressions(references: st.SearchStrategy[str], constants: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Random expressions, most of them valid."""
    values = references | constants
    lists = st.lists(values, max_size=3).map(lambda items: f"[{', '.join(items)}]")
    comparisons = st.builds("{} {} {}".format, values | lists, OPERATORS, values | lists) | references

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return (
            inner.map("not {}".format)
            | inner.map("({})".format)
            | st.builds("{} {} {}".format, inner, st.sampled_from(["and", "or"]), inner)
            | st.builds("({}) {} {}".format, inner, OPERATORS, values)
        )

    return st.recursive(comparisons, larger, max_leaves=4)


CONSTRAINTS = expressions(st.sampled_from(sorted(TYPES)), CONSTANTS)
IN_BRACES = st.sampled_from(
    [*(f"{{{{ {name} }}}}" for name in TYPES), "{{parameters.week}}", "{{ steps.a.rows }}", "{{ steps.a.ok }}"]
)
CONDITIONS = expressions(IN_BRACES, CONSTANTS | st.sampled_from(["week", "month", "n", "steps.a.rows", "parameters.k"]))


def broken(rule: str, values: dict[str, Any]) -> bool:
    """Whether the rule refuses a launch with these values."""
    plan = Plan(
        name="stored",
        version="1.0.0",
        display_name="Stored",
        description="",
        owner="",
        parameters=tuple(Parameter(name, type_name, False, None, None, "") for name, type_name in TYPES.items()),
        constraints=(Constraint(rule, "The rule is broken."),),
        steps=(),
        timeout_seconds=60,
        max_parallel=None,
    )
    try:
        check_parameters(plan, values, TODAY)
    except Invalid as refused:
        assert {problem.message for problem in refused.problems} == {"The rule is broken."}
        return True
    return False


@given(CONSTRAINTS, VALUES)
@settings(max_examples=examples(800))
def test_a_stored_constraint_keeps_its_meaning(rule: str, values: dict[str, Any]) -> None:
    expected = constraint_holds(rule, TYPES, values)
    if expected is not None:
        assert broken(rule, values) is not expected


@given(CONDITIONS, VALUES, OUTPUTS)
@settings(max_examples=examples(800))
def test_a_stored_condition_keeps_its_meaning(when: str, values: dict[str, Any], outputs: dict[str, Any]) -> None:
    scope = Scope(values, {"a": outputs})
    in_braces = {one.parameter for one in operands(when, ())}
    types = {name: type_name for name, type_name in TYPES.items() if name in in_braces}  # as it was compiled then
    expected = condition_holds(when, types, scope)
    if expected is not None:
        assert holds(when, types, scope) is expected


@given(CONDITIONS, VALUES, OUTPUTS)
@settings(max_examples=examples(800))
def test_a_condition_that_is_published_again_keeps_its_meaning_unless_a_word_names_a_parameter(
    when: str, values: dict[str, Any], outputs: dict[str, Any]
) -> None:
    try:
        check(when, DECLARED)
    except ExpressionInvalid:
        return
    if spelled_out(when, TYPES) != when:
        return
    scope = Scope(values, {"a": outputs})
    types = {name: TYPES[name] for name in parameters_of(when, TYPES)}  # as it is compiled now
    expected = condition_holds(when, types, scope)
    if expected is not None:
        assert holds(when, types, scope) is expected


@pytest.mark.parametrize(
    ("when", "in_plan", "expected"),
    [
        ("{{ k }} == week", {"k": "string"}, True),
        ("{{ week }} == week", {"week": "string"}, False),
        ("{{ k }} == {{ week }}", {"k": "string", "week": "string"}, False),
    ],
)
def test_beside_braces_a_word_of_a_stored_plan_is_text_even_if_a_parameter_has_the_name(
    when: str, in_plan: dict[str, str], expected: bool
) -> None:
    assert holds(when, in_plan, Scope({"k": "week", "week": "month"}, {})) is expected


def test_most_random_expressions_are_valid() -> None:
    """Otherwise the properties above would test nothing."""
    values: dict[str, Any] = dict.fromkeys(TYPES) | {"k": "week", "n": 1, "d": "2024-07-01", "xs": ["week"], "b": True}
    found = [constraint_holds(rule, TYPES, values) for rule in _some(CONSTRAINTS)]
    scope = Scope(values, {"a": {"rows": 1, "ok": True}})
    found_of_conditions = [condition_holds(when, TYPES, scope) for when in _some(CONDITIONS)]
    for answers in (found, found_of_conditions):
        assert min(answers.count(True), answers.count(False)) >= 10


def _some(texts: st.SearchStrategy[str]) -> list[str]:
    collected: list[str] = []

    @given(texts)
    @settings(max_examples=100, database=None, derandomize=True)
    def collect(text: str) -> None:
        collected.append(text)

    collect()
    return [text for text in collected if re.search(r"\S", text)]
