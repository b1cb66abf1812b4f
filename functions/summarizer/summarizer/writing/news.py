"""News: the facts that a headline or a finding may tell."""

from __future__ import annotations

from summarizer.facts import Fact, Kind, Sheet
from summarizer.predicates import is_slight

TOLD = (Kind.ANOMALY, Kind.GOAL, Kind.PLAN, Kind.CHANGE)


def foremost(sheet: Sheet, kpi: str | None = None) -> list[Fact]:
    """The facts that a headline may tell, in their order."""
    return [fact for fact in sheet.facts if kpi in (None, fact.kpi) and _is_told(fact, sheet)]


def _is_told(fact: Fact, sheet: Sheet) -> bool:
    """Whether a fact is news: no change that the page would show as none, and no goal that is still open."""
    if fact.kind is Kind.CHANGE:
        return fact.main and not is_slight(fact, sheet.kpis[fact.kpi].style)
    return fact.kind in TOLD and not is_open(fact)


def is_open(fact: Fact) -> bool:
    """Whether a fact is a goal that may still be met or missed."""
    return fact.kind is Kind.GOAL and fact.verdict is None
