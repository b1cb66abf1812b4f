"""Facts about figures: the newest one of each KPI, and the total of what adds up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from summarizer.facts import Derivation, Fact, Kind, Quantity
from summarizer.judging import Judgement
from summarizer.periods import Grouping

MAX_BEFORE = 3  # figures before the newest
MAX_INPUTS = 60  # of a derivation; a longer sum names its figures by their number alone


def figure_facts(judgement: Judgement) -> Iterator[Fact]:
    """The newest figure; of an additive KPI also its total, which includes partial periods."""
    series, unit = judgement.series, judgement.series.unit.text
    last = series.points[-1]
    dates = {"period": last.period}
    if series.is_level and (as_of := series.as_of(last)):
        dates["asOf"] = as_of
    figure = Quantity(last.value, unit)
    how = f"{series.metric.aggregation or 'figure as given'} of the period"
    yield Fact(
        Kind.FIGURE, "latest", series.name, {"value": figure}, dates, derivation=Derivation(how, {"value": figure})
    )
    for point in series.points[-MAX_BEFORE - 1 : -1]:
        value = Quantity(point.value, unit)
        yield Fact(
            Kind.FIGURE,
            "figure",
            series.name,
            {"value": value},
            {"period": point.period},
            derivation=Derivation(how, {"value": value}),
        )
    if series.additive and series.step is not Grouping.TOTAL and len(series.points) > 1:
        first = series.points[0].period
        listed = series.points if len(series.points) <= MAX_INPUTS else ()
        inputs = {series.step.label(one.period): Quantity(one.value, unit) for one in listed}
        total = Quantity(sum((one.value for one in series.points), Decimal(0)), unit)
        yield Fact(
            Kind.FIGURE,
            "total",
            series.name,
            {"value": total, "periods": Quantity(Decimal(len(series.points)), "periods")},
            {"from": first, "period": last.period},
            derivation=Derivation(f"sum of the {len(series.points)} figures of the range", inputs),
        )
