"""Forms of a headline that count the KPIs, the longest first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from summarizer.facts import Fact, Kind, Sheet
from summarizer.prose import listed
from summarizer.writing.news import foremost
from summarizer.writing.statements import Statement, bare, clause

ON = {
    "previous": "on the period before",
    "yearBefore": "on the year before",
    "weekBefore": "on the week before",
    "range": "from first to last whole period",
}
MOVEMENTS = {"up": "rose", "down": "fell", "same": "hardly moved"}


def counted_forms(sheet: Sheet) -> Iterator[Statement]:
    """The numbers of KPIs that rose and fell, with or without the verdicts, the basis, and the first fact."""
    count = next(one for one in sheet.of(Kind.COUNT) if one.code.startswith("movement"))
    judged = {kpi.name for kpi in sheet.judged}
    first = [fact for fact in foremost(sheet) if fact.kpi in judged][:1]
    clauses = [text for fact in first for text in _clauses(fact, sheet)]
    whether = (True, False)
    for with_verdicts, with_basis, told in (*product(whether, whether, clauses), *product(whether, whether, [""])):
        text = _counted(count, sheet, _basis(count) if with_basis else "")
        text += _verdicts(count) if with_verdicts else ""
        yield Statement(f"{text}; above all, {told}", (count, *first)) if told else Statement(text, (count,))


def _clauses(fact: Fact, sheet: Sheet) -> Iterator[str]:
    """The fact, the longest clause first. The figures of an anomaly are left to the findings."""
    if fact.kind is not Kind.ANOMALY:
        yield clause(fact, sheet, ends=True)
    yield clause(fact, sheet, brief=True)
    if fact.kind is Kind.CHANGE:
        yield bare(fact, sheet)


def _counted(count: Fact, sheet: Sheet, basis: str) -> str:
    """``of 6 KPIs, 3 rose and 2 fell on the year before, 1 cannot be compared``."""
    compared = [(number, word) for name, word in MOVEMENTS.items() if (number := count.number(name))]
    others = count.number("notCompared") or 0
    noun = "KPIs" if not sheet.judged[0].part else "series"
    if len(compared) == 1 and not others:
        ((number, word),) = compared
        return f"all {number:,} {noun} {word}{basis}" if number > 1 else f"the only KPI {word}{basis}"
    parts = [f"{listed([f'{number:,} {word}' for number, word in compared])}{basis}"] if compared else []
    parts += [f"{others:,} cannot be compared"] if others else []
    return f"of {count.number('kpis'):,} {noun}, {', '.join(parts)}"


def _basis(count: Fact) -> str:
    """What all changes compare, if it is one thing."""
    _, _, basis = count.code.partition(":")
    return f" {ON[basis]}" if basis and (count.get("up") or count.get("down")) else ""


def _verdicts(count: Fact) -> str:
    found = [f"{number:,} {name}" for name in ("better", "worse") if (number := count.number(name))]
    return f" ({listed(found)})" if found else ""
