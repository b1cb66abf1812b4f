"""The page: title, headline, table, charts, findings, drivers, and what the figures cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from summarizer.beside import To
from summarizer.facts import Fact, Kind, Sheet
from summarizer.markup import plain
from summarizer.prose import bullets
from summarizer.scope import Scope
from summarizer.writing.coverage import coverage
from summarizer.writing.headline import headline
from summarizer.writing.news import foremost, is_open
from summarizer.writing.statements import Statement, drivers, said
from summarizer.writing.table import table

OF_PERIODS = (To.PREVIOUS, To.YEAR_BEFORE)
MAX_FINDINGS = 5
MAX_OF_A_KPI = 2
MAX_DRIVERS = 2
MAX_WORDS = 190  # of prose, without title and table
RESERVED = 50  # words for what the figures cover
HEADINGS = ("Findings", "Drivers", "What the figures cover")
REST = "More is in facts.json."


@dataclass(frozen=True)
class Page:
    """A page about figures. ``subject`` and ``title`` are plain text, all others are Markdown.

    ``table`` is empty if there are no figures. ``sections`` are pairs of a heading and its text; ``statements`` are the
    sentences of the page with the facts that they are made of.
    """

    subject: str  # the title without the scope
    scope: Scope
    headline: str
    table: str
    sections: tuple[tuple[str, str], ...]
    charts: str = ""
    statements: tuple[Statement, ...] = field(default=(), compare=False)

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
        return (*filter(None, [self.table, self.charts]), *sections)

    def __str__(self) -> str:
        return "\n\n".join([self.opening, *self.body(2)]) + "\n"


def write_page(sheet: Sheet, charts: Sequence[str]) -> Page:
    """The page of a sheet. ``charts`` are the images of its charts."""
    opening = headline(sheet)
    covers = coverage(sheet)
    words = MAX_WORDS - opening.words - sum(len(heading.split()) for heading in HEADINGS)
    reserved = min(RESERVED, sum(one.words for one in covers))
    words -= reserved
    driven = _fitting(_drivers(sheet), words)
    words -= sum(one.words for one in driven)
    found = _fitting(_findings(sheet, opening.facts), words)
    words -= sum(one.words for one in found)
    told = _fitting(covers, words + reserved)
    rest = [REST] if len(told) < len(covers) else []
    texts = ([one.text for one in found], [one.text for one in driven], [*(one.text for one in told), *rest])
    return Page(
        sheet.title,
        sheet.scope,
        opening.text,
        table(sheet),
        tuple((heading, bullets(some)) for heading, some in zip(HEADINGS, texts, strict=True) if some),
        "\n".join(charts),
        (opening, *found, *driven, *told),
    )


def _fitting(statements: Sequence[Statement], words: int) -> list[Statement]:
    """The statements, in their order, that have room."""
    fitting = []
    for one in statements:
        if one.words <= words:
            words -= one.words
            fitting.append(one)
    return fitting


def _findings(sheet: Sheet, told: Sequence[Fact]) -> list[Statement]:
    """At most five facts in their order, at most two of a KPI, and none that the headline has.

    Of an anomaly, a headline has no figures.
    """
    found: list[Fact] = []
    seen = {fact.position for fact in told if fact.kind is not Kind.ANOMALY}
    candidates = {fact.position for fact in foremost(sheet)}
    for fact in sheet.facts:
        is_told = is_open(fact) or _is_of_part(fact) or fact.position in candidates
        if not is_told or fact.position in seen or sum(other.kpi == fact.kpi for other in found) >= MAX_OF_A_KPI:
            continue
        found.append(fact)
        if len(found) == MAX_FINDINGS:
            break
    return [said(fact, sheet) for fact in found]


def _is_of_part(fact: Fact) -> bool:
    """Whether a fact compares a partial period with the same part of another, beside the main change."""
    return fact.kind is Kind.CHANGE and not fact.main and fact.code in OF_PERIODS and "firstDay" in fact.dates


def _drivers(sheet: Sheet) -> list[Statement]:
    """The drivers of the KPIs whose changes are first."""
    facts = sheet.of(Kind.DRIVER)
    by_rank = dict.fromkeys(fact.kpi for fact in sheet.facts if fact.kind is Kind.CHANGE)
    kpis = [kpi for kpi in by_rank if any(fact.kpi == kpi for fact in facts)]
    return [drivers([fact for fact in facts if fact.kpi == kpi], sheet) for kpi in kpis[:MAX_DRIVERS]]
