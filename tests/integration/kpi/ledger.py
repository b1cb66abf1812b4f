"""A table of KPI numbers of two companies, and figures that are computed from its CSV with decimals alone.

Nothing here uses code of the agent, so that a test can hold the agent's answers against it.
"""

from __future__ import annotations

import csv
import io
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

FIRST, LAST = date(2024, 1, 1), date(2025, 6, 30)
DEPARTMENTS = {"North": "Acme", "South": "Acme", "Shop": "Borealis", "Office": "Borealis"}
HEADER = "company,department,metric,unit,aggregation,date,value,direction,plan_of,weight,numerator,denominator"
DESCRIPTIONS = """\
Acme,,Margin,ratio,ratio,,,up,,,Profit,Revenue
Borealis,,Margin,ratio,ratio,,,up,,,Profit,Revenue
Acme,,Satisfaction,points,avg,,,up,,Answers,,
Borealis,,Satisfaction,points,avg,,,up,,Answers,,
"""
GOALS = "company,metric,start,end,direction,target\nAcme,Revenue,2025-01,2025-06,at_least,350000\n"

Period = Callable[[date], date]


@dataclass(frozen=True)
class Number:
    company: str
    department: str
    metric: str
    day: date
    value: Decimal


def text() -> str:
    """The CSV file. It is the same at every call."""
    chance = random.Random(17)
    lines = [HEADER, *DESCRIPTIONS.splitlines()]
    for department, company in DEPARTMENTS.items():
        for metric, day, value in _numbers(department, chance):
            unit, aggregation, plan_of = METRICS[metric]
            lines.append(f"{company},{department},{metric},{unit},{aggregation},{day},{value},,{plan_of},,,")
    return "\n".join(lines) + "\n"


METRICS = {
    "Revenue": ("EUR", "sum", ""),
    "Revenue budget": ("EUR", "sum", "Revenue"),
    "Profit": ("EUR", "sum", ""),
    "Satisfaction": ("points", "avg", ""),
    "Answers": ("answers", "sum", ""),
    "Users": ("users", "distinct", ""),
    "Incidents": ("incidents", "sum", ""),
    "Stock": ("pieces", "last", ""),
}


def _numbers(department: str, chance: random.Random) -> Iterator[tuple[str, date, Decimal | int]]:
    for at in range((LAST - FIRST).days + 1):
        day = FIRST + timedelta(days=at)
        yield "Revenue", day, Decimal(chance.randrange(50_000, 150_000)) / 100
        yield "Profit", day, Decimal(chance.randrange(-20_000, 40_000)) / 100
        yield "Satisfaction", day, Decimal(chance.randrange(10, 100)) / 10
        yield "Answers", day, chance.randrange(1, 60)
        if day.day == 1:
            yield "Revenue budget", day, chance.randrange(25_000, 35_000)
        if department == "North":
            yield "Users", day, chance.randrange(100, 900)
            if chance.random() < 0.04:
                yield "Incidents", day, 1
            if day.day in (3, 17) and day.month % 3:  # no count of the stock in each third month
                yield "Stock", day, chance.randrange(1_000, 2_000)


class Ledger:
    """The numbers of a CSV, or some of them."""

    def __init__(self, numbers: Iterable[Number]) -> None:
        self._numbers = tuple(numbers)

    @classmethod
    def read(cls, content: str) -> Ledger:
        return cls(
            Number(
                row["company"], row["department"], row["metric"], date.fromisoformat(row["date"]), Decimal(row["value"])
            )
            for row in csv.DictReader(io.StringIO(content))
            if row["value"]
        )

    def of(self, metric: str, first: date = FIRST, last: date = LAST, **owner: str) -> Ledger:
        """The numbers of a metric between two days, of one company or department."""
        return Ledger(
            one
            for one in self._numbers
            if one.metric == metric and first <= one.day <= last
            and all(getattr(one, name) == value for name, value in owner.items())
        )  # fmt: skip

    def sum(self) -> Decimal:
        return sum((one.value for one in self._numbers), Decimal(0))

    def sums(self, period: Period) -> dict[date, Decimal]:
        found: dict[date, Decimal] = defaultdict(Decimal)
        for one in self._numbers:
            found[period(one.day)] += one.value
        return dict(found)

    def newest(self, period: Period) -> dict[date, Decimal]:
        """The newest number of each period; of one department."""
        return {period(one.day): one.value for one in sorted(self._numbers, key=lambda one: one.day)}

    def weighted(self, weights: Ledger, period: Period) -> dict[date, Decimal]:
        """The means, each number with the weight of its department and day."""
        weight = {(one.company, one.department, one.day): one.value for one in weights._numbers}
        above: dict[date, Decimal] = defaultdict(Decimal)
        below: dict[date, Decimal] = defaultdict(Decimal)
        for one in self._numbers:
            its = weight[one.company, one.department, one.day]
            above[period(one.day)] += one.value * its
            below[period(one.day)] += its
        return {start: above[start] / below[start] for start in above}


def day(of: date) -> date:
    return of


def week(of: date) -> date:
    return of - timedelta(days=of.weekday())


def month(of: date) -> date:
    return of.replace(day=1)


def quarter(of: date) -> date:
    return of.replace(month=(of.month - 1) // 3 * 3 + 1, day=1)


def year(of: date) -> date:
    return of.replace(month=1, day=1)
