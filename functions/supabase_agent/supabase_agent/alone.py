"""Figures of ranges that are compared with nothing: the year to date, and the ranges of goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from supabase_agent.catalog import Scope
from supabase_agent.comparisons import rhythms
from supabase_agent.mcp_client import McpClient
from supabase_agent.periods import Span
from supabase_agent.recording import Recording
from supabase_agent.series import Series
from supabase_agent.statements import pairs
from supabase_agent.statements.lists import Listed
from supabase_agent.statements.windows import NOBODY, Window


@dataclass(frozen=True)
class Range:
    """Days of a series, of all companies or one."""

    series: Series
    days: Span
    company_id: str | None = None


@dataclass(frozen=True)
class RangeFigure:
    """``value`` is None without data. ``days`` counts those with data, of which ``newest`` is the last (ISO).

    ``at`` is the position of its range. With a breakdown, ``owner_id`` is the id of its company or department.
    """

    at: int
    owner_id: str = NOBODY
    value: Decimal | None = None
    days: int = 0
    newest: str | None = None


def read(
    client: McpClient,
    ranges: Sequence[Range],
    recordings: Mapping[Series, Recording],
    scope: Scope,
    breakdown: str | None = None,
) -> list[RangeFigure]:
    """The figure of each range, or with a breakdown those of each company or department that has one."""
    if not ranges:
        return []
    series = list(recordings)
    positions = {one: position for position, one in enumerate(series, 1)}
    windows = [
        Window(number, positions[one.series], one.days, is_paired=False, company_id=one.company_id)
        for number, one in enumerate(ranges)
    ]
    listed = Listed.of(series)
    sql = pairs.compose_figures(listed, rhythms(listed, recordings), windows, scope, breakdown)
    return [_figure(row) for row in client.execute_sql(sql)]


def _figure(row: Mapping[str, Any]) -> RangeFigure:
    value = row["value"]
    figure = None if value is None else Decimal(value)
    return RangeFigure(row["pair"], row["owner_id"], figure, row["days"] or 0, row["newest_day"])
