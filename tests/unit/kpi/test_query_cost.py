"""The guard refuses a statement that may cost too much, before Postgres plans it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_mcp import allowed, cost
from kpi_mcp.query_guard import QueryRefused, check

DOUBLING = "with a0 as (select 'xxxxxxxxxx' as x)" + "".join(
    f", a{at} as (select x||x as x from a{at - 1})" for at in range(1, 13)
)

COSTLY = {
    "a text doubled by every WITH query": f"{DOUBLING} select x from a12",
    "the same, never materialized": f"{DOUBLING.replace('as (', 'as not materialized (')} select length(x) from a12",
    "joins of WITH queries with themselves": "with a0 as not materialized (select 1 as x)"
    + "".join(f", a{at} as not materialized (select p.x from a{at - 1} p, a{at - 1} q)" for at in range(1, 10))
    + " select x from a9",
    "spaces out of a type": "select 'x'::char(10000000)",
    "digits out of an exponent": "select 1e131071 % 7",
    "digits out of a text": "select '1e131071' % 7",
    "digits out of a text that is put together": "select ('1e' || '131071')::numeric % 7",
    "digits out of a text of a WITH query": "with a as (select '1e'||'131071' as x) select x::numeric % 7 from a",
    "a pattern with many wildcards": f"select '{'a' * 40_000}' like '{'%a' * 20_000}b'",
    "arrays in arrays": f"select array[{','.join(['1'] * 5000)}] <@ array[{','.join(['2'] * 5000)}]",
    "every grouping of seven columns": "select 1 from company.kpi_data group by cube (1, 2, 3, 4, 5, 6, 7)",
    "groupings of groupings": "select 1 from company.kpi_data group by cube (1, 2, 3), cube (1, 2, 3), rollup (1, 2)",
    "a wide join": "select 1 from " + ", ".join(f"company.kpi_data d{at}" for at in range(cost.MAX_JOINED + 1)),
    "a deep join": "select 1 from company.kpi_data d"
    + "".join(f" cross join company.kpi_data d{at}" for at in range(cost.MAX_JOINED)),
    "many collecting functions": "select " + ", ".join(["array_agg(value)"] * 9) + " from company.kpi_data",
    "a collecting function of long texts": "select string_agg(name || repeat, '') from (select name, "
    f"'{'x' * 5000}' as repeat from company.companies) as c",
    "collecting subqueries": "select " + ", ".join(["array(select value from company.kpi_data)"] * 9),
    "a long sum": "select " + "+".join(["1"] * 300),
    "many unions": "select 1" + " union select 1" * 210,
}


@pytest.mark.parametrize("query", COSTLY.values(), ids=COSTLY.keys())
def test_a_costly_statement_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        check(query)


GROWTH = [
    "x || x",
    "x + x",
    "coalesce(x, x)",
    "case when x > x then x else x end",
    "greatest(x, x)",
    "array[x, x]",
    "row(x, x)",
    "(select x || x)",
    "x between x and x",
    "sum(x) over (partition by x order by x)",
    "round(x, 16000) * x",
    "upper(x) || lower(x)",
    "x in (x, x, x)",
    "nullif(x, x)",
    "x -> x",
]
NESTED: list[Callable[[str, str], str]] = [
    lambda step, below: f"select {step} as x from ({below}) as s",
    lambda step, below: f"with c as ({below}) select {step} as x from c",
    lambda step, below: f"with c (x) as not materialized ({below}) select {step} as x from c",
    lambda step, below: f"select {step} as x from company.companies as o, lateral ({below}) as s (x)",
    lambda step, below: f"select {step} as x from (({below}) union all select null) as s (x)",
    lambda step, below: f"select {step} as x from (select * from ({below}) as t) as s",
]


@given(st.lists(st.tuples(st.sampled_from(GROWTH), st.sampled_from(NESTED)), min_size=20, max_size=20))
def test_no_mixture_of_steps_that_use_a_column_twice_gets_through(steps: list[tuple[str, Callable[..., str]]]) -> None:
    query = "select '1' as x"
    for step, nested in steps:
        query = nested(step, query)
    with pytest.raises(QueryRefused):
        check(query)


def test_the_limits_leave_room_for_a_long_report() -> None:
    """Twelve months beside one another, of a subquery over three tables, compared with their goals."""
    months = ", ".join(
        f"sum(value) filter (where month = {at}) as m{at}, round(avg(value) filter (where month = {at}), 2) as a{at}"
        for at in range(1, 13)
    )
    check(
        f"""with numbers as (
              select m.name, c.name as company, extract(month from d.date_recorded) as month, d.value
                from company.kpi_data d join company.kpi_metrics m on m.id = d.metric_id
                join company.departments p on p.id = d.department_id join company.companies c on c.id = p.company_id),
            wide as (select name, company, {months} from numbers group by name, company)
            select w.name, w.company, w.m1 + w.m2 + w.m3 as q1, (w.m12 - w.m1) / nullif(w.m1, 0) * 100 as growth,
                   rank() over (partition by w.name order by w.m12 desc), g.target
              from wide w left join company.kpi_goals g on g.target > w.m12
             order by w.name || ' ' || w.company"""
    )


def test_a_list_of_thousands_is_read_once_and_not_once_a_column() -> None:
    rows = ", ".join(f"({at}, 'name {at}', {at})" for at in range(2000))
    check(f"select v.a, v.b, v.a + v.c as d from (values {rows}) as v (a, b, c) where v.a in (1, 2) or v.c > v.a")


# --- a name behind a dot is a column's, never a function's ------------------------------------------------------------

FUNCTIONS = ["count", "row_to_json", "pg_typeof", "text", "current_setting", "max", "hash_record", "f", "lower"]
CALLS = {
    "of a table": "select c.{} from company.companies c",
    "of a table by its own name": "select companies.{} from company.companies",
    "of a table by its schema": "select company.companies.{} from company.companies",
    "of a subquery": "select s.{} from (select name from company.companies) s",
    "of a WITH query": "with s as (select 1 as a) select s.{} from s",
    "of a list": "select v.{} from (values (1)) v (a)",
    "of a join": "select j.{} from (company.companies c join company.departments d on true) as j",
    "of a row in brackets": "select (c).{} from company.companies c",
    "of a value in brackets": "select ('baton.organization'::text).{}",
    "in WHERE": "select 1 from company.companies c where c.{} is null",
    "in ON": "select 1 from company.companies c join company.departments d on d.{} = c.name",
    "in ORDER BY": "select 1 from company.companies c order by c.{}",
    "in a window": "select sum(1) over (order by c.{}) from company.companies c",
    "in a subquery": "select (select c.{}) from company.companies c",
    "of a renamed column": "select s.{} from (select 1 as {}) as s (other)",
    "of a name that only a sibling has": "select * from company.companies t where exists "
    "(select 1 from (select 1 as {}) t, (select t.{} from company.kpi_data) u)",
    "of a name that the join does not see": "select * from company.companies t where exists "
    "(select 1 from (select 1 as {}) t, (company.kpi_data a join company.kpi_goals b on t.{} is null))",
    "of an output of another query": "with a as (select 1 as {}) select c.{} from company.companies c, a",
    "of a column that USING has made one of": "select s.{} from (select * from (select 1 as a, 2 as {}) x "
    "join (select 3 as b, 2 as {}) y using ({})) as s (p)",
}


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("query", CALLS.values(), ids=CALLS.keys())
def test_a_function_behind_a_dot_is_refused(query: str, function: str) -> None:
    with pytest.raises(QueryRefused):
        check(query.replace("{}", function))


@given(
    st.sampled_from([query for name, query in CALLS.items() if "table" in name]),
    st.from_regex("[a-z_]{1,20}", fullmatch=True),
)
def test_no_name_that_is_no_column_stands_behind_a_table(query: str, name: str) -> None:
    if name in allowed.COLUMNS["company.companies"]:
        check(query.replace("{}", name))
    else:
        with pytest.raises(QueryRefused):
            check(query.replace("{}", f'"{name}"'))


COLUMNS = [
    "select c.name, companies.id from company.companies c, (select 1 as id) companies",
    "select s.max, s.coalesce from (select max(value), coalesce(1, 2) from company.kpi_data) s",
    "select s.value from (select value::text from company.kpi_data) s",
    "select s.name from (select c.* from company.companies c) s",
    "select s.id from (select * from company.companies join company.departments using (id)) s (id)",
    "select u.id from company.companies c join company.departments d using (id) as u",
    "select v.column2 from (values (1, 2)) v",
    "select x.total from company.kpi_metrics m, lateral (select sum(d.value) as total from company.kpi_data d "
    "where d.metric_id = m.id) x",
    "select name from company.companies c where exists (select 1 from company.departments d where d.company_id = c.id)",
    "with recent (day, figure) as (select date_recorded, value from company.kpi_data) select r.figure from recent r",
]


@pytest.mark.parametrize("query", COLUMNS)
def test_a_column_is_found_wherever_postgres_finds_it(query: str) -> None:
    assert check(query) == query


def test_a_refusal_names_the_columns_that_are_there() -> None:
    with pytest.raises(QueryRefused, match="c has no column sales; it has created_at, id, name, organization_id"):
        check("select c.sales from company.companies c")


@pytest.mark.parametrize("pattern", ["from '(a+)+$'", "similar '%#\"a#\"%' escape '#'", "from name for '#'"])
def test_substring_takes_no_pattern(pattern: str) -> None:
    with pytest.raises(QueryRefused):
        check(f"select substring(name {pattern}) from company.companies")
