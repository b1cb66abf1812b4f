"""Rules: what they can say, and that they can do nothing else."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baton.expressions import ExpressionInvalid, check, evaluate, names, try_out

VALUES: dict[str, Any] = {
    "start_date": date(2024, 7, 1),
    "end_date": date(2024, 9, 30),
    "grouping": "month",
    "kpi_names": ["revenue", "arr"],
    "limit": 10,
    "share": Decimal("0.1"),
    "dry": False,
    "nothing": None,
    "steps.fetch-kpi-data.row_count": 0,
}


@pytest.mark.parametrize(
    "rule",
    [
        "start_date <= end_date",
        "start_date == '2024-07-01'",
        'start_date > "2023-12-31"',
        "limit >= 10 and limit < 10.5",
        "share == 0.1",
        "limit == 10.0",
        "grouping in ['week', 'month']",
        "grouping not in ['day']",
        "'arr' in kpi_names",
        "'mon' in grouping",
        "kpi_names == ['revenue', 'arr']",
        "kpi_names != []",
        "not dry",
        "not (dry or limit < 0)",
        "nothing == null",
        "dry == false",
        "limit > -1",
        "steps.fetch-kpi-data.row_count == 0",
        "dry or grouping == 'month' and limit == 10",
        "true or dry and false",
    ],
)
def test_a_rule_that_holds(rule: str) -> None:
    assert evaluate(rule, VALUES) is True


@pytest.mark.parametrize(
    "rule",
    [
        "start_date > end_date",
        "grouping == 'Month'",
        "limit == '10'",
        "limit == true",
        "nothing == 0",
        "nothing == false",
        "'profit' in kpi_names",
        "dry and limit == 10",
        "(true or dry) and false",
    ],
)
def test_a_rule_that_does_not_hold(rule: str) -> None:
    assert evaluate(rule, VALUES) is False


@pytest.mark.parametrize(
    ("rule", "message", "position"),
    [
        ("", "expected a value, found `the end`", 0),
        ("limit <", "expected a value, found `the end`", 7),
        ("limit = 10", "`=` is not an operator; equality is `==`", 6),
        ("dry && dry", "`&` is not an operator; write `and`, `or`, `not`", 4),
        ("1 < limit < 3", "comparisons do not chain; join two of them with `and`", 10),
        ("(limit > 1", "expected `)`, found `the end`", 10),
        ("limit > 1)", "`)` cannot stand here", 9),
        ("grouping == 'month", "a string is never closed", 12),
        ("limit not 3", "expected `in`, found `3`", 10),
        ("len(kpi_names) > 0", "`(` cannot stand here", 3),
        ("__import__('os')", "`(` cannot stand here", 10),
        ("kpi_names[0] == 'arr'", "`[` cannot stand here", 9),
        ("limit + 1 > 2", "`+` cannot stand here", 6),
        ("(" * 30 + "dry" + ")" * 30, "the rule nests deeper than 20 levels", 20),
        ("dry or " * 200 + "dry", "the rule is longer than 1000 characters", 0),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_with_its_place(rule: str, message: str, position: int) -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        check(rule, VALUES)
    assert (str(refused.value), refused.value.position) == (message, position)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("limit", "the rule `limit` gives a number, not true or false"),
        ("grouping < limit", "a string and a number have no order"),
        ("start_date < grouping", "a date and a string have no order"),
        ("nothing < 3", "null and a number have no order"),
        ("dry < true", "true or false and true or false have no order"),
        ("'a' in limit", "`in` needs a list on its right, not a number"),
        ("limit and dry", "`and`, `or` and `not` take true or false, not a number"),
    ],
)
def test_a_rule_that_compares_what_cannot_be_compared_is_an_error_not_a_guess(rule: str, message: str) -> None:
    with pytest.raises(ExpressionInvalid, match=message):
        evaluate(rule, VALUES)


def test_an_unknown_name_is_refused_with_the_nearest_known_one() -> None:
    with pytest.raises(ExpressionInvalid) as refused:
        check("limit > 0 and start_dat <= end_date", VALUES)
    assert str(refused.value) == "there is no `start_dat`"
    assert refused.value.suggestion == "start_date"
    assert refused.value.position == 14


def test_trying_out_also_finds_what_an_and_would_not_get_to() -> None:
    rule = "dry and grouping < limit"
    assert evaluate(rule, VALUES) is False
    with pytest.raises(ExpressionInvalid, match="have no order"):
        try_out(rule, VALUES)


def test_the_names_of_a_rule() -> None:
    assert names("start_date <= end_date and grouping in ['day', other]") == {
        "start_date",
        "end_date",
        "grouping",
        "other",
    }


@given(st.text(alphabet="ab.<>=!()[],'\" -0123456789notinandor", max_size=60))
def test_any_text_is_either_a_rule_or_refused(text: str) -> None:
    try:
        result = evaluate(text, {"a": 1, "b": "x", "a.b": [1]})
    except ExpressionInvalid as refused:
        assert 0 <= refused.position <= len(text)
    else:
        assert isinstance(result, bool)
