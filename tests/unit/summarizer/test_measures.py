"""The statistics are exact and equal their textbook definitions."""

from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction
from itertools import combinations
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from summarizer.measures import Change, mean, outliers, trend

figures = st.decimals(min_value=-(10**9), max_value=10**9, places=3)


@given(figures, figures)
def test_a_change_is_undone_by_its_difference(before: D, after: D) -> None:
    assert before + Change(before, after).difference == after


@given(figures, figures)
def test_a_percentage_exists_only_from_above_zero_to_zero_or_above(before: D, after: D) -> None:
    percent = Change(before, after).percent
    assert (percent is not None) == (before > 0 and after >= 0)
    if percent is not None:
        assert abs(before * (1 + percent / 100) - after) < D("1e-12") * max(after, 1)


@given(st.lists(figures, min_size=1, max_size=30))
def test_a_mean_is_the_sum_divided_by_the_number(values: list[D]) -> None:
    assert abs(Fraction(mean(values)) - sum(map(Fraction, values)) / len(values)) < Fraction(1, 10**20)


@given(st.lists(st.integers(-5, 5).map(D), min_size=5, max_size=25))
def test_the_trend_is_kendalls_and_its_slope_is_theil_and_sens(values: list[D]) -> None:
    result = trend(values, range(len(values)))
    assert result is not None
    slopes = [Fraction(values[j] - values[i]) / (j - i) for i, j in combinations(range(len(values)), 2)]
    assert abs(Fraction(result.slope) - median(slopes)) < Fraction(1, 10**20)
    rises = sum((b > a) - (b < a) for a, b in combinations(values, 2))
    assert result.direction in (0, (rises > 0) - (rises < 0))


@given(st.lists(figures, min_size=5, max_size=20))
def test_a_trend_turns_with_the_figures(values: list[D]) -> None:
    result, turned = trend(values, range(len(values))), trend([-value for value in values], range(len(values)))
    assert result is not None
    assert turned is not None
    assert turned.direction == -result.direction


def test_five_rises_in_a_row_are_a_trend_and_four_points_never_are() -> None:
    rising = trend([D(1), D(2), D(3), D(4), D(9)], range(5))
    assert rising is not None
    assert rising.direction == 1
    assert trend([D(1), D(2), D(3), D(4)], range(4)) is None


def test_alternating_figures_have_no_trend() -> None:
    result = trend([D(1), D(9)] * 6, range(12))
    assert result is not None
    assert result.direction == 0


def test_a_missing_position_makes_a_slope_flatter() -> None:
    result = trend([D(0), D(1), D(2), D(3), D(4)], [0, 2, 4, 6, 8])
    assert result is not None
    assert result.slope == D("0.5")


def test_weekends_are_neither_a_trend_nor_outliers() -> None:
    week = [D(100), D(101), D(99), D(100), D(102), D(20), D(21)]
    days = [value + D(index % 3) for index, value in enumerate(week * 6)]
    result = trend(days, range(len(days)), season=7)
    assert result is not None
    assert result.direction == 0
    assert outliers(days, range(len(days)), season=7) == ()
    assert {o.index % 7 for o in outliers(days, range(len(days)))} == {5, 6}  # without a season they would be


def test_an_outlier_has_its_index_and_the_typical_figure() -> None:
    values = [D(v) for v in (10, 11, 9, 10, 12, 50, 10, 11)]
    (outlier,) = outliers(values, range(8))
    assert (outlier.index, outlier.typical) == (5, D("10.5"))


def test_seven_figures_are_too_few_for_outliers() -> None:
    assert outliers([D(v) for v in (10, 11, 9, 10, 12, 50, 10)], range(7)) == ()


def test_mostly_equal_figures_have_no_outlier() -> None:
    assert outliers([D(5)] * 9 + [D(6)], range(10)) == ()
