"""KPI names: their comparison, their form in a sentence, and the meaning of their words."""

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
    """The form that all spellings of a KPI's name share: case, spaces, underscores and hyphens do not count."""
    return " ".join(words(name))


def words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s_\-–—/]+", name.casefold()) if word]


def spoken(name: str) -> str:
    """The name for the inside of a sentence: ``profit_margin`` is profit margin, ``arr`` is ARR, ``EBIT`` stays."""
    plain = " ".join(name.replace("_", " ").split())
    return " ".join(word.upper() if word.casefold() in ABBREVIATIONS else word for word in plain.split(" "))


def lower_is_better(name: str) -> bool:
    """Whether a fall of this KPI is good news: costs, churn, complaints. An unknown KPI is better when higher."""
    name_words = set(words(name))
    return bool(name_words & LOWER_IS_BETTER or "write off" in key(name)) and not name_words & OVERRULES


def is_level(name: str) -> bool:
    """Whether the KPI is a level (a balance, a headcount), so a sum of its periods has no meaning."""
    return bool(set(words(name)) & LEVELS) or _holds(name, LEVEL_PHRASES)


def is_running_total(name: str) -> bool:
    """Whether the KPI is a running total, which can only grow until it starts again."""
    return _holds(name, RUNNING_TOTALS)


def starts_again(name: str) -> bool:
    """Whether the KPI is a running total that starts again every year, quarter or month."""
    return _holds(name, STARTING_AGAIN)


def is_month_to_date(name: str) -> bool:
    return _holds(name, MONTHS_TO_DATE)


def is_average(name: str) -> bool:
    """Whether the name says that the figure is an average, rate or score."""
    return bool(set(words(name)) & AVERAGES)


def _holds(name: str, phrases: tuple[str, ...]) -> bool:
    return any(f" {phrase} " in f" {key(name)} " for phrase in phrases)
