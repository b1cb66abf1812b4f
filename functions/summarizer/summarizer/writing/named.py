"""Forms of a headline that name each KPI, the longest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from summarizer.facts import Fact, Kind, Kpi, Sheet
from summarizer.markup import plain
from summarizer.predicates import is_slight
from summarizer.prose import listed
from summarizer.writing.news import foremost
from summarizer.writing.statements import Statement, bare, basis_of, clause, did, subject

Told = Mapping[str, Sequence[Fact]]
"""The facts that a headline tells of each KPI."""


def named_forms(sheet: Sheet) -> Iterator[Statement]:
    """With all figures, without them, with one fact for each KPI; a KPI alone also without what it is compared with."""
    told: Told = {kpi.name: _told(kpi, sheet) for kpi in sheet.judged}
    first: Told = {name: facts[:1] for name, facts in told.items()}
    for facts, is_brief in ((told, False), (told, True), (first, False), (first, True)):
        yield _form(facts, sheet, is_brief=is_brief)
    if len(first) == 1:
        ((fact,),) = first.values()
        yield Statement(bare(fact, sheet) if fact.kind is Kind.CHANGE else clause(fact, sheet, brief=True), (fact,))


def _told(kpi: Kpi, sheet: Sheet) -> list[Fact]:
    """The main change of a KPI, and its goal or plan if that weighs more, or what stood out though nothing changed;
    without a change the first fact.
    """
    main = sheet.main(kpi.name)
    if main is None:
        others = [one for one in foremost(sheet, kpi.name) if one.kind is not Kind.ANOMALY]
        return [*others, *sheet.of(Kind.FIGURE, kpi.name, "latest")][:1]
    told = [main, *(one for one in foremost(sheet, kpi.name)[:1] if _is_told_beside(one, main, sheet))]
    return sorted(told, key=lambda one: one.position)


def _is_told_beside(fact: Fact, main: Fact, sheet: Sheet) -> bool:
    """Whether a headline has the fact beside a change. With several KPIs it has no goal that is met."""
    if fact.kind is Kind.ANOMALY:
        return is_slight(main, sheet.kpis[main.kpi].style)
    is_met = fact.kind is Kind.GOAL and (fact.verdict or 0) > 0
    return fact.kind in (Kind.GOAL, Kind.PLAN) and not (is_met and len(sheet.judged) > 1)


def _form(told: Told, sheet: Sheet, *, is_brief: bool) -> Statement:
    """Each KPI by its facts. What the changes of neighbours compare stands once, after the last of them."""
    facts = tuple(fact for some in told.values() for fact in some)
    if len(told) == 1:
        return Statement(_of_kpi(facts, sheet, is_brief=is_brief), facts)
    parts: list[str] = []
    for basis, group in groupby(told.values(), key=lambda some: _basis(some, sheet)):
        if basis:
            parts.append(f"{_changes([fact for (fact,) in group], sheet)} {basis}")
        else:
            parts += [_of_kpi(some, sheet, is_brief=is_brief or some[0].main) for some in group]
    return Statement("; ".join(parts), facts)


def _basis(told: Sequence[Fact], sheet: Sheet) -> str:
    """What the change of a KPI compares, if there is nothing else to tell about the KPI."""
    return basis_of(told[0], sheet.kpis[told[0].kpi]) if len(told) == 1 and told[0].main else ""


def _changes(facts: Sequence[Fact], sheet: Sheet) -> str:
    """Changes without their basis. What several KPIs did alike stands once: ``Margin and revenue did not change``."""
    parts = []
    for predicate, group in groupby(facts, key=lambda fact: did(fact, sheet)):
        alike = list(group)
        if any(c.isdigit() for c in predicate):
            parts += [f"{subject(fact, sheet)} {predicate}" for fact in alike]
        else:
            parts.append(f"{listed([subject(fact, sheet) for fact in alike])} {predicate}")
    return listed(parts)


def _of_kpi(told: Sequence[Fact], sheet: Sheet, *, is_brief: bool) -> str:
    """The facts of one KPI."""
    name = plain(sheet.kpis[told[0].kpi].spoken)
    first, *others = [clause(one, sheet, ends=True, brief=is_brief or one.kind is Kind.ANOMALY) for one in told]
    return listed([first, *(other.removeprefix(f"{name} ") for other in others)])
