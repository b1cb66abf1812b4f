"""Compares figures with those of the period before and of the year before, each with what is comparable of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from supabase_agent import figures
from supabase_agent.catalog import Scope
from supabase_agent.figures import Figure, available
from supabase_agent.mcp_client import McpClient
from supabase_agent.naming import Names
from supabase_agent.periods import PREVIOUS, YEAR_BEFORE, Span, before, is_by_days, same_part
from supabase_agent.recording import Recording
from supabase_agent.series import Series
from supabase_agent.statements import pairs
from supabase_agent.statements.lists import Listed
from supabase_agent.statements.windows import Rhythm, Window

MAX_COMPARED = 24  # periods of a series, the newest
MAX_PAIRS = 200  # of a statement: each has two lines in it
MAX_ROWS = 5_000  # of an answer
TOTAL = "total"
DRIVEN = ("sum", "last")  # the aggregations whose departments add up to the whole


@dataclass(frozen=True)
class Pair:
    """Two windows of a series. ``period`` and ``to_period`` are the first days of their periods, or of the range."""

    series: Series
    period: str
    to: str
    to_period: date
    days: Span
    days_before: Span
    is_whole: bool
    within: tuple[Span, Span] | None  # the periods that have the windows; None if they are longer than a period

    def windows(self, number: int, position: int) -> Iterator[Window]:
        after, earlier = self.within or (None, None)
        yield Window(number, position, self.days, period=after)
        yield Window(number, position, self.days_before, is_before=True, period=earlier)


@dataclass(frozen=True)
class Compared:
    """A pair with its figures, and the row of the statement that has them."""

    pair: Pair
    value: Decimal
    value_before: Decimal
    row: Mapping[str, Any]


def period_pairs(
    shown: Sequence[Figure],
    earlier: Sequence[Figure],
    recordings: Mapping[Series, Recording],
    asked: Span,
    most: int,
) -> list[Pair]:
    """The pairs of the ``most`` newest periods of each series. All figures are of the whole scope."""
    known = {
        (one.series, one.period.first): available(one, recordings[one.series], asked) for one in (*earlier, *shown)
    }
    found: list[Pair] = []
    for series, recording in recordings.items():
        newest = [one for one in shown if one.series == series and series.length != TOTAL][-most:]
        for figure in newest:
            for to in _kinds(series, figure.period, series.length):
                other = before(figure.period, series.length, to)
                part = known[series, figure.period.first]
                if other and part:
                    its_part = known.get((series, other.first)) or _unknown_part(recording, series, other)
                    found.extend(pair_of(series, to, (figure.period, part), (other, its_part)))
    return found


def compared_periods(series: int, owners: int) -> int:
    """The number of periods of each series that are compared, each for so many companies or departments."""
    return max(1, min(MAX_COMPARED, min(MAX_PAIRS, MAX_ROWS // owners) // 2 // series))


def range_pairs(recordings: Mapping[Series, Recording], asked: Span) -> list[Pair]:
    """The pairs of the whole range. Of a level they compare the newest numbers.

    A range that ends inside a month or a longer period has no pair if the numbers are of such periods.
    """
    found: list[Pair] = []
    for series, recording in recordings.items():
        if recording.is_once_a("month") and recording.whole(asked) != asked:
            continue
        part = recording.available(asked)
        for to in _kinds(series, asked, TOTAL):
            other = before(asked, TOTAL, to)
            if part and other:
                found.extend(pair_of(series, to, (asked, part), (other, recording.available(other)), of_range=True))
    return [pair for pair in found if pair.days.first == asked.first]


def _kinds(series: Series, period: Span, length: str) -> Iterator[str]:
    """What a period is compared with. Of a year, both are the same, but for a level: that is compared with the last one
    of the year before, and with that of the same day.
    """
    yield PREVIOUS
    if series.aggregation == "last" or before(period, length, PREVIOUS) != before(period, length, YEAR_BEFORE):
        yield YEAR_BEFORE


def _unknown_part(recording: Recording, series: Series, period: Span) -> Span | None:
    return period if recording.is_once_a(series.length) and recording.available(period) else recording.available(period)


def pair_of(
    series: Series, to: str, one: tuple[Span, Span], other: tuple[Span, Span | None], *, of_range: bool = False
) -> Iterator[Pair]:
    (period, part), (period_before, part_before) = one, other
    if part_before is None:
        return
    unit = TOTAL if of_range else series.length
    if series.aggregation == "last" and to == PREVIOUS:  # a level is compared with the last one of the period before
        parts: tuple[Span, Span] | None = (part, period_before)
    else:
        parts = same_part(period, part, period_before, part_before, by_days=is_by_days(period, unit, to))
    if parts is None:
        return
    yield Pair(
        series=series,
        period=TOTAL if of_range else period.first.isoformat(),
        to=to,
        to_period=period_before.first,
        days=parts[0],
        days_before=parts[1],
        is_whole=parts[0] == period and (parts[1] == period_before),
        within=None if of_range else (period, period_before),
    )


def read(
    client: McpClient,
    found: Sequence[Pair],
    recordings: Mapping[Series, Recording],
    scope: Scope,
    breakdown: str | None = None,
) -> list[Compared]:
    """The pairs that have figures on both sides, with a breakdown once for each company or department."""
    if not found:
        return []
    series = list(recordings)
    listed = Listed.of(series)
    sql = pairs.compose_figures(listed, rhythms(listed, recordings), windows_of(found, series), scope, breakdown)
    compared = []
    for row in client.execute_sql(sql):
        pair = found[row["pair"] - 1]
        nothing = "0" if recordings[pair.series].is_sparse else None
        value, value_before = row["value"] or nothing, row["value_before"] or nothing
        if value is not None and value_before is not None:
            compared.append(Compared(pair, Decimal(value), Decimal(value_before), row))
    return compared


def rhythms(listed: Listed, recordings: Mapping[Series, Recording]) -> dict[int, Rhythm]:
    """How each series with numbers is recorded; the parts of a ratio like the ratio."""
    found: dict[int, Rhythm] = {}
    for position, series in listed.shown.items():
        recording = recordings[series]
        for part, _, _ in listed.parts(position):
            own = Rhythm(recording.grain, recording.is_sparse)
            found[part] = own if part == position else found.get(part, own)
    return found


def to_json(one: Compared, recordings: Mapping[Series, Recording], names: Names) -> dict[str, Any]:
    """``firstDay`` to ``lastDay`` are the compared days, with or without data; of a level, those with numbers."""
    pair, row, recording = one.pair, one.row, recordings[one.pair.series]
    windows = (pair.days.first, pair.days.last, pair.days_before.first, pair.days_before.last)
    days = [day.isoformat() for day in windows]
    if pair.series.aggregation == "last":
        days = [row[column] for column in ("first_day", "last_day", "first_before", "last_before")]
    return {
        "kpi": pair.series.label,
        **names.owner(row["owner_id"]),
        "period": pair.period,
        "to": pair.to,
        "toPeriod": pair.to_period.isoformat(),
        "value": figures.digits(one.value),
        "valueBefore": figures.digits(one.value_before),
        **dict(zip(("firstDay", "lastDay", "firstDayBefore", "lastDayBefore"), days, strict=True)),
        "days": recording.days_in(pair.days),
        "daysBefore": recording.days_in(pair.days_before),
        "whole": pair.is_whole,
        **departments_json(row, names),
    }


def departments_json(row: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The departments that are compared, those that are in one of the two windows only, and those that are in a part
    only of the window (``late``) or of the one before.
    """
    return {
        "departments": row["departments"],
        "departmentNames": names.of(row["compared"]),
        "joined": names.of(row["joined"]),
        "left": names.of(row["left_out"]),
        "late": names.of(row["late"]),
        "lateBefore": names.of(row["late_before"]),
    }


