"""The dates of a KPI file, in the forms that spreadsheets write."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})|(\d{1,2})[/.](\d{4})", re.ASCII)
_NAMED = re.compile(r"([A-Za-z]{3,9})\.?[ -](\d{4})|(\d{4})[ -]([A-Za-z]{3,9})", re.ASCII)
_QUARTER = re.compile(r"(\d{4})[- ]?Q([1-4])|Q([1-4])[- /]?(\d{4})", re.ASCII | re.IGNORECASE)
_WEEK = re.compile(r"(\d{4})-?W(\d{1,2})", re.ASCII | re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20|21)\d\d", re.ASCII)
_SERIAL = re.compile(r"\d{5}", re.ASCII)
_EPOCH = date(1899, 12, 30)  # of the day numbers of spreadsheets
_SERIALS = range(20_000, 80_000)  # 1954 to 2119
_MONTHS = {name.lower(): at for names in (calendar.month_name, calendar.month_abbr) for at, name in enumerate(names)}
_MONTHS["sept"] = 9


class UnclearDate(ValueError):
    """The text may mean several days. The message is the rest of a sentence."""


@dataclass(frozen=True)
class Days:
    """The first and last day that a text names: the same, or those of a month, a quarter, a week or a year."""

    first: date
    last: date


@dataclass(frozen=True)
class DateForms:
    """How a file writes dates. ``day_first`` is None if no date with slashes tells whether the day comes first."""

    day_first: bool | None = None

    @classmethod
    def of(cls, texts: Iterable[str]) -> DateForms:
        """The forms that the texts have in common."""
        found = [match for text in texts if (match := _SLASHED.fullmatch(text))]
        day_first, month_first = any(int(m[1]) > 12 for m in found), any(int(m[2]) > 12 for m in found)
        return cls(day_first if day_first != month_first else None)

    def days(self, text: str) -> Days | None:
        """The days that a text names; None if it is no date in a known form.

        Raises:
            UnclearDate: it may be one of two days.
        """
        try:
            return _day(text) or self._slashed(text) or _period(text)
        except UnclearDate:
            raise
        except ValueError:  # month 13
            return None

    def _slashed(self, text: str) -> Days | None:
        match = _SLASHED.fullmatch(text)
        if match is None:
            return None
        one, other, year = map(int, match.groups())
        if one <= 12 and other <= 12 and one != other and self.day_first is None:
            readings = sorted([date(year, other, one), date(year, one, other)])
            raise UnclearDate(f"date {text!r} may be {readings[0]} or {readings[1]}; write the one that you mean")
        is_day_first = one > 12 or (other <= 12 and bool(self.day_first))
        return _one(date(year, other, one) if is_day_first else date(year, one, other))


def _one(day: date) -> Days:
    return Days(day, day)


def _day(text: str) -> Days | None:
    if match := _DAY.fullmatch(text):
        return _one(date(int(match[1]), int(match[2]), int(match[3])))
    if match := _DOTTED.fullmatch(text):
        return _one(date(int(match[3]), int(match[2]), int(match[1])))
    if _SERIAL.fullmatch(text) and int(text) in _SERIALS:
        return _one(_EPOCH + timedelta(days=int(text)))
    return None


def _period(text: str) -> Days | None:
    if match := _MONTH.fullmatch(text):
        return _months(int(match[1] or match[4]), int(match[2] or match[3]), 1)
    if (match := _NAMED.fullmatch(text)) and (month := _MONTHS.get((match[1] or match[4]).lower())):
        return _months(int(match[2] or match[3]), month, 1)
    if match := _QUARTER.fullmatch(text):
        return _months(int(match[1] or match[4]), 3 * int(match[2] or match[3]) - 2, 3)
    if match := _WEEK.fullmatch(text):
        monday = date.fromisocalendar(int(match[1]), int(match[2]), 1)
        return Days(monday, monday + timedelta(days=6))
    if _YEAR.fullmatch(text):
        return _months(int(text), 1, 12)
    return None


def _months(year: int, month: int, number: int) -> Days:
    last = month + number - 1
    return Days(date(year, month, 1), date(year, last, calendar.monthrange(year, last)[1]))
