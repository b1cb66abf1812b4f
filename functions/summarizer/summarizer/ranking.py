"""The order of facts: money first, then surprise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from summarizer.facts import Fact, Kind, Kpi

ORDER = (
    "Facts about money come first, by their amount. Amounts of different currencies are not compared: the largest of "
    "each currency come first, then the second ones, the currencies in the order of the KPIs. Facts without money "
    "follow by kind (anomaly, goal, plan, change, toDate, driver, figure, count, quality), and within a kind by "
    "surprise: how many usual steps a figure moved, or by which part of itself if there are fewer than three steps. "
    "Missed goals come before reached ones. Equal facts keep the order of the KPIs in the question."
)
KINDS = tuple(Kind)
TOLD = (Kind.ANOMALY, Kind.GOAL, Kind.PLAN, Kind.CHANGE, Kind.TO_DATE)  # the kinds whose money counts


def ranked(facts: Iterable[Fact], kpis: Mapping[str, Kpi]) -> tuple[Fact, ...]:
    """The facts in their order, each with its position, from 1 on."""
    found = list(facts)
    with_money = [one for one in found if _has_money(one)]
    others = [one for one in found if not _has_money(one)]
    others.sort(
        key=lambda one: (KINDS.index(one.kind), one.verdict != -1 if one.kind is Kind.GOAL else False, -one.surprise)
    )
    ordered = [*_by_money(with_money, lambda one: kpis[one.kpi].style.unit.text), *others]
    return tuple(replace(one, position=position) for position, one in enumerate(ordered, 1))


def _has_money(fact: Fact) -> bool:
    return fact.kind in TOLD and fact.money is not None and fact.money != 0


def _by_money(facts: Sequence[Fact], currency: Callable[[Fact], str]) -> list[Fact]:
    """The facts by their amount; of several currencies the largest of each, then the second ones."""
    by_currency: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=lambda one: -abs(one.money or Decimal(0))):
        by_currency.setdefault(currency(fact), []).append(fact)
    places = {id(fact): place for some in by_currency.values() for place, fact in enumerate(some)}
    order = list(dict.fromkeys(currency(fact) for fact in facts))
    return sorted(facts, key=lambda one: (places[id(one)], order.index(currency(one))))
