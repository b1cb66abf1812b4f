"""The parameters of a launch and of a person's modification."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from baton.errors import MAX_PROBLEMS, Invalid
from baton.model import ParameterType
from baton.parameters import check_override, check_parameters, enum_problem, type_problem
from baton.plan import Constraint, Plan
from cli.authoring.definitions import load_all
from tests.unit.examples import EXAMPLE, TODAY, plan_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def kpi_tracking() -> Plan:
    definitions, _ = load_all(ROOT / "definitions")
    return definitions["kpi-tracking"].plan


A_DATE = (
    "must be a date as YYYY-MM-DD, or relative to the day of the launch, such as `today - 7 days` or"
    " `start of last month`"
)


def launch(**changes: Any) -> dict[str, Any]:
    names = ["revenue", "arr"]
    values = {"kpi_names": names, "start_date": "2024-07-01", "end_date": "2024-09-30", "grouping": "month",
              "companies": [], "departments": [], "breakdown": None}  # fmt: skip
    return {name: value for name, value in {**values, **changes}.items() if value != "absent"}


def problems(plan: Plan, values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as error_info:
        check_parameters(plan, values, TODAY)
    return {problem.field: problem.message for problem in error_info.value.problems}


def test_values_are_not_changed(kpi_tracking: Plan) -> None:
    assert check_parameters(kpi_tracking, launch(), TODAY) == launch()


def test_a_relative_date_becomes_the_date_of_that_day(kpi_tracking: Plan) -> None:
    relative = launch(start_date="start of last month", end_date="end of last month")
    assert check_parameters(kpi_tracking, relative, TODAY) == launch(start_date="2026-10-01", end_date="2026-10-31")


def test_a_constraint_sees_the_date_of_a_relative_one(kpi_tracking: Plan) -> None:
    ends_first = "The range ends before it starts."
    found = problems(kpi_tracking, launch(start_date="today", end_date="yesterday"))
    assert found == {"start_date": ends_first, "end_date": ends_first}


def test_only_a_date_may_be_relative(kpi_tracking: Plan) -> None:
    assert check_parameters(kpi_tracking, launch(kpi_names=["today"]), TODAY)["kpi_names"] == ["today"]


def test_a_default_may_be_relative() -> None:
    text = EXAMPLE.replace("    - name: start_date\n", "    - name: start_date\n      default: start of month\n")
    assert text != EXAMPLE
    assert check_parameters(plan_of(text), {"kpi_names": ["arr"]}, TODAY)["start_date"] == "2026-11-01"


def test_a_missing_value_and_null_become_the_default(kpi_tracking: Plan) -> None:
    assert check_parameters(kpi_tracking, launch(grouping="absent"), TODAY)["grouping"] == "day"
    assert check_parameters(kpi_tracking, launch(grouping=None), TODAY)["grouping"] == "day"


def test_an_optional_parameter_without_default_is_null() -> None:
    assert check_parameters(plan_of(EXAMPLE), {"kpi_names": ["arr"]}, TODAY) == {
        "kpi_names": ["arr"],
        "start_date": None,
        "grouping": "day",
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kpi_names": "absent"}, "is required: a list of strings"),
        ({"kpi_names": None}, "is required: a list of strings"),
        ({"kpi_names": "revenue"}, "must be a list of strings, not the string `revenue`"),
        ({"kpi_names": ["revenue", 3]}, "must be a list of strings, but item 2 is the number 3"),
        ({"kpi_names": []}, "Name at least one KPI."),
        ({"start_date": "2024-7-1"}, f"{A_DATE}, not the string `2024-7-1`"),
        ({"start_date": "2024-02-30"}, f"{A_DATE}, not the string `2024-02-30`"),
        ({"start_date": "20240701"}, f"{A_DATE}, not the string `20240701`"),
        ({"start_date": "strt of mnth"}, f"{A_DATE}, not the string `strt of mnth` (did you mean `start of month`?)"),
        ({"start_date": 20240701}, "must be a date as YYYY-MM-DD, not the number 20240701"),
        ({"grouping": "hour"}, "must be one of `day`, `week`, `month`, `quarter`, `year`, `total`, not `hour`"),
        (
            {"grouping": "mnth"},
            "must be one of `day`, `week`, `month`, `quarter`, `year`, `total`, not `mnth` (did you mean `month`?)",
        ),
        ({"grouping": True}, "must be a string, not true"),
        ({"groupping": "day"}, "is not a parameter of `kpi-tracking` (did you mean `grouping`?)"),
    ],
)
def test_a_wrong_parameter_is_named_with_the_right_form(
    kpi_tracking: Plan, change: dict[str, Any], message: str
) -> None:
    [field] = change
    assert problems(kpi_tracking, launch(**change)) == {field: message}


def test_every_wrong_field_is_named_at_once(kpi_tracking: Plan) -> None:
    wrong = launch(kpi_names="absent", start_date="some day", surplus=1)
    assert set(problems(kpi_tracking, wrong)) == {"kpi_names", "start_date", "surplus"}


def test_a_broken_constraint_names_its_parameters_and_says_its_message(kpi_tracking: Plan) -> None:
    assert problems(kpi_tracking, launch(end_date="2024-06-30")) == {
        "start_date": "The range ends before it starts.",
        "end_date": "The range ends before it starts.",
    }


def test_dates_are_compared_as_dates(kpi_tracking: Plan) -> None:
    assert check_parameters(kpi_tracking, launch(start_date="2024-09-30"), TODAY)
    text = EXAMPLE.replace("'2020-01-01'", "'2020W011'")  # 2019-12-30 in another spelling: text is read as a date
    assert check_parameters(plan_of(text), {"kpi_names": ["arr"], "start_date": "2019-12-30"}, TODAY)
    assert set(problems(plan_of(text), {"kpi_names": ["arr"], "start_date": "2019-12-29"})) == {"start_date"}


def test_a_constraint_on_a_missing_parameter_does_not_apply() -> None:
    assert check_parameters(plan_of(EXAMPLE), {"kpi_names": ["arr"]}, TODAY)
    assert problems(plan_of(EXAMPLE), {"kpi_names": ["arr"], "start_date": "2019-12-31"}) == {
        "start_date": "There is no data before 2020."
    }


def test_a_constraint_with_null_applies_to_a_missing_parameter() -> None:
    text = EXAMPLE.replace("start_date >= '2020-01-01'", "start_date != null or grouping == 'week'")
    assert set(problems(plan_of(text), {"kpi_names": ["arr"]})) == {"start_date", "grouping"}
    assert check_parameters(plan_of(text), {"kpi_names": ["arr"], "grouping": "week"}, TODAY)


@pytest.mark.parametrize(
    "rule", ["start_date != null and start_date > 2020-01-01", "grouping == null or {{ start_date }} > 2020-01-01"]
)
def test_in_a_constraint_with_null_another_comparison_with_null_is_false(rule: str) -> None:
    text = EXAMPLE.replace("rule: start_date >= '2020-01-01'", f'rule: "{rule}"')
    assert "start_date" in problems(plan_of(text), {"kpi_names": ["arr"]})
    assert check_parameters(plan_of(text), {"kpi_names": ["arr"], "start_date": "2024-07-01"}, TODAY)


@pytest.mark.parametrize(("value", "is_refused"), [("absent", False), ("day", True), ("week", False)])
def test_null_in_quotes_is_no_null(value: str, is_refused: bool) -> None:
    text = EXAMPLE.replace("start_date >= '2020-01-01'", "owner == 'the null device' or grouping != day")
    text = text.replace("  constraints:", "    - {name: owner, type: string}\n  constraints:")
    assert "owner" in text
    given = {"kpi_names": ["arr"], "grouping": value} if value != "absent" else {"kpi_names": ["arr"]}
    assert check_parameters(plan_of(text), given, TODAY)
    if is_refused:
        assert set(problems(plan_of(text), {**given, "owner": "other"})) == {"owner", "grouping"}


@pytest.mark.parametrize(
    ("rule", "named", "why"),
    [
        ("start_date > 5", {"start_date"}, "a date and a number have no order"),
        ("start_date >", {"parameters"}, "expected a value, found `the end`"),
        ("{{ nothing }} == 1", {"parameters"}, "`{{ nothing }}`: there is no parameter `nothing`"),
        ("{{ steps.a.b }} == 1", {"parameters"}, "`{{ steps.a.b }}`: the step `a` has no outputs yet"),
    ],
)
def test_a_stored_constraint_that_cannot_be_evaluated_refuses_the_launch(rule: str, named: set[str], why: str) -> None:
    stored = replace(plan_of(EXAMPLE), constraints=(Constraint(rule, "The rule is broken."),))
    found = problems(stored, {"kpi_names": ["arr"], "start_date": "2024-07-01"})
    assert found == dict.fromkeys(named, f"cannot be checked against the constraint `{rule}`: {why}")


def test_an_override_is_checked_like_a_launch(kpi_tracking: Plan) -> None:
    assert check_override(kpi_tracking, "grouping", "week", TODAY) == "week"
    assert check_override(kpi_tracking, "start_date", "start of month", TODAY) == "2026-11-01"
    for name, value in [("grouping", "fortnight"), ("grouping", 3), ("kpi_names", None), ("grupping", "week")]:
        with pytest.raises(Invalid, match=name):
            check_override(kpi_tracking, name, value, TODAY)


@pytest.mark.parametrize(
    ("type_name", "good", "bad"),
    [
        ("string", ["", "a"], [1, True, None, ["a"], {}]),
        ("number", [0, 1.5, Decimal("1.10")], ["1", True, float("nan"), float("inf"), Decimal("NaN")]),
        ("integer", [0, -3], [1.0, Decimal("1"), "1", False]),
        ("boolean", [True, False], [0, "true"]),
        ("date", ["2024-02-29"], ["2023-02-29", "2024-W27-1", "٢٠٢٤-01-01", "2024-01-01T00:00:00"]),
        ("string[]", [[], ["a"]], ["a", [1], [None]]),
        ("number[]", [[], [1, 2.5]], [[True], ["1"], 1]),
        ("object", [{}, {"a": 1}], [[], "{}"]),
    ],
)
def test_every_type_accepts_only_its_own_values(type_name: str, good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if type_problem(ParameterType(type_name), value)] == []
    assert [value for value in bad if not type_problem(ParameterType(type_name), value)] == []


def test_an_enum_of_numbers_takes_the_number_however_it_is_written() -> None:
    text = EXAMPLE.replace(
        "type: string\n      default: day\n      enum: [day, week]", "type: number\n      enum: [1, 0.5]"
    )
    plan = plan_of(text)
    assert check_override(plan, "grouping", Decimal("0.50"), TODAY) == Decimal("0.5")
    assert check_override(plan, "grouping", 1.0, TODAY) == 1
    with pytest.raises(Invalid, match="must be one of `1`, `0.5`, not `2`"):
        check_override(plan, "grouping", 2, TODAY)


@pytest.mark.parametrize("names", [[""], ["arr", " "]])
def test_a_required_value_must_not_be_blank(kpi_tracking: Plan, names: list[str]) -> None:
    assert "blank" in problems(kpi_tracking, launch(kpi_names=names))["kpi_names"]


# --- many and large values --------------------------------------------------------------------------------------------


def test_twenty_unknown_parameters_are_named() -> None:
    plan = plan_of(EXAMPLE)
    with pytest.raises(Invalid) as raised:
        check_parameters(plan, {f"unknown{at}": at for at in range(5_000)}, TODAY)
    assert len(raised.value.problems) == MAX_PROBLEMS
    assert raised.value.has_more


def test_a_list_of_many_values_and_a_long_enum_are_not_compared_pair_by_pair() -> None:
    compared = 0

    class Text(str):
        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return super().__eq__(other)

        __hash__ = str.__hash__

    enum = tuple(Text(f"option {at}") for at in range(2_000))
    assert enum_problem(enum, [f"option {at}" for at in range(2_000)]) is None
    assert compared <= 3 * len(enum)


def test_the_message_about_a_long_value_is_short() -> None:
    enum = tuple(f"option {at}" for at in range(5_000))
    assert len(enum_problem(enum, "x" * 100_000) or "") < 2_000
    assert len(type_problem("number", "x" * 100_000) or "") < 500
