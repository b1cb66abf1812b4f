"""Schema company: the seed, the rights to read, and the checks on writing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from cli.checkout import ROOT

Owner = psycopg.Connection[dict[str, Any]]
TABLES = ("companies", "departments", "kpi_metrics", "kpi_goals", "kpi_data")
SUMS = """
select count(*) as count, sum(value) as sum, min(date_recorded) as first, max(date_recorded) as last
  from company.kpi_data
"""


def rows(connection: psycopg.Connection[Any], statement: str) -> list[Any]:
    return connection.execute(statement.encode()).fetchall()


def counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    return {table: len(rows(connection, f"select 1 from company.{table}")) for table in TABLES}


def test_the_seed_holds_two_years_of_daily_numbers(owner: Owner) -> None:
    numbers = counts(owner)
    assert (numbers["companies"], numbers["departments"], numbers["kpi_metrics"]) == (2, 4, 8)
    (data,) = rows(owner, SUMS)
    assert (str(data["first"]), str(data["last"])) == ("2024-01-01", "2025-12-31")
    assert data["count"] == 731 * 4 * 7  # profit_margin, the eighth, is computed


def test_the_seed_has_fixed_sums(owner: Owner) -> None:
    """Examples quote these numbers, so a change of the seed must change the examples too."""
    by_metric = rows(
        owner,
        "select m.name, sum(d.value) from company.kpi_data d join company.kpi_metrics m on m.id = d.metric_id "
        "where m.name in ('revenue', 'expenses') group by m.name order by m.name",
    )
    assert [(row["name"], str(row["sum"])) for row in by_metric] == SEEDED_SUMS


SEEDED_SUMS = [("expenses", "60531089.18"), ("revenue", "85391645.09")]


def test_seeding_again_changes_nothing(owner: Owner) -> None:
    before = rows(owner, SUMS), counts(owner)
    owner.execute((ROOT / "supabase" / "seed.sql").read_bytes())
    assert (rows(owner, SUMS), counts(owner)) == before


# --- rights to read -------------------------------------------------------------------------------------------------


def add_other_organization(owner: Owner) -> None:
    owner.execute(
        b"""
        with organization as (insert into public.organizations (slug, name) values ('other', 'Other') returning id),
        company as (
          insert into company.companies (organization_id, name) select id, 'Elsewhere' from organization returning id
        ),
        department as (
          insert into company.departments (company_id, name) select id, 'Secrets' from company returning id
        ),
        metric as (
          insert into company.kpi_metrics (organization_id, name, unit, aggregation)
          select id, 'other revenue', 'EUR', 'sum' from organization returning id
        )
        insert into company.kpi_goals (metric_id, company_id, starts_on, ends_on, direction, target)
        select metric.id, company.id, '2024-01-01', '2024-12-31', 'at_least', 1 from metric, company
        """
    )
    owner.execute(
        b"""
        insert into company.kpi_data (metric_id, department_id, date_recorded, value)
        select m.id, d.id, '2024-07-01', 1 from company.kpi_metrics m, company.departments d
         where m.name = 'other revenue' and d.name = 'Secrets'
        """
    )


@pytest.mark.parametrize(
    ("organization", "expected"),
    [("other", dict.fromkeys(TABLES, 1)), ("nobody", dict.fromkeys(TABLES, 0)), ("", dict.fromkeys(TABLES, 0))],
)
def test_the_mcp_login_sees_the_organisation_of_its_transaction(
    owner: Owner, login_url: Callable[[str], str], organization: str, expected: dict[str, int]
) -> None:
    add_other_organization(owner)
    with psycopg.connect(login_url("mcp")) as connection:
        connection.execute("select set_config('baton.organization', %s, true)", [organization])
        assert counts(connection) == expected


def test_the_mcp_login_sees_nothing_without_an_organisation(login_url: Callable[[str], str]) -> None:
    with psycopg.connect(login_url("mcp")) as connection:
        assert counts(connection) == dict.fromkeys(TABLES, 0)


def test_the_organisation_ends_with_the_transaction(login_url: Callable[[str], str]) -> None:
    with psycopg.connect(login_url("mcp")) as connection:
        connection.execute("select set_config('baton.organization', 'demo', true)")
        assert counts(connection)["companies"] == 2
        connection.commit()
        assert counts(connection)["companies"] == 0


def test_a_member_sees_the_companies_of_their_organisations_alone(owner: Owner) -> None:
    add_other_organization(owner)
    user = str(uuid4())
    owner.execute(
        "insert into public.organization_members (organization_id, user_id, roles) "
        "select id, %s, array['viewer'] from public.organizations where slug = 'other'",
        [user],
    )
    with owner.transaction():
        owner.execute(
            "select set_config('request.jwt.claims', %s, true)", [f'{{"sub": "{user}", "role": "authenticated"}}']
        )
        owner.execute("set local role authenticated")
        assert counts(owner) == dict.fromkeys(TABLES, 1)


def test_anonymous_clients_cannot_read_the_schema(owner: Owner) -> None:
    with owner.transaction():
        owner.execute("set local role anon")
        with pytest.raises(psycopg.errors.InsufficientPrivilege), owner.transaction():
            counts(owner)


@pytest.mark.parametrize("login", ["api", "step", "checkpoint", "approval", "relay"])
def test_the_engine_s_logins_cannot_read_the_schema(login_url: Callable[[str], str], login: str) -> None:
    with (
        psycopg.connect(login_url(login)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema company"),
    ):
        counts(connection)


# --- checks on writing ----------------------------------------------------------------------------------------------

RECORD = """
insert into company.kpi_data (metric_id, department_id, date_recorded, value)
select m.id, d.id, '2030-01-01', %s from company.kpi_metrics m, company.departments d where m.name = %s and d.name = %s
"""


@pytest.mark.parametrize(
    ("metric", "department"),
    [("other revenue", "Platform"), ("revenue", "Secrets"), ("profit_margin", "Platform")],
    ids=["another organisation's metric", "another organisation's department", "a derived metric"],
)
def test_a_number_needs_a_recorded_metric_of_its_organisation(owner: Owner, metric: str, department: str) -> None:
    add_other_organization(owner)
    with pytest.raises(psycopg.errors.CheckViolation, match=f'metric "{metric}" cannot have numbers'):
        owner.execute(RECORD, [1, metric, department])


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_number_is_a_number(owner: Owner, value: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        owner.execute(RECORD, [value, "revenue", "Platform"])


METRIC = """
insert into company.kpi_metrics (organization_id, name, unit, aggregation, formula)
select id, %s, 'USD', %s, %s::jsonb from public.organizations where slug = 'demo'
"""


def test_spellings_of_one_metric_are_one_metric(owner: Owner) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute(METRIC, ["New-Customers", "sum", None])


@pytest.mark.parametrize(
    ("aggregation", "formula"),
    [
        ("ratio", None),
        ("sum", '{"numerator": {"a": 1}, "denominator": {"b": 1}}'),
        ("ratio", "{}"),
        ("ratio", "[]"),
        ("ratio", '{"numerator": {"a": 1}}'),
        ("ratio", '{"numerator": {}, "denominator": {"b": 1}}'),
        ("ratio", '{"numerator": ["a"], "denominator": {"b": 1}}'),
        ("median", None),
    ],
)
def test_only_a_ratio_has_a_formula_and_it_has_two_parts(owner: Owner, aggregation: str, formula: str | None) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        owner.execute(METRIC, ["something", aggregation, formula])
