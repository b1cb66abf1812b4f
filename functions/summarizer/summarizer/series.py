"""Series: the figures of one KPI in order of time, and whether they add up."""

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
    """What several periods of a KPI come to."""

    SUM = "sum"
    AVERAGE = "avg"
    LAST = "last"


GIVEN = {
    "sum": Aggregation.SUM,
    "total": Aggregation.SUM,
    "last": Aggregation.LAST,
    "latest": Aggregation.LAST,
    "closing": Aggregation.LAST,
}


# Units of things that are measured, not counted: without a word on how they aggregate, adding them up is a guess.
MEASURED = frozenset("days hours minutes seconds ms score index points stars degrees x weeks months years".split())


@dataclass(frozen=True)
class Point:
    """One figure, of the period that starts on ``period``."""

    period: date
    value: Decimal


@dataclass(frozen=True)
class Series:
    """The figures of one KPI (of one unit and, where they cannot be added up, of one company, department…).

    ``assumed`` says that the rows do not tell the aggregation. ``uneven`` are the periods whose sum lacks figures that
    other periods have (a department that did not report).
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
        said = names.spoken(self.kpi)
        return f"{said} ({self.qualifier})" if self.qualifier else said

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
    """Every KPI of the rows, in the order asked for, then as the rows come. KPIs without any figure are left out."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in request.rows:
        groups.setdefault((names.key(row.kpi), row.unit.strip()), []).append(row)
    asked = {names.key(name): position for position, name in enumerate(request.kpi_names)}
    ordered = sorted(groups.items(), key=lambda group: asked.get(group[0][0], len(asked)))
    several_units = {kpi for kpi, _ in groups if sum(other == kpi for other, _ in groups) > 1}
    found = [one for (kpi, _), rows in ordered for one in _of_kpi(rows, name_unit=kpi in several_units)]
    return tuple(series for series in found if series.points)


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
        said = ", ".join(filter(None, [qualifier, *part]))
        yield Series(rows[0].kpi, said, unit, aggregation, assumed, points)


def _unit(row: Row) -> Unit:
    """The row's unit; a word that the KPI's name has already (new customers, in customers) is not said again."""
    unit = Unit.of(row.unit)
    return replace(unit, word="") if unit.text.strip().casefold() in names.words(row.kpi) else unit


def _aggregation(rows: Sequence[Row], unit: Unit) -> tuple[Aggregation, bool]:
    given = {row.aggregation.strip().casefold() for row in rows} - {""}
    if len(given) > 1:
        raise Malformed(
            f"context.queryResults must give one aggregation for {rows[0].kpi}, but gives {' and '.join(sorted(given))}"
        )
    if given:
        stated = GIVEN.get(given.pop(), Aggregation.AVERAGE)  # avg, ratio, median…: whatever it is, it does not add up
        return (Aggregation.AVERAGE if stated is Aggregation.SUM and unit.in_points else stated), False
    kpi = rows[0].kpi
    if unit.in_points:
        return Aggregation.AVERAGE, False  # whatever it is, percentages do not add up
    if names.is_average(kpi):
        return Aggregation.AVERAGE, True
    if names.is_level(kpi):
        return Aggregation.LAST, True
    adds_up = unit.kind is Kind.CURRENCY or unit.word.casefold() not in MEASURED
    return (Aggregation.SUM if adds_up else Aggregation.AVERAGE), True


def _varying_dimensions(rows: Sequence[Row]) -> tuple[str, ...]:
    """The dimensions that tell rows of one period apart, e.g. ("company",); others, such as a label, do not matter."""
    seen: dict[tuple[date, str], set[str | None]] = {}
    every = sorted({name for row in rows for name, _ in row.dimensions})
    for row in rows:
        for name in every:
            seen.setdefault((row.period, name), set()).add(dict(row.dimensions).get(name))
    return tuple(name for name in every if any(len(found) > 1 for (_, of), found in seen.items() if of == name))


def _part(row: Row, varying: Sequence[str]) -> tuple[str, ...]:
    dimensions = dict(row.dimensions)
    return tuple(dimensions.get(name, "") for name in varying)


def _added_up(rows: Sequence[Row], varying: Sequence[str]) -> tuple[tuple[Point, ...], tuple[date, ...]]:
    """The sum of each period over the dimensions, and the periods where some of the parts are absent."""
    sums: dict[date, Decimal] = {}
    present: dict[date, set[tuple[str, ...]]] = {}
    for row in rows:
        if row.value is not None:
            sums[row.period] = sums.get(row.period, Decimal(0)) + row.value
            present.setdefault(row.period, set()).add(_part(row, varying))
    everyone = set().union(*present.values())
    points = tuple(Point(period, sums[period]) for period in sorted(sums))
    return points, tuple(point.period for point in points if present[point.period] != everyone)
