"""KPI data as docs/kpi-tracking.md describes it, computed from a table of figures.

``question(table, …)`` gives the context that a fetch of these figures would give: rows with what they cover,
comparisons of like with like, drivers, year to date and history.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from itertools import count, pairwise
from typing import Any

from summarizer.numbers import EXACT
from summarizer.periods import Grouping
from summarizer.units import Unit

Part = tuple[date, date]


@dataclass(frozen=True)
class Figure:
    company: str
    department: str
    metric: str
    unit: str
    aggregation: str
    day: date
    value: Decimal


def table(text: str) -> list[Figure]:
    """Figures of a CSV with the header ``company,department,metric,unit,aggregation,date,value``."""
    return [
        Figure(
            row["company"], row["department"], row["metric"], Unit.of(row["unit"]).text, row["aggregation"],
            date.fromisoformat(row["date"]), Decimal(row["value"]),
        )
        for row in csv.DictReader(text.strip().splitlines())
    ]  # fmt: skip


def lines(
    metric: str, unit: str, aggregation: str, figures: Mapping[str, Any], department: str = "All"
) -> list[Figure]:
    """Figures of one metric by day: ``lines("Revenue", "USD", "sum", {"2025-01-01": 100})``."""
    return [
        Figure(
            "Acme", department, metric, Unit.of(unit).text, aggregation, date.fromisoformat(day), Decimal(str(value))
        )
        for day, value in figures.items()
    ]


def daily(
    metric: str, first: str, last: str, value: Any = 1000, department: str = "All", unit: str = "USD"
) -> list[Figure]:
    """The same sum for every day from ``first`` to ``last``."""
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = {(start + timedelta(days=at)).isoformat(): value for at in range((end - start).days + 1)}
    return lines(metric, unit, "sum", days, department)


def monthly(
    metric: str, first: str, values: Iterable[Any], unit: str = "USD", aggregation: str = "sum"
) -> list[Figure]:
    """One figure for the first day of each month from ``first`` (2025-01) on."""
    year, month = map(int, first.split("-"))
    months = (f"{year + (month - 1 + at) // 12}-{(month - 1 + at) % 12 + 1:02}-01" for at in count())
    return lines(metric, unit, aggregation, dict(zip(months, values, strict=False)))


def question(
    figures: Iterable[Figure],
    start: str,
    end: str,
    grouping: str = "month",
    metrics: Mapping[str, Mapping[str, Any]] | None = None,
    **others: Any,
) -> dict[str, Any]:
    """The context of the summarizer for a question about all metrics of the table."""
    asked = _Question(list(figures), date.fromisoformat(start), date.fromisoformat(end), Grouping(grouping))
    by_metric = {
        name: [one for one in asked.figures if one.metric == name]
        for name in dict.fromkeys(f.metric for f in asked.figures)
    }
    held: dict[str, Any] = {"comparisons": [], "drivers": [], "toDate": [], "history": [], "metrics": {}, "goals": []}
    rows: list[dict[str, Any]] = []
    with localcontext(EXACT):
        for name, own in by_metric.items():
            series = _Metric(asked, name, own, (metrics or {}).get(name, {}))
            held["metrics"][name] = series.meaning
            for period in series.periods():
                where = (
                    rows if asked.start <= asked.grouping.end_of(period) and period <= asked.end else held["history"]
                )
                where.append(series.row(period))
            held["comparisons"] += series.comparisons()
            held["drivers"] += series.drivers()
            held["toDate"] += series.to_date()
    return {
        "queryResults": json.dumps(rows), "sql": "select 1", "kpiNames": list(by_metric), "grouping": grouping,
        "startDate": start, "endDate": end, "companies": [], "departments": [], **held, **others,
    }  # fmt: skip


@dataclass(frozen=True)
class _Question:
    figures: list[Figure]
    start: date
    end: date
    grouping: Grouping


class _Metric:
    def __init__(self, asked: _Question, name: str, figures: list[Figure], said: Mapping[str, Any]) -> None:
        self.asked, self.name, self.figures = asked, name, figures
        self.aggregation, self.unit = figures[0].aggregation, figures[0].unit
        self.grain = _grain(sorted({one.day for one in figures}))
        self.last_day = max(one.day for one in figures if one.day <= asked.end)
        self.first_day = min(one.day for one in figures)
        self.meaning = {
            "unit": self.unit, "aggregation": self.aggregation, "direction": None,
            "additive": self.aggregation == "sum", "planOf": None, "grain": self.grain.value, "grainInferred": False,
            "sparse": False, "weighted": False if self.aggregation == "avg" else None, **said,
        }  # fmt: skip

    def periods(self) -> list[date]:
        start = self.asked.grouping.start_of
        return sorted({start(one.day) for one in self.figures if one.day <= self.asked.end})

    def row(self, period: date) -> dict[str, Any]:
        first, last = self._asked_part(period)
        own = self._in((first, last))
        before = self._in(self._whole(self.asked.grouping.before(period)))
        return {
            "kpi": self.name, "unit": self.unit, "aggregation": self.aggregation, "period": period.isoformat(),
            "value": str(self._value(own)),
            "covers": {
                "firstDay": min(one.day for one in own).isoformat(), "lastDay": max(one.day for one in own).isoformat(),
                "days": len({one.day for one in own}), "departments": len(_departments(own)),
                "departmentsBefore": len(_departments(before)) if before else None,
            },
        }  # fmt: skip

    def comparisons(self) -> list[dict[str, Any]]:
        found = []
        grouping = self.asked.grouping
        for period in self.periods():
            if not (self.asked.start <= grouping.end_of(period) and period <= self.asked.end):
                continue
            others = {"previous": self._step_back(period), "yearBefore": grouping.year_before(period)}
            found += [one for to, other in others.items() if (one := self._comparison(period, to, other))]
        return found

    def _step_back(self, period: date) -> date:
        grouping = self.asked.grouping
        if self.grain.length <= grouping.length:
            return grouping.before(period)
        return grouping.start_of(self.grain.before(self.grain.start_of(grouping.end_of(period))))

    def _comparison(self, period: date, to: str, other: date) -> dict[str, Any] | None:
        part, before = self._parts(period, other)
        now, then = self._in(part), self._in(before)
        both = _departments(now) & _departments(then)
        if not both:
            return None
        now_both, then_both = ([one for one in some if (one.company, one.department) in both] for some in (now, then))
        whole = part == self._whole(period) and before == self._whole(other)
        return {
            "kpi": self.name, "period": period.isoformat(), "to": to, "toPeriod": other.isoformat(),
            "value": str(self._value(now_both)), "valueBefore": str(self._value(then_both)),
            "firstDay": part[0].isoformat(), "lastDay": part[1].isoformat(),
            "firstDayBefore": before[0].isoformat(), "lastDayBefore": before[1].isoformat(),
            "days": (part[1] - part[0]).days + 1, "daysBefore": (before[1] - before[0]).days + 1,
            "departments": len(both), "departmentNames": sorted(name for _, name in both),
            "joined": sorted(name for _, name in _departments(now) - both),
            "left": sorted(name for _, name in _departments(then) - both), "whole": whole,
        }  # fmt: skip

    def drivers(self) -> list[dict[str, Any]]:
        """The parts of the newest comparison with the period before."""
        found = [one for one in self.comparisons() if one["to"] == "previous"]
        if self.aggregation != "sum" or not found or len(_departments(self.figures)) < 2:
            return []
        newest = found[-1]
        keys = (("firstDay", "lastDay"), ("firstDayBefore", "lastDayBefore"))
        now, before = ((date.fromisoformat(newest[a]), date.fromisoformat(newest[b])) for a, b in keys)
        return [
            {
                "kpi": self.name, "period": newest["period"], "to": "previous", "by": "department", "name": name,
                "value": str(self._of(name, now)), "valueBefore": str(self._of(name, before)),
            }
            for name in newest["departmentNames"]
        ]  # fmt: skip

    def _of(self, department: str, part: Part) -> Decimal:
        return self._value([one for one in self._in(part) if one.department == department])

    def to_date(self) -> list[dict[str, Any]]:
        if self.aggregation != "sum":
            return []
        end = self.last_day if self.grain is Grouping.DAY else self.grain.end_of(self.grain.start_of(self.last_day))
        start = end.replace(month=1, day=1)
        before = (start.replace(year=start.year - 1), Grouping.DAY.year_before(end))
        own, then = self._in((start, end)), self._in(before)
        return [{
            "kpi": self.name, "from": start.isoformat(), "to": end.isoformat(), "value": str(self._value(own)),
            "fromBefore": before[0].isoformat(), "toBefore": before[1].isoformat(),
            "valueBefore": str(self._value(then)) if then and self.first_day <= before[0] else None,
        }]  # fmt: skip

    def _whole(self, period: date) -> Part:
        return period, self.asked.grouping.end_of(period)

    def _asked_part(self, period: date) -> Part:
        first, last = self._whole(period)
        in_range = first <= self.asked.end and self.asked.start <= last
        return (max(first, self.asked.start), min(last, self.asked.end)) if in_range else (first, last)

    def _parts(self, period: date, other: date) -> tuple[Part, Part]:
        """The compared days: whole periods, or the same part of both if one is partial."""
        first, last = self._asked_part(period)
        if self.grain is Grouping.DAY:
            last = min(last, self.last_day) if self.asked.grouping.start_of(self.last_day) == period else last
        whole = self._whole(other)
        if (first, last) == self._whole(period):
            return (first, last), whole
        shift = (first - period).days, (last - period).days
        return (first, last), (min(other + timedelta(shift[0]), whole[1]), min(other + timedelta(shift[1]), whole[1]))

    def _in(self, part: Part) -> list[Figure]:
        return [one for one in self.figures if part[0] <= one.day <= part[1]]

    def _value(self, figures: list[Figure]) -> Decimal:
        if self.aggregation == "sum":
            return sum((one.value for one in figures), Decimal(0))
        if self.aggregation == "avg":
            return round(sum((one.value for one in figures), Decimal(0)) / len(figures), 20)
        newest = {(one.company, one.department): one for one in sorted(figures, key=lambda one: one.day)}
        return sum((one.value for one in newest.values()), Decimal(0))


def _departments(figures: Iterable[Figure]) -> set[tuple[str, str]]:
    return {(one.company, one.department) for one in figures}


LONGEST_GAPS = ((Grouping.DAY, 6), (Grouping.WEEK, 27), (Grouping.MONTH, 88), (Grouping.QUARTER, 360))


def _grain(days: list[date]) -> Grouping:
    least = min(((after - before).days for before, after in pairwise(days)), default=31)
    return next((grain for grain, gap in LONGEST_GAPS if least <= gap), Grouping.YEAR)
