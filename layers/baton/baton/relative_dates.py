"""Relative dates: ``today - 7 days``, ``start of quarter -1``, ``end of last month + 1 day``.

The day decides which date a relative date means. ``docs/schedules.md`` has the grammar.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from baton.suggestions import nearest

EXAMPLES = "`today - 7 days` or `start of last month`"

_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_EDGES = ("start", "end")
_WHICH = {"last": -1, "this": 0, "next": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}  # a week is no number of months
_PERIODS = ("week", *_MONTHS)
_FORM = re.compile(
    rf"(?:(?P<day>{'|'.join(_DAYS)})"
    rf"|(?P<edge>{'|'.join(_EDGES)}) of (?:(?P<which>{'|'.join(_WHICH)}) )?(?P<period>{'|'.join(_PERIODS)})"
    r"(?: ?(?P<shift>[+-] ?[0-9]{1,3})(?![0-9]| ?day))?)"
    r"(?: ?(?P<offset>[+-] ?[0-9]{1,4}) ?days?)?"
)
_WORDS = (*_DAYS, *_EDGES, "of", *_WHICH, *_PERIODS, "days")
_SYNONYMS = {"beginning": "start", "first": "start", "previous": "last", "current": "this", "now": "today"}
_PHRASES = (
    *_DAYS,
    *(f"{edge} of {which}{period}" for period in _PERIODS for which in ("", "last ", "next ") for edge in _EDGES),
)


def resolve(text: str, today: date) -> date | None:
    """The date that ``text`` means on the day ``today``; None if it is no relative date."""
    form = _FORM.fullmatch(_plain(text))
    if form is None or (form["which"] and form["shift"]):
        return None
    return _anchor(form, today) + timedelta(days=_number(form["offset"]))


def is_relative(text: str) -> bool:
    return resolve(text, date(2000, 1, 1)) is not None


def nearest_to(text: str) -> str | None:
    """The relative date that ``text`` was probably meant to be; None if it is like none."""
    if len(text) > 100:
        return None
    plain = re.sub(r"^([0-9]+ days?) ago$", r"today - \1", _plain(text))
    words = [_word(word) for word in re.findall(r"[a-z]+|[0-9]+|[+-]", plain) if word != "the"]
    corrected = " ".join(words)
    for attempt in (corrected, f"{corrected} days"):
        if is_relative(attempt):
            return attempt
    return nearest(corrected, _PHRASES)


def _plain(text: str) -> str:
    """Small letters, single spaces, and the hyphen for every minus sign."""
    return " ".join(text.lower().replace("\N{MINUS SIGN}", "-").replace("\N{EN DASH}", "-").split())


def _word(word: str) -> str:
    if not word.isalpha():
        return word
    return _SYNONYMS.get(word) or nearest(word, _WORDS) or word


def _anchor(form: re.Match[str], today: date) -> date:
    if form["day"]:
        return today + timedelta(days=_DAYS[form["day"]])
    shift = _WHICH[form["which"]] if form["which"] else _number(form["shift"])
    if form["edge"] == "start":
        return _start(form["period"], today, shift)
    return _start(form["period"], today, shift + 1) - timedelta(days=1)


def _start(period: str, today: date, shift: int) -> date:
    """The first day of the period that is ``shift`` periods after that of ``today``. A week begins on Monday."""
    if period == "week":
        return today + timedelta(days=7 * shift - today.weekday())
    months = _MONTHS[period]
    since_year_0 = (today.year * 12 + today.month - 1) // months + shift
    year, month = divmod(since_year_0 * months, 12)
    return date(year, month + 1, 1)


def _number(text: str | None) -> int:
    return int(text.replace(" ", "")) if text else 0
