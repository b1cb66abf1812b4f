"""The headline: one sentence, made of the facts that the page goes on to tell."""

from __future__ import annotations

from collections.abc import Iterator

from summarizer.facts import Fact, Kind, Kpi, Sheet
from summarizer.markup import plain
from summarizer.predicates import is_slight
from summarizer.prose import listed, sentence
from summarizer.writing.statements import Statement, clause

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
    kpis = [kpi for kpi in sheet.kpis.values() if kpi.plan_of is None] or list(sheet.kpis.values())
    facts: list[Fact] = []
    if len(kpis) <= MAX_NAMED:
        parts = [_of_kpi(kpi, sheet, facts) for kpi in kpis]
        text = "; ".join(parts)
    else:
        text = _counted(sheet, facts)
    scope = sheet.scope.short
    return Statement(sentence(f"{plain(scope, longest=None)}: {text}" if scope else text), tuple(facts))


def _of_kpi(kpi: Kpi, sheet: Sheet, facts: list[Fact]) -> str:
    main = sheet.main(kpi.name)
    if main is None:
        told = [*(one for one in foremost(sheet, kpi.name) if one.kind is not Kind.ANOMALY), *_latest(sheet, kpi.name)][
            :1
        ]
    else:
        told = [main, *(one for one in foremost(sheet, kpi.name)[:1] if one.kind in (Kind.GOAL, Kind.PLAN))]
    told.sort(key=lambda one: one.position)
    facts += told
    first, *others = [clause(one, sheet, ends=True) for one in told]
    name = plain(kpi.spoken)
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
    text = f"of {count.number('kpis'):,} KPIs, {listed(moved)}"
    if len(moved) == 1:
        number, did = moved[0].split(" ", 1)
        text = f"all {number} KPIs {did}"
    if basis and (count.get("up") or count.get("down")):
        text += f" {ON[basis]}"
    elif not basis:
        text += " (on different bases)"
    if verdicts := list(_verdicts(count)):
        text += f" ({listed(verdicts)})"
    if first := foremost(sheet)[:1]:
        facts += first
        text += f"; foremost: {clause(first[0], sheet, ends=True)}"
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
