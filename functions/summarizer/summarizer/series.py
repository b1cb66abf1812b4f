"""Series: the figures of one KPI in the order of time, with what the data say about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from baton.errors import Malformed
from summarizer import names
from summarizer.beside import Metric
from summarizer.grain import inferred_grain
from summarizer.periods import Grouping
from summarizer.request import Covers, Request, Row
from summarizer.units import Style, Unit

SUMS = frozenset({"sum", "total", "count"})
LEVELS = frozenset({"last", "latest", "closing"})
DIMENSIONS = ("company", "department")  # of a breakdown
SPELLING = "spelling of the unit"


@dataclass(frozen=True)
class Point:
    """One figure, of the period that starts on ``period``."""

    period: date
    value: Decimal
    covers: Covers | None = None


@dataclass(frozen=True)
class Series:
    """The figures of one KPI in one unit; of one department, if the figures do not add up or are asked apart.

    ``points`` lie in the asked range, ``history`` before it. ``step`` is the length of one figure: the grain of the
    data if it is coarser than the grouping. ``uneven`` are periods whose sum lacks figures that other periods have.
    """

    kpi: str
    part: tuple[str, ...]
    qualifier: str
    unit: Unit
    metric: Metric
    step: Grouping
    points: tuple[Point, ...]
    history: tuple[Point, ...] = ()
    uneven: tuple[date, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.kpi} ({self.qualifier})" if self.qualifier else self.kpi

    @property
    def spoken(self) -> str:
        name = names.spoken(self.kpi)
        return f"{name} ({self.qualifier})" if self.qualifier else name

    @property
    def additive(self) -> bool:
        return bool(self.metric.additive)

    @property
    def is_level(self) -> bool:
        return (self.metric.aggregation or "").casefold() in LEVELS

    @property
    def is_unweighted(self) -> bool:
        return self.metric.weighted is False

    @property
    def is_plan(self) -> bool:
        return self.metric.plan_of is not None

    @cached_property
    def everything(self) -> tuple[Point, ...]:
        """The points of the asked range and those before it."""
        first = self.points[0].period
        return (*(point for point in self.history if point.period < first), *self.points)

    def as_of(self, point: Point) -> date | None:
        """The last day with data of a figure; of numbers of a longer grain, the last day that they stand for."""
        day = point.covers.last_day if point.covers else None
        grain = self.metric.grain or Grouping.DAY
        return day and grain.end_of(grain.start_of(day))

    @cached_property
    def incomplete(self) -> frozenset[date]:
        """The periods whose sum lacks what others have: figures, or the days before or after a department's data."""
        if not self.additive:
            return frozenset(self.uneven)
        late = {self.step.start_of(one.day) for one in self.metric.starts}
        early = {self.step.start_of(one.day) for one in self.metric.ends}
        return frozenset((*self.uneven, *late, *early))

    @cached_property
    def by_period(self) -> dict[date, Point]:
        return {point.period: point for point in self.everything}

    @cached_property
    def style(self) -> Style:
        return Style.fitting(self.unit, (point.value for point in self.points))


