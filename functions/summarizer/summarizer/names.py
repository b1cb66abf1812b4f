"""KPI names: their comparison, and their form in a sentence. A name never decides whether a figure is good or bad."""

from __future__ import annotations

import re

ABBREVIATIONS = frozenset(
    "aov arpu arr cac capex cogs csat dau dso ebit ebitda gmv kpi ltv mau mrr mtd nps nrr opex qtd roas roi ytd".split()
)


def key(name: str) -> str:
    """The form that all spellings of a KPI's name share: case, spaces, underscores and hyphens do not count."""
    return " ".join(words(name))


def words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s_\-–—/]+", name.casefold()) if word]


def spoken(name: str) -> str:
    """The name for the inside of a sentence: ``profit_margin`` is profit margin, ``arr`` is ARR, ``EBIT`` stays."""
    plain = " ".join(name.replace("_", " ").split())
    return " ".join(word.upper() if word.casefold() in ABBREVIATIONS else word for word in plain.split(" "))
