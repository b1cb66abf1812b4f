"""What the figures cover: sentences about scope and data, in the order of their weight."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from summarizer.facts import Fact, Kind, Sheet
from summarizer.markup import plain
from summarizer.periods import Grouping, between, days, runs
from summarizer.prose import sentence, shortened
from summarizer.writing.statements import Statement

MAX_NAMES = 2
MAX_RUNS = 3
MIN_LOOKED = 3  # of fewer figures, none can stand out
ALL = "all companies and departments"
ALL_KPIS = "all KPIs"


def coverage(sheet: Sheet) -> list[Statement]:
    """The scope, then what a reader must know to trust the figures, then how they were looked at."""
    scope = plain(sheet.scope.full_in_sentence, longest=None) if sheet.scope else ALL
    statements = [Statement(sentence(f"figures of {scope}"), ())]
    for code, write in WRITERS.items():
        statements += _together(sheet, code, write)
    return [*statements, *_looked(sheet)]


Write = Callable[[Fact, str, Sheet], str]


def _together(sheet: Sheet, code: str, write: Write) -> Iterator[Statement]:
    """The facts of one code, those that say the same of several KPIs in one sentence."""
    groups: dict[tuple[object, ...], list[Fact]] = {}
    for fact in sheet.of(Kind.QUALITY, code=code):
        values = tuple((name, one.value) for name, one in fact.values.items())
        key = (values, tuple(fact.dates.items()), tuple(fact.names.items()))
        groups.setdefault(key, []).append(fact)
    for facts in groups.values():
        yield Statement(sentence(write(facts[0], _whose(facts, sheet), sheet)), tuple(facts))


def _whose(facts: Sequence[Fact], sheet: Sheet) -> str:
    """The KPIs of the facts; ``all KPIs`` if none is left out."""
    names = [plain(sheet.kpis[fact.kpi].spoken) for fact in facts if fact.kpi]
    if 1 < len(names) == len(sheet.kpis):
        return ALL_KPIS
    return shortened(names, MAX_NAMES) if names else ""


def _step(fact: Fact, sheet: Sheet) -> Grouping:
    return sheet.kpis[fact.kpi].step


def _partial(fact: Fact, whose: str, sheet: Sheet) -> str:
    numbers = f"{fact.number('number'):,} of {fact.number('of'):,} {fact.values['of'].unit}"
    return f"{_step(fact, sheet).named(fact.dates['period'])} is partial ({numbers}): {whose}"


def _partial_not_compared(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"{_partial(fact, whose, sheet)}, not compared"


def _joined(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"{_named(fact)} joined {_step(fact, sheet).when(fact.dates['period'])}: {whose}"


def _no(whose: str) -> str:
    return "no figures" if whose == ALL_KPIS else f"no {whose}"


def _left(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"{_no(whose)} of {_named(fact)} since {_step(fact, sheet).named(fact.dates['period'])}"


def _away(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"{_no(whose)} of {_named(fact)}: {between(fact.dates['period'], fact.dates['to'], _step(fact, sheet))}"


def _late(fact: Fact, whose: str, sheet: Sheet) -> str:
    when = _step(fact, sheet).named(fact.dates["period"])
    return f"{_named(fact)} reported only a part of {when}, not compared: {whose}"


def _until(fact: Fact, whose: str, sheet: Sheet) -> str:
    return _edge(fact, whose, "until")


def _from(fact: Fact, whose: str, sheet: Sheet) -> str:
    return _edge(fact, whose, "from")


def _edge(fact: Fact, whose: str, word: str) -> str:
    """``North has data until 25 Mar 2025, not compared: Sales``."""
    has = "has" if len(fact.names["departments"]) == 1 else "have"
    how = ", not compared" if fact.code.endswith("NotCompared") else ""
    return f"{_named(fact)} {has} data {word} {days(fact.dates['day'], fact.dates['day'])}{how}: {whose}"


def _named(fact: Fact) -> str:
    return shortened([plain(name) for name in fact.names["departments"]], MAX_NAMES)


def _departments(fact: Fact, whose: str, sheet: Sheet) -> str:
    now, before = fact.number("departments"), fact.number("departmentsBefore")
    when = _step(fact, sheet).when(fact.dates["period"])
    departments = "department" if now == 1 else "departments"
    return f"{now:,} {departments} reported {whose} {when}, {before:,} the period before: not compared"


def _strangers(fact: Fact, whose: str, sheet: Sheet) -> str:
    step = _step(fact, sheet)
    both = f"{step.named(fact.dates['toPeriod'])} and {step.named(fact.dates['period'])}"
    return f"no department reported {whose} in all of {both}: not compared"


def _outside(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"the numbers of {shortened(_runs(fact, sheet), MAX_RUNS)} lie outside the range, not counted: {whose}"


def _beyond(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"counted whole, also beyond the range: {shortened(_runs(fact, sheet), MAX_RUNS)} of {whose}"


def _missing(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"no figures for {'any KPI' if whose == ALL_KPIS else whose}: {shortened(_runs(fact, sheet), MAX_RUNS)}"


def _uneven(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"sums of {whose} lack parts: {shortened(_runs(fact, sheet), MAX_RUNS)}, not compared"


def _runs(fact: Fact, sheet: Sheet) -> list[str]:
    return runs(list(fact.dates.values()), _step(fact, sheet))


def _stale(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"the newest {whose} is of {days(fact.dates['asOf'], fact.dates['asOf'])}"


def _grain(fact: Fact, whose: str, sheet: Sheet) -> str:
    inferred = " (inferred)" if fact.code == "grainInferred" else ""
    return f"recorded by {fact.names['grain'][0]}{inferred}: {whose}"


def _absent(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"no figures for {shortened([plain(name) for name in fact.names['kpis']], MAX_RUNS, 'other KPIs')}"


def _currencies(fact: Fact, whose: str, sheet: Sheet) -> str:
    return f"amounts in {shortened(list(fact.names['currencies']), MAX_RUNS)} are never added"


WRITERS: dict[str, Write] = {
    "partial": _partial,
    "partialNotCompared": _partial_not_compared,
    "untilNotCompared": _until,
    "until": _until,
    "fromNotCompared": _from,
    "from": _from,
    "left": _left,
    "away": _away,
    "joined": _joined,
    "late": _late,
    "strangers": _strangers,
    "departments": _departments,
    "absent": _absent,
    "missing": _missing,
    "outside": _outside,
    "beyond": _beyond,
    "stale": _stale,
    "uneven": _uneven,
    "notCompared": lambda fact, whose, sheet: f"no neighbouring periods of {whose} can be compared",
    "noSeasons": lambda fact, whose, sheet: f"without two whole years, seasons cannot be told from changes: {whose}",
    "runningTotal": lambda fact, whose, sheet: f"a running total, compared with the year before only: {whose}",
    "unweighted": lambda fact, whose, sheet: f"unweighted, because no weight is declared: {whose}",
    "currencies": _currencies,
    "grain": _grain,
    "noAggregation": lambda fact, whose, sheet: f"no totals, because the rows name no aggregation: {whose}",
    "grainInferred": _grain,
}


def _looked(sheet: Sheet) -> Iterator[Statement]:
    for fact in sheet.of(Kind.COUNT, code="looked"):
        figures, found = fact.number("figures") or 0, fact.number("found") or 0
        if figures >= MIN_LOOKED:
            stand = f"{found:,}" if found else "none"
            yield Statement(
                sentence(f"{stand} of {figures:,} figures looked at {'stand' if found > 1 else 'stands'} out"), (fact,)
            )
