"""Departments whose data begin inside a period, or end inside one, while the others report all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from supabase_agent.catalog import Scope
from supabase_agent.comparisons import rhythms
from supabase_agent.mcp_client import McpClient
from supabase_agent.naming import Names
from supabase_agent.periods import Span, period_of
from supabase_agent.recording import MAX_SPARSE_DENSITY, Recording
from supabase_agent.series import Series
from supabase_agent.statements import reach
from supabase_agent.statements.lists import Listed

MAX_ROWS = 500
DAYS_OF_DAYS = 31  # at the ends of a range by day, in which a department that is late or early is told


@dataclass(frozen=True)
class Department:
    """Its first and last day with data, the number of days with data, and of the days of its usual gap; None with data
    on one day.
    """

    id: str
    first: date
    last: date
    days: int
    usual_gap: int | None


@dataclass(frozen=True)
class Reach:
    """The first days of departments that begin inside a period, the last days of those that end inside one, and all of
    the departments, as far as they have room.
    """

    starts: tuple[tuple[str, date], ...] = ()
    ends: tuple[tuple[str, date], ...] = ()
    departments: tuple[Department, ...] = ()

    def recording(self, of_all: Recording, part: tuple[str | None, str | None], names: Names) -> Recording:
        """How the company or the department of a breakdown is recorded."""
        wanted = {key: name for key, name in zip(("company", "department"), part, strict=True) if name}
        own = [one for one in self.departments if wanted.items() <= names.owner(one.id).items()]
        if not wanted or not own:
            return of_all
        gaps = [one.usual_gap for one in own if one.usual_gap is not None]
        days = Span(min(one.first for one in own), max(one.last for one in own))
        return replace(
            of_all,
            first=days.first,
            last=days.last,
            usual_gap=min(gaps, default=of_all.usual_gap),
            is_sparse=of_all.grain == "day" and sum(one.days for one in own) < MAX_SPARSE_DENSITY * days.days,
        )

    def to_json(self, names: Names) -> dict[str, Any]:
        return {"departmentsFrom": _json(self.starts, names), "departmentsUntil": _json(self.ends, names)}


def _json(ends: Sequence[tuple[str, date]], names: Names) -> list[dict[str, str]]:
    return [{"department": name, "day": day.isoformat()} for id_, day in ends for name in names.of([id_])]


def find(
    client: McpClient, recordings: Mapping[Series, Recording], looked_at: Span, asked: Span, scope: Scope
) -> dict[Series, Reach]:
    """The reach of each series with several departments. A ratio has that of its parts.

    Departments that came or went a whole period ago are not here: comparisons have them. In a sparse count, no numbers
    mean zero.
    """
    listed = Listed.of(list(recordings))
    grains = {position: one.grain for position, one in rhythms(listed, recordings).items() if not one.is_sparse}
    if not grains or all(one.departments < 2 for one in recordings.values()):
        return {series: Reach() for series in recordings}
    sql = reach.compose(listed, grains, looked_at, asked, scope, MAX_ROWS)
    found = client.execute_sql(sql)
    return {
        series: _reach(series, grains, [row for row in found if row["position"] in _parts(listed, position)])
        for position, series in listed.shown.items()
    }


def _parts(listed: Listed, position: int) -> set[int]:
    return {part for part, _, _ in listed.parts(position)}


def _reach(series: Series, grains: Mapping[int, str], rows: Sequence[Mapping[str, Any]]) -> Reach:
    """A number of a longer grain stands for a whole period, so its days are the first and last of that."""
    starts: dict[str, date] = {}
    ends: dict[str, date] = {}
    for row in rows:
        department, grain = row["department_id"], grains[row["position"]]
        if first := _start(row, series):
            starts[department] = period_of(first, grain).first
        if last := _end(row, series):
            ends[department] = period_of(last, grain).last
    return Reach(tuple(starts.items()), tuple(ends.items()), tuple(map(_department, rows)))


def _department(row: Mapping[str, Any]) -> Department:
    first, last = date.fromisoformat(row["oldest"]), date.fromisoformat(row["newest"])
    return Department(
        row["department_id"], first, last, row["days"], None if row["slack"] is None else row["slack"] + 1
    )


def _start(row: Mapping[str, Any], series: Series) -> date | None:
    first, of_all = date.fromisoformat(row["first_day"]), date.fromisoformat(row["first_of_all"])
    return first if row["is_late"] and first <= _around(of_all, series).last else None


def _end(row: Mapping[str, Any], series: Series) -> date | None:
    last, of_all = date.fromisoformat(row["last_day"]), date.fromisoformat(row["last_of_all"])
    return last if row["is_early"] and last >= _around(of_all, series).first else None


def _around(day: date, series: Series) -> Span:
    """The period in which a department is told that begins or ends beside the others, who do so on ``day``."""
    if series.length == "total":
        return Span(date.min, date.max)
    if series.length == "day":
        return Span(day - timedelta(days=DAYS_OF_DAYS), day + timedelta(days=DAYS_OF_DAYS))
    return period_of(day, series.length)
