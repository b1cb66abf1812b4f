"""Contexts that the summarizer accepts and refuses. A refusal names the field and its right form."""

from __future__ import annotations

import json
from decimal import Decimal as D
from typing import Any

import pytest

from baton.errors import Malformed
from summarizer.request import Request

ROW = {"kpi": "revenue", "unit": "USD", "period": "2024-07-01", "value": "1.10"}


def context(*rows: Any, **changes: Any) -> dict[str, Any]:
    return {"queryResults": json.dumps(rows), "grouping": "month", "kpiNames": ["revenue"], **changes}


def test_figures_keep_every_digit_whether_numbers_or_strings() -> None:
    number = '{"kpi": "a", "period": "2024-07-01", "value": 12345678901234567890.123}'
    string = '{"kpi": "b", "period": "2024-07-01", "value": "0.10"}'
    text = f"[{number}, {string}]"
    values = [row.value for row in Request.parse(context(queryResults=text)).rows]
    assert values == [D("12345678901234567890.123"), D("0.10")]


def test_rows_may_come_as_a_list() -> None:
    (row,) = Request.parse(context(queryResults=[{**ROW, "value": 0.1}])).rows
    assert row.value == D("0.1")


def test_a_null_figure_is_no_figure() -> None:
    (row,) = Request.parse(context({**ROW, "value": None})).rows
    assert row.value is None


def test_a_timestamp_counts_as_its_date() -> None:
    (row,) = Request.parse(context({**ROW, "period": "2024-07-01T00:00:00+00:00"})).rows
    assert str(row.period) == "2024-07-01"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"queryResults": None}, "context.queryResults must be a list of rows or the JSON of one, but is missing"),
        ({"queryResults": "[{"}, "context.queryResults must be a JSON list of rows, but is not JSON"),
        ({"queryResults": '{"rows": []}'}, "context.queryResults must be a list of rows"),
        ({"queryResults": "[NaN]"}, "context.queryResults must be a JSON list of rows, but is not JSON"),
        ({"queryResults": [7]}, "context.queryResults[0] must be an object with kpi, unit, period and value, but is 7"),
        ({"grouping": None}, "context.grouping must be day, week, month, quarter, year or total, but is missing"),
        ({"grouping": "hour"}, 'context.grouping must be day, week, month, quarter, year or total, but is "hour"'),
        ({"kpiNames": "revenue"}, 'context.kpiNames must be a list of KPI names, but is "revenue"'),
        ({"kpiNames": [" "]}, "context.kpiNames must be a list of KPI names"),
        ({"startDate": "July"}, 'context.startDate must be a date like 2024-07-01, but is "July"'),
        ({"startDate": "2024-08-01", "endDate": "2024-07-01"}, "context.startDate (2024-08-01) must not be after"),
        ({"sql": 7}, "context.sql must be a string"),
    ],
)
def test_a_wrong_context_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Malformed) as refusal:
        Request.parse(context(ROW, **changes))
    assert message in str(refusal.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kpi": ""}, "context.queryResults[1].kpi must be the name of a KPI"),
        ({"kpi": "\u200b"}, "context.queryResults[1].kpi must be the name of a KPI"),
        (
            {"period": "2024-08-02"},
            "context.queryResults[1].period must be the first day of a month as context.grouping",
        ),
        (
            {"period": "9999-12-01"},
            "context.queryResults[1].period must lie between 1800-01-01 and 2300-12-31, but is 9999-12-01",
        ),
        ({"period": None}, "context.queryResults[1].period must be a date like 2024-07-01, but is missing"),
        ({"value": "many"}, 'context.queryResults[1].value must be a number, but is "many"'),
        ({"value": True}, "context.queryResults[1].value must be a number, but is true"),
        ({"value": "Infinity"}, "context.queryResults[1].value must be a finite number"),
        ({"value": "1e999999"}, "context.queryResults[1].value must be a finite number of a plausible size"),
        ({"unit": 5}, "context.queryResults[1].unit must be a string, but is 5"),
        ({"aggregation": []}, "context.queryResults[1].aggregation must be a string, but is []"),
        ({"period": "2024-07-01"}, "context.queryResults[1] repeats context.queryResults[0]: revenue has two figures"),
    ],
)
def test_a_wrong_row_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Malformed) as refusal:
        Request.parse(context(ROW, {**ROW, "period": "2024-08-01", **changes}))
    assert message in str(refusal.value)


def test_a_row_without_a_value_is_refused() -> None:
    with pytest.raises(Malformed, match=r"queryResults\[0\]\.value is missing"):
        Request.parse(context({"kpi": "revenue", "period": "2024-07-01"}))


def test_weeks_start_on_mondays() -> None:
    with pytest.raises(Malformed, match=r"period must be a Monday as context\.grouping says, but is 2024-07-02"):
        Request.parse(context({**ROW, "period": "2024-07-02"}, grouping="week"))
