"""The guard's estimate of a statement, compared with Postgres."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpi_mcp import allowed, cost
from kpi_mcp.database import KpiDatabase, QueryFailed
from kpi_mcp.query_guard import QueryRefused, check
from tests.unit.kpi.test_query_cost import COLUMNS
from tests.unit.kpi.test_query_guard import ANALYSES

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def kpi(login_url: Callable[[str], str]) -> Iterator[KpiDatabase]:
    opened = KpiDatabase(login_url("mcp"))
    yield opened
    opened.close()


def test_the_guard_knows_every_column_in_its_order(owner: Owner) -> None:
    found = owner.execute(
        "select attrelid::regclass::text as name, array_agg(attname::text order by attnum) as columns "
        "from pg_attribute where attrelid = any (%s::regclass[]) and attnum > 0 and not attisdropped group by 1",
        [sorted(allowed.TABLES)],
    ).fetchall()
    assert {row["name"]: tuple(row["columns"]) for row in found} == allowed.COLUMNS


@pytest.mark.parametrize("query", [*ANALYSES.values(), *COLUMNS])
def test_an_accepted_query_runs(kpi: KpiDatabase, query: str) -> None:
    kpi.query("demo", f"select 1 from ({check(query)}) as one limit 1")


WORDS = st.sampled_from(["'a'", "'12'", "12", "1.50", "x", "x", "name", "'%a%'"])
TEXTS = st.recursive(
    WORDS.map("({})::text".format),
    lambda below: st.one_of(
        st.tuples(below, below).map(" || ".join).map("({})".format),
        below.map("upper({})".format),
        below.map("({})::char(500)".format),
        st.tuples(below, below).map("coalesce({0[0]}, {0[1]})".format),
        below.map("case when true then {} end".format),
        below.map("length({})::text".format),
        below.map("to_char(round(length({}), 30), 'FM999990.0000')".format),
        below.map("(array[{}])[1]".format),
    ),
    max_leaves=8,
)


@given(st.lists(TEXTS, min_size=1, max_size=8))
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_value_of_a_query_that_passes_is_larger_than_the_limit(kpi: KpiDatabase, steps: list[str]) -> None:
    query = "select 'x'::text as x"
    for step in steps:
        query = f"select {step} as x from ({query}) as s cross join (select 'Aurora'::text as name) as n"
    try:
        checked = check(query)
    except QueryRefused:
        return
    (row,) = json.loads(kpi.query("demo", f"select octet_length(x) as bytes from ({checked}) as s").json)
    assert row["bytes"] <= cost.MAX_BYTES


def test_rows_beyond_the_limit_of_bytes_are_never_fetched(kpi: KpiDatabase) -> None:
    """The 400th row cannot be computed. The answer is too large long before."""
    statement = f"select 1 / (400 - row_number() over ()) as n, '{'x' * 50_000}' as text from company.kpi_data"
    with pytest.raises(QueryFailed, match="larger than 2000000 bytes"):
        kpi.query("demo", statement)


def test_bytes_are_counted_and_not_characters(kpi: KpiDatabase) -> None:
    statement = f"select '{'ü' * 25_000}' as text from company.kpi_data limit 60"
    with pytest.raises(QueryFailed, match="bytes"):
        kpi.query("demo", statement)
    assert kpi.query("demo", statement.replace("limit 60", "limit 30")).count == 30


@pytest.mark.parametrize("limit", [0, 1, 49, 50, 51, 5_000])
def test_every_row_comes_once(kpi: KpiDatabase, limit: int) -> None:
    statement = f"select row_number() over () as n from company.kpi_data order by 1 limit {limit}"
    found = json.loads(kpi.query("demo", statement).json)
    assert [row["n"] for row in found] == list(range(1, limit + 1))
