"""`when`: whether a step is done at all."""

from __future__ import annotations

from typing import Any

import pytest

from baton import conditions
from baton.expressions import ExpressionInvalid
from baton.templating import Scope
from tests.unit.examples import EXAMPLE, plan_of

PLAN = plan_of(EXAMPLE)  # kpi_names: string[], start_date: date, grouping: string
SCOPE = Scope(
    parameters={"kpi_names": ["arr", "churn"], "start_date": "2024-07-01", "grouping": "week", "none": None},
    steps={
        "1-fetch": {"rows": 3, "ok": True, "note": None},
        "child": {"status": "failed", "results": {"a": {"b": "x"}}},
    },
)


def holds(when: str, scope: Scope = SCOPE) -> bool:
    conditions.check(when)
    return conditions.holds(when, PLAN.parameter_types, scope)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{{ grouping }} == week", True),
        ("{{ parameters.grouping }} != 'week'", False),
        ("{{grouping}} in [day, week]", True),
        ("{{ grouping }} not in ['day']", True),
        ("'churn' in {{ kpi_names }}", True),
        ("{{ steps.1-fetch.rows }} > 2", True),
        ("{{ steps.1-fetch.rows }} <= 2", False),
        ("{{ steps.1-fetch.ok }}", True),
        ("not {{ steps.1-fetch.ok }} or {{ steps.child.status }} == failed", True),
        ("{{ steps.child.results.a.b }} == x and ({{ steps.1-fetch.rows }} == 3)", True),
        ("{{ start_date }} >= 2024-07-01 and {{ start_date }} < '2024-08-01'", True),
    ],
)
def test_a_condition_compares_parameters_and_outputs(when: str, expected: bool) -> None:
    assert holds(when) is expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("{{ steps.1-fetch.note }} == null", True),
        ("{{ steps.1-fetch.note }} > 5", False),
        ("not {{ steps.1-fetch.note }} > 5", True),
        ("{{ steps.1-fetch.note }}", False),
        ("{{ steps.1-fetch.note }} or {{ steps.1-fetch.ok }}", True),
        ("a in {{ steps.1-fetch.note }}", False),
        ("a not in {{ steps.1-fetch.note }}", True),
        ("{{ steps.1-fetch.note }} in [a, null]", True),
    ],
)
def test_a_null_decides_nothing(when: str, expected: bool) -> None:
    assert holds(when) is expected


def test_what_a_value_contains_is_never_read_as_a_condition() -> None:
    scope = Scope(parameters={"grouping": "week or true"}, steps={})
    assert holds("{{ grouping }} == week", scope) is False


@pytest.mark.parametrize("when", ["{{ kpi_names }} > 5", "{{ grouping }}", "{{ steps.1-fetch.rows }} and true"])
def test_what_cannot_be_compared_is_an_error_and_no_guess(when: str) -> None:
    with pytest.raises(ExpressionInvalid):
        holds(when)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("'{{ grouping }}' == 'week'", "a reference stands without quotes, or it is only text"),
        ("grouping == week", "this compares nothing but constants; did you mean {{ grouping }}?"),
        ("{{ grouping }} == week and ready", "`ready` is a plain word; a reference is {{ ready }}"),
        ("__import__('os')", "`(` cannot stand here"),
    ],
)
def test_what_does_not_depend_on_anything_is_refused(when: str, said: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        conditions.check(when)
    assert str(refused.value) == said


def test_the_operands_are_known_before_anything_runs() -> None:
    found: list[Any] = [one.raw for one in conditions.operands("{{ a }} == 1 or {{ steps.b.c }} in [{{ d }}]")]
    assert found == ["{{ a }}", "{{ steps.b.c }}", "{{ d }}"]
