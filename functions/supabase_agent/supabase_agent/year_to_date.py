"""The figures of the year in which a range ends, from 1 January, and of the same part of the year before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from supabase_agent.alone import Range, RangeFigure
from supabase_agent.comparisons import Compared, Pair, departments_json, pair_of
from supabase_agent.figures import digits
from supabase_agent.naming import Names
from supabase_agent.periods import YEAR_BEFORE, Span, period_of
from supabase_agent.recording import Recording
from supabase_agent.series import Series

WITHOUT = ("last", "distinct")  # aggregations with no figure for a year to date


def ranges(recordings: Mapping[Series, Recording], asked: Span) -> list[Range]:
    """The year to date of each series that has data from its beginning."""
    first = period_of(asked.last, "year").first
    found: list[Range] = []
    for series, recording in recordings.items():
        if series.aggregation in WITHOUT or recording.is_once_a("year"):
            continue
        days = Span(first, asked.last)
        whole = recording.whole(days) if recording.is_once_a("month") else days
        part = whole and recording.available(whole)
        if part and part.first == first:
            found.append(Range(series, part))
    return found


def pairs(to_date: list[Range], recordings: Mapping[Series, Recording]) -> list[Pair]:
    """The ranges with the same part of the year before, where that has data from its beginning."""
    found: list[Pair] = []
    for one in to_date:
        year = period_of(one.days.last, "year")
        other = period_of(date(year.first.year - 1, 1, 1), "year")
        part_before = recordings[one.series].available(other)
        found.extend(
            pair
            for pair in pair_of(one.series, YEAR_BEFORE, (year, one.days), (other, part_before), of_range=True)
            if pair.days == one.days
        )
    return found


def to_json(
    one: Range, figure: RangeFigure, compared: Compared | None, recording: Recording, names: Names
) -> dict[str, Any]:
    """``value`` is that of all departments; ``valueCompared`` is like for like with ``valueBefore``."""
    answer: dict[str, Any] = {
        "kpi": one.series.label,
        **names.owner(figure.owner_id),
        "from": one.days.first.isoformat(),
        "to": one.days.last.isoformat(),
        "value": digits(figure.value),
        "valueCompared": None,
        "fromBefore": None,
        "toBefore": None,
        "valueBefore": None,
    }
    if compared is None:
        return answer
    before = compared.pair.days_before
    return answer | {
        "valueCompared": digits(compared.value),
        "fromBefore": before.first.isoformat(),
        "toBefore": before.last.isoformat(),
        "valueBefore": digits(compared.value_before),
        "days": recording.days_in(one.days),
        "daysBefore": recording.days_in(before),
        **departments_json(compared.row, names),
    }
