"""Reads rows of KPI figures, from any place in a context, with the options beside them.

A wrong option (a grouping of "hour", a range that ends before it starts) is ignored. A wrong row makes all rows
unusable, because a total without one of its rows would be wrong. In both cases a note has the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from baton.errors import Malformed
from summarizer import names
from summarizer.anomalies import WITH_ITSELF
from summarizer.jsontext import unwrapped
from summarizer.labels import same
from summarizer.periods import Grouping
from summarizer.request import Request, Row
from summarizer.scope import SCOPE_FIELDS
from summarizer.summary import Summary, written_up
from summarizer.units import Unit

ENTRIES = ("comparisons", "rangeComparisons", "drivers", "rangeDrivers", "toDate", "history", "totals", "goals")
BESIDE_FIELDS = (*ENTRIES, "metrics", "breakdown", "partialPeriods", "comparedPeriods")
OPTIONAL_FIELDS = frozenset({*SCOPE_FIELDS, *BESIDE_FIELDS})  # null and an empty list are usual values of these
REQUEST_FIELDS = {
    same(name): name
    for name in (
        "queryResults", "grouping", "startDate", "endDate", "kpiNames", "sql", "rowCount", *SCOPE_FIELDS, *BESIDE_FIELDS
    )
}  # fmt: skip
CLAIM = same("queryResults")
ROW_FIELDS = frozenset({"kpi", "period", "value"})
MAX_SERIES = 500
MAX_NAME_LENGTH = 200
MAX_NAMES = 1_000
MAX_SQL_LENGTH = 100_000
DAYS = {"day": 1, "week": 7, "month": 30, "quarter": 91, "year": 365, "total": 365}
MAX_BESIDE = 20_000
MAX_FAULTS = 5


@dataclass
class RowsReading:
    """The result of reading rows. ``faulty`` are the ignored options; ``faults`` are the reasons, as plain text."""

    request: Request | None = None
    summary: Summary | None = None
    faults: list[str] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)
    inferred: bool = False  # whether the grouping is inferred from the periods
    work: int = 0  # steps of the computation, some µs each


def are_rows(value: Any) -> bool:
    """Whether ``value`` is a list of objects, and one of them has the fields of a KPI figure."""
    return (
        isinstance(value, (list, tuple))
        and bool(value)
        and all(isinstance(row, Mapping) for row in value)
        and any(row.keys() >= ROW_FIELDS for row in value)
    )


def read_rows(value: Any, options: Mapping[str, Any], max_work: int) -> RowsReading:
    """Figures from ``value``, a list of rows or the JSON of one, and the ``options`` of ``REQUEST_FIELDS``."""
    reading = RowsReading()
    kept = {name: unwrapped(value) if name in BESIDE_FIELDS else value for name, value in options.items()}
    for name in ("grouping", "startDate", "endDate", "kpiNames", "sql", *SCOPE_FIELDS):
        fault = _fault(name, kept)
        if fault is None:
            continue
        reading.faults.append(fault)
        for wrong in ("startDate", "endDate") if "must not be after" in fault else (name,):
            reading.faulty.add(wrong)
            kept.pop(wrong, None)
    if kept.get("grouping") is None:
        kept["grouping"] = _inferred_grouping(value, kept)
        reading.inferred = True
    for name in ("history", "totals"):
        if fault := _fault_of_rows(name, kept):
            reading.faults.append(fault)
            kept.pop(name)
    try:
        request = Request.parse({**kept, "queryResults": value})
        reading.faults += request.beside.faults[:MAX_FAULTS]
        reading.work = _checked_work(request, max_work)
        reading.summary = written_up(request)
        reading.request = request
    except Malformed as error:
        reading.faults.append(str(error))
    return reading


def _fault(name: str, options: Mapping[str, Any]) -> str | None:
    """The reason why the option cannot be used, in the words of ``Request``; None if it can."""
    value = options.get(name)
    if value is None:
        return None
    if name == "sql" and isinstance(value, str) and len(value) > MAX_SQL_LENGTH:
        return f"context.sql must have at most {MAX_SQL_LENGTH:,} characters, but has {len(value):,}"
    if name in ("kpiNames", *SCOPE_FIELDS) and isinstance(value, list) and len(value) > MAX_NAMES:
        return f"context.{name} must be at most {MAX_NAMES:,} names, but is {len(value):,}"
    alone = {"grouping": "day", name: value, "queryResults": []}
    if name == "endDate" and "startDate" in options:
        alone["startDate"] = options["startDate"]
    try:
        Request.parse(alone)
    except Malformed as error:
        return str(error)
    return None


def _fault_of_rows(name: str, options: Mapping[str, Any]) -> str | None:
    """The reason why the rows before the range, or those of the whole scope, cannot be used; None if they can."""
    rows = options.get(name)
    if isinstance(rows, list) and len(rows) > MAX_BESIDE:
        return f"context.{name} must be at most {MAX_BESIDE:,} rows, but is {len(rows):,}"
    alone = {"grouping": options["grouping"], "metrics": options.get("metrics"), "queryResults": [], name: rows}
    try:
        Request.parse(alone)
    except Malformed as error:
        return str(error)
    return None


def _inferred_grouping(value: Any, options: Mapping[str, Any]) -> str:
    """The longest grouping that fits all periods; ``day`` if there are no periods."""
    try:
        days = Request.parse({"queryResults": value, "grouping": Grouping.DAY})
    except Malformed:
        return Grouping.DAY
    periods = {row.period for row in days.rows}
    start, end = options.get("startDate"), options.get("endDate")
    if not periods or (start is not None and start == end):
        return Grouping.DAY
    fitting = [g for g in (Grouping.MONTH, Grouping.WEEK) if all(g.start_of(period) == period for period in periods)]
    return fitting[0] if fitting else Grouping.DAY


def _checked_work(request: Request, max_work: int) -> int:
    """The number of steps of the computation. Raises ``Malformed`` if the computation would be too long, or the answer
    too large.
    """
    for index, row in enumerate(request.rows):
        if max(len(row.kpi), len(row.unit), len(row.aggregation)) > MAX_NAME_LENGTH:
            raise Malformed(
                f"context.queryResults[{index}] must name its kpi, unit and aggregation in {MAX_NAME_LENGTH} characters"
            )
    long = [name for name in request.kpi_names if len(name) > MAX_NAME_LENGTH]
    if long:
        raise Malformed(f"context.kpiNames must be names of at most {MAX_NAME_LENGTH} characters")
    sizes = _sizes(request.rows)
    if sum(size.parts for size in sizes) > MAX_SERIES:
        raise Malformed(f"context.queryResults must hold at most {MAX_SERIES:,} KPIs and their parts, but holds more")
    work = _work(request, sizes)
    if work > max_work:
        raise Malformed("context.queryResults must be fewer rows: to compare this many with each other takes too long")
    return work


@dataclass(frozen=True)
class _Size:
    """The size of the rows of one KPI in one unit. ``parts`` is the largest number of rows that share a period."""

    rows: int
    periods: int
    parts: int


def _sizes(rows: Sequence[Row]) -> list[_Size]:
    by_kpi: dict[tuple[str, str], Counter[date]] = {}
    for row in rows:
        by_kpi.setdefault((names.key(row.kpi), Unit.of(row.unit).text), Counter())[row.period] += 1
    return [_Size(count.total(), len(count), max(count.values())) for count in by_kpi.values()]


def _work(request: Request, sizes: Sequence[_Size]) -> int:
    pairs = sum(min(size.periods, WITH_ITSELF) ** 2 * size.parts // 2 for size in sizes)
    sorting = sum(size.rows * size.parts for size in sizes)
    fields = sum(len(row.dimensions) ** 2 for row in request.rows)
    walks = sum(size.parts for size in sizes) * _periods(request)
    return pairs + sorting + fields + walks


def _periods(request: Request) -> int:
    days = [row.period for row in request.rows]
    start = min([*days, request.start or date.max, request.end or date.max])
    end = max([*days, request.end or date.min, request.start or date.min])
    return max(0, (end - start).days) // DAYS[request.grouping]
