"""The values of expressions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.expressions import ExpressionInvalid, holds, operands, parameters_of
from baton.templating import Scope

TYPES = {
    "start_date": "date",
    "end_date": "date",
    "grouping": "string",
    "kpi_names": "string[]",
    "limit": "number",
    "share": "number",
    "dry": "boolean",
    "nothing": "string",
    "nowhere": "string[]",
}
SCOPE = Scope(
    parameters={
        "start_date": "2024-07-01",
        "end_date": "2024-09-30",
        "grouping": "month",
        "kpi_names": ["revenue", "arr"],
        "limit": 10,
        "share": Decimal("0.1"),
        "dry": False,
        "nothing": None,
        "nowhere": None,
    },
    steps={
        "1-fetch": {"rows": 3, "ok": True, "note": None},
        "child": {"status": "failed", "results": {"a": {"b": "x"}}},
    },
)


@pytest.mark.parametrize(
    "text",
    [
        "start_date <= end_date",
        "start_date == '2024-07-01'",
        "start_date == 2024-07-01",
        'start_date > "2023-12-31"',
        "limit >= 10 and limit < 10.5",
        "share == 0.1",
        "limit == 10.0",
        "grouping in [week, month]",
        "parameters.grouping in ['week', \"month\"]",
        "{{ grouping }} in [week, month]",
        "{{parameters.grouping}} not in ['day']",
        "'arr' in kpi_names",
        "'mon' in grouping",
        "kpi_names == [revenue, arr]",
        "kpi_names != []",
        "not dry",
        "not (dry or limit < 0)",
        "nothing == null",
        "dry == false",
        "limit > -1",
        "dry or grouping == month and limit == 10",
        "true or dry and false",
        "{{ steps.1-fetch.rows }} > 2",
        "{{ steps.1-fetch.ok }} and grouping == month",
        "not {{ steps.1-fetch.ok }} or {{ steps.child.status }} == failed",
        "{{ steps.child.results.a.b }} == x and ({{ steps.1-fetch.rows }} == 3)",
    ],
)
def test_an_expression_that_holds(text: str) -> None:
    assert holds(text, TYPES, SCOPE) is True


@pytest.mark.parametrize(
    "text",
    [
        "start_date > end_date",
        "grouping == Month",
        "grouping == limit",
        "limit == '10'",
        "limit == true",
        "nothing == 0",
        "nothing == false",
        "profit in kpi_names",
        "dry and limit == 10",
        "(true or dry) and false",
        "'grouping' == month",
        "{{ grouping }} == grouping",
        "{{ grouping }} == limit",
    ],
)
def test_an_expression_that_does_not_hold(text: str) -> None:
    assert holds(text, TYPES, SCOPE) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ steps.1-fetch.note }} == null", True),
        ("nothing > 5", False),
        ("not nothing > 5", True),
        ("5 >= {{ nothing }}", False),
        ("nothing", False),
        ("{{ steps.1-fetch.note }} or {{ steps.1-fetch.ok }}", True),
        ("a in nowhere", False),
        ("a not in nowhere", True),
        ("{{ steps.1-fetch.note }} in [a, null]", True),
        ("nothing < (grouping < limit)", False),  # the other side is not looked at
    ],
)
def test_a_comparison_with_null(text: str, expected: bool) -> None:
    assert holds(text, TYPES, SCOPE) is expected


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("", "expected a value, found `the end`", 0),
        ("limit <", "expected a value, found `the end`", 7),
        ("limit = 10", "`=` is not an operator; equality is `==`", 6),
        ("dry && dry", "`&` is not an operator; write `and`, `or`, `not`", 4),
        ("1 < limit < 3", "comparisons do not chain; join two of them with `and`", 10),
        ("(limit > 1", "expected `)`, found `the end`", 10),
        ("limit > 1)", "`)` cannot stand here", 9),
        ("grouping == 'month", "a string is never closed", 12),
        ("grouping == {{ month", "`{{` is never closed by `}}`", 12),
        ("limit not 3", "expected `in`, found `3`", 10),
        ("len(kpi_names) > 0", "`(` cannot stand here", 3),
        ("__import__('os')", "`(` cannot stand here", 10),
        ("kpi_names[0] == 'arr'", "`[` cannot stand here", 9),
        ("limit + 1 > 2", "`+` cannot stand here", 6),
    ],
)
def test_a_syntax_error_is_refused_with_its_place(text: str, message: str, position: int) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        holds(text, TYPES, SCOPE)
    assert (str(refused.value), refused.value.position) == (message, position)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("limit", "`limit` is a number, not true or false"),
        ("{{ grouping }}", "`{{ grouping }}` is a string, not true or false"),
        ("grouping < limit", "a string and a number have no order"),
        ("start_date < grouping", "a date and a string have no order"),
        ("dry < true", "true or false and true or false have no order"),
        ("'a' in limit", "`in` needs a list on its right, not a number"),
        ("limit and dry", "`limit` is a number, not true or false"),
        ("dry or 'text'", "this is a string, not true or false"),
    ],
)
def test_an_impossible_comparison_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        holds(text, TYPES, SCOPE)
    assert str(refused.value) == message


def test_the_text_of_a_value_is_never_an_expression() -> None:
    scope = Scope(parameters={"grouping": "week or true"}, steps={})
    assert holds("grouping == week", {"grouping": "string"}, scope) is False


def test_the_operands_are_known_before_anything_runs() -> None:
    found = operands("a == 1 or {{ steps.b.c }} in [{{ d }}] or e == f", {"a", "f"})
    assert [one.raw for one in found] == ["a", "{{ steps.b.c }}", "{{ d }}", "f"]


def test_the_parameters_of_an_expression() -> None:
    text = "start_date <= parameters.end_date and grouping in [day, other] or {{ dry }} == limit"
    assert parameters_of(text, TYPES) == {"start_date", "end_date", "grouping", "dry"}


@given(st.text(alphabet="ab.<>=!()[],'\" -0123456789notinandor{}", max_size=60))
def test_any_text_is_either_an_expression_or_refused(text: str) -> None:
    scope = Scope(parameters={"a": 1, "b": "x"}, steps={})
    try:
        result: Any = holds(text, {"a": "integer", "b": "string"}, scope)
    except ExpressionInvalid as refused:
        assert 0 <= refused.position <= len(text)
    else:
        assert isinstance(result, bool)
