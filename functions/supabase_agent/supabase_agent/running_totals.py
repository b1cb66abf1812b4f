"""Running totals: levels that start again at every turn of a year, such as the revenue year to date.

They can be compared with the year before only. Figures by year do not show them, so they are found by month.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from supabase_agent import figures
from supabase_agent.catalog import Scope
from supabase_agent.figures import Figure
from supabase_agent.mcp_client import McpClient
from supabase_agent.periods import Span
from supabase_agent.recording import Recording
from supabase_agent.series import Series

MIN_RISES = 3  # within years; fewer prove nothing
MONTH = "month"


def find(
    client: McpClient, recordings: Mapping[Series, Recording], looked_at: Span, scope: Scope
) -> dict[Series, bool]:
    """Whether each level that is recorded by month or more often is a running total."""
    levels = {
        one.by(MONTH): one
        for one, recording in recordings.items()
        if one.aggregation == "last" and not (recording.is_once_a("quarter"))
    }
    if not levels:
        return {}
    found = figures.read(client, figures.statement(list(levels), looked_at, scope), levels, looked_at)
    return {
        series: is_running_total([one for one in found if one.series == by_month])
        for by_month, series in levels.items()
    }


def is_running_total(months: Sequence[Figure]) -> bool:
    """Whether figures in the order of time fall to less than half at every turn of a year, and never within one."""
    turns, rises = 0, 0
    for before, after in pairwise(months):
        if before.value is None or after.value is None:
            return False
        if before.period.first.year < after.period.first.year:
            turns += 1
            if before.value <= 0 or after.value * 2 >= before.value:
                return False
        elif after.value < before.value:
            return False
        else:
            rises += after.value > before.value
    return turns > 0 and rises >= MIN_RISES
