"""Facts about drivers: how much of a change of an additive KPI each department or company has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from summarizer.beside import ByKpi, Driver, To
from summarizer.comparing import OF_RANGE, Comparison
from summarizer.deriving.changes import dates_of
from summarizer.facts import Derivation, Fact, Kind, Quantity
from summarizer.judging import Judgement
from summarizer.numbers import quotient, sign
from summarizer.periods import Grouping
from summarizer.series import in_grain

MAX_NAMED = 3


def driver_facts(judgement: Judgement, drivers: ByKpi[Driver], grouping: Grouping) -> Iterator[Fact]:
    """The largest parts of the newest comparison that has drivers, and the sum of the others.

    Departments that joined or left are no part of the comparison, so they are none here. Parts that do not add up to
    the change are left out.
    """
    series = judgement.series
    if not series.additive or series.part:
        return
    own = drivers.of(series.kpi, series.name)
    for compared in _candidates(judgement):
        for by in ("department", "company"):
            parts = [
                one
                for one in own
                if one.by == by
                and _is_of(one, compared, grouping, series.step)
                and one.name not in (*compared.joined, *compared.left)
            ]
            if len(parts) > 1 and _adds_up(parts, compared):
                yield from _facts(judgement, compared, by, parts)
                return


def _is_of(driver: Driver, compared: Comparison, grouping: Grouping, step: Grouping) -> bool:
    """Whether a driver is about this comparison."""
    if driver.period is None:
        return OF_RANGE[driver.to] is compared.to or (step is Grouping.TOTAL and driver.to is compared.to)
    return driver.to is compared.to and in_grain(driver.period, grouping, step) == compared.period


def _candidates(judgement: Judgement) -> list[Comparison]:
    told = [judgement.main, judgement.latest(To.PREVIOUS), judgement.latest(To.YEAR_BEFORE), judgement.of_part]
    told += [judgement.latest(To.WHOLE_YEAR_BEFORE), judgement.latest(To.WHOLE_PREVIOUS)]
    return list(dict.fromkeys(one for one in told if one))


def _adds_up(parts: Sequence[Driver], compared: Comparison) -> bool:
    value = sum((one.value for one in parts), Decimal(0))
    before = sum((one.before for one in parts), Decimal(0))
    return (value, before) == (compared.value, compared.before) and compared.direction != 0


def _facts(judgement: Judgement, compared: Comparison, by: str, parts: Sequence[Driver]) -> Iterator[Fact]:
    ordered = sorted(parts, key=lambda one: -abs(_part(one.value, one.before, compared)))
    most = MAX_NAMED if len(parts) > MAX_NAMED + 1 else MAX_NAMED + 1
    for one in ordered[:most]:
        yield _fact(judgement, compared, by, one.name, one.value, one.before)
    if others := ordered[most:]:
        value = sum((one.value for one in others), Decimal(0))
        before = sum((one.before for one in others), Decimal(0))
        yield _fact(judgement, compared, by, "", value, before, len(others))


def _part(value: Decimal, before: Decimal, compared: Comparison) -> Decimal:
    """The part of the change, on the basis of the comparison."""
    if compared.per_day and compared.days and compared.days_before:
        both = compared.days * compared.days_before
        return quotient(value * compared.days_before - before * compared.days, both)
    return value - before


def _fact(
    judgement: Judgement, compared: Comparison, by: str, name: str, value: Decimal, before: Decimal, others: int = 0
) -> Fact:
    series = judgement.series
    unit = series.unit.text
    difference = _part(value, before, compared)
    values = {"difference": Quantity(difference, unit)}
    if others:
        values["others"] = Quantity(Decimal(others), "names")
    return Fact(
        Kind.DRIVER,
        by,
        series.name,
        values,
        dates_of(compared),
        {"name": (name,)} if name else {},
        Derivation(
            "difference = after / days - before / daysBefore" if compared.per_day else "difference = after - before",
            {"after": Quantity(value, unit), "before": Quantity(before, unit)},
            (f"{compared.to.value}", *(["per day"] if compared.per_day else [])),
        ),
        direction=sign(difference),
        money=difference if series.unit.is_money else None,
        surprise=abs(difference),
    )
