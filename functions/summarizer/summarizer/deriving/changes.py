"""Facts about changes: with the period before, the year before, over the range, and year to date.

A rise of what is better lower is no bad news if what it goes with rose at least as fast: cancellations that grow less
than orders. Such a change has no verdict, and the fact names the other KPI.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from summarizer.beside import ByKpi, To, ToDate
from summarizer.comparing import Comparison
from summarizer.facts import Derivation, Fact, Kind, Quantity
from summarizer.judging import Judgement
from summarizer.numbers import median, percent, quotient, sign
from summarizer.periods import Grouping, days
from summarizer.series import Series

MIN_STEPS = 3
FORMULA = "difference = after - before; percent = difference / before × 100, if before > 0"
FORMULA_PER_DAY = "difference = after / days - before / daysBefore; percent = difference / (before / daysBefore) × 100"


def change_facts(judgement: Judgement, others: Sequence[Judgement]) -> Iterator[Fact]:
    """The main change, and the newest change of each other kind."""
    told = [judgement.main, *(judgement.latest(to) for to in To), judgement.of_part]
    for one in dict.fromkeys(one for one in told if one):
        yield _change(judgement, one, others, main=one is judgement.main)


def _change(judgement: Judgement, one: Comparison, others: Sequence[Judgement], *, main: bool) -> Fact:
    series = judgement.series
    beside = _beside(judgement, one, others) if main else None
    verdict = _verdict(judgement, one)
    return Fact(
        Kind.CHANGE,
        one.to.value,
        series.name,
        values={**_values(series, one), **({"beside": Quantity(beside[1], "percent")} if beside else {})},
        dates=dates_of(one),
        names={
            **one.not_counted,
            **({"departments": one.names} if one.names and one.not_counted else {}),
            **({"beside": (beside[0],)} if beside else {}),
        },
        derivation=derivation(series, one),
        direction=one.direction,
        verdict=0 if beside and verdict else verdict,
        main=main,
        money=one.difference * (one.days if one.per_day and one.days else 1) if series.unit.is_money else None,
        surprise=_surprise(series, one),
    )


def _verdict(judgement: Judgement, one: Comparison) -> int | None:
    good = judgement.direction_of_good
    return None if good is None else good * one.direction


def _values(series: Series, one: Comparison) -> dict[str, Quantity]:
    unit = series.unit.text
    held: dict[str, Quantity] = {
        "after": Quantity(one.after, unit),
        "before": Quantity(one.base, unit),
        "difference": Quantity(one.difference, "percentage points" if series.unit.in_points else unit),
    }
    optional: Mapping[str, tuple[Decimal | int | None, str]] = {
        "percent": (one.percent, "percent"),
        "factor": (one.factor, "times"),
        "days": (one.days, "days"),
        "daysBefore": (one.days_before, "days"),
        "departments": (one.departments, "departments"),
    }
    return held | {
        name: Quantity(Decimal(value), kind) for name, (value, kind) in optional.items() if value is not None
    }


def dates_of(one: Comparison) -> dict[str, date]:
    """The two periods, and the compared days if they are not whole periods."""
    dates = {"period": one.period, "toPeriod": one.to_period}
    if one.part and one.part_before and one.has_parts:
        keys = ("firstDay", "lastDay", "firstDayBefore", "lastDayBefore")
        dates |= dict(zip(keys, (*one.part, *one.part_before), strict=True))
    return dates


def derivation(series: Series, one: Comparison) -> Derivation:
    """How a change was computed, on which basis."""
    unit = series.unit.text
    inputs = {"after": Quantity(one.value, unit), "before": Quantity(one.before, unit)}
    formula = FORMULA
    if one.per_day and one.days and one.days_before:
        inputs |= {
            "days": Quantity(Decimal(one.days), "days"),
            "daysBefore": Quantity(Decimal(one.days_before), "days"),
        }
        formula = FORMULA_PER_DAY
    return Derivation(formula, inputs, tuple(_basis(series, one)))


def _basis(series: Series, one: Comparison) -> Iterator[str]:
    yield {
        To.PREVIOUS: "the period before",
        To.YEAR_BEFORE: "the year before",
        To.WEEK_BEFORE: "the week before",
        To.RANGE: "the first whole period of the range",
        To.WHOLE_PREVIOUS: "the whole range against the same length before",
        To.WHOLE_YEAR_BEFORE: "the whole range against the year before",
    }[one.to]
    if one.per_day:
        yield "per day, because the periods differ in length"
    elif series.additive and one.days != one.days_before:
        yield "as recorded"
    if one.part and one.part_before:
        yield f"{days(*one.part)} against {days(*one.part_before)}"
    if one.departments is not None:
        yield f"the {one.departments} departments that reported in both: {', '.join(one.names) or 'not named'}"
    yield "like for like as the data give it" if one.given else "whole periods, as the rows prove it"


def _surprise(series: Series, one: Comparison) -> Decimal:
    """How many usual steps the change has; with few steps the change as a part of the earlier figure."""
    steps = [abs(b.value - a.value) for a, b in pairwise(series.everything) if b.period != one.period]
    usual = median(steps) if len(steps) >= MIN_STEPS else Decimal(0)
    if usual and not one.per_day:
        return quotient(abs(one.difference), usual)
    return quotient(abs(one.difference), abs(one.base)) if one.base else Decimal(0)


def _beside(judgement: Judgement, one: Comparison, others: Sequence[Judgement]) -> tuple[str, Decimal] | None:
    """The KPI that moved at least as fast the same way, beside an additive one that is better lower."""
    if not judgement.series.additive or judgement.direction_of_good != -1 or not one.direction or one.percent is None:
        return None
    found = []
    for other in others:
        if other is judgement or not other.series.additive or other.series.is_plan or other.direction_of_good == -1:
            continue
        theirs = other.same_as(one)
        if theirs is None or theirs.percent is None or theirs.direction != one.direction:
            continue
        if abs(theirs.percent) >= abs(one.percent):
            found.append((other.series.unit.kind is judgement.series.unit.kind, abs(theirs.percent), other.series.name))
    if not found:
        return None
    _, size, name = max(found, key=lambda each: each[:2])
    return name, size * one.direction


def to_date_facts(judgement: Judgement, entries: ByKpi[ToDate]) -> Iterator[Fact]:
    """Year to date, with the same part of the year before where it exists."""
    series, unit = judgement.series, judgement.series.unit.text
    for one in entries.of(series.kpi, series.name):
        if one.part != series.part:
            continue
        values = {"value": Quantity(one.value, unit)}
        dates = {"from": one.start, "to": one.end}
        if one.before is None:
            how = Derivation("figure from the first day of the year to the last day of the data", values)
            yield Fact(Kind.TO_DATE, "yearToDate", series.name, values, dates, derivation=how)
            continue
        per_day = _is_per_day(series, one)
        difference, share = _to_date_change(one, one.before, per_day=per_day)
        inputs = {"after": Quantity(one.compared, unit), "before": Quantity(one.before, unit)}
        if per_day:
            inputs |= {name: Quantity(Decimal(days), "days") for name, days in per_day.items()}
        values = values | {"before": inputs["before"]}
        values["difference"] = Quantity(difference, "percentage points" if series.unit.in_points else unit)
        if share is not None:
            values["percent"] = Quantity(share, "percent")
        if one.start_before and one.end_before:
            dates |= {"fromBefore": one.start_before, "toBefore": one.end_before}
        good = judgement.direction_of_good
        yield Fact(
            Kind.TO_DATE,
            "yearToDate",
            series.name,
            values,
            dates,
            {key: names for key, names in (("joined", one.joined), ("left", one.left)) if names},
            derivation=Derivation(
                FORMULA_PER_DAY if per_day else FORMULA,
                inputs,
                (("per day, because the parts differ in length",) if per_day else ())
                + ("the same part of the year before",),
            ),
            direction=sign(difference),
            verdict=None if good is None else good * sign(difference),
            money=difference if series.unit.is_money else None,
            surprise=quotient(abs(difference), abs(one.before)) if one.before else Decimal(0),
        )


def _is_per_day(series: Series, one: ToDate) -> dict[str, int]:
    """The days of both parts, if the change is told per day: as other changes, if a leap year or weekdays differ."""
    by_days = series.additive and not series.metric.sparse and series.metric.grain in (Grouping.DAY, Grouping.WEEK)
    if not by_days or not one.days or not one.days_before or one.days == one.days_before:
        return {}
    return {"days": one.days, "daysBefore": one.days_before}


def _to_date_change(one: ToDate, before: Decimal, *, per_day: Mapping[str, int]) -> tuple[Decimal, Decimal | None]:
    """The difference, and as per cent if that does not mislead."""
    if not per_day:
        return one.compared - before, percent(one.compared - before, before) if one.compared >= 0 else None
    days, days_before = per_day["days"], per_day["daysBefore"]
    both = one.compared * days_before - before * days
    return quotient(both, days * days_before), percent(both, before * days) if one.compared >= 0 else None
