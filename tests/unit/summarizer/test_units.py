"""How figures are written: docs/kpi-tracking.md says the same in words."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarizer.units import Style, Unit, rounded


def style(unit: str, *values: str) -> Style:
    return Style.fitting(Unit.of(unit), [D(value) for value in values])


@pytest.mark.parametrize(
    ("unit", "value", "exact", "brief"),
    [
        ("USD", "1234567.5", "$1,234,567.50", "$1.23M"),
        ("usd", "412345.67", "$412,345.67", "$412,346"),
        ("EUR", "-12000.125", "-€12,000.125", "-€12,000"),
        ("CHF", "999.5", "CHF 999.50", "CHF 999.50"),
        ("USD", "999999.5", "$999,999.50", "$1.00M"),
        ("USD", "999999999", "$999,999,999", "$1.00B"),
        ("USD", "123456789012345678", "$123,456,789,012,345,678", "$123,456.79T"),
        ("ratio", "0.2345", "23.45%", "23.45%"),
        ("percent", "2.125", "2.125%", "2.13%"),
        ("orders", "139", "139", "139 orders"),
        ("orders", "1", "1", "1 order"),
        ("people", "1", "1", "1 person"),
        ("count", "7", "7", "7"),
        ("USD", "0.001", "$0.001", "$0.001"),
    ],
)
def test_a_figure_is_exact_in_a_table_and_brief_in_a_sentence(unit: str, value: str, exact: str, brief: str) -> None:
    written = style(unit, value)
    assert (written.exact(D(value)), written.brief(D(value))) == (exact, brief)


def test_three_decimals_stay_and_quotients_get_two() -> None:
    assert style("kg", "1.125", "2").exact(D(2)) == "2.000"
    assert style("kg", "0.333333", "2").exact(D("0.333333")) == "0.33"
    assert style("ratio", "0.234567").exact(D("0.234567")) == "23.46%"


def test_differences_of_percentages_are_percentage_points() -> None:
    assert style("ratio", "0.5").difference(D("-0.01")) == "1.00 percentage point"
    assert style("percent", "5").difference(D("2.5")) == "2.50 percentage points"
    assert style("percent", "5").signed(D("-2.5")) == "-2.50 pp"


def test_halves_are_rounded_away_from_zero_and_zero_has_no_sign() -> None:
    assert rounded(D("0.125"), 2) == D("0.13")
    assert rounded(D("-0.125"), 2) == D("-0.13")
    assert str(rounded(D("-0.001"), 2)) == "0.00"


@given(st.decimals(min_value=-(10**20), max_value=10**20, places=4))
def test_an_exact_figure_of_up_to_four_decimals_can_be_read_back(value: D) -> None:
    assert D(style("units", str(value)).exact(value).replace(",", "")) == value
