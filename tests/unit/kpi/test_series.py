"""The series that the names of a question mean."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from supabase_agent.catalog import Metric
from supabase_agent.problems import CannotAnswer
from supabase_agent.series import Series, resolve

MARGIN = {"numerator": {"revenue": 1, "expenses": -1}, "denominator": {"revenue": 1}}


def metric(name: str, unit: str = "USD", aggregation: str = "sum", **more: Any) -> Metric:
    fields = {"formula": None, "synonyms": (), "company": None, "has_data": True, **more}
    return Metric(
        id=f"{name}/{unit}/{aggregation}/{fields['company']}", name=name, unit=unit, aggregation=aggregation, **fields
    )


REVENUE = metric("revenue", synonyms=("sales", "turnover"))
EXPENSES = metric("expenses", synonyms=("costs",))
PROFIT_MARGIN = metric("profit_margin", "ratio", "ratio", formula=MARGIN, has_data=False, synonyms=("margin",))
ARR = metric("arr", aggregation="last", synonyms=("annual recurring revenue",))
DEMO = [ARR, EXPENSES, PROFIT_MARGIN, REVENUE]


def labels(asked: list[str], metrics: list[Metric]) -> list[str]:
    return [series.label for series in resolve(asked, metrics)]


@pytest.mark.parametrize("spelling", ["profit_margin", "Profit Margin", "PROFIT-MARGIN", " profitmargin ", "Margin"])
def test_case_spaces_underscores_and_synonyms_do_not_matter(spelling: str) -> None:
    assert labels([spelling], DEMO) == ["profit_margin"]


def test_series_are_in_the_order_of_the_names_and_each_once() -> None:
    assert labels(["costs", "arr", "Expenses", "ARR"], DEMO) == ["expenses", "arr"]


def test_an_unknown_name_is_answered_with_the_nearest_ones() -> None:
    with pytest.raises(CannotAnswer, match="there is no KPI 'revenu'; the nearest are: revenue") as caught:
        resolve(["revenu"], DEMO)
    assert not caught.value.retryable


def test_all_unknown_names_are_answered_at_once() -> None:
    with pytest.raises(
        CannotAnswer, match="'turnovr'; the nearest are: revenue; there is no KPI 'zzz'; the nearest are: arr"
    ):
        resolve(["turnovr", "arr", "zzz"], DEMO)


def test_without_any_kpi_the_answer_says_so() -> None:
    with pytest.raises(CannotAnswer, match="there are no KPIs yet"):
        resolve(["revenue"], [])


def test_a_name_is_preferred_to_a_synonym_of_another_metric() -> None:
    assert labels(["sales"], [*DEMO, metric("Sales", "items")]) == ["Sales"]


def test_a_synonym_of_two_metrics_is_refused() -> None:
    other = metric("gross_margin", "percent", "avg", synonyms=("margin",))
    with pytest.raises(CannotAnswer, match="'margin' may mean profit_margin, gross_margin"):
        resolve(["margin"], [*DEMO, other])


def test_metrics_of_several_companies_with_one_unit_are_one_series() -> None:
    metrics = [metric("Orders", "orders", company=company) for company in ("A", "B")]
    (series,) = resolve(["orders"], metrics)
    assert series.metric_ids == tuple(one.id for one in metrics)


def test_different_units_are_never_mixed() -> None:
    metrics = [REVENUE, metric("Revenue", "GBP", company="A")]
    assert labels(["revenue"], metrics) == ["revenue (USD)", "Revenue (GBP)"]


def test_a_name_with_a_unit_selects_one_series() -> None:
    metrics = [REVENUE, metric("Revenue", "GBP", company="A")]
    assert labels(["Revenue (GBP)"], metrics) == ["Revenue"]


def test_different_aggregations_are_never_mixed() -> None:
    metrics = [metric("stock", "items", "avg", company="A"), metric("stock", "items", "last", company="B")]
    assert labels(["stock"], metrics) == ["stock (items, avg)", "stock (items, last)"]


def test_of_several_units_only_those_with_data_in_the_range_count() -> None:
    metrics = [metric("revenue", has_data=False), metric("Revenue", "GBP", company="A")]
    assert labels(["revenue"], metrics) == ["Revenue"]


def test_a_ratio_knows_its_parts() -> None:
    (series,) = resolve(["margin"], DEMO)
    assert series.formula is not None
    assert [(part.label, factor) for part, factor in series.formula.numerator] == [("revenue", 1), ("expenses", -1)]
    assert [(part.label, factor) for part, factor in series.formula.denominator] == [("revenue", 1)]


def test_a_shared_ratio_is_computed_from_a_company_s_own_parts_too() -> None:
    own = [metric(name, company="A") for name in ("Revenue", "Expenses")]
    (series,) = resolve(["profit_margin"], [PROFIT_MARGIN, *own])
    assert series.formula is not None
    assert [part.metric_ids for part, _ in series.formula.numerator] == [(own[0].id,), (own[1].id,)]


def test_a_recorded_metric_with_data_is_preferred_to_a_ratio_whose_parts_have_none() -> None:
    parts = [metric(name, has_data=False) for name in ("revenue", "expenses")]
    recorded = metric("Profit margin", "percent", "avg", company="A")
    assert labels(["profit margin"], [PROFIT_MARGIN, recorded, *parts]) == ["Profit margin"]


def test_a_ratio_of_parts_in_several_units_needs_one_company() -> None:
    metrics = [*DEMO, metric("Revenue", "GBP", company="A")]
    with pytest.raises(
        CannotAnswer, match=r"profit_margin needs revenue, which is recorded in GBP \(sum\), USD \(sum\)"
    ):
        resolve(["profit_margin"], metrics)


def test_a_ratio_that_adds_up_different_units_is_refused() -> None:
    metrics = [PROFIT_MARGIN, REVENUE, metric("expenses", "GBP")]
    with pytest.raises(CannotAnswer, match="adds up figures of different units: GBP, USD"):
        resolve(["profit_margin"], metrics)


def test_a_ratio_without_its_parts_is_refused() -> None:
    with pytest.raises(CannotAnswer, match="profit_margin needs expenses, but there is no such KPI"):
        resolve(["profit_margin"], [PROFIT_MARGIN, REVENUE])


def test_factors_of_a_formula_may_have_fractions() -> None:
    formula = {"numerator": {"revenue": Decimal("0.5")}, "denominator": {"expenses": 1}}
    (series,) = resolve(["x"], [metric("x", "ratio", "ratio", formula=formula), REVENUE, EXPENSES])
    assert isinstance(series, Series)
    assert series.formula is not None
    assert series.formula.numerator[0][1] == Decimal("0.5")
