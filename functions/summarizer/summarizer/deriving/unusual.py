"""Facts about anomalies, and how many figures were looked at."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from summarizer.anomalies import Anomaly, Looked
from summarizer.comparing import days_recorded
from summarizer.facts import Derivation, Fact, Kind, Quantity
from summarizer.judging import Judgement
from summarizer.numbers import percent, quotient, sign
from summarizer.periods import Grouping
from summarizer.series import Series

MAX_OF_A_KPI = 5


def anomaly_facts(judgement: Judgement, looked: Looked, figures: int) -> Iterator[Fact]:
    """The farthest anomalies of a KPI. ``figures`` is how many were looked at, of all KPIs."""
    for one in looked.anomalies[:MAX_OF_A_KPI]:
        yield _fact(judgement.series, one, len(looked.anomalies), figures)


def _fact(series: Series, one: Anomaly, found: int, figures: int) -> Fact:
    unit = "times the year before" if one.on_year else series.unit.text
    per_day = not one.on_year and one.value != series.by_period[one.period].value
    values = {
        "value": Quantity(one.value, unit),
        "typical": Quantity(one.typical, unit),
        "deviations": Quantity(one.deviations, "deviations"),
        "others": Quantity(Decimal(one.others), "figures"),
        "found": Quantity(Decimal(found), "figures"),
        "looked": Quantity(Decimal(figures), "figures"),
    }
    if one.on_year:
        for name, factor in (("percent", one.value), ("typicalPercent", one.typical)):
            share = percent(factor - 1, Decimal(1))
            if share is not None:
                values[name] = Quantity(share, "percent")
    elif one.typical > 0 and one.value > 0:
        values["factor"] = Quantity(quotient(one.value, one.typical), "times")
    return Fact(
        Kind.ANOMALY,
        "onYear" if one.on_year else "perDay" if per_day else "figure",
        series.name,
        values,
        {"period": one.period},
        derivation=Derivation(
            "deviations = |value - typical| / max(1.4826 × median |other - typical|, typical / 20)",
            {"value": values["value"], "typical": values["typical"]},
            (f"typical is the median of the {one.others} others", *(["per day"] if per_day else [])),
        ),
        direction=sign(one.value - one.typical),
        money=_money(series, one, per_day=per_day),
        surprise=one.deviations,
    )


def _money(series: Series, one: Anomaly, *, per_day: bool) -> Decimal | None:
    if not series.unit.is_money:
        return None
    if one.on_year:
        figure = series.by_period[one.period].value
        return quotient(figure * (one.value - one.typical), one.value) if one.value else figure
    days = days_recorded(series, series.by_period[one.period]) if per_day else 1
    return (one.value - one.typical) * (days if series.step is not Grouping.TOTAL else 1)
