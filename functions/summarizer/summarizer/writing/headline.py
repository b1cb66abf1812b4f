"""The headline: one sentence, made of the facts that the page goes on to tell."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from summarizer.facts import Fact, Kind, Kpi, Sheet
from summarizer.markup import plain
from summarizer.predicates import is_slight
from summarizer.prose import listed, sentence
from summarizer.writing.statements import Statement, basis_of, clause, short

MAX_NAMED = 3
TOLD = (Kind.ANOMALY, Kind.GOAL, Kind.PLAN, Kind.CHANGE)
ON = {
    "previous": "on the period before",
    "yearBefore": "on the year before",
    "weekBefore": "on the week before",
    "range": "from the first to the last whole period",
}


def headline(sheet: Sheet) -> Statement:
    """Up to three KPIs each by its change, and by its goal or plan if that weighs more; of more KPIs their numbers and
    the first fact.
    """
    facts: list[Fact] = []
    text = _named(sheet, facts) if len(sheet.judged) <= MAX_NAMED else _counted(sheet, facts)
    scope = sheet.scope.short
    return Statement(sentence(f"{plain(scope, longest=None)}: {text}" if scope else text), tuple(facts))


def _named(sheet: Sheet, facts: list[Fact]) -> str:
    """Each KPI by its change. What the changes of neighbours compare stands once, after the last of them."""
    told = {kpi.name: _told(kpi, sheet) for kpi in sheet.judged}
    facts += [fact for those in told.values() for fact in those]
    if len(told) == 1:
        return "".join(_of_kpi(sheet.kpis[name], those, sheet, alone=True) for name, those in told.items())
    parts: list[str] = []
    for basis, group in groupby(told.items(), key=lambda item: _basis(item[1], sheet)):
        kpis = list(group)
        if basis:
            parts.append(f"{listed([short(fact, sheet) for _, (fact,) in kpis])} {basis}")
        else:
            parts += [_of_kpi(sheet.kpis[name], those, sheet, alone=False) for name, those in kpis]
    return "; ".join(parts)


def _basis(told: list[Fact], sheet: Sheet) -> str:
    """What the change of a KPI compares, if there is nothing else to tell about the KPI."""
    return basis_of(told[0], sheet.kpis[told[0].kpi]) if len(told) == 1 and told[0].main else ""


def _told(kpi: Kpi, sheet: Sheet) -> list[Fact]:
    """The main change of a KPI, and its goal or plan if that weighs more; without a change the first fact."""
    main = sheet.main(kpi.name)
    if main is None:
        others = [one for one in foremost(sheet, kpi.name) if one.kind is not Kind.ANOMALY]
        return [*others, *_latest(sheet, kpi.name)][:1]
    told = [main, *(one for one in foremost(sheet, kpi.name)[:1] if _is_told_beside(one, sheet))]
    return sorted(told, key=lambda one: one.position)


def _is_told_beside(fact: Fact, sheet: Sheet) -> bool:
    """Whether a headline has the fact beside a change. With several KPIs it has no goal that is met."""
    is_met = fact.kind is Kind.GOAL and (fact.verdict or 0) > 0
    return fact.kind in (Kind.GOAL, Kind.PLAN) and not (is_met and len(sheet.judged) > 1)


def _of_kpi(kpi: Kpi, told: list[Fact], sheet: Sheet, *, alone: bool) -> str:
    """The facts of a KPI. Only a KPI alone has both figures of its change."""
    name = plain(kpi.spoken)
    first, *others = [
        clause(one, sheet, ends=True) if alone or not one.main else f"{short(one, sheet)} {basis_of(one, kpi)}"
        for one in told
    ]
    return listed([first, *(other.removeprefix(f"{name} ") for other in others)])


def _latest(sheet: Sheet, kpi: str) -> list[Fact]:
    return sheet.of(Kind.FIGURE, kpi, "latest")


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


def _counted(sheet: Sheet, facts: list[Fact]) -> str:
    count = next(one for one in sheet.of(Kind.COUNT) if one.code.startswith("movement"))
    facts.append(count)
    _, _, basis = count.code.partition(":")
    moved = list(_movements(count))
    noun = "KPIs" if not sheet.judged[0].part else "series"
    text = f"of {count.number('kpis'):,} {noun}, {listed(moved)}"
    if len(moved) == 1:
        number, did = moved[0].split(" ", 1)
        text = f"all {number} {noun} {did}"
    if basis and (count.get("up") or count.get("down")):
        text += f" {ON[basis]}"
    elif not basis:
        text += " (not all compared with the same period)"
    if verdicts := list(_verdicts(count)):
        text += f" ({listed(verdicts)})"
    judged = {kpi.name for kpi in sheet.judged}
    if first := [fact for fact in foremost(sheet) if fact.kpi in judged][:1]:
        facts += first
        text += f"; above all, {clause(first[0], sheet, ends=True)}"
    return text


def _movements(count: Fact) -> Iterator[str]:
    words = {"up": "rose", "down": "fell", "same": "hardly moved", "notCompared": "cannot be compared"}
    for name, word in words.items():
        if number := count.number(name):
            yield f"{number:,} {word}"


def _verdicts(count: Fact) -> Iterator[str]:
    for name in ("better", "worse"):
        if number := count.number(name):
            yield f"{number:,} for the {name}"