def read_series(request: Request) -> tuple[Series, ...]:
    """All KPIs of the rows that have a figure: first those of ``kpi_names`` in that order, then in the rows' order."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for row in (*request.rows, *request.totals):
        groups.setdefault((names.key(row.kpi), Unit.of(row.unit).text), []).append(row)
    asked = {names.key(name): position for position, name in enumerate(request.kpi_names)}
    ordered = sorted(groups.items(), key=lambda group: asked.get(group[0][0], len(asked)))
    several_units = {kpi for kpi, _ in groups if sum(other == kpi for other, _ in groups) > 1}
    series = [one for key, rows in ordered for one in _of_kpi(request, key, rows, name_unit=key[0] in several_units)]
    return _told_apart(_with_plans_of_others([one for one in series if one.points]))


def _with_plans_of_others(series: Sequence[Series]) -> list[Series]:
    """The series. A plan of a KPI without figures is a KPI like any other."""
    known = {names.key(name) for one in series if not one.is_plan for name in (one.kpi, one.name)}
    return [
        one
        if one.metric.plan_of is None or names.key(one.metric.plan_of) in known
        else replace(one, metric=replace(one.metric, plan_of=None))
        for one in series
    ]


def _told_apart(series: Iterable[Series]) -> tuple[Series, ...]:
    """The series, each with a name of its own: of two with one name, the second gets a number."""
    seen: Counter[str] = Counter()
    apart = []
    for one in series:
        seen[one.name] += 1
        again = f"{one.qualifier} {seen[one.name]}".strip()
        apart.append(replace(one, qualifier=again) if seen[one.name] > 1 else one)
    return tuple(apart)


def _of_kpi(request: Request, key: tuple[str, str], rows: Sequence[Row], *, name_unit: bool) -> Iterable[Series]:
    unit = _unit(rows[0])
    metric = _metric(request, rows, unit)
    qualifier = unit.text if name_unit else ""
    before = [row for row in request.history if (names.key(row.kpi), Unit.of(row.unit).text) == key]
    parts = [row for row in rows if not request.breakdown or _broken_down([row])]
    varying = _varying_dimensions([*parts, *before])
    whole = Series(rows[0].kpi, (), qualifier, unit, metric, request.grouping, ())
    apart = _kept_apart(varying, whole, _broken_down(rows) if request.breakdown else ())
    if not apart:
        yield _filled(whole, request, rows, before, varying)
        return
    found = sorted({_part(row, apart) for row in rows})
    if request.breakdown and sum(any(part) for part in found) == 1:
        found = [part for part in found if any(part)]  # the only part is the whole
    for part in found:
        named = [value for value, dimension in zip(part, apart, strict=True) if dimension in varying]
        if request.breakdown and any(part):
            named = named or [part[-1]]
        name = ", ".join(filter(None, [qualifier, *named]))
        own = [[row for row in some if _part(row, apart) == part] for some in (rows, before)]
        yield _filled(replace(whole, part=tuple(filter(None, part)), qualifier=name), request, own[0], own[1], varying)


def _broken_down(rows: Sequence[Row]) -> tuple[str, ...]:
    """The dimensions of a breakdown that the rows have."""
    held = {name for row in rows for name, _ in row.dimensions}
    return tuple(name for name in DIMENSIONS if name in held)


def _kept_apart(varying: Sequence[str], series: Series, broken_down: tuple[str, ...]) -> tuple[str, ...]:
    """The dimensions by which a KPI is several series: of a breakdown, or over which its figures do not add up."""
    if broken_down:
        return broken_down
    if series.is_level:
        varying = [name for name in varying if name != SPELLING]
    return () if series.additive else tuple(varying)


def _filled(
    series: Series, request: Request, rows: Sequence[Row], before: Sequence[Row], varying: Sequence[str]
) -> Series:
    """``series`` with its points, each on the first day of its period in the grain of the data."""
    points, uneven = _added_up(rows, varying)
    history, _ = _added_up(before, varying)
    grain, metric = series.metric.grain, series.metric
    if (
        grain is None
        and metric.period is None
        and (inferred := inferred_grain([p.period for p in (*history, *points)], request.grouping))
    ):
        grain, metric = inferred, replace(series.metric, grain=inferred, grain_inferred=True)
    longer = grain if grain and grain.length > request.grouping.length else request.grouping
    step = metric.period or longer
    return replace(
        series,
        metric=metric,
        step=step,
        points=points if metric.period else _in_grain(points, request.grouping, step),
        history=history if metric.period else _in_grain(history, request.grouping, step),
        uneven=uneven,
    )


def in_grain(period: date, grouping: Grouping, step: Grouping) -> date:
    """The first day of the longer period ``step`` that a row of a shorter ``grouping`` stands for."""
    same = step is grouping or step.start_of(period) == period
    return period if same else step.start_of(grouping.end_of(period))


def _in_grain(points: Sequence[Point], grouping: Grouping, step: Grouping) -> tuple[Point, ...]:
    found = {in_grain(point.period, grouping, step): point for point in points}
    return tuple(replace(point, period=period) for period, point in found.items())


def _unit(row: Row) -> Unit:
    """The row's unit, without a word that the KPI's name has already (new customers, in customers)."""
    unit = Unit.of(row.unit)
    return replace(unit, word="") if unit.text.casefold() in names.words(row.kpi) else unit


def _metric(request: Request, rows: Sequence[Row], unit: Unit) -> Metric:
    """What the data say about a KPI. Without a word on the aggregation its figures are not added up."""
    said = {row.aggregation.strip().casefold() for row in rows} - {""}
    if len(said) > 1:
        raise Malformed(
            f"context.queryResults must give one aggregation for {rows[0].kpi}, but gives {' and '.join(sorted(said))}"
        )
    metric = request.beside.metrics.get(names.key(rows[0].kpi), Metric())
    aggregation = (metric.aggregation or next(iter(said), "")).casefold() or None
    additive = metric.additive if metric.additive is not None else aggregation in SUMS
    return replace(metric, aggregation=aggregation, additive=additive and not unit.in_points)


def _varying_dimensions(rows: Sequence[Row]) -> tuple[str, ...]:
    """The dimensions in which rows of one period differ, e.g. ("company",). Spellings of a unit are one, too."""
    seen: dict[tuple[date, str], set[str | None]] = {}
    every = sorted({name for row in rows for name, _ in row.dimensions})
    for row in rows:
        for name in every:
            seen.setdefault((row.period, name), set()).add(dict(row.dimensions).get(name))
        seen.setdefault((row.period, SPELLING), set()).add(row.unit)
    varies = [name for (_, name), values in seen.items() if len(values) > 1]
    return tuple(name for name in (*every, SPELLING) if name in varies)


def _part(row: Row, varying: Sequence[str]) -> tuple[str, ...]:
    dimensions = {**dict(row.dimensions), SPELLING: row.unit}
    return tuple(dimensions.get(name, "") for name in varying)


def _added_up(rows: Sequence[Row], varying: Sequence[str]) -> tuple[tuple[Point, ...], tuple[date, ...]]:
    """The sum of each period over the dimensions, and the periods that lack some parts."""
    groups: dict[date, list[Row]] = {}
    for row in rows:
        if row.value is not None:
            groups.setdefault(row.period, []).append(row)
    present = {period: {_part(row, varying) for row in some} for period, some in groups.items()}
    everyone = set().union(*present.values())
    points = tuple(
        Point(period, sum((row.value for row in groups[period] if row.value is not None), Decimal(0)), _covers(some))
        for period, some in sorted(groups.items())
    )
    return points, tuple(point.period for point in points if present[point.period] != everyone)


def _covers(rows: Sequence[Row]) -> Covers | None:
    """What a sum covers: the earliest and the latest day of its parts. Counts of parts say nothing about the sum."""
    held = [row.covers for row in rows if row.covers]
    if len(rows) == 1 or not held:
        return held[0] if held else None
    first = min((one.first_day for one in held if one.first_day), default=None)
    last = max((one.last_day for one in held if one.last_day), default=None)
    days = max((one.days for one in held if one.days is not None), default=None)
    whole = None if any(one.whole is None for one in held) else all(one.whole for one in held)
    return Covers(first, last, days, None, None, whole)
