"""Anomalies: figures far from the others, also of few figures and without any spread; no season, no noise."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from summarizer.anomalies import look
from summarizer.judging import judge
from summarizer.request import Request
from summarizer.series import read_series
from summarizer.sheet import span_of
from tests.unit.summarizer.kpi_data import lines, monthly, question


def found(values: list[Any], **others: Any) -> list[tuple[str, Decimal]]:
    context = question(monthly("Sales", "2022-01", values, **others), "2022-01-01", "2026-12-31")
    return anomalies(context)


def anomalies(context: dict[str, Any]) -> list[tuple[str, Decimal]]:
    request = Request.parse(context)
    everything = read_series(request)
    judgement = judge(everything[0], request, span_of(request, everything))
    return [(one.period.isoformat()[:7], one.value) for one in look(judgement).anomalies]


@pytest.mark.parametrize(
    ("values", "periods"),
    [
        ([100, 100, 10_000], ["2022-03"]),
        ([100, 100, 110], []),
        ([100, 300, 900], []),
        ([100, 100, 100, 100, 160], ["2022-05"]),
        ([100, 101, 99, 100, 160], ["2022-05"]),
        ([100, 100, 100, 100, 120], []),
        ([100, 101, 99, 102, 98, 100, 101, 99, 150], ["2022-09"]),
        ([100] * 8 + [118], ["2022-09"]),
        ([100] * 8 + [105], []),
        ([0] * 10 + [5, 4], []),
        ([0] * 11 + [3], ["2022-12"]),
        ([0, 1, 0, 2, 0, 0, 1, 0, 0, 50], ["2022-10"]),
        ([-40, -44, -48, -52, -56, -60, -64, -68], []),
        ([100, 1], []),
        ([5, 5, 5, 5], []),
    ],
)
def test_of_monthly_figures(values: list[int], periods: list[str]) -> None:
    assert [period for period, _ in found(values)] == periods


def test_a_steady_rise_is_none() -> None:
    assert found(list(range(100, 120))) == []


def test_noise_is_none() -> None:
    rng = random.Random(3)
    assert len(found([round(rng.gauss(1000, 50)) for _ in range(20)])) <= 1


def test_a_weekend_is_none_and_an_odd_weekday_is_one() -> None:
    week = [100, 104, 98, 101, 103, 40, 42]
    days = {f"2025-03-{day:02}": week[(day + 4) % 7] + day % 3 for day in range(1, 32)}
    context = question(lines("Sales", "USD", "sum", days), "2025-03-01", "2025-03-31", "day")
    assert anomalies(context) == []
    days["2025-03-12"] = 500
    context = question(lines("Sales", "USD", "sum", days), "2025-03-01", "2025-03-31", "day")
    assert anomalies(context) == [("2025-03", Decimal(500))]


def test_a_season_is_none_and_a_month_that_leaves_its_season_is_one() -> None:
    season = [80, 82, 90, 95, 100, 105, 100, 98, 110, 130, 160, 200]
    years = [*season, *(round(value * 1.1, 1) for value in season)]
    assert found(years) == []
    years[17] = 200
    assert [period for period, _ in found(years)] == ["2023-06"]
