"""Reads ranges of dates in a sentence: "from July to September 2024"."""

from __future__ import annotations

from itertools import pairwise

from supabase_agent.notes.cursor import Cursor
from supabase_agent.notes.instructions import Dates
from supabase_agent.notes.lexicon import FIGURES, ONLY, ONLY_AFTER
from supabase_agent.notes.spans import Span, read_days_of_month, read_span
from supabase_agent.notes.tokens import Token
from supabase_agent.notes.vocabulary import KPI

TO = ("to", "until", "till", "through", "thru", "-", "–", "—", "up to")
OF_BEFORE = (FIGURES | {*ONLY, "report"}) - {"please"}
ON = ("on", "onward", "onwards")
SINCE = ("since", "starting on", "starting in", "starting from", "starting with", "starting", "beginning in")
UNTIL = ("until", "till", "through", "up to", "ending on", "ending in", "ending")


def read_dates(cursor: Cursor) -> Dates | None:
    dates = cursor.first_of(_from, _between, _since, _until, _within, _bare)
    if dates:
        cursor.word(*ONLY_AFTER)
    return dates


def read_bare_dates(cursor: Cursor) -> Dates | None:
    """Read spans without a word before them: "August", "July to September", "July and August"."""
    return cursor.first_of(_to, _in_a_row, _one)


def _from(cursor: Cursor) -> Dates | None:
    """ "From August 2024 on", also without "on"."""
    before = cursor.token_before()
    if not cursor.word("from"):
        return None
    if dates := cursor.first_of(_to):
        return dates
    start = _span(cursor)
    if start is None:
        return None
    is_start = cursor.word(*ON) or start.day or not (_is_of(before, start) or cursor.peek() in ONLY_AFTER)
    return Dates(start, None) if is_start else None


def _is_of(before: Token | None, start: Span) -> bool:
    """Whether "from" may mean "of": "from August", "from 2024", "revenue from August 2024"."""
    is_year = (start.first_month, start.last_month) == (1, 12)
    is_of_figures = before is not None and (
        before.word in OF_BEFORE or any(meaning.kind == KPI for meaning in before.meanings)
    )
    return start.year is None or is_year or is_of_figures


def _between(cursor: Cursor) -> Dates | None:
    if not cursor.word("between"):
        return None
    return cursor.first_of(lambda at: _two_spans(at, "and"), lambda at: _two_days(at, "and"))


def _since(cursor: Cursor) -> Dates | None:
    start = _span(cursor) if cursor.words(*SINCE) else None
    return Dates(start, None) if start else None


def _until(cursor: Cursor) -> Dates | None:
    end = _span(cursor) if cursor.words(*UNTIL) else None
    return Dates(None, end) if end else None


def _within(cursor: Cursor) -> Dates | None:
    if cursor.word("on"):
        dates = _one(cursor)
        return dates if dates and dates.start and dates.start.day else None
    if not cursor.word("in", "for", "during", "within", "of"):
        return None
    return read_bare_dates(cursor)


def _bare(cursor: Cursor) -> Dates | None:
    """Spans that are certainly dates: a month with a year, a range, a quarter, or a month before "only"."""
    if dates := cursor.first_of(_to):
        return dates
    dates = cursor.first_of(_in_a_row, _one)
    span = dates.start if dates else None
    if span is None or span.day:
        return None
    is_year = (span.first_month, span.last_month) == (1, 12)
    is_part_of_year = span.first_month < span.last_month and not is_year
    is_sure = is_part_of_year or (span.year and not is_year) or cursor.peek() in ONLY_AFTER
    return dates if is_sure else None


def _to(cursor: Cursor) -> Dates | None:
    return cursor.first_of(lambda at: _two_spans(at, *TO), lambda at: _two_days(at, *TO))


def _two_spans(cursor: Cursor, *between: str) -> Dates | None:
    start = _span(cursor)
    end = _span(cursor) if start and cursor.words(*between) else None
    return Dates(start, end) if end else None


def _two_days(cursor: Cursor, *between: str) -> Dates | None:
    days = read_days_of_month(cursor, *between)
    return Dates(*days) if days else None


def _in_a_row(cursor: Cursor) -> Dates | None:
    """Consecutive months or quarters: "July, August and September 2024"."""
    spans: list[Span] = []
    while span := (cursor.first_of(_next_span) if spans else _span(cursor)):
        spans.append(span)
    years = {span.year for span in spans} - {None}
    if len(years) == 1:
        spans = [span.in_year(*years) for span in spans]
    return Dates(spans[0], spans[-1]) if len(spans) > 1 and _follow(spans) else None


def _next_span(cursor: Cursor) -> Span | None:
    comma = cursor.word(",")
    return _span(cursor) if cursor.word("and", "&") or comma else None


def _follow(spans: list[Span]) -> bool:
    if any(span.day for span in spans) or (len({span.year is None for span in spans}) > 1):
        return False
    months = [(12 * (span.year or 0) + span.first_month, 12 * (span.year or 0) + span.last_month) for span in spans]
    return all(last + 1 == first for (_, last), (first, _) in pairwise(months))


def _one(cursor: Cursor) -> Dates | None:
    span = _span(cursor)
    return Dates(span, span) if span else None


def _span(cursor: Cursor) -> Span | None:
    token = cursor.token()
    return None if token is None or token.meanings else read_span(cursor)
