"""The database layer of the MCP function alone, with statements that the guard would refuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from kpi_mcp.database import DatabaseUnavailable, KpiDatabase, QueryFailed

Owner = psycopg.Connection[dict[str, Any]]


@pytest.fixture
def kpi(login_url: Callable[[str], str]) -> Iterator[KpiDatabase]:
    opened = KpiDatabase(login_url("mcp"), timeout_ms=400)
    yield opened
    opened.close()


ATTACKS = {
    "two statements": "select 1) as answer; delete from company.kpi_data; select * from (select 1",
    "insert": "insert into company.kpi_data select * from company.kpi_data returning 1",
    "delete inside WITH": "with gone as (delete from company.kpi_data returning *) select * from gone",
    "update": "update company.kpi_data set value = 0 returning 1",
    "row locks": "select * from company.kpi_data for update",
    "runs": "select * from public.orchestration_runs",
    "members": "select * from public.organization_members",
    "tokens": "select * from baton.checkpoint_tokens",
    "users": "select * from auth.users",
    "passwords": "select rolpassword from pg_catalog.pg_authid",
    "a file": "select pg_catalog.pg_read_file('/etc/passwd')",
    "a directory": "select pg_catalog.pg_ls_dir('/')",
    "a large object": "select pg_catalog.lo_import('/etc/passwd')",
    "another role": "select pg_catalog.set_config('role', 'postgres', true)",
    "a writing transaction": "select pg_catalog.set_config('transaction_read_only', 'off', true)",
    "SQL in a string": "select query_to_xml('delete from company.kpi_data', true, false, '')",
    "SQL in a string, on users": "select query_to_xml('select * from auth.users', true, false, '')",
    "a table without its schema": "select * from kpi_data",
    "ending other sessions": "select pg_terminate_backend(pid) from pg_stat_activity where usename <> current_user",
    "reloading the server": "select pg_reload_conf()",
    "a long sleep": "select pg_sleep(30)",
    "much work": "select count(*) from company.kpi_data a, company.kpi_data b, company.kpi_data c",
    "an answer without end": "select repeat('x', 1000000) from company.kpi_data",
}


@pytest.mark.parametrize("statement", ATTACKS.values(), ids=ATTACKS.keys())
def test_the_login_and_its_limits_stop_an_attack_without_the_guard(
    kpi: KpiDatabase, owner: Owner, statement: str
) -> None:
    with pytest.raises((QueryFailed, DatabaseUnavailable)):
        kpi.query("demo", statement)
    (data,) = owner.execute("select count(*) as rows, min(value) as least from company.kpi_data").fetchall()
    assert (data["rows"], data["least"]) == (731 * 4 * 7, 1)
    assert kpi.query("demo", "select 1 as one").json == '[{"one":1}]'  # the connection still works


def test_settings_of_one_query_do_not_reach_the_next(kpi: KpiDatabase) -> None:
    kpi.query("demo", "select set_config('baton.organization', 'other', false), set_config('x.y', 'z', false)")
    assert kpi.query("demo", "select count(*) as companies from company.companies").json == '[{"companies":2}]'


@pytest.mark.parametrize("organization", ["nobody", "DEMO", "demo' or true --", ""])
def test_another_organisation_sees_no_rows(kpi: KpiDatabase, organization: str) -> None:
    assert kpi.query(organization, "select * from company.kpi_data").count == 0


def test_numbers_come_with_exactly_their_digits(kpi: KpiDatabase) -> None:
    answer = kpi.query("demo", "select 0.10 as a, 12345678901234567890.123456789 as b, -0.000 as c, 1e3::numeric as d")
    assert answer.json == '[{"a":0.10,"b":12345678901234567890.123456789,"c":0.000,"d":1000}]'


def test_rows_beyond_the_limit_are_cut_and_marked_as_truncated(kpi: KpiDatabase) -> None:
    statement = "select date_recorded from company.kpi_data order by 1"
    cut = kpi.query("demo", statement, max_rows=3)
    assert (cut.count, cut.truncated) == (3, True)
    assert not kpi.query("demo", f"{statement} limit 3", max_rows=3).truncated


def test_a_query_that_takes_too_long_has_failed(kpi: KpiDatabase) -> None:
    with pytest.raises(QueryFailed, match=r"it may take 0\.4 s at most; ask for less"):
        kpi.query("demo", "select pg_sleep(30)")
    assert kpi.query("demo", "select 1 as one").json == '[{"one":1}]'


@pytest.mark.parametrize("state", ["53200", "57P03", "57P05"])
def test_a_server_without_resources_is_unavailable(kpi: KpiDatabase, owner: Owner, state: str) -> None:
    raising = f"begin raise exception 'busy' using errcode = '{state}'; end"
    owner.execute(f"create function company.busy() returns int language plpgsql as $$ {raising} $$")
    owner.execute("grant execute on function company.busy to baton_mcp")
    with pytest.raises(DatabaseUnavailable, match="busy"):
        kpi.query("demo", "select company.busy()")


def test_an_error_of_a_query_has_the_words_of_postgres(kpi: KpiDatabase) -> None:
    with pytest.raises(QueryFailed, match="division by zero"):
        kpi.query("demo", "select 1 / 0")
    with pytest.raises(QueryFailed, match="stack depth limit"):
        kpi.query("demo", "select 1" + "+1" * 40_000)


def test_a_connection_that_the_server_closed_is_opened_again(kpi: KpiDatabase, login_url: Callable[[str], str]) -> None:
    (pid,) = json.loads(kpi.query("demo", "select pg_backend_pid() as pid").json)
    with psycopg.connect(login_url("mcp")) as colleague:
        assert colleague.execute("select pg_terminate_backend(%(pid)s, 10000)", pid).fetchone() == (True,)
    assert kpi.query("demo", "select 1 as one").json == '[{"one":1}]'


def test_an_unreachable_server_is_unavailable() -> None:
    with pytest.raises(DatabaseUnavailable, match="cannot be reached"):
        KpiDatabase("postgresql://baton_mcp:x@127.0.0.1:1/nothing").query("demo", "select 1")
