"""The calendar of supabase-agent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supabase_agent.periods import (
    GRAINS,
    PREVIOUS,
    YEAR_BEFORE,
    Span,
    before,
    is_by_days,
    period_of,
    same_part,
)

DAYS = st.dates(date(1990, 1, 1), date(2050, 12, 31))


def span(text: str) -> Span:
    first, _, last = text.partition(" ")
    return Span(date.fromisoformat(first), date.fromisoformat(last or first))


@pytest.mark.parametrize(
    ("unit", "period", "to", "other"),
    [
        ("day", "2024-03-01", PREVIOUS, "2024-02-29"),
        ("day", "2025-02-28", YEAR_BEFORE, "2024-02-28"),
        ("day", "2024-02-29", YEAR_BEFORE, None),
        ("week", "2024-12-30 2025-01-05", PREVIOUS, "2024-12-23 2024-12-29"),
        ("week", "2024-12-30 2025-01-05", YEAR_BEFORE, "2024-01-01 2024-01-07"),
        ("month", "2025-02-01 2025-02-28", YEAR_BEFORE, "2024-02-01 2024-02-29"),
        ("month", "2025-01-01 2025-01-31", PREVIOUS, "2024-12-01 2024-12-31"),
        ("quarter", "2025-01-01 2025-03-31", PREVIOUS, "2024-10-01 2024-12-31"),
        ("year", "2025-01-01 2025-12-31", YEAR_BEFORE, "2024-01-01 2024-12-31"),
        ("total", "2025-01-01 2025-02-28", PREVIOUS, "2024-11-01 2024-12-31"),
        ("total", "2024-01-01 2024-02-29", YEAR_BEFORE, "2023-01-01 2023-02-28"),
        ("total", "2025-01-01 2025-02-28", YEAR_BEFORE, "2024-01-01 2024-02-29"),
        ("total", "2025-03-11 2025-03-30", PREVIOUS, "2025-02-19 2025-03-10"),
        ("total", "2025-03-11 2025-03-30", YEAR_BEFORE, "2024-03-11 2024-03-30"),
    ],
)
def test_a_period_is_compared_with_the_one_before(unit: str, period: str, to: str, other: str | None) -> None:
    assert before(span(period), unit, to) == (other and span(other))


@pytest.mark.parametrize(
    ("unit", "period", "part", "to", "other"),
    [
        ("month", "2025-03-01 2025-03-31", "2025-03-01 2025-03-10", PREVIOUS, "2025-02-01 2025-02-10"),
        ("month", "2025-03-01 2025-03-31", "2025-03-01 2025-03-30", PREVIOUS, "2025-02-01 2025-02-28"),
        ("month", "2025-03-01 2025-03-31", "2025-03-29 2025-03-31", PREVIOUS, None),
        ("month", "2025-04-01 2025-04-30", "2025-04-16 2025-04-30", PREVIOUS, "2025-03-16 2025-03-31"),
        ("month", "2024-02-01 2024-02-29", "2024-02-01 2024-02-28", YEAR_BEFORE, "2023-02-01 2023-02-28"),
        ("quarter", "2024-01-01 2024-03-31", "2024-01-01 2024-02-29", YEAR_BEFORE, "2023-01-01 2023-02-28"),
        ("quarter", "2025-01-01 2025-03-31", "2025-01-01 2025-02-28", YEAR_BEFORE, "2024-01-01 2024-02-29"),
        ("quarter", "2025-01-01 2025-03-31", "2025-01-01 2025-02-15", PREVIOUS, "2024-10-01 2024-11-15"),
        ("week", "2025-01-06 2025-01-12", "2025-01-06 2025-01-08", PREVIOUS, "2024-12-30 2025-01-01"),
    ],
)
def test_a_part_is_compared_with_the_same_part(unit: str, period: str, part: str, to: str, other: str | None) -> None:
    one = span(period)
    earlier = before(one, unit, to)
    assert earlier
    found = same_part(one, span(part), earlier, earlier, by_days=is_by_days(one, unit, to))
    assert (found and found[1]) == (other and span(other))


@given(DAYS, st.sampled_from(GRAINS), st.sampled_from([PREVIOUS, YEAR_BEFORE]), st.data())
def test_both_parts_lie_in_their_periods_and_in_what_is_available(
    day: date, unit: str, to: str, data: st.DataObject
) -> None:
    one = period_of(day, unit)
    other = before(one, unit, to)
    if other is None:
        assert (day.month, day.day) == (2, 29)
        return
    assert other == period_of(other.first, unit)
    assert other.last < one.first
    parts = [_some_part(period, data) for period in (one, other)]
    found = same_part(one, parts[0], other, parts[1], by_days=is_by_days(one, unit, to))
    if found is None:
        return
    for period, common in zip((one, other), found, strict=True):
        assert period.first <= common.first <= common.last <= period.last
    assert found[0].first >= parts[0].first
    assert found[1].first >= parts[1].first
    assert found[0].last <= parts[0].last or parts[1].last == other.last
    assert found[1].last <= parts[1].last or parts[0].last == one.last


def _some_part(period: Span, data: st.DataObject) -> Span:
    first = data.draw(st.integers(0, period.days - 1))
    last = data.draw(st.integers(first, period.days - 1))
    return Span(period.first + timedelta(days=first), period.first + timedelta(days=last))


@given(DAYS, st.sampled_from(GRAINS))
def test_whole_periods_have_whole_counterparts(day: date, unit: str) -> None:
    one = period_of(day, unit)
    for to in (PREVIOUS, YEAR_BEFORE):
        if other := before(one, unit, to):
            assert same_part(one, one, other, other, by_days=is_by_days(one, unit, to)) == (one, other)
