"""The calendar: days, weeks (from Monday), months, quarters and years, and the same part of another period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

UNITS = ("day", "week", "month", "quarter", "year", "total")
"""The lengths of a period, the shortest first. ``total`` is the whole range of a question."""
GRAINS = UNITS[:-1]
PREVIOUS, YEAR_BEFORE = "previous", "yearBefore"

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_LAST_OF_MONTH = 31
_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Span:
    """The days from ``first`` to ``last``, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def clipped(self, other: Span) -> Span | None:
        """The days of both; None if there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Span(first, last) if first <= last else None


def coarser(one: str, other: str) -> str:
    return max(one, other, key=UNITS.index)


def period_of(day: date, unit: str) -> Span:
    """The period that has the day. ``unit`` is one of ``GRAINS``."""
    if unit in _DAYS:
        first = day - timedelta(days=day.weekday()) if unit == "week" else day
        return Span(first, first + timedelta(days=_DAYS[unit] - 1))
    months = _MONTHS[unit]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    return Span(first, shifted(first, months) - _DAY)


def periods_in(days: Span, unit: str) -> Iterator[Span]:
    """The periods that the days touch, in order."""
    period = period_of(days.first, unit)
    while period.first <= days.last:
        yield period
        period = period_of(period.last + _DAY, unit)


def before(period: Span, unit: str, to: str) -> Span | None:
    """The period that a whole period is compared with.

    The year before of a week begins 52 weeks earlier. 29 February has no day in the year before: None. A ``total`` of
    whole months is compared with as many months before it, any other with as many days; both with the same dates of the
    year before.
    """
    if unit == "total":
        return _range_before(period, to)
    if unit in _DAYS:
        if to == PREVIOUS:
            return _moved(period, -_DAYS[unit])
        if unit == "week":
            return _moved(period, -364)
        day = shifted(period.first, -12)
        return Span(day, day) if day.day == period.first.day else None
    return period_of(shifted(period.first, -_MONTHS[unit] if to == PREVIOUS else -12), unit)


def is_by_days(period: Span, unit: str, to: str) -> bool:
    """Whether parts of the period and of the one before it correspond by days, not by months and days."""
    return unit in _DAYS or (unit == "total" and to == PREVIOUS and not whole_months(period))


def _range_before(asked: Span, to: str) -> Span:
    months = whole_months(asked)
    if to == YEAR_BEFORE:
        return Span(shifted(asked.first, -12), year_earlier_end(asked.last))
    if months:
        return Span(shifted(asked.first, -months), asked.first - _DAY)
    return _moved(asked, -asked.days)


def whole_months(span: Span) -> int:
    """The number of months that the days are; 0 if they do not begin and end with a month."""
    if span.first.day != 1 or not _is_last_of_month(span.last):
        return 0
    return 12 * (span.last.year - span.first.year) + span.last.month - span.first.month + 1


def year_earlier_end(day: date) -> date:
    """The same day of the year before, as the end of a range: the last of February stays the last of February."""
    earlier = shifted(day, -12)
    if day.month == 2 and _is_last_of_month(day):
        return shifted(earlier.replace(day=1), 1) - _DAY
    return earlier


def shifted(day: date, months: int) -> date:
    """The same day of another month, or its last day if it is shorter."""
    number = 12 * day.year + day.month - 1 + months
    return _day_of(date(number // 12, number % 12 + 1, 1), day.day)


def same_part(one: Span, one_part: Span, other: Span, other_part: Span, *, by_days: bool) -> tuple[Span, Span] | None:
    """The parts of two periods of one unit that both have, of the available parts; None if they have none in common.

    A position in a period is a number of months and a day of the month, or only a number of days. A part that ends with
    its period may end with the other, which may be longer or shorter.
    """
    start = max(_position(one, one_part.first, by_days), _position(other, other_part.first, by_days))
    end = min(_end_position(one, one_part.last, by_days), _end_position(other, other_part.last, by_days))
    if start > end:
        return None
    parts = [Span(_at(period, start, by_days), min(_at(period, end, by_days), period.last)) for period in (one, other)]
    for period, part in zip((one, other), parts, strict=True):
        if part.first > part.last or _position(period, part.first, by_days) != start:  # a shorter month lacks the day
            return None
    return parts[0], parts[1]


_Position = tuple[int, int]
_END = (99_999, 0)


def _position(period: Span, day: date, by_days: bool) -> _Position:
    if by_days:
        return 0, (day - period.first).days
    return 12 * (day.year - period.first.year) + day.month - period.first.month, day.day


def _end_position(period: Span, day: date, by_days: bool) -> _Position:
    if day >= period.last:
        return _END
    months, number = _position(period, day, by_days)
    return (months, _LAST_OF_MONTH) if not by_days and _is_last_of_month(day) else (months, number)


def _at(period: Span, position: _Position, by_days: bool) -> date:
    if position == _END:
        return period.last
    if by_days:
        return period.first + timedelta(days=position[1])
    return _day_of(shifted(period.first.replace(day=1), position[0]), position[1])


def _day_of(month: date, day: int) -> date:
    """The day of the month that begins on ``month``, or its last day if it has no such day."""
    last = (month + timedelta(days=31)).replace(day=1) - _DAY
    return month.replace(day=min(day, last.day))


def _moved(span: Span, days: int) -> Span:
    return Span(span.first + timedelta(days=days), span.last + timedelta(days=days))


def _is_last_of_month(day: date) -> bool:
    return (day + _DAY).day == 1
