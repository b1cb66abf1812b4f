"""The figures of the periods before the range that was asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from supabase_agent import figures
from supabase_agent.catalog import Scope
from supabase_agent.figures import Figure
from supabase_agent.mcp_client import McpClient
from supabase_agent.periods import PREVIOUS, Span, before, period_of
from supabase_agent.recording import Recording
from supabase_agent.series import Series

MAX_PERIODS = {"day": 56, "week": 104, "month": 24, "quarter": 8, "year": 2}
MAX_ROWS = 1_500
YEARS_BACK, DAYS_AHEAD = 2, 366


def looked_at(asked: Span) -> Span:
    """The days whose dates show how a series is recorded: from two years before the range to a year after it."""
    two_years = date(asked.first.year - YEARS_BACK, 1, 1)
    previous = before(asked, "total", PREVIOUS)
    assert previous is not None
    return Span(min(two_years, previous.first), asked.last + timedelta(days=DAYS_AHEAD))


def read(
    client: McpClient,
    recordings: Mapping[Series, Recording],
    asked: Span,
    scope: Scope,
    breakdown: str | None = None,
    owners: int = 1,
) -> list[Figure]:
    """The figures of whole periods before the range, as far back as two cycles need."""
    found: list[Figure] = []
    for length in dict.fromkeys(one.length for one in recordings if one.length in MAX_PERIODS):
        series = [one for one in recordings if one.length == length]
        span = _before(asked, length, max(2, min(MAX_PERIODS[length], MAX_ROWS // len(recordings) // owners)))
        earlier = figures.read(client, figures.statement(series, span, scope, breakdown), series, span)
        found.extend(figures.with_zeros(earlier, {one: recordings[one] for one in series}, span))
    return found


def _before(asked: Span, length: str, periods: int) -> Span:
    """So many periods before the one in which the range begins."""
    first = end = period_of(asked.first, length)
    for _ in range(periods):
        earlier = before(first, length, PREVIOUS)
        assert earlier is not None  # every period has one before it
        first = earlier
    return Span(first.first, end.first - timedelta(days=1))
