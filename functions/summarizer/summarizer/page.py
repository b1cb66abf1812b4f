"""The page about figures: title, headline, table, findings, advice and notes, as Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from summarizer.advice import typical
from summarizer.headline import figure, headline, trend_word
from summarizer.markup import plain
from summarizer.measures import Change
from summarizer.prose import change_cell, change_phrase, listed, on_amount, on_phrase, percentage_of, sentence
from summarizer.readings import Basis, Reading
from summarizer.scope import Scope
from summarizer.series import Point

MAX_ROWS = 25
MAX_FINDINGS = 8
MAX_OUTLIERS = 3
NONE = "–"


@dataclass(frozen=True)
class Page:
    """A page about figures. ``subject`` and ``title`` are plain text, all others are Markdown.

    ``table`` is empty if there are no figures. ``sections`` are pairs of a heading and its text.
    """

    subject: str  # the title without the scope
    scope: Scope
    headline: str
    table: str
    sections: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        return ", ".join(filter(None, [self.subject, self.scope.short]))

    @property
    def opening(self) -> str:
        """The title and the headline: the beginning of the page."""
        return f"# {plain(self.title, longest=None)}\n\n**{self.headline}**"

    def body(self, level: int) -> tuple[str, ...]:
        """The parts after the opening, with headings at ``level``."""
        sections = (f"{'#' * level} {heading}\n\n{text}" for heading, text in self.sections)
        return (*filter(None, [self.table]), *sections)

    def __str__(self) -> str:
        return "\n\n".join([self.opening, *self.body(2)]) + "\n"


def page(
    subject: str,
    readings: Sequence[Reading],
    scope: Scope,
    absent: Sequence[str],
    advice: Sequence[str],
    notes: Sequence[str],
) -> Page:
    """The whole page. ``absent`` are the KPIs of the request without figures. Sentences are Markdown."""
    sections = []
    if any(len(reading.series.points) > 1 for reading in readings):
        sections.append(("What happened", bullets(_findings(readings))))
    sections.append(("What to look at next", bullets(advice)))
    if notes:
        sections.append(("About the figures", bullets(notes)))
    return Page(subject, scope, headline(readings, scope), table(readings, absent), tuple(sections))


def bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {text}" for text in sentences)


def table(readings: Sequence[Reading], absent: Sequence[str] = ()) -> str:
    """One row for each KPI. The head names the period that most rows share, so their cells do not."""
    if all(len(reading.series.points) == 1 for reading in readings):
        return _single_period_table(readings, absent)
    changed = [reading for reading in readings if reading.change]
    first, last = _most_common(r.first.period for r in changed), _most_common(r.last.period for r in changed)
    head = ["KPI", "Total or average", _head("First", first, readings), _head("Last", last, readings), "Change"]
    rows = [[*head, "Best", "Worst"], ["---", *["---:"] * 4, "---", "---"]]
    for reading in readings[:MAX_ROWS]:
        style = reading.series.style
        row = [plain(reading.series.name), _figure_cell(reading)]
        if reading.change:
            row.append(_cell(reading, reading.first, named=reading.first.period != first))
            row.append(_cell(reading, reading.last, named=reading.last.period != last))
            difference = reading.change.difference
            row.append(style.signed(difference) if reading.can_only_grow else change_cell(reading.change, style))
        else:
            row += [NONE] * 3
        row += [_cell(reading, point, named=True) if point else NONE for point in (reading.best, reading.worst)]
        rows.append(row)
    return _rendered(rows, len(readings), absent)


def _single_period_table(readings: Sequence[Reading], absent: Sequence[str]) -> str:
    periods = {reading.series.points[0].period for reading in readings}
    head = readings[0].span.grouping.label(min(periods)) if len(periods) == 1 else "Figure"
    rows = [["KPI", head[:1].upper() + head[1:]], ["---", "---:"]]
    for reading in readings[:MAX_ROWS]:
        point = reading.series.points[0]
        text = reading.series.style.tabled(point.value, word=True)
        label = "" if len(periods) == 1 else f"{reading.span.grouping.label(point.period)}: "
        rows.append([plain(reading.series.name), f"{label}{text}"])
    return _rendered(rows, len(readings), absent)


def _rendered(rows: Sequence[Sequence[str]], readings: int, absent: Sequence[str]) -> str:
    rows = [*rows, *([plain(name), "no figures", *[NONE] * (len(rows[0]) - 2)] for name in absent[:MAX_ROWS])]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    left = readings - MAX_ROWS
    more = f"\n\n{left:,} more {'KPI is' if left == 1 else 'KPIs are'} in the data." if left > 0 else ""
    return "\n".join(lines) + more


def _most_common(periods: Iterable[date]) -> date | None:
    return next((period for period, _ in Counter(periods).most_common(1)), None)


def _head(word: str, period: date | None, readings: Sequence[Reading]) -> str:
    return f"{word} ({readings[0].span.grouping.label(period)})" if period else word


def _figure_cell(reading: Reading) -> str:
    style = reading.series.style
    derived = reading.basis in (Basis.AVERAGE, Basis.OVERALL)
    written = style.derived(reading.figure, word=True) if derived else style.tabled(reading.figure, word=True)
    return f"{written} {reading.basis.value}"


def _cell(reading: Reading, point: Point, *, named: bool) -> str:
    text = reading.series.style.tabled(point.value)
    return f"{reading.span.grouping.label(point.period)}: {text}" if named else text


def _findings(readings: Sequence[Reading]) -> list[str]:
    """One bullet for each KPI. If there are many, only those that moved most or have outliers."""
    if len(readings) > MAX_FINDINGS:
        notable = sorted(readings, key=lambda r: (r.verdict >= 0, r.movement == 0, not r.outliers, -r.weight))[
            :MAX_FINDINGS
        ]
        readings = [reading for reading in readings if reading in notable]
    return [" ".join([_movement(reading), *_trend(reading), *_outliers(reading)]) for reading in readings]


def _movement(reading: Reading) -> str:
    style, grouping = reading.series.style, reading.span.grouping
    name = f"**{sentence(plain(reading.series.spoken))[:-1]}**"
    if not reading.change:
        if len(reading.series.points) == 1:
            return f"{name} {figure(reading)} {grouping.when(reading.series.points[0].period)}, the only figure."
        if reading.running:
            when = grouping.when(reading.series.points[-1].period)
            return f"{name} {figure(reading)} {when}; the same {grouping.value} a year before is not there to compare."
        return f"{name} {figure(reading)}; too few whole {grouping.value}s to compare."
    first, last = reading.first, reading.last
    if reading.can_only_grow:
        grown = on_amount(reading.change, style, grouping.when(first.period))
        return f"{name} {figure(reading)} {grouping.when(last.period)}, {grown}."
    text = (
        f"{name} {figure(reading)} and {change_phrase(reading.change, style)} from {grouping.named(first.period)} "
        f"({style.brief(first.value)}) to {grouping.named(last.period)} ({style.brief(last.value)})"
    )
    if reading.latest_change:
        text += f", {on_phrase(reading.latest_change, style, grouping.named(reading.compared[-2].period))}"
        if reading.week_before:
            weekly = Change(reading.week_before.value, last.value)
            text += f" and {on_phrase(weekly, style, f'the same weekday a week before, {reading.week_before.period}')}"
    return text + "."


def _trend(reading: Reading) -> list[str]:
    if len(reading.compared) < 3 or reading.running:
        return []
    if reading.trend is None:
        return [_steps(reading)]
    if not reading.trend.direction:
        return ["No clear trend."]
    style, grouping = reading.series.style, reading.span.grouping
    size = style.difference(reading.trend.rise, derived=True)
    share = percentage_of(reading.trend.rise, reading.trend.average)
    if share and not reading.series.unit.in_points:
        whose = f"average {grouping.value}" if reading.basis is Basis.TOTAL else "average"
        size += f" ({share} of the {whose})"
    return [f"{sentence(trend_word(reading))[:-1]} of about {size} over the range."]


def _steps(reading: Reading) -> str:
    """The steps, one by one, because three or four periods are too few for a trend."""
    steps = [Change(before.value, after.value).direction for before, after in pairwise(reading.compared)]
    grouping = reading.span.grouping
    if len(set(steps)) == 1:
        return {1: "Up at every step.", -1: "Down at every step.", 0: "The same throughout."}[steps[0]]
    words = {1: "up", -1: "down", 0: "unchanged"}
    parts = []
    for step, group in groupby(zip(steps, reading.compared[1:], strict=True), key=lambda pair: pair[0]):
        first, *others = [point.period for _, point in group]
        parts.append(f"{words[step]} {listed([grouping.when(first), *map(grouping.named, others)])}")
    return sentence(", then ".join(parts))


def _outliers(reading: Reading) -> list[str]:
    if not reading.outliers:
        return []
    style, grouping = reading.series.style, reading.span.grouping
    outliers = [
        f"{grouping.label(outlier.point.period)} ({style.brief(outlier.point.value)}, "
        f"{style.brief(outlier.typical, derived=True)} {typical(outlier, reading)})"
        for outlier in reading.outliers[:MAX_OUTLIERS]
    ]
    left = len(reading.outliers) - MAX_OUTLIERS
    if left > 0:
        outliers.append(f"{left:,} more")
    return [f"{'Outlier' if len(reading.outliers) == 1 else 'Outliers'}: {listed(outliers)}."]
