"""The questions of supabase-agent, and its answers to malformed ones."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from supabase_agent.problems import CannotAnswer
from supabase_agent.question import Question


def question(**changes: Any) -> Question:
    context = {"kpiNames": ["revenue"], "startDate": "2024-07-01", "endDate": "2024-09-30", "grouping": "month"}
    return Question.parse({**context, **changes})


def test_a_question_is_read_from_the_context() -> None:
    assert question() == Question(("revenue",), date(2024, 7, 1), date(2024, 9, 30), "month")


def test_an_empty_list_does_not_hide_the_singular() -> None:
    """kpi-tracking always sends lists; a reviewer may add ``department`` beside them."""
    assert question(departments=[], department="Sales").departments == ("Sales",)


def test_a_single_name_counts_as_a_list_of_one() -> None:
    assert question(kpiNames="arr").kpi_names == ("arr",)


def test_the_grouping_is_by_day_unless_the_context_says_otherwise() -> None:
    assert question(grouping=None).grouping == "day"


def test_one_company_or_department_narrows_the_question() -> None:
    narrowed = question(company="Aurora Software", departments=["Platform"])
    assert (narrowed.companies, narrowed.departments) == (("Aurora Software",), ("Platform",))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kpiNames": []}, "kpiNames must name at least one"),
        ({"kpiNames": None}, "kpiNames must name at least one"),
        ({"kpiNames": ["x"] * 51}, "kpiNames must be a list of at most 50"),
        ({"kpiNames": {"a": 1}}, "kpiNames must be a list"),
        ({"kpiNames": [1]}, "kpiNames must contain names"),
        ({"kpiNames": [" "]}, "kpiNames must contain names"),
        ({"startDate": "1 July"}, "startDate must be a date like 2024-07-01"),
        ({"startDate": "2024-02-30"}, "startDate must be a date like 2024-07-01"),
        ({"startDate": "0001-01-01"}, "startDate must lie between 1900-01-01 and 2199-12-31, but is 0001-01-01"),
        ({"endDate": "9999-12-31"}, "endDate must lie between 1900-01-01 and 2199-12-31, but is 9999-12-31"),
        ({"endDate": None}, "endDate must be a date"),
        ({"endDate": "20240930"}, "endDate must be a date"),
        ({"endDate": "2024-06-30"}, "startDate 2024-07-01 must not be after context.endDate 2024-06-30"),
        ({"grouping": "hour"}, "grouping must be one of day, week, month, quarter, year, total, not 'hour'"),
        ({"grouping": ["day"]}, "grouping must be one of day, week, month"),
        ({"breakdown": "city"}, "breakdown must be one of company, department, not 'city'"),
        ({"departmnets": ["Sales"]}, "context.departmnets is no field of a question; did you mean departments?"),
        ({"kpi_name": ["x"]}, "context.kpi_name is no field of a question; did you mean kpiNames?"),
        ({"colour": "red"}, "context.colour is no field of a question; the fields are kpiNames, startDate"),
        ({"company": "A", "companies": ["B"]}, "context.company and context.companies are the same field"),
    ],
)
def test_a_wrong_field_is_named_and_not_retryable(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(CannotAnswer, match=reason) as caught:
        question(**changes)
    assert not caught.value.retryable


@pytest.mark.parametrize(
    ("grouping", "start", "end", "partial"),
    [
        ("day", "2024-07-03", "2024-07-05", []),
        ("week", "2024-07-01", "2024-07-14", []),  # Monday to Sunday
        ("week", "2024-07-02", "2024-07-14", ["2024-07-01"]),
        ("week", "2024-07-02", "2024-07-13", ["2024-07-01", "2024-07-08"]),
        ("week", "2024-07-03", "2024-07-04", ["2024-07-01"]),
        ("month", "2024-02-01", "2024-02-29", []),
        ("month", "2024-02-01", "2024-02-28", ["2024-02-01"]),
        ("month", "2023-12-15", "2024-01-31", ["2023-12-01"]),
        ("quarter", "2024-01-01", "2024-06-30", []),
        ("quarter", "2024-02-01", "2024-06-29", ["2024-01-01", "2024-04-01"]),
        ("year", "2023-01-01", "2024-09-30", ["2024-01-01"]),
        ("total", "2024-02-03", "2024-02-17", []),
    ],
)
def test_partial_periods_are_known(grouping: str, start: str, end: str, partial: list[str]) -> None:
    asked = question(grouping=grouping, startDate=start, endDate=end)
    assert [day.isoformat() for day in asked.partial_periods()] == partial
