"""Relative dates, and what is suggested for text that is like one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baton.relative_dates import is_relative, nearest_to, resolve
from tests.profile import examples

THURSDAY = date(2026, 11, 26)
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2900, 12, 31))
PERIODS = ("week", "month", "quarter", "year")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("today", "2026-11-26"),
        ("yesterday", "2026-11-25"),
        ("tomorrow", "2026-11-27"),
        ("  Start  Of MONTH ", "2026-11-01"),
        ("end of last month", "2026-10-31"),
        ("end of this month", "2026-11-30"),
        ("start of next year", "2027-01-01"),
        ("start of quarter -1", "2026-07-01"),
        ("end of quarter - 1", "2026-09-30"),
        ("start of quarter +1", "2027-01-01"),
        ("start of year-2", "2024-01-01"),
        ("start of week", "2026-11-23"),
        ("end of last week", "2026-11-22"),
        ("today - 7 days", "2026-11-19"),
        ("today \N{MINUS SIGN} 7 days", "2026-11-19"),
        ("today-7days", "2026-11-19"),
        ("today + 1 day", "2026-11-27"),
        ("start of month - 1 day", "2026-10-31"),
        ("start of month - 70 days", "2026-08-23"),
        ("start of quarter -1 + 14 days", "2026-07-15"),
    ],
)
def test_a_relative_date_stands_for_a_date(text: str, meant: str) -> None:
    assert resolve(text, THURSDAY) == date.fromisoformat(meant)


@pytest.mark.parametrize(
    "text", ["", "2026-11-26", "today - 7", "last month", "start of last month -1", "today -7 weeks", "today today",
             "start of month - 1000", "today - 10000 days", "today - 1 days - 1 days", "today - \u0667 days"],
)  # fmt: skip
def test_any_other_text_is_none(text: str) -> None:
    assert not is_relative(text)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("yesterdy", "yesterday"),
        ("strat of mont", "start of month"),
        ("beginning of the month", "start of month"),
        ("end of previous quarter - 3 dys", "end of last quarter - 3 days"),
        ("today - 7", "today - 7 days"),
        ("7 days ago", "today - 7 days"),
        ("last month", "end of last month"),
        ("2024-7-1", None),
        ("soon enough", None),
        ("t" * 5000, None),
    ],
)
def test_the_nearest_relative_date_is_suggested(text: str, meant: str | None) -> None:
    assert nearest_to(text) == meant


@settings(max_examples=examples())
@given(DAYS, st.sampled_from(PERIODS), st.integers(-999, 998))
def test_periods_follow_one_another_without_a_gap(today: date, period: str, shift: int) -> None:
    end = resolve(f"end of {period} {shift:+}", today)
    following = resolve(f"start of {period} {shift + 1:+}", today)
    assert end is not None
    assert following == end + timedelta(days=1)


@settings(max_examples=examples())
@given(DAYS, st.sampled_from(PERIODS))
def test_today_is_in_this_period(today: date, period: str) -> None:
    start, end = resolve(f"start of {period}", today), resolve(f"end of {period}", today)
    assert start is not None
    assert end is not None
    assert start <= today <= end
    assert resolve(f"start of {period}", end) == start
    assert resolve(f"start of last {period}", today) == resolve(f"start of {period} -1", today)


@settings(max_examples=examples())
@given(st.text("todaysrfenmhquwk -+0123456789", max_size=30))
def test_a_suggestion_is_itself_a_relative_date(text: str) -> None:
    suggestion = nearest_to(text)
    assert suggestion is None or is_relative(suggestion)
