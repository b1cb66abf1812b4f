"""The form of figures, as docs/kpi-tracking.md describes it."""

from __future__ import annotations

import re
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.numbers import quotient, rounded
from summarizer.units import Style, Unit, times


def style(unit: str, *values: str) -> Style:
    return Style.fitting(Unit.of(unit), [D(value) for value in values])


@pytest.mark.parametrize(
    ("unit", "value", "tabled", "brief"),
    [
        ("USD", "1234567.5", "$1,234,568", "$1.23M"),
        ("usd", "412345.67", "$412,346", "$412,346"),
        ("EUR", "-12000.125", "-€12,000", "-€12,000"),
        ("CHF", "999.49", "CHF 999.49", "CHF 999.49"),
        ("USD", "999999.5", "$1,000,000", "$1.00M"),
        ("USD", "999999999", "$999,999,999", "$1.00B"),
        ("USD", "999999999.99", "$1.00B", "$1.00B"),
        ("USD", "123456789012345678", "$123,456.79T", "$123,456.79T"),
        ("ratio", "0.2345", "23.45%", "23.45%"),
        ("percent", "2.125", "2.13%", "2.13%"),
        ("orders", "139", "139", "139 orders"),
        ("orders", "1", "1", "1 order"),
        ("people", "1", "1", "1 person"),
        ("count", "7", "7", "7"),
        ("USD", "0.001", "$0.001", "$0.001"),
        ("JPY", "5000", "¥5,000", "¥5,000"),
        ("kg", "0.00125", "0.0013", "0.0013 kg"),
        ("ratio", "0.00012", "0.012%", "0.012%"),
    ],
)
def test_a_figure_has_more_digits_in_a_table_than_in_a_sentence(unit: str, value: str, tabled: str, brief: str) -> None:
    written = style(unit, value)
    assert (written.tabled(D(value)), written.brief(D(value))) == (tabled, brief)


def test_figures_have_two_decimals_at_most_unless_they_would_vanish() -> None:
    assert style("kg", "1.125", "2").tabled(D(2)) == "2.00"
    assert style("kg", "0.333333", "2").tabled(D("0.333333")) == "0.33"
    assert style("ratio", "0.234567").tabled(D("0.234567")) == "23.46%"
    assert style("kg", "0.001", "2").tabled(D("0.001")) == "0.001"
    assert style("percent", "0.00264", "5").tabled(D("0.00264")) == "0.0026%"


@pytest.mark.parametrize("text", ["USD", "usd", " $ ", "US$", "Dollars"])
def test_the_spellings_of_a_currency_are_one_unit(text: str) -> None:
    assert Unit.of(text) == Unit.of("USD")


def test_a_multiple_has_a_word_or_a_number_of_times() -> None:
    assert [times(D(factor)) for factor in ("2", "3.02", "12.5", "100")] == [
        "doubled", "tripled", "rose to 12.5 times as much", "rose to 100 times as much"
    ]  # fmt: skip


def test_differences_of_percentages_are_percentage_points() -> None:
    assert style("ratio", "0.5").difference(D("-0.01")) == "1.00 percentage point"
    assert style("percent", "5").difference(D("2.5")) == "2.50 percentage points"
    assert style("percent", "5").signed(D("-2.5")) == "-2.50 pp"


def test_halves_are_rounded_away_from_zero_and_zero_has_no_sign() -> None:
    assert rounded(D("0.125"), 2) == D("0.13")
    assert rounded(D("-0.125"), 2) == D("-0.13")
    assert str(rounded(D("-0.001"), 2)) == "0.00"


@given(st.decimals(min_value=-999, max_value=999, places=2))
def test_a_tabled_figure_below_a_thousand_can_be_read_back(value: D) -> None:
    assert D(style("units", str(value)).tabled(value)) == value


@given(st.lists(st.decimals(min_value=-(10**9), max_value=10**9, places=5), min_size=1, max_size=5))
def test_money_of_a_cent_or_more_never_has_three_decimals(values: list[D]) -> None:
    written = style("USD", *map(str, values))
    for value in [one for one in values if abs(one) >= D("0.01")]:
        for text in (written.tabled(value), written.tabled(value, derived=True), written.brief(value)):
            assert not re.search(r"\.\d{3}", text)


@given(st.decimals(min_value=0, max_value=10**12, places=30), st.integers(1, 10**6), st.integers(0, 6))
def test_a_cut_quotient_is_rounded_as_the_exact_one(dividend: D, divisor: int, places: int) -> None:
    exact = Fraction(dividend) / divisor
    half_up = Fraction(int(exact * 10**places + Fraction(1, 2)), 10**places)
    assert Fraction(rounded(quotient(dividend, divisor), places)) == half_up
