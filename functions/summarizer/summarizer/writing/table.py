"""The table: one row for each KPI, one column for each kind of fact that some KPI has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from summarizer.facts import Fact, Kind, Kpi, Sheet
from summarizer.markup import plain
from summarizer.periods import Grouping, days
from summarizer.predicates import change_cell, signed_percentage
from summarizer.writing.statements import cell, shown

MAX_ROWS = 25
MAX_BEFORE = 3
OF_RANGE = ("wholePrevious", "wholeYearBefore")
NONE = "–"
Cell = Callable[[Kpi], str]
CHANGES = {  # heads of columns whose cells compare different periods
    "previous": "vs period before",
    "weekBefore": "vs week before",
    "yearBefore": "vs year before",
    "range": "Last vs first period",
    "wholePrevious": "Whole range vs range before",
    "wholeYearBefore": "Whole range vs year before",
}


def table(sheet: Sheet) -> str:
    """The rows of up to 25 KPIs, plans included, and of the KPIs without figures."""
    kpis = list(sheet.kpis.values())
    columns = {head: column for head, column in _columns(sheet).items() if any(column(kpi) != NONE for kpi in kpis)}
    lines = [["KPI", *columns], ["---", *["---:"] * len(columns)]]
    lines += [[plain(kpi.name), *(column(kpi) for column in columns.values())] for kpi in kpis[:MAX_ROWS]]
    for fact in sheet.of(Kind.QUALITY, code="absent"):
        lines += [[plain(name), "no figures", *[NONE] * (len(columns) - 1)] for name in fact.names["kpis"][:MAX_ROWS]]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    left = len(kpis) - MAX_ROWS
    return text + (f"\n\n{left:,} more {'KPI is' if left == 1 else 'KPIs are'} in facts.json." if left > 0 else "")


def _columns(sheet: Sheet) -> dict[str, Cell]:
    latest = {fact.kpi: fact for fact in sheet.of(Kind.FIGURE, code="latest")}
    common = _most_common(sheet.kpis[name].step.label(fact.dates["period"]) for name, fact in latest.items())
    newest = days(sheet.start, sheet.end) if sheet.grouping is Grouping.TOTAL else _head(common) or "Latest"
    columns = {**_before(sheet, common), newest: lambda kpi: _latest(latest[kpi.name], kpi, common)}
    for code, head in CHANGES.items():
        columns |= _changes(sheet, code, head)
    return {
        **columns,
        "Total": lambda kpi: _first(sheet.of(Kind.FIGURE, kpi.name, "total"), lambda fact: shown(fact["value"], kpi)),
        "Year to date": lambda kpi: _first(_to_dates(sheet, kpi), lambda fact: _to_date(fact, kpi)),
        "Against plan": lambda kpi: _first(sheet.of(Kind.PLAN, kpi.name), lambda fact: _variance(fact, kpi)),
    }


def _most_common(labels: Iterable[str]) -> str:
    """The label that most cells share, or none if no two do."""
    counts = Counter(labels)
    ((label, number),) = counts.most_common(1)
    return label if number > 1 or len(counts) == 1 else ""


def _before(sheet: Sheet, common: str) -> dict[str, Cell]:
    """A column for each of up to three periods before the newest one."""
    kpis = [kpi for kpi in sheet.kpis.values() if sheet.of(Kind.FIGURE, kpi.name, "figure")]
    facts = [(kpi, fact) for kpi in kpis for fact in sheet.of(Kind.FIGURE, kpi.name, "figure")]
    labels = {(fact.dates["period"], kpi.step.label(fact.dates["period"])) for kpi, fact in facts}
    held = {(kpi.name, kpi.step.label(fact.dates["period"])): shown(fact["value"], kpi) for kpi, fact in facts}
    if not common or len({kpi.step for kpi in kpis}) != 1:
        return {}
    newest = [label for _, label in sorted(labels) if label != common][-MAX_BEFORE:]
    return {_head(label): lambda kpi, label=label: held.get((kpi.name, label), NONE) for label in newest}  # type: ignore[misc]


def _head(label: str) -> str:
    return f"{label[:1].upper()}{label[1:]}"


def _first(facts: list[Fact], write: Callable[[Fact], str]) -> str:
    return write(facts[0]) if facts else NONE


def _latest(fact: Fact, kpi: Kpi, common: str) -> str:
    text = shown(fact["value"], kpi)
    label = kpi.step.label(fact.dates["period"])
    return text if label == common else f"{label}: {text}"


def _changes(sheet: Sheet, code: str, head: str) -> dict[str, Cell]:
    """The column of one kind of change. Its head names the two periods that most cells compare."""
    held = {
        kpi.name: (fact, _compared(fact, kpi)) for kpi in sheet.kpis.values() if (fact := _newest(sheet, kpi, code))
    }
    if not held:
        return {}
    usual = _most_common(label for _, label in held.values())

    def column(kpi: Kpi) -> str:
        if kpi.name not in held:
            return NONE
        fact, label = held[kpi.name]
        return cell(fact, kpi) if label == usual else f"{label}: {cell(fact, kpi)}"

    return {_head(usual) or head: column}


def _newest(sheet: Sheet, kpi: Kpi, code: str) -> Fact | None:
    """The newest change of a kind, of a whole period if there is one; none that is older than the last two figures."""
    facts = [one for one in sheet.of(Kind.CHANGE, kpi.name, code) if code in OF_RANGE or not _is_old(one, sheet, kpi)]
    return max(facts, key=lambda one: ("firstDay" not in one.dates, one.dates["period"]), default=None)


def _is_old(fact: Fact, sheet: Sheet, kpi: Kpi) -> bool:
    figures = [*sheet.of(Kind.FIGURE, kpi.name, "latest"), *sheet.of(Kind.FIGURE, kpi.name, "figure")]
    newest = sorted(one.dates["period"] for one in figures)[-2:]
    return fact.dates["period"] < newest[0]


def _compared(fact: Fact, kpi: Kpi) -> str:
    """The two periods of a change: ``Sep 2024 vs Aug 2024``, ``1–9 Dec 2011 vs 1–9 Dec 2010``."""
    dates = fact.dates
    if "firstDay" in dates:
        parts = days(dates["firstDay"], dates["lastDay"]), days(dates["firstDayBefore"], dates["lastDayBefore"])
        return " vs ".join(parts)
    return f"{kpi.step.label(dates['period'])} vs {kpi.step.label(dates['toPeriod'])}"


def _to_dates(sheet: Sheet, kpi: Kpi) -> list[Fact]:
    """The year to date, if there is one of the year before."""
    return [fact for fact in sheet.of(Kind.TO_DATE, kpi.name) if "difference" in fact.values]


def _to_date(fact: Fact, kpi: Kpi) -> str:
    text = shown(fact["value"], kpi)
    return f"{text} ({change_cell(fact, kpi.style)}{', daily average' if fact.per_day else ''})"


def _variance(fact: Fact, kpi: Kpi) -> str:
    text = kpi.style.signed(fact["difference"])
    if "percent" in fact.values and not kpi.style.unit.in_points:
        text += f" ({signed_percentage(fact['percent'])})"
    return text
