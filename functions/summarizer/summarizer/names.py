"""KPI names: how they compare, how they read in a sentence, and which ones are better when lower."""

from __future__ import annotations

import re

ABBREVIATIONS = frozenset(
    "aov arpu arr cac capex cogs csat dau dso ebit ebitda gmv kpi ltv mau mrr mtd nps nrr opex qtd roas roi ytd".split()
)
LOWER_IS_BETTER = frozenset(
    """
    attrition bugs burn cac cancellations capex chargebacks churn cogs complaints cost costs debt defects downtime
    dso errors expense expenses failures fees incidents latency loss losses opex overdue overhead refunds returns
    spend spending tickets
    """.split()
)
OVERRULES = frozenset(
    "efficiency gain gains income margin on profit recovered reduction return revenue saved savings".split()
)
LEVELS = frozenset(
    """
    arr balance backlog cash debt employees fte headcount inventory mrr outstanding pipeline subscribers
    """.split()
)
MONTHS_TO_DATE = ("month to date", "mtd")
STARTING_AGAIN = ("year to date", "ytd", "fytd", "quarter to date", "qtd", *MONTHS_TO_DATE)
RUNNING_TOTALS = ("to date", "cumulative", "running total", *STARTING_AGAIN)
LEVEL_PHRASES = (*RUNNING_TOTALS, "closing", "month end")
AVERAGES = frozenset("aov arpu average avg cac csat ltv mean median nps per rate score".split())


def key(name: str) -> str:
    """Names with the same key are the same KPI: case, spaces, underscores and hyphens do not matter."""
    return " ".join(words(name))


def words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s_\-–—/]+", name.casefold()) if word]


def spoken(name: str) -> str:
    """The name as it reads inside a sentence: ``profit_margin`` is profit margin, ``arr`` is ARR, ``EBIT`` stays."""
    plain = " ".join(name.replace("_", " ").split())
    return " ".join(word.upper() if word.casefold() in ABBREVIATIONS else word for word in plain.split(" "))


def lower_is_better(name: str) -> bool:
    """Whether people are glad when this KPI falls: costs, churn, complaints. Unknown names are better when higher."""
    found = set(words(name))
    return bool(found & LOWER_IS_BETTER or "write off" in key(name)) and not found & OVERRULES


def is_level(name: str) -> bool:
    """Whether the KPI is a state of affairs (a balance, a headcount), so that adding its periods up makes no sense."""
    return bool(set(words(name)) & LEVELS) or _holds(name, LEVEL_PHRASES)


def is_running_total(name: str) -> bool:
    """Whether the KPI is counted on from a start: it can only grow, until it may start again."""
    return _holds(name, RUNNING_TOTALS)


def starts_again(name: str) -> bool:
    """Whether the KPI is a running total that is counted anew every year, quarter or month."""
    return _holds(name, STARTING_AGAIN)


def is_month_to_date(name: str) -> bool:
    return _holds(name, MONTHS_TO_DATE)


def is_average(name: str) -> bool:
    """Whether the name says that the figure is an average, rate or score."""
    return bool(set(words(name)) & AVERAGES)


def _holds(name: str, phrases: tuple[str, ...]) -> bool:
    return any(f" {phrase} " in f" {key(name)} " for phrase in phrases)
