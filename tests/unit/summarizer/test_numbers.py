"""Every number of a summary can be derived from the rows.

The derivation here is independent of the summarizer: plain fractions, brute force, its own rounding. A number passes
only as what it is written as: an amount as an amount, a percentage as a percentage.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baton.agents.contract import Deliverable
from tests.profile import examples

Summary = Callable[..., Deliverable]
Rows = list[dict[str, Any]]

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DATE = re.compile(rf"\d{{4}}-\d\d-\d\d|(?:{'|'.join(MONTHS)}) \d{{4}}")
NUMBER = re.compile(
    r"(?P<sign>[-+×]?)[$€]?(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<scale>[MBT]?)(?P<after>%| pp| percentage| times)?"
)
COUNTED = re.compile(r"^ (?:of|days?|weeks?|months?|more|other|KPIs|moved|for the (?:better|worse)|shows?)\b")
SCALES = {"": 1, "M": 10**6, "B": 10**9, "T": 10**12}


@dataclass
class DerivedFigures:
    """All figures that a page about the rows may have, by the form in which it writes them."""

    amounts: set[Fraction] = field(default_factory=set)  # in the unit as shown: a ratio times a hundred
    percents: set[Fraction] = field(default_factory=set)
    points: set[Fraction] = field(default_factory=set)
    times: set[Fraction] = field(default_factory=set)

    def of(self, written: re.Match[str]) -> set[Fraction]:
        after = written["after"]
        if after == "%":
            return self.percents
        if after in (" pp", " percentage"):
            return self.points
        return self.times if after == " times" or written["sign"] == "×" else self.amounts


def derive(rows: Rows) -> DerivedFigures:
    figures = DerivedFigures()
    series: dict[str, Rows] = {}
    for row in rows:
        series.setdefault(row["kpi"], []).append(row)
    totals: dict[str, Fraction] = {}
    for kpi, own in series.items():
        own.sort(key=lambda row: row["period"])
        in_points = own[0]["unit"] in ("ratio", "percent")
        scale = 100 if own[0]["unit"] == "ratio" else 1
        values = [Fraction(Decimal(row["value"])) * scale for row in own]
        dates = [date.fromisoformat(row["period"]) for row in own]
        totals[kpi] = sum(values)
        levels = {*values, sum(values), sum(values) / len(values), *typical_ones(values, dates)}
        (figures.percents if in_points else figures.amounts).update(levels)
        pairs = [(values[0], values[-1]), *pairwise(values)]
        pairs += [(values[i], values[-1]) for i, day in enumerate(dates) if day == dates[-1] - timedelta(days=7)]
        rises = [slope * length(dates) for slope in theil_sen(values, dates)]
        (figures.points if in_points else figures.amounts).update([b - a for a, b in pairs], rises)
        if not in_points:
            figures.percents |= {(b - a) / a * 100 for a, b in pairs if a}
            figures.percents |= {rise / (sum(values) / len(values)) * 100 for rise in rises if sum(values)}
            figures.times |= {b / a for a, b in pairs if a}
    if {"revenue", "expenses"} <= set(totals) and totals["revenue"]:
        figures.percents.add((totals["revenue"] - totals["expenses"]) / totals["revenue"] * 100)
    return figures


def positions(dates: list[date]) -> list[int]:
    """The positions of the dates, in days, weeks or months."""
    if all(day.day == 1 for day in dates):
        return [12 * day.year + day.month for day in dates]
    gaps = {(b - a).days for a, b in pairwise(dates)}
    return [day.toordinal() // (7 if gaps <= {7, 14, 21} else 1) for day in dates]


def length(dates: list[date]) -> int:
    return positions(dates)[-1] - positions(dates)[0]


def theil_sen(values: list[Fraction], dates: list[date]) -> Iterable[Fraction]:
    """The slopes over all pairs, and over pairs that are whole weeks apart."""
    places = positions(dates)
    pairs = list(combinations(range(len(values)), 2))
    for season in (1, 7):
        slopes = [
            (values[j] - values[i]) / (places[j] - places[i]) for i, j in pairs if (places[j] - places[i]) % season == 0
        ]
        if slopes:
            yield median(slopes)


def typical_ones(values: list[Fraction], dates: list[date]) -> set[Fraction]:
    by_weekday = [[v for v, d in zip(values, dates, strict=True) if d.weekday() == w] for w in range(7)]
    return {median(values), *(median(own) for own in by_weekday if own)}


def half_up(value: Fraction, places: int) -> Fraction:
    scaled = abs(value) * 10**places
    return Fraction(int(scaled + Fraction(1, 2)), 10**places) * (1 if value >= 0 else -1)


def assert_every_number_derives(content: str, rows: Rows, start: str, end: str) -> None:
    derived = derive(rows)
    for label in DATE.findall(content):
        assert_is_a_date_of(label, start, end)
    text = DATE.sub("", content)
    for written in NUMBER.finditer(text):
        digits = written["digits"].replace(",", "")
        if not written["after"] and COUNTED.match(text[written.end() :]):
            assert int(digits) <= len(rows), f"{written.group()} counts more than there is"
            continue
        places = len(digits.partition(".")[2])
        number = Fraction(Decimal(digits))
        signed = -number if written["sign"] == "-" else number
        candidates = [half_up(value / SCALES[written["scale"]], places) for value in derived.of(written)]
        is_derived = signed in candidates if written["sign"] else number in map(abs, candidates)
        assert is_derived, (
            f"{text[max(0, written.start() - 60) : written.end() + 20]!r}: {written.group()} is not in the data"
        )


def assert_is_a_date_of(label: str, start: str, end: str) -> None:
    """The label is a day at most a week outside of the range (for partial weeks and advice), or a month in it."""
    if label[:3] in MONTHS:
        assert start[:7] <= f"{label[4:]}-{MONTHS.index(label[:3]) + 1:02}" <= end[:7], label
    else:
        reach = timedelta(days=7)
        assert date.fromisoformat(start) - reach <= date.fromisoformat(label) <= date.fromisoformat(end) + reach, label


def rows_of(kpi: str, unit: str, aggregation: str, periods: list[date], figures: Iterable[Any]) -> Rows:
    return [
        {"kpi": kpi, "unit": unit, "aggregation": aggregation, "period": period.isoformat(), "value": str(figure)}
        for period, figure in zip(periods, figures, strict=True)
    ]


def test_of_a_quarter_by_month(summary: Summary) -> None:
    months = [date(2024, 7, 1), date(2024, 8, 1), date(2024, 9, 1)]
    rows = rows_of("revenue", "USD", "sum", months, ["3191173.99", "3038877.38", "3524728.93"])
    rows += rows_of("expenses", "USD", "sum", months, ["2412412.22", "2601957.78", "2401472.23"])
    rows += rows_of("profit_margin", "ratio", "ratio", months, ["0.244036", "0.143777", "0.318679"])
    content = summary(rows, startDate="2024-07-01", endDate="2024-09-30").content
    assert "% overall" in content
    assert_every_number_derives(content, rows, "2024-07-01", "2024-09-30")


def test_of_ninety_days_with_weekends_and_an_odd_day(summary: Summary) -> None:
    rng = random.Random(7)
    dates = [date(2024, 7, 1) + timedelta(days=i) for i in range(90)]
    rhythm = [Decimal("0.6") if day.weekday() > 4 else Decimal(1) for day in dates]
    sales = [round((40000 + 100 * i + rng.randint(-900, 900)) * rhythm[i], 2) for i in range(90)]
    sales[50] *= 3
    rows = rows_of("sales", "USD", "sum", dates, sales)
    rows += rows_of("churn", "percent", "avg", dates, [Decimal(rng.randint(1900, 2300)) / 1000 for _ in dates])
    content = summary(rows, grouping="day", startDate="2024-07-01", endDate="2024-09-28").content
    assert "Outlier: " in content
    assert "upward trend" in content
    assert_every_number_derives(content, rows, "2024-07-01", "2024-09-28")


def test_of_weekly_levels_and_averages(summary: Summary) -> None:
    weeks = [date(2024, 7, 1) + timedelta(weeks=i) for i in range(14)]
    rows = rows_of("arr", "USD", "last", weeks, [21800033 + 90000 * i for i in range(14)])
    rows += rows_of("churn", "percent", "avg", weeks, ["4.94", "4.9", "5.01", "4.97", "5", "4.89", "4.95"] * 2)
    content = summary(rows, grouping="week", startDate="2024-07-01", endDate="2024-09-30").content
    assert_every_number_derives(content, rows, "2024-07-01", "2024-09-30")


def test_of_losses_with_three_decimals(summary: Summary) -> None:
    months = [date(2024, month, 1) for month in range(4, 10)]
    rows = rows_of("profit", "EUR", "sum", months, ["-12000.5", "-8000", "2000.25", "-15000.125", "0", "7"])
    content = summary(rows, startDate="2024-04-01", endDate="2024-09-30").content
    assert "3 of 6 months" in content
    assert_every_number_derives(content, rows, "2024-04-01", "2024-09-30")


AMOUNTS = st.decimals(min_value=-(10**7), max_value=10**7, places=2)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))
@given(figures=st.lists(AMOUNTS, min_size=1, max_size=12), aggregation=st.sampled_from(["sum", "avg", "last"]))
def test_of_any_months(summary: Summary, figures: list[Decimal], aggregation: str) -> None:
    months = [date(2024, month, 1) for month in range(1, len(figures) + 1)]
    rows = rows_of("balance", "USD", aggregation, months, figures)
    end = (date(2024 + len(figures) // 12, len(figures) % 12 + 1, 1) - timedelta(days=1)).isoformat()
    content = summary(rows, startDate="2024-01-01", endDate=end).content
    assert_every_number_derives(content, rows, "2024-01-01", end)


@pytest.mark.parametrize(
    "wrong", ["**Sales rose 8.5% from", "came to $412,346 in", "up 2.00 percentage points", "×3.0"]
)
def test_the_derivation_notices_a_number_that_is_not_in_the_data(wrong: str) -> None:
    rows = rows_of("sales", "USD", "sum", [date(2024, 7, 1), date(2024, 8, 1)], ["100", "108"])
    with pytest.raises(AssertionError, match="is not in the data"):
        assert_every_number_derives(wrong, rows, "2024-07-01", "2024-08-31")
