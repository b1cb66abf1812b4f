"""The numbers of a KPI file, in the forms that spreadsheets write. They become plain decimals with the same digits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

NO_NUMBER = frozenset({"", "n/a", "na", "n.a.", "#n/a", "null", "none", "nan"})
"""The texts of a line that has no number, in small letters."""
_DASHES = frozenset({"-", "–", "—"})
_SIGNS = {"$": "USD", "US$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_NAMES = {"DOLLAR": "USD", "DOLLARS": "USD", "EURO": "EUR", "EUROS": "EUR"}
_PERCENT = frozenset({"%", "percent", "per cent", "pct"})
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d*)?", re.ASCII)
_PARTS = re.compile(
    r"(?P<open>\()?(?P<sign>[+-]?)(?P<before>US\$|[A-Z]{3}|[$€£¥₹])?\s?(?P<inner>[+-]?)"
    r"(?P<digits>\d[\d.,'’ ]*)\s?(?P<after>US\$|[A-Z]{3}|[$€£¥₹%])?(?P<behind>-?)(?P<close>\))?",
    re.ASCII,
)
_SPACES = re.compile("[\u00a0\u2007\u2009\u202f ]")
_BY_COMMAS, _BY_POINTS = re.compile(r"\d{1,3}(?:,\d{3})+", re.ASCII), re.compile(r"\d{1,3}(?:\.\d{3})+", re.ASCII)


class UnclearNumber(ValueError):
    """The text is a number that does not fit or may mean several. The message is the rest of a sentence."""


@dataclass(frozen=True)
class NumberForms:
    """The decimal signs of a file: those of which a number leaves no doubt."""

    points: bool = False
    commas: bool = False

    @classmethod
    def of(cls, texts: Iterable[str], *, semicolons: bool = False) -> NumberForms:
        """The signs of the texts. A file with ``semicolons`` between its fields may have commas for decimals."""
        signs = {_sign(match["digits"].strip()) for text in texts if (match := _PARTS.fullmatch(_folded(text)))}
        return cls(points="." in signs or (not semicolons and "," not in signs), commas="," in signs)

    def plain(self, text: str, unit: str) -> str | None:
        """The number as a plain decimal; None if the text is no number in a known form.

        Raises:
            UnclearNumber: it may be one of two numbers, is in another currency, or is a percentage of nothing.
        """
        if text in _DASHES:
            raise UnclearNumber(f"value {text!r} may be zero or no data; write 0, or leave it empty")
        match = _PARTS.fullmatch(_folded(text))
        if match is None or bool(match["open"]) != bool(match["close"]):
            return None
        minuses = [match["sign"] == "-", match["inner"] == "-", match["behind"] == "-", bool(match["open"])]
        if sum(minuses) > 1 or (match["sign"] and match["inner"]):
            return None
        _check_currency(text, [match["before"], match["after"]], unit)
        number = self._digits(match["digits"].strip(), text)
        if number is None:
            return None
        if match["after"] == "%":
            number = _of_percent(number, text, unit)
        return f"-{number}" if any(minuses) else number

    def _digits(self, digits: str, text: str) -> str | None:
        """The digits with a point before the decimals."""
        if _PLAIN.fullmatch(digits) and not _BY_POINTS.fullmatch(digits):
            return digits
        bare = re.sub("['’ ]", "", digits)
        sign = _sign(digits)
        if sign is None and bare.isdigit():
            return bare if re.fullmatch(r"\d{1,3}(?:['’ ]\d{3})*", digits) else None
        if sign == "" and self.points == self.commas:
            whole = re.sub("[.,]", "", bare)
            decimal = ".".join(re.split("[.,]", bare))
            raise UnclearNumber(f"value {text!r} may be {whole} or {decimal}; write it without separators of thousands")
        if sign == "":
            sign = "." if self.points else ","
        if sign not in (".", ","):
            return None
        other = "," if sign == "." else "."
        whole, _, decimals = bare.partition(sign)
        groups = _BY_COMMAS if other == "," else _BY_POINTS
        if (other in whole and not groups.fullmatch(whole)) or not (decimals.isdigit() or not decimals):
            return None
        return whole.replace(other, "") + (f".{decimals}" if decimals else "")


def _folded(text: str) -> str:
    return _SPACES.sub(" ", text).replace("−", "-").strip()


def _sign(digits: str) -> str | None:
    """The decimal sign that the digits must have; "" if "," or "." may be one or may separate thousands; None without
    either.
    """
    points, commas = digits.count("."), digits.count(",")
    if points and commas:
        return max(".,", key=digits.rindex)
    if points > 1 or commas > 1:
        return "," if points > 1 else "."
    if not points and not commas:
        return None
    mark = "." if points else ","
    is_group = (_BY_POINTS if points else _BY_COMMAS).fullmatch(digits) and not digits.startswith("0")
    return "" if is_group else mark


def _check_currency(text: str, marks: Iterable[str | None], unit: str) -> None:
    for mark in marks:
        if mark and mark != "%" and _currency(mark) != _currency(unit):
            raise UnclearNumber(
                f"value {text!r} is in {_currency(mark)}, but the unit is {unit}; currencies are not mixed"
            )


def _currency(name: str) -> str:
    upper = name.strip().upper()
    return _SIGNS.get(upper, _NAMES.get(upper, upper))


def _of_percent(number: str, text: str, unit: str) -> str:
    """The number of a percentage: of 12.5%, 12.5 in percent, and 0.125 as a ratio."""
    if unit.strip().lower() in _PERCENT:
        return number
    if unit.strip().lower() == "ratio":
        return f"{Decimal(number).scaleb(-2):f}"
    raise UnclearNumber(f"value {text!r} is a percentage, but the unit is {unit}; use the unit percent, or write no %")
