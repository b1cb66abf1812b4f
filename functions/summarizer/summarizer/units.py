"""Units, and the form of a figure in each unit.

Rounding is half up (away from zero). It applies only to the text of a figure, never to a figure in a computation:

* A figure in a table has the decimals of its series, at most two. If all figures of the series are below 0.1 (and no
  money), they have enough decimals for the first two digits of the largest.
* A *derived* figure (average, median, slope) has two decimals, or the decimals of its series if they are more. For
  plain numbers without decimals it has one.
* A *brief* figure, for sentences, has two decimals and M, B or T from a million on, no decimals from a thousand on,
  and at most two from one on.
* Percentages have one decimal. Differences of ratios and percentages are percentage points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from summarizer.markup import plain

SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
CODES = frozenset(
    """
    AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS INR JPY KRW MXN NOK NZD PLN RON SEK SGD THB TRY TWD UAH USD ZAR
    """.split()
)
RATIOS = frozenset({"ratio", "fraction", "share"})
PERCENTS = frozenset({"%", "percent", "percentage", "pct"})
BARE = frozenset({"", "count", "number", "#"})
MAX_PLACES = 2
SMALL = Decimal("0.1")
SCALES = ((Decimal(10) ** 6, "M"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 12, "T"))


class Kind(StrEnum):
    CURRENCY = "currency"
    RATIO = "ratio"  # 0.25 is shown as 25%
    PERCENT = "percent"  # 25 is shown as 25%
    NUMBER = "number"


@dataclass(frozen=True)
class Unit:
    """A unit of the data: its text, kind, prefix and word."""

    text: str
    kind: Kind
    prefix: str = ""  # of a currency
    word: str = ""  # of a plain number: orders, days; as Markdown

    @classmethod
    def of(cls, text: str) -> Unit:
        """The unit that ``text`` names. With an unknown ``text`` it is a plain number, followed by that word."""
        name = text.strip()
        if name.upper() in CODES:
            code = name.upper()
            return cls(text, Kind.CURRENCY, prefix=SYMBOLS.get(code, f"{code} "))
        if name in SYMBOLS.values():
            return cls(text, Kind.CURRENCY, prefix=name)
        if name.lower() in RATIOS:
            return cls(text, Kind.RATIO)
        if name.lower() in PERCENTS:
            return cls(text, Kind.PERCENT)
        return cls(text, Kind.NUMBER, word="" if name.lower() in BARE else plain(name))

    @property
    def in_points(self) -> bool:
        """Whether differences are percentage points, and sums have no meaning."""
        return self.kind in (Kind.RATIO, Kind.PERCENT)

    def shown(self, value: Decimal) -> Decimal:
        """The number on the page: a ratio times a hundred, any other value unchanged."""
        return value * 100 if self.kind is Kind.RATIO else value


@dataclass(frozen=True)
class Style:
    """The form of the figures of one series."""

    unit: Unit
    places: int

    @classmethod
    def fitting(cls, unit: Unit, values: Iterable[Decimal]) -> Style:
        shown = [unit.shown(value) for value in values]
        places = max(map(decimals, shown), default=0)
        if unit.kind is Kind.CURRENCY:
            return cls(unit, MAX_PLACES if places else 0)
        largest = max(map(abs, shown), default=Decimal(0))
        most = 1 - largest.adjusted() if 0 < largest < SMALL else MAX_PLACES
        return cls(unit, min(places, most))

    def tabled(self, value: Decimal, *, word: bool = False) -> str:
        """For tables: with the decimals of the series; with the unit's word only if ``word``."""
        return self._written(rounded(self.unit.shown(value), self.places), word=word)

    def derived(self, value: Decimal, *, word: bool = False) -> str:
        """An average or median, with the decimals of derived figures."""
        return self._written(rounded(self.unit.shown(value), self._derived_places), word=word)

    def brief(self, value: Decimal, *, derived: bool = False) -> str:
        """For sentences: short enough to read aloud."""
        number = self.unit.shown(value)
        if abs(rounded(number, 0)) >= 10**6:
            return self._compact(number)
        if abs(number) >= 1000:
            return self._written(rounded(number, 0), word=True)
        places = self._derived_places if derived else self.places
        return self._written(rounded(number, min(places, 2) if abs(number) >= 1 else places), word=True)

    def difference(self, value: Decimal, *, derived: bool = False) -> str:
        """The size of a difference, without its sign, for sentences."""
        if not self.unit.in_points:
            return self.brief(abs(value), derived=derived)
        points = rounded(abs(self.unit.shown(value)), 2)
        return f"{points:,f} percentage {'point' if points == 1 else 'points'}"

    def signed(self, value: Decimal) -> str:
        """A difference with its sign, for tables."""
        sign = "+" if value > 0 else "-" if value < 0 else ""
        if self.unit.in_points:
            return f"{sign}{rounded(abs(self.unit.shown(value)), self._derived_places):,f} pp"
        return sign + self.tabled(abs(value))

    def rounds_to_nothing(self, value: Decimal) -> bool:
        """Whether the page would show a difference of ``value`` percentage points as zero."""
        return rounded(self.unit.shown(value), 2) == 0

    @property
    def _derived_places(self) -> int:
        return max(self.places, 1 if self.unit.kind is Kind.NUMBER and not self.places else 2)

    def _compact(self, number: Decimal) -> str:
        for scale, letter in SCALES:
            scaled = rounded(number / scale, 2)
            if abs(scaled) < 1000 or letter == SCALES[-1][1]:
                break
        return self._written(scaled, letter, word=True)

    def _written(self, number: Decimal, letter: str = "", *, word: bool) -> str:
        sign = "-" if number < 0 else ""
        text = f"{sign}{self.unit.prefix}{abs(number):,f}{letter}"
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


def decimals(value: Decimal) -> int:
    """The number of decimals of ``value``, without trailing zeros."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def rounded(value: Decimal, places: int) -> Decimal:
    """``value`` with ``places`` decimals, rounded half up; never a negative zero."""
    result = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def percentage(value: Decimal) -> str:
    """``value`` per cent with one decimal, without its sign."""
    return f"{rounded(abs(value), 1):,f}%"
