"""What the figures of an answer are compared with: other periods, the year to date, goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from supabase_agent import alone, comparisons, goals, year_to_date
from supabase_agent.catalog import Scope
from supabase_agent.figures import Figure
from supabase_agent.mcp_client import McpClient
from supabase_agent.naming import Names
from supabase_agent.question import Question
from supabase_agent.reach import Reach
from supabase_agent.recording import Recording
from supabase_agent.series import Series

Recordings = Mapping[Series, Recording]


def context(
    client: McpClient,
    question: Question,
    scope: Scope,
    recordings: Recordings,
    reaches: Mapping[Series, Reach],
    names: Names,
    shown: Sequence[Figure],
    earlier: Sequence[Figure],
) -> dict[str, Any]:
    """Parts of the metadata. ``shown`` and ``earlier`` are figures of the whole scope, in and before the range."""
    asked = question.range
    owners = names.count if question.breakdown else 1
    most = comparisons.compared_periods(len(recordings), max(1, owners))
    of_periods = comparisons.period_pairs(shown, earlier, recordings, asked, most)
    of_ranges = comparisons.range_pairs(recordings, asked)
    return {
        "comparisons": _compared(client, of_periods, question, scope, recordings, names),
        "comparedPeriods": most,
        "rangeComparisons": _compared(client, of_ranges, question, scope, recordings, names),
        "drivers": comparisons.drivers(client, comparisons.newest(of_periods), recordings, scope, names),
        "rangeDrivers": comparisons.drivers(client, of_ranges, recordings, scope, names),
        "toDate": _to_date(client, question, scope, recordings, names),
        "goals": _goals(client, question, scope, recordings, reaches),
    }


def _compared(
    client: McpClient,
    pairs: Sequence[comparisons.Pair],
    question: Question,
    scope: Scope,
    recordings: Recordings,
    names: Names,
) -> list[dict[str, Any]]:
    found = comparisons.read(client, pairs, recordings, scope, question.breakdown)
    return [comparisons.to_json(one, recordings, names) for one in found]


def _to_date(
    client: McpClient, question: Question, scope: Scope, recordings: Recordings, names: Names
) -> list[dict[str, Any]]:
    ranges = year_to_date.ranges(recordings, question.range)
    pairs = year_to_date.pairs(ranges, recordings)
    compared = {
        (one.pair.series, one.row["owner_id"]): one
        for one in comparisons.read(client, pairs, recordings, scope, question.breakdown)
    }
    return [
        year_to_date.to_json(
            ranges[one.at],
            one,
            compared.get((ranges[one.at].series, one.owner_id)),
            recordings[ranges[one.at].series],
            names,
        )
        for one in alone.read(client, ranges, recordings, scope, question.breakdown)
    ]


def _goals(
    client: McpClient, question: Question, scope: Scope, recordings: Recordings, reaches: Mapping[Series, Reach]
) -> list[dict[str, Any]]:
    found = goals.find(client, list(recordings), question.range, scope)
    counted = [goal.until(question.end) for goal in found]
    figures = {one.at: one for one in alone.read(client, counted, recordings, scope)}
    return [
        goals.to_json(goal, counted[at], figures.get(at) or alone.RangeFigure(at), recordings, reaches)
        for at, goal in enumerate(found)
    ]
