"""The SQL of supabase-agent passes the guard, with any names and formulas."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pglast import parse_sql

from kpi_mcp.query_guard import check
from supabase_agent import literals
from supabase_agent.catalog import DEPARTMENTS, METRICS, Scope
from supabase_agent.comparisons import MAX_PAIRS
from supabase_agent.periods import UNITS, Span
from supabase_agent.problems import CannotAnswer
from supabase_agent.series import Formula, Series
from supabase_agent.statements import dates, figures, pairs, reach
from supabase_agent.statements.lists import Listed
from supabase_agent.statements.windows import Rhythm, Window

EVERYBODY = Scope((), (), None)
ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
REVENUE = Series("revenue", "USD", "sum", (ONE,))
EXPENSES = Series("expenses", "USD", "sum", (TWO,))
MARGIN = Series("margin", "ratio", "ratio", ("3",), Formula(((REVENUE, 1), (EXPENSES, -1)), ((REVENUE, 1),)))


ALL_SHAPES = [
    [REVENUE],
    [REVENUE, MARGIN],
    [Series("share", "percent", "avg", (ONE,), weights=((ONE, TWO),)), EXPENSES],
]
QUARTER = Span(date(2024, 7, 1), date(2024, 9, 30))


def compose(series: list[Series], scope: Scope = EVERYBODY, breakdown: str | None = None) -> str:
    return figures.compose(Listed.of(series), QUARTER, scope, breakdown)


def windows(count: int) -> list[Window]:
    july = Span(date(2024, 7, 1), date(2024, 7, 31))
    return [Window(pair, 1, july, is_before=pair % 2 == 0, period=july) for pair in range(1, count + 1)]


def rhythms(listed: Listed, *, is_sparse: bool = False) -> dict[int, Rhythm]:
    return {position: Rhythm("day", is_sparse) for position in listed.recorded}


@pytest.mark.parametrize("series", ALL_SHAPES)
@pytest.mark.parametrize("breakdown", [None, "company", "department"])
def test_every_statement_passes_the_guard(series: list[Series], breakdown: str | None) -> None:
    some = Scope(("A",), (), (ONE, TWO))
    for length in UNITS:
        listed = Listed.of([one.by(length) for one in series])
        for sql in (
            figures.compose(listed, QUARTER, some, breakdown),
            dates.compose(listed, QUARTER, QUARTER, some),
            pairs.compose_figures(listed, rhythms(listed, is_sparse=True), windows(2), some, breakdown),
            pairs.compose_drivers(listed, rhythms(listed), windows(2), some),
            reach.compose(listed, dict.fromkeys(listed.recorded, "day"), QUARTER, QUARTER, some, 500),
        ):
            assert check(sql) == sql


def test_the_largest_statement_of_pairs_passes_the_guard() -> None:
    """The longest that comparisons make: ``MAX_PAIRS`` pairs of two windows."""
    listed = Listed.of([REVENUE, MARGIN])
    check(pairs.compose_figures(listed, rhythms(listed), windows(2 * MAX_PAIRS), EVERYBODY))


def test_the_catalog_queries_pass_the_guard() -> None:
    day = literals.day(date(2024, 7, 1))
    check(DEPARTMENTS)
    check(METRICS.format(start=day, end=day, of_departments=""))
    check(METRICS.format(start=day, end=day, of_departments=Scope((), (), (ONE,)).condition()))


def test_the_dates_and_departments_are_in_the_statement() -> None:
    sql = compose([REVENUE], Scope((), ("Platform",), (ONE,)))
    assert "between date '2024-07-01' and date '2024-09-30'" in sql
    assert f"data.department_id in (uuid '{ONE}')" in sql


def test_parts_outside_the_question_are_computed_but_not_shown() -> None:
    sql = compose([MARGIN])
    assert ONE in sql
    assert TWO in sql
    assert "where position <= 1\n" in sql


def test_a_part_in_the_question_is_computed_once() -> None:
    assert compose([MARGIN, REVENUE, EXPENSES]).count(f"uuid '{ONE}')") == 1


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=60))
def test_any_name_is_one_literal(name: str) -> None:
    (statement,) = parse_sql(f"select {literals.text(name)}")
    (target,) = statement.stmt.targetList
    assert target.val.val.sval == name


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=60))
def test_a_statement_with_any_name_passes_the_guard_unchanged(name: str) -> None:
    check(compose([Series(name, name, "sum", (ONE,))]))


def test_a_name_with_a_nul_is_refused() -> None:
    with pytest.raises(CannotAnswer):
        literals.text("a\x00b")


def test_only_a_uuid_becomes_a_uuid_literal() -> None:
    assert literals.uuid(ONE.upper()) == f"uuid '{UUID(ONE)}'"
    with pytest.raises(ValueError, match="badly formed"):
        literals.uuid("' or true --")


@pytest.mark.parametrize(
    ("value", "literal"), [(1, "1"), (-1, "-1"), (Decimal("0.50"), "0.50"), (Decimal("1E+3"), "1000")]
)
def test_a_factor_is_written_as_a_plain_decimal(value: int | Decimal, literal: str) -> None:
    assert literals.number(value) == literal


@pytest.mark.parametrize("value", ["1", None, True, Decimal("NaN"), Decimal("1E+999999"), [1]])
def test_a_factor_that_is_no_plain_number_is_refused(value: object) -> None:
    with pytest.raises(CannotAnswer):
        literals.number(value)