def newest(found: Iterable[Pair]) -> list[Pair]:
    """Of each series and kind of comparison the one with the newest period."""
    by_kind = {(pair.series, pair.to): pair for pair in found}
    return list(by_kind.values())


def drivers(
    client: McpClient,
    found: Sequence[Pair],
    recordings: Mapping[Series, Recording],
    scope: Scope,
    names: Names,
) -> list[dict[str, Any]]:
    """What each department and company made of the change, for the series whose departments add up to the whole."""
    driven = [pair for pair in found if pair.series.aggregation in DRIVEN]
    if not driven:
        return []
    series = list(recordings)
    listed = Listed.of(series)
    sql = pairs.compose_drivers(listed, rhythms(listed, recordings), windows_of(driven, series), scope)
    answer = []
    for row in client.execute_sql(sql):
        pair = driven[row["pair"] - 1]
        by, name = names.driver(row["company"], row["department"])
        if by is not None:
            value, value_before = (row[column] or "0" for column in ("value", "value_before"))
            answer.append(
                {"kpi": pair.series.label, "period": pair.period, "to": pair.to, "by": by, "name": name,
                 "value": value, "valueBefore": value_before}
            )  # fmt: skip
    return answer


def windows_of(found: Sequence[Pair], series: Sequence[Series]) -> list[Window]:
    positions = {one: position for position, one in enumerate(series, 1)}
    return [window for number, pair in enumerate(found, 1) for window in pair.windows(number, positions[pair.series])]
