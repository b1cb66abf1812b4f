"""Reads days, months, quarters and years in a note."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date

from supabase_agent.notes.cursor import Cursor

MONTHS = {
    name.casefold(): number
    for names in (calendar.month_name, calendar.month_abbr, ("", *[""] * 8, "sept"))
    for number, name in enumerate(names)
    if name
}
PARTS_OF_YEAR = {
    **{f"q{number}": (3 * number - 2, 3 * number) for number in (1, 2, 3, 4)},
    **{f"h{number}": (6 * number - 5, 6 * number) for number in (1, 2)},
}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
DAY = re.compile(r"(\d{1,2})(st|nd|rd|th)?")
YEAR = re.compile(r"(19|20|21)\d\d")


class NoSuchDate(ValueError):
    """``str(error)`` is a sentence for people."""


@dataclass(frozen=True)
class Span:
    """A day, or the months from ``first_month`` to ``last_month``. ``year`` is None if the note has none."""

    year: int | None
    first_month: int
    last_month: int
    day: int | None = None

    def first(self) -> date:
        """The first day. Raises ``NoSuchDate``."""
        return self._date(self.first_month, self.day or 1)

    def last(self) -> date:
        """The last day. Raises ``NoSuchDate``."""
        year = self.year or 1
        return self._date(self.last_month, self.day or calendar.monthrange(year, self.last_month)[1])

    def in_year(self, year: int | None) -> Span:
        return replace(self, year=year)

    def in_year_of(self, start: date, end: date) -> Span:
        """The span with its year. If the note has none, it is the year in which the span lies in the range.

        Raises:
            NoSuchDate: the span lies in the range in several years, or in none.
        """
        if self.year is not None:
            return self
        years = range(start.year, end.year + 1)
        if len(years) == 1:
            return replace(self, year=start.year)
        fitting = [one for one in (replace(self, year=year) for year in years[:10]) if one._meets(start, end)]
        if len(fitting) != 1 or len(years) > 10:
            raise NoSuchDate(
                f"The note names no year, and the range from {start} to {end} does not tell which is meant."
            )
        return fitting[0]

    def _meets(self, start: date, end: date) -> bool:
        try:
            return self.first() <= end and start <= self.last()
        except NoSuchDate:
            return False

    def _date(self, month: int, day: int) -> date:
        try:
            return date(self.year or 1, month, day)
        except ValueError:
            raise NoSuchDate(f"There is no day {self.year}-{month:02}-{day:02}.") from None


def read_span(cursor: Cursor) -> Span | None:
    """Read the span at the cursor and move the cursor past it."""
    return cursor.first_of(_iso_day, _iso_month, _part_of_year, _month_first, _day_first, _year)


def read_days_of_month(cursor: Cursor, *between: str) -> tuple[Span, Span] | None:
    """Read two days of one month: "1 to 15 August 2024", "August 1-15". ``between`` are the words between the days."""
    month = cursor.take(MONTHS)
    cursor.word("the")
    first = _take_day(cursor)
    if first is None or not cursor.words(*between):
        return None
    cursor.word("the")
    last = _take_day(cursor)
    if month is None:
        cursor.word("of")
        month = cursor.take(MONTHS)
    if last is None or month is None:
        return None
    year = _following_year(cursor, ",", "of")
    return Span(year, month, month, first), Span(year, month, month, last)


def _iso_day(cursor: Cursor) -> Span | None:
    parts = cursor.peek().split("-")
    if len(parts) != 3:
        return None
    cursor.advance()
    year, month, day = map(int, parts)
    return Span(year, month, month, day) if 1 <= month <= 12 else Span(year, 12, 12, 99)


def _iso_month(cursor: Cursor) -> Span | None:
    year = _take_year(cursor)
    if year is None or not cursor.word("-"):
        return None
    month = cursor.peek()
    if not (len(month) == 2 and month.isdecimal() and 1 <= int(month) <= 12):
        return None
    cursor.advance()
    return Span(year, int(month), int(month))


def _part_of_year(cursor: Cursor) -> Span | None:
    year = _take_year(cursor)
    cursor.word("the")
    months = cursor.take(PARTS_OF_YEAR) or cursor.first_of(_ordinal)
    if months is None:
        return None
    if year is None:
        year = _following_year(cursor, "of", "/", ",", "in")
    return Span(year, *months)


def _ordinal(cursor: Cursor) -> tuple[int, int] | None:
    """The months of "second quarter" or "second half"."""
    number = cursor.take(ORDINALS)
    letter = cursor.take({"quarter": "q", "half": "h"})
    return PARTS_OF_YEAR.get(f"{letter}{number}")


def _month_first(cursor: Cursor) -> Span | None:
    month = cursor.take(MONTHS)
    if month is None:
        return None
    day = _take_day(cursor)
    return Span(_following_year(cursor, ",", "of"), month, month, day)


def _day_first(cursor: Cursor) -> Span | None:
    cursor.word("the")
    day = _take_day(cursor)
    cursor.word("of")
    month = cursor.take(MONTHS)
    if day is None or month is None:
        return None
    return Span(_following_year(cursor, ",", "of"), month, month, day)


def _year(cursor: Cursor) -> Span | None:
    year = _take_year(cursor)
    return None if year is None else Span(year, 1, 12)


def _take_day(cursor: Cursor) -> int | None:
    match = DAY.fullmatch(cursor.peek())
    if not match:
        return None
    cursor.advance()
    return int(match[1]) or 99  # no month has a day 0 or 99, and both are refused with the same message


def _take_year(cursor: Cursor) -> int | None:
    if not YEAR.fullmatch(cursor.peek()):
        return None
    return int(cursor.advance())


def _following_year(cursor: Cursor, *between: str) -> int | None:
    def read(cursor: Cursor) -> int | None:
        cursor.word(*between)
        return _take_year(cursor)

    return cursor.first_of(read)
