"""Ranges of dates in a sentence: "from July to September 2024"."""

from __future__ import annotations

from supabase_agent.notes.cursor import Cursor
from supabase_agent.notes.instructions import Dates
from supabase_agent.notes.lexicon import ONLY_AFTER
from supabase_agent.notes.spans import Span, read_span

TO = ("to", "until", "till", "through", "thru", "-", "–", "—", "up to")
ON = ("on", "onward", "onwards")
SINCE = ("since", "starting on", "starting in", "starting from", "starting with", "starting", "beginning in")
UNTIL = ("until", "till", "through", "up to", "ending on", "ending in", "ending")


def read_dates(cursor: Cursor) -> Dates | None:
    dates = cursor.first_of(_from, _between, _since, _until, _within, _bare)
    if dates:
        cursor.word(*ONLY_AFTER)
    return dates


def read_bare_dates(cursor: Cursor) -> Dates | None:
    """A span without any word before it: "August", "July to September"."""
    return _to(cursor) or cursor.first_of(_one)


def _from(cursor: Cursor) -> Dates | None:
    if not cursor.word("from"):
        return None
    if dates := cursor.first_of(_to):
        return dates
    start = _span(cursor)
    if start is None or not (cursor.word(*ON) or start.day):
        return None  # "from August" can mean of August and since August
    return Dates(start, None)


def _between(cursor: Cursor) -> Dates | None:
    start = _span(cursor) if cursor.word("between") else None
    end = _span(cursor) if start and cursor.word("and") else None
    return Dates(start, end) if end else None


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
    return cursor.first_of(_to, _one)


def _bare(cursor: Cursor) -> Dates | None:
    """Months that are sure to be meant: with a year, as a range, as a quarter, or with "only" behind."""
    if dates := cursor.first_of(_to):
        return dates
    span = _span(cursor)
    if span is None or span.day:
        return None
    is_quarter = span.last_month - span.first_month == 2
    is_sure = is_quarter or (span.year and span.first_month == span.last_month) or cursor.peek() in ONLY_AFTER
    return Dates(span, span) if is_sure else None


def _to(cursor: Cursor) -> Dates | None:
    at = cursor.at
    start = _span(cursor)
    end = _span(cursor) if start and cursor.words(*TO) else None
    if end is None:
        cursor.at = at
    return Dates(start, end) if end else None


def _one(cursor: Cursor) -> Dates | None:
    span = _span(cursor)
    return Dates(span, span) if span else None


def _span(cursor: Cursor) -> Span | None:
    token = cursor.token()
    return None if token is None or token.meanings else read_span(cursor)
