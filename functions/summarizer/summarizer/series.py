"""Series: the figures of one KPI in the order of time, with their aggregation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from baton.errors import Malformed
from summarizer import names
from summarizer.request import Request, Row
from summarizer.units import Kind, Style, Unit


class Aggregation(StrEnum):
    """How the figures of several periods become one figure."""

    SUM = "sum"
    AVERAGE = "avg"
    LAST = "last"


AGGREGATION_OF_WORD = {
    "sum": Aggregation.SUM,
    "total": Aggregation.SUM,
    "last": Aggregation.LAST,
    "latest": Aggregation.LAST,
    "closing": Aggregation.LAST,
}


# Units of measured things, which add up only if the rows say so.
MEASURED = frozenset("days hours minutes seconds ms score index points stars degrees x weeks months years".split())


@dataclass(frozen=True)
class Point:
    """One figure, of the period that starts on ``period``."""

    period: date
    value: Decimal


@dataclass(frozen=True)
class Series:
    """The figures of one KPI in one unit; of one company or department, if the figures do not add up.

    ``assumed`` is true if the rows do not name the aggregation. ``uneven`` are the periods whose sum lacks figures that
    other periods have, such as those of a department that did not report.
    """

    kpi: str
    qualifier: str
    unit: Unit
    aggregation: Aggregation
    assumed: bool
    points: tuple[Point, ...]
    uneven: tuple[date, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.kpi} ({self.qualifier})" if self.qualifier else self.kpi

    @property
    def spoken(self) -> str:
        name = names.spoken(self.kpi)
        return f"{name} ({self.qualifier})" if self.qualifier else name

    @cached_property
    def style(self) -> Style:
        return Style.fitting(self.unit, self.values)

    @cached_property
    def values(self) -> tuple[Decimal, ...]:
        return tuple(point.value for point in self.points)

    @cached_property
    def lower_is_better(self) -> bool:
        """Costs are better when lower, unless they are booked as negative amounts."""
        return names.lower_is_better(self.kpi) and sum(self.values, Decimal(0)) >= 0


def read_series(request: Request) -> tuple[Series, ...]:
    """All KPIs of the rows that have a figure: first those of ``kpi_names`` in that order, then in the rows' order."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in request.rows:
        groups.setdefault((names.key(row.kpi), row.unit.strip()), []).append(row)
    asked = {names.key(name): position for position, name in enumerate(request.kpi_names)}
    ordered = sorted(groups.items(), key=lambda group: asked.get(group[0][0], len(asked)))
    several_units = {kpi for kpi, _ in groups if sum(other == kpi for other, _ in groups) > 1}
    series = [one for (kpi, _), rows in ordered for one in _of_kpi(rows, name_unit=kpi in several_units)]
    return tuple(one for one in series if one.points)


def _of_kpi(rows: Sequence[Row], *, name_unit: bool) -> Iterable[Series]:
    unit = _unit(rows[0])
    aggregation, assumed = _aggregation(rows, unit)
    qualifier = unit.text.strip() if name_unit else ""
    varying = _varying_dimensions(rows)
    if aggregation is Aggregation.SUM or not varying:
        points, uneven = _added_up(rows, varying)
        yield Series(rows[0].kpi, qualifier, unit, aggregation, assumed, points, uneven)
        return
    for part in sorted({_part(row, varying) for row in rows}):
        points, _ = _added_up([row for row in rows if _part(row, varying) == part], varying)
        name = ", ".join(filter(None, [qualifier, *part]))
        yield Series(rows[0].kpi, name, unit, aggregation, assumed, points)


def _unit(row: Row) -> Unit:
    """The row's unit, without a word that the KPI's name has already (new customers, in customers)."""
    unit = Unit.of(row.unit)
    return replace(unit, word="") if unit.text.strip().casefold() in names.words(row.kpi) else unit


def _aggregation(rows: Sequence[Row], unit: Unit) -> tuple[Aggregation, bool]:
    words = {row.aggregation.strip().casefold() for row in rows} - {""}
    if len(words) > 1:
        raise Malformed(
            f"context.queryResults must give one aggregation for {rows[0].kpi}, but gives {' and '.join(sorted(words))}"
        )
    if words:
        # Any other word (avg, ratio, median) means that the figures do not add up.
        stated = AGGREGATION_OF_WORD.get(words.pop(), Aggregation.AVERAGE)
        return (Aggregation.AVERAGE if stated is Aggregation.SUM and unit.in_points else stated), False
    kpi = rows[0].kpi
    if unit.in_points:
        return Aggregation.AVERAGE, False  # percentages never add up
    if names.is_average(kpi):
        return Aggregation.AVERAGE, True
    if names.is_level(kpi):
        return Aggregation.LAST, True
    adds_up = unit.kind is Kind.CURRENCY or unit.word.casefold() not in MEASURED
    return (Aggregation.SUM if adds_up else Aggregation.AVERAGE), True


def _varying_dimensions(rows: Sequence[Row]) -> tuple[str, ...]:
    """The dimensions in which rows of one period differ, e.g. ("company",)."""
    seen: dict[tuple[date, str], set[str | None]] = {}
    every = sorted({name for row in rows for name, _ in row.dimensions})
    for row in rows:
        for name in every:
            seen.setdefault((row.period, name), set()).add(dict(row.dimensions).get(name))
    return tuple(name for name in every if any(len(values) > 1 for (_, of), values in seen.items() if of == name))


def _part(row: Row, varying: Sequence[str]) -> tuple[str, ...]:
    dimensions = dict(row.dimensions)
    return tuple(dimensions.get(name, "") for name in varying)


def _added_up(rows: Sequence[Row], varying: Sequence[str]) -> tuple[tuple[Point, ...], tuple[date, ...]]:
    """The sum of each period over the dimensions, and the periods that lack some parts."""
    sums: dict[date, Decimal] = {}
    present: dict[date, set[tuple[str, ...]]] = {}
    for row in rows:
        if row.value is not None:
            sums[row.period] = sums.get(row.period, Decimal(0)) + row.value
            present.setdefault(row.period, set()).add(_part(row, varying))
    everyone = set().union(*present.values())
    points = tuple(Point(period, sums[period]) for period in sorted(sums))
    return points, tuple(point.period for point in points if present[point.period] != everyone)
