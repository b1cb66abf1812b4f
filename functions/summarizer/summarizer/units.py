"""Units, and the form of a figure in each unit.

A figure is rounded half up, once, when it is written. It has the decimals of its series, at most two, and never fewer
than two significant digits of a small figure (0.0042 %). From a thousand on it has no decimals. In sentences from a
million on, and in tables from a billion on, it is short ($1.31M). Differences of ratios and percentages are percentage
points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from summarizer.markup import plain
from summarizer.numbers import decimals, rounded

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
CODES = frozenset(
    """
    AED ARS AUD BGN BHD BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW KWD MAD MXN MYR
    NGN NOK NZD OMR PEN PHP PKR PLN QAR RON RSD RUB SAR SEK SGD THB TND TRY TWD UAH USD UYU VND ZAR
    """.split()
)
SPELLINGS = {"US$": "USD", "DOLLARS": "USD", "EUROS": "EUR", **{symbol: code for code, symbol in SYMBOLS.items()}}
RATIOS = frozenset({"ratio", "fraction", "share"})
PERCENTS = frozenset({"%", "percent", "percentage", "pct"})
BARE = frozenset({"", "count", "number", "#", "unit", "units"})
MAX_PLACES = 2
SMALL = Decimal("0.1")
SHORT_IN_SENTENCES, SHORT_IN_TABLES = 10**6, 10**9
TIMES_FROM = 2  # a figure that doubles is written as "doubled" where points or per cent would say little
NUMBER_WORDS = {Decimal(2): "doubled", Decimal(3): "tripled"}
SCALES = ((Decimal(10) ** 6, "M"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 12, "T"))


class Kind(StrEnum):
    CURRENCY = "currency"
    RATIO = "ratio"  # 0.25 is shown as 25%
    PERCENT = "percent"  # 25 is shown as 25%
    NUMBER = "number"


@dataclass(frozen=True)
class Unit:
    """A unit of the data. ``text`` is its one spelling: ``usd`` and ``$`` are ``USD``."""

    text: str
    kind: Kind
    prefix: str = ""  # of a currency
    word: str = ""  # of a plain number: orders, days; as Markdown

    @classmethod
    def of(cls, text: str) -> Unit:
        """The unit that ``text`` names. With an unknown ``text`` it is a plain number, followed by that word."""
        name = " ".join(text.split())
        code = SPELLINGS.get(name.upper(), name.upper())
        if code in CODES:
            return cls(code, Kind.CURRENCY, prefix=SYMBOLS.get(code, f"{code} "))
        if name.lower() in RATIOS:
            return cls("ratio", Kind.RATIO)
        if name.lower() in PERCENTS:
            return cls("percent", Kind.PERCENT)
        if name.lower() in BARE:
            return cls("count", Kind.NUMBER)
        return cls(name.lower() if name.istitle() else name, Kind.NUMBER, word=plain(name))

    @property
    def is_money(self) -> bool:
        return self.kind is Kind.CURRENCY

    @property
    def in_points(self) -> bool:
        """Whether differences are percentage points, and sums have no meaning."""
        return self.kind in (Kind.RATIO, Kind.PERCENT)

    def shown(self, value: Decimal) -> Decimal:
        """The number on the page: a ratio times a hundred, any other value unchanged."""
        return value * 100 if self.kind is Kind.RATIO else value


@dataclass(frozen=True)
class Style:
    """The form of the figures of one series: their unit and decimals."""

    unit: Unit
    places: int

    @classmethod
    def fitting(cls, unit: Unit, values: Iterable[Decimal]) -> Style:
        places = max((decimals(unit.shown(value)) for value in values), default=0)
        return cls(unit, min(places, MAX_PLACES) if not unit.is_money else MAX_PLACES if places else 0)

    def short(self, value: Decimal) -> str:
        """For the axis of a chart: as in sentences, without the unit's word."""
        return self._written(value, derived=True, word=False, short_from=SHORT_IN_SENTENCES)

    def tabled(self, value: Decimal, *, derived: bool = False) -> str:
        """For tables: without the unit's word. ``derived`` figures, such as means, may have more decimals."""
        return self._written(value, derived=derived, word=False, short_from=SHORT_IN_TABLES)

    def brief(self, value: Decimal, *, derived: bool = False) -> str:
        """For sentences: with the unit's word."""
        return self._written(value, derived=derived, word=True, short_from=SHORT_IN_SENTENCES)

    def difference(self, value: Decimal, *, derived: bool = False) -> str:
        """The size of a difference, without its sign, for sentences."""
        if self.unit.in_points:
            points = self._points(value)
            return f"{points:,f} percentage {'point' if points == 1 else 'points'}"
        return self.brief(abs(value), derived=derived)

    def signed(self, value: Decimal, *, derived: bool = False) -> str:
        """A difference with its sign, for tables."""
        sign = "+" if value > 0 else "-" if value < 0 else ""
        if self.unit.in_points:
            return f"{sign}{self._points(value):,f} pp"
        return sign + self.tabled(abs(value), derived=derived)

    def _points(self, value: Decimal) -> Decimal:
        size = abs(self.unit.shown(value))
        return rounded(size, max(MAX_PLACES, min(decimals(size), significant(size))))

    def _written(self, value: Decimal, *, derived: bool, word: bool, short_from: int) -> str:
        number = self.unit.shown(value)
        if abs(rounded(number, 0)) >= short_from:
            return self._compact(number, word=word)
        return self._with_unit(rounded(number, self._places_of(number, derived=derived)), word=word)

    def _places_of(self, number: Decimal, *, derived: bool) -> int:
        if abs(rounded(number, 0)) >= 1000:
            return 0
        own = decimals(number)
        if self.unit.is_money and rounded(number, MAX_PLACES):
            return MAX_PLACES if derived and own else self.places
        most = max(self.places, min(own, MAX_PLACES)) if derived else self.places
        return max(most, min(own, significant(number)))

    def _compact(self, number: Decimal, *, word: bool) -> str:
        for scale, letter in SCALES:
            scaled = rounded(number / scale, 2)
            if abs(scaled) < 1000 or letter == SCALES[-1][1]:
                break
        return self._with_unit(scaled, letter, word=word)

    def _with_unit(self, number: Decimal, letter: str = "", *, word: bool) -> str:
        text = f"{'-' if number < 0 else ''}{self.unit.prefix}{abs(number):,f}{letter}"
        if self.unit.in_points:
            return text + "%"
        if not word or not self.unit.word:
            return text
        return f"{text} {self._singular() if abs(number) == 1 and not letter else self.unit.word}"

    def _singular(self) -> str:
        name = self.unit.word
        if name.lower() == "people":
            return "person"
        return name[:-1] if name.lower().endswith("s") and not name.lower().endswith("ss") and len(name) > 3 else name


def significant(number: Decimal) -> int:
    """The decimals that show the first two digits of a number below 0.1; 0 of any other."""
    return 1 - number.adjusted() if 0 < abs(number) < SMALL else 0


def percentage(value: Decimal) -> str:
    """``value`` per cent, without its sign: one decimal, and two digits of a value below 0.1."""
    return f"{rounded(abs(value), max(1, min(decimals(value), significant(value)))):,f}%"


def times(factor: Decimal) -> str:
    """How often as much, as a predicate: ``tripled``, ``rose to 12.5 times as much``."""
    return NUMBER_WORDS.get(rounded(factor, 1), f"rose to {multiple(factor)} times as much")


def multiple(factor: Decimal) -> str:
    """A factor with one decimal, or none if it is a whole number: ``12.5``, ``100``."""
    number = rounded(factor, 1)
    return f"{number:,f}".removesuffix(".0")
