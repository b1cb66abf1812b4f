"""The headline: one sentence with the most important movements."""

from __future__ import annotations

from collections.abc import Sequence

from summarizer import names
from summarizer.markup import plain
from summarizer.prose import between, change_phrase, listed, sentence
from summarizer.readings import Basis, Reading
from summarizer.scope import Scope

MAX_NAMED = 3

VERBS = {
    Basis.TOTAL: "totalled",
    Basis.AVERAGE: "averaged",
    Basis.OVERALL: "came to",
    Basis.LATEST: "ended at",
}


def headline(readings: Sequence[Reading], scope: Scope) -> str:
    """The scope of the figures, if there is one, and the movements of the KPIs."""
    clauses = _clauses(readings)
    return sentence(f"{plain(scope.short, longest=None)}: {clauses}" if scope else clauses)


def _clauses(readings: Sequence[Reading]) -> str:
    """One clause for each of up to three KPIs. For more, their numbers by movement and the strongest movement."""
    if len(readings) > MAX_NAMED and any(len(reading.compared) > 1 for reading in readings):
        return _counted(readings)
    by_window: dict[str, list[str]] = {}
    for reading in readings[:MAX_NAMED]:
        clause, window = _clause(reading)
        by_window.setdefault(window, []).append(clause)
    rest = len(readings) - MAX_NAMED
    text = "; ".join(f"{listed(clauses)} {window}".strip() for window, clauses in by_window.items())
    return f"{text}; {rest:,} more below" if rest > 0 else text


def figure(reading: Reading) -> str:
    """The one figure of a reading in a sentence: ``totalled $1.31M``."""
    verb = "came to" if len(reading.series.points) == 1 or _says_itself(reading) else VERBS[reading.basis]
    derived = reading.basis in (Basis.AVERAGE, Basis.OVERALL)
    whole = " overall" if reading.basis is Basis.OVERALL else ""
    return f"{verb} {reading.series.style.brief(reading.figure, derived=derived)}{whole}"


def _says_itself(reading: Reading) -> bool:
    """Whether the name has the meaning of the verb: total revenue, average order value."""
    return reading.basis.value in names.words(reading.series.kpi)


def trend_word(reading: Reading) -> str:
    """``an upward trend``, ``a downward trend``, ``no clear trend``."""
    direction = reading.trend.direction if reading.trend else 0
    return {1: "an upward trend", -1: "a downward trend", 0: "no clear trend"}[direction]


def _clause(reading: Reading) -> tuple[str, str]:
    """The movement of one KPI, and its window of time, which clauses of the same window share."""
    name, grouping = plain(reading.series.spoken), reading.span.grouping
    points = reading.series.points
    if reading.tells_trend:
        return f"{name} {figure(reading)} with {trend_word(reading)}", f"over {grouping.counted(len(points))}"
    if reading.can_only_grow or (reading.running and not reading.change):
        return f"{name} {figure(reading)}", grouping.when(points[-1].period)
    if reading.change:
        window = f"from {between(reading.first.period, reading.last.period, grouping)}"
        return f"{name} {change_phrase(reading.change, reading.series.style, ends=True)}", window
    if len(points) == 1:
        return f"{name} {figure(reading)}", grouping.when(points[0].period)
    return f"{name} {figure(reading)}", f"from {between(points[0].period, points[-1].period, grouping)}"


def _counted(readings: Sequence[Reading]) -> str:
    unjudged = [r for r in readings if r.running and (r.can_only_grow or not r.change)]
    verdicts = [reading.verdict for reading in readings if reading not in unjudged]
    better, worse, unmoved = (verdicts.count(verdict) for verdict in (1, -1, 0))
    parts = [f"{better:,} moved for the better"] if better else []
    parts += [f"{worse:,} {'' if better else 'moved '}for the worse"] if worse else []
    parts += [f"{unmoved:,} {'shows' if unmoved == 1 else 'show'} no clear movement"] if unmoved else []
    if unjudged:
        parts.append(f"{len(unjudged):,} {'is a running total' if len(unjudged) == 1 else 'are running totals'}")
    if len(parts) > 1:
        text = f"of {len(readings):,} KPIs, {listed(parts)}"
    else:
        number, did = parts[0].split(" ", 1)
        text = f"all {number} KPIs {did}"
    if not worse and not better:
        return text
    verdict = -1 if worse else 1
    foremost = most_moved(readings, verdict)
    what = "strongest trend" if foremost.is_clear else "largest change"
    clause, window = _clause(foremost)
    return f"{text}; the {what} for the {'worse' if worse else 'better'}: {clause} {window}"


def most_moved(readings: Sequence[Reading], verdict: int) -> Reading:
    """The reading of that verdict that moved most: of those with a clear trend, or of all if none has one."""
    return max((r for r in readings if r.verdict == verdict), key=lambda reading: (reading.is_clear, reading.weight))
