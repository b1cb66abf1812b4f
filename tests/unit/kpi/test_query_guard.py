"""The query guard accepts an analysis and refuses every other query, with a reason."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest

from kpi_mcp.query_guard import MAX_QUERY_CHARACTERS, QueryRefused, check

ANALYSES = {
    "a sum by month": """
        select date_trunc('month', d.date_recorded::timestamp)::date as period, sum(d.value)
          from company.kpi_data d join company.kpi_metrics m on m.id = d.metric_id
         where m.name = 'revenue' and d.date_recorded between date '2024-01-01' and date '2024-12-31'
         group by 1 order by 1""",
    "a WITH query": """
        with yearly as (select metric_id, avg(value) as mean from company.kpi_data group by metric_id)
        select m.name, round(yearly.mean, 2) from yearly join company.kpi_metrics m on m.id = yearly.metric_id;""",
    "a window": "select value - lag(value) over (partition by metric_id order by date_recorded) from company.kpi_data",
    "a filter": "select count(*) filter (where value < 0), count(distinct metric_id) from company.kpi_data",
    "values": "select * from (values (1, 'a'), (2, 'b')) as pair (number, letter)",
    "JSON of a formula": "select formula -> 'numerator' ->> 'revenue' from company.kpi_metrics",
    "a subquery": "select name from company.kpi_metrics m where m.id in (select metric_id from company.kpi_data)",
    "case and in": "select case when name in ('a', 'b') then 1 else 0 end from company.companies",
    "like": "select name from company.companies where name ilike '%x%' or name not like 'y%'",
    "standard syntax": "select extract(year from date '2024-01-01'), substring('abc' from 2), trim(' a ')",
    "rollup": "select metric_id, sum(value) from company.kpi_data group by rollup (metric_id)",
    "distinct on": "select distinct on (metric_id) value from company.kpi_data order by metric_id, date_recorded desc",
    "one of an array": "select (array_agg(value order by date_recorded desc))[1] from company.kpi_data",
    "median": "select percentile_cont(0.5) within group (order by value) from company.kpi_data",
}


@pytest.mark.parametrize("query", ANALYSES.values(), ids=ANALYSES.keys())
def test_an_analysis_passes_unchanged(query: str) -> None:
    assert check(query).strip() == query.strip().removesuffix(";")


ATTACKS = {
    "two statements": "select 1; delete from company.kpi_data",
    "a statement behind a comment": "select 1 /* ; */; -- x\ndelete from company.kpi_data",
    "breaking out of the row limit": "select 1) as answer; delete from company.kpi_data; select * from (select 1",
    "nothing": " -- only a comment",
    "insert": "insert into company.kpi_data select * from company.kpi_data",
    "update": "update company.kpi_data set value = 0",
    "delete inside WITH": "with gone as (delete from company.kpi_data returning *) select * from gone",
    "select into": "select * into company.copied from company.kpi_data",
    "row locks": "select * from company.kpi_data for update",
    "row locks below": "select * from (select * from company.kpi_data for share) as locked",
    "drop": "drop table company.kpi_data",
    "copy to a program": "copy company.kpi_data to program 'sh'",
    "do": "do $$ begin delete from company.kpi_data; end $$",
    "call": "call company.anything()",
    "prepare": "prepare p as select 1",
    "explain analyze": "explain analyze delete from company.kpi_data",
    "set role": "set role postgres",
    "set a setting": "set baton.organization = 'other'",
    "begin": "begin",
    "listen": "listen everything",
    "declare a cursor": "declare c cursor for select 1",
    "set_config": "select set_config('baton.organization', 'other', true)",
    "set_config by its schema": "select pg_catalog.set_config('baton.organization', 'other', true)",
    "set_config in quotes": "select \"set_config\"('baton.organization', 'other', true)",
    "set_config in unicode": "select U&\"set\\005Fconfig\"('baton.organization', 'other', true)",
    "set_config in FROM": "select * from set_config('baton.organization', 'other', true)",
    "set_config in ORDER BY": "select 1 order by set_config('baton.organization', 'other', true)",
    "set_config in LIMIT": "select 1 limit length(set_config('baton.organization', 'other', true))",
    "set_config in a window": "select sum(1) over (order by set_config('a.b', 'c', true))",
    "set_config in VALUES": "values (set_config('baton.organization', 'other', true))",
    "set_config in GROUP BY": "select 1 from company.companies group by set_config('a.b', 'c', true)",
    "set_config in ON": "select 1 from company.companies a join company.companies b on set_config('a', 'b', true) = ''",
    "current_setting": "select current_setting('baton.organization')",
    "the engine's own function": "select company.current_organization_id()",
    "a file": "select pg_read_file('/etc/passwd')",
    "a directory": "select * from company.kpi_data, lateral pg_ls_dir('/')",
    "a large object": "select lo_import('/etc/passwd')",
    "another server": "select * from dblink('x', 'select 1') as t (a int)",
    "sleep": "select pg_sleep(10)",
    "an advisory lock": "select pg_advisory_lock(1)",
    "ending other sessions": "select pg_terminate_backend(1)",
    "SQL in a string": "select query_to_xml('select 1', true, false, '')",
    "a sequence": "select nextval('company.anything')",
    "a notification": "select pg_notify('a', 'b')",
    "rows out of nothing": "select * from generate_series(1, 1000000000)",
    "text out of nothing": "select repeat('x', 1000000000)",
    "endless recursion": "with recursive n as (select 1 as i union all select i + 1 from n) select * from n",
    "the engine's tables": "select * from public.orchestration_runs",
    "another schema": "select * from auth.users",
    "another schema in quotes": 'select * from "auth"."users"',
    "another schema in unicode": 'select * from U&"auth".users',
    "another database": "select * from other.company.kpi_data",
    "the TABLE command": "table auth.users",
    "system catalogs": "select * from pg_catalog.pg_authid",
    "system catalogs by search path": "select * from pg_class",
    "a CTE named like a catalog": "select * from (with pg_class as (select 1) select * from pg_class) a, pg_class",
    "a CTE's name with a schema": "with users as (select 1) select * from auth.users",
    "a subquery on a catalog": "select (select rolpassword from pg_catalog.pg_authid limit 1)",
    "the second half of a union": "select 1 union select oid::int from pg_class",
    "a name as an oid": "select 'auth.users'::regclass",
    "a cast to a type of their own": "select '1'::company.evil",
    "an operator of their own": "select 1 operator(public.+) 2",
    "sorting by an operator of their own": "select name from company.companies order by name using operator(public.<)",
    "ANY with an operator of their own": "select 1 where 1 operator(public.=) any (select 1)",
    "power": "select 10 ^ 100000",
    "regular expressions": "select name from company.companies where name ~ '(a+)+$'",
    "XML": "select xmlparse(document '<a/>')",
    "a sample": "select * from company.kpi_data tablesample system (1)",
    "a parameter": "select $1",
    "system columns": "select d.tableoid from company.kpi_data d",
    "hidden row versions": "select xmin from company.kpi_data",
    "a NUL": "select '\x00'",
    "too long": "select '" + "x" * MAX_QUERY_CHARACTERS + "'",
}


@pytest.mark.parametrize("query", ATTACKS.values(), ids=ATTACKS.keys())
def test_every_query_except_one_select_over_kpi_tables_is_refused(query: str) -> None:
    with pytest.raises(QueryRefused):
        check(query)


DEEP = {
    "sums": "select " + "+".join(["1"] * 45_000),
    "unions": "select 1" + " union select 1" * 6_600,
    "subqueries": "select " + "(select " * 5_000 + "1" + ")" * 5_000,
    "brackets in quotes": "select " + "(select ')'," * 8_000 + "1" + ")" * 3_000,
    "joins": "select 1 from company.kpi_data a" + " cross join company.kpi_data a" * 3_000,
    "casts": "select 1" + "::int4" * 16_000,
    "cases": "select " + "case when true then " * 3_800 + "1" + " end" * 3_800,
    "negations": "select " + "not " * 24_000 + "true",
}


@pytest.mark.parametrize("query", DEEP.values(), ids=DEEP.keys())
def test_a_deep_query_does_not_crash_the_process(query: str) -> None:
    def look() -> None:
        with suppress(QueryRefused):
            check(query)
        survived.append(True)

    survived: list[bool] = []
    previous = threading.stack_size(512 * 1024)  # the default of macOS
    try:
        caller = threading.Thread(target=look)
        caller.start()
    finally:
        threading.stack_size(previous)
    caller.join()
    assert survived


def test_a_refusal_names_the_readable_tables() -> None:
    with pytest.raises(
        QueryRefused, match=r"public\.orchestration_runs cannot be read; readable tables: company\.companies"
    ):
        check("select * from public.orchestration_runs")


def test_text_outside_ascii_is_cut_at_the_right_character() -> None:
    assert check("select 'ü€😀' as x; -- ü") == "select 'ü€😀' as x"
