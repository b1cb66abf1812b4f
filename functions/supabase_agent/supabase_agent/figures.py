"""The rows of figures, each with what it covers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from supabase_agent.catalog import Scope
from supabase_agent.mcp_client import McpClient
from supabase_agent.periods import PREVIOUS, Span, before, period_of, periods_in
from supabase_agent.recording import Recording
from supabase_agent.series import Series
from supabase_agent.statements import figures
from supabase_agent.statements.lists import Listed

_NO_FIGURE = Decimal(0)  # of a period without events


@dataclass(frozen=True)
class Figure:
    """One figure of a series. ``first`` and ``last`` are None if the period has no events, which is zero, not missing.

    ``company`` and ``department`` are None unless the question has a breakdown.
    """

    series: Series
    period: Span
    value: Decimal | None
    first: date | None
    last: date | None
    days: int
    departments: int
    company: str | None = None
    department: str | None = None

    @property
    def part(self) -> tuple[str | None, str | None]:
        return self.company, self.department


def read(client: McpClient, sql: str, series: Iterable[Series], asked: Span) -> list[Figure]:
    """The figures of a statement of ``statements.figures``."""
    by_label = {one.label: one for one in series}
    return [_figure(row, by_label[row["kpi"]], asked) for row in client.execute_sql(sql)]


def statement(series: Sequence[Series], span: Span, scope: Scope, breakdown: str | None = None) -> str:
    return figures.compose(Listed.of(series), span, scope, breakdown)


def with_zeros(found: Sequence[Figure], recordings: Mapping[Series, Recording], span: Span) -> list[Figure]:
    """The figures, with a zero for each period in which a sparse count has no events between its first and last one."""
    complete: list[Figure] = []
    for one, recording in recordings.items():
        figures_of = [figure for figure in found if figure.series == one]
        lived = Span(recording.first, recording.last) if recording.first and recording.last else None
        days = lived.clipped(span) if recording.is_sparse and lived and one.length != "total" else None
        complete.extend(figures_of if days is None else _filled(one, figures_of, days))
    return complete


def digits(value: Decimal | None) -> str | None:
    """A figure in the metadata: text, because a Lambda's answer makes floats of decimals."""
    return None if value is None else f"{value:f}"


def merged(found: Iterable[Figure]) -> list[Figure]:
    """One figure without a value for each series and period, which covers what its companies and departments cover."""
    by_period: dict[tuple[Series, date], list[Figure]] = {}
    for one in found:
        by_period.setdefault((one.series, one.period.first), []).append(one)
    return [
        Figure(
            series=parts[0].series,
            period=parts[0].period,
            value=None,
            first=min((one.first for one in parts if one.first), default=None),
            last=max((one.last for one in parts if one.last), default=None),
            days=max(one.days for one in parts),
            departments=sum(one.departments for one in parts),
        )
        for parts in by_period.values()
    ]


def to_json(figure: Figure, departments_before: int | None, is_whole: bool) -> dict[str, Any]:
    """The row of the deliverable."""
    named = {"company": figure.company, "department": figure.department}
    return {
        "kpi": figure.series.label,
        "unit": figure.series.unit,
        "aggregation": figure.series.aggregation,
        **{name: value for name, value in named.items() if value is not None},
        "period": figure.period.first.isoformat(),
        "value": figure.value,
        "covers": {
            "firstDay": figure.first and figure.first.isoformat(),
            "lastDay": figure.last and figure.last.isoformat(),
            "days": figure.days,
            "departments": figure.departments,
            "departmentsBefore": departments_before,
            "whole": is_whole,
        },
    }


def rows_of(
    shown: Sequence[Figure],
    earlier: Sequence[Figure],
    recordings: Mapping[Series, Recording],
    asked: Span,
    recording_of: Callable[[Figure], Recording] | None = None,
) -> list[dict[str, Any]]:
    """The rows of the figures ``shown``. ``earlier`` are those of the periods before.

    ``recording_of`` is how the company or the department of a figure is recorded.
    """
    known: dict[tuple[Any, ...], dict[date, int]] = {}
    for one in (*earlier, *shown):
        known.setdefault((one.series, one.part), {})[one.period.first] = one.departments
    rows = []
    for one in shown:
        recording = recordings[one.series]
        departments = _departments_before(one, recording, known[one.series, one.part])
        own = recording_of(one) if recording_of else recording
        rows.append(to_json(one, departments, is_whole(one, own, asked)))
    return rows


def _departments_before(figure: Figure, recording: Recording, known: Mapping[date, int]) -> int | None:
    """The departments of the period before; None if there is no earlier data, or none was read."""
    previous = before(figure.period, figure.series.length, PREVIOUS)
    if previous is None or recording.first is None or figure.series.length == "total":
        return None
    if recording.first >= figure.period.first or previous.first < min(known):
        return None
    return known.get(previous.first, 0)


def is_whole(figure: Figure, recording: Recording, asked: Span) -> bool:
    """Whether the figure covers all of its period."""
    if available(figure, recording, asked) != figure.period:
        return False
    return figure.first is None or not recording.has_holes(figure.period, figure.days)


def available(figure: Figure, recording: Recording, asked: Span) -> Span | None:
    """The days of the period that the figure covers: of one that begins or ends outside the range, those inside.

    The days of single events say nothing about the days without one.
    """
    if recording.is_once_a(figure.series.length):
        return figure.period
    first, last = (None, None) if recording.is_sparse else (figure.first, figure.last)
    return recording.available(figure.period.clipped(asked) or figure.period, first, last)


def _figure(row: Mapping[str, Any], series: Series, asked: Span) -> Figure:
    first = date.fromisoformat(row["period"][:10])
    value = row["value"]
    return Figure(
        series=series,
        period=asked if series.length == "total" else period_of(first, series.length),
        value=None if value is None else Decimal(value),
        first=date.fromisoformat(row["first_day"]),
        last=date.fromisoformat(row["last_day"]),
        days=row["days"],
        departments=row["departments"],
        company=row.get("company"),
        department=row.get("department"),
    )


def _filled(series: Series, figures_of: Sequence[Figure], days: Span) -> list[Figure]:
    known = {(figure.part, figure.period.first): figure for figure in figures_of}
    parts = list(dict.fromkeys(figure.part for figure in figures_of)) or [(None, None)]
    return [
        known.get((part, period.first)) or Figure(series, period, _NO_FIGURE, None, None, 0, 0, *part)
        for part in parts
        for period in periods_in(days, series.length)
    ]
