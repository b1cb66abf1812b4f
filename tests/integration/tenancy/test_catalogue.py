"""Every table, view, sequence and function keeps the rules of tenancy, and so must every new one."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.integration.tenancy.catalogue import RULES, question

Owner = psycopg.Connection[dict[str, Any]]


def offenders(owner: Owner, rule: str) -> list[str]:
    return [row["offender"] for row in owner.execute(question(rule))]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_holds_in_the_migrated_database(owner: Owner, rule: str) -> None:
    assert offenders(owner, rule) == []


# Statements that a migration might contain, and the beginning of the rule that must find each.
CARELESS = [
    ("create table public.careless (organization_id uuid not null)", "every table"),
    ("create table baton.careless ()", "every table"),
    ("create table company.careless ()", "every table"),
    ("create table public.careless (); alter table public.careless enable row level security", "public tables have"),
    ("create policy careless on baton.outbox for select to baton_api using (true)", "public tables have"),
    ("grant select on baton.live_members to baton_api", "private tables"),
    ("grant insert (kind) on baton.outbox to baton_relay", "private tables"),
    ("grant usage on sequence baton.outbox_position_seq to baton_step", "private tables"),
    ("create table baton.careless ()", "the record belongs"),
    ("create domain baton.careless as text", "the record belongs"),
    ("create view public.careless with (security_invoker = true) as select 1", "the record belongs"),
    ("create function baton.careless() returns int language sql security definer set search_path = '' as 'select 1'",
     "definer functions"),
    ("alter function baton.begin_step owner to current_user", "definer functions"),
    ("grant create on schema company to baton_owner; alter table company.kpi_data owner to baton_owner",
     "the owner of the record owns"),
    ("grant select on company.kpi_data to baton_owner", "the owner of the record has"),
    ("grant usage on schema company to baton_owner", "the owner of the record has"),
    ("create schema careless; grant usage on schema careless to public", "the owner of the record has"),
    ("grant create on schema public to baton_owner", "the owner of the record has"),
    ("alter role baton_owner login", "the owner of the record cannot"),
    ("grant baton_owner to baton_api", "the owner of the record cannot"),
    ("grant baton_engine to baton_owner", "the owner of the record cannot"),
    ("create table public.careless (organization_id uuid)", "every row of schema public"),
    ("create view public.careless as select * from public.agents", "every view"),
    ("create materialized view public.careless as select * from public.agents", "there are no materialized"),
    ("create function public.careless() returns int language sql as 'select 1'; "
     "grant execute on function public.careless() to public", "PUBLIC has"),
    ("create sequence public.careless; grant usage on sequence public.careless to anon", "anonymous clients"),
    ("grant usage on schema company to anon", "anonymous clients"),
    ("grant select (slug) on public.organizations to anon", "anonymous clients"),
    ("grant insert on public.agents to authenticated", "authenticated clients"),
    ("grant update (name) on public.organizations to authenticated", "authenticated clients"),
    ("grant usage on schema baton to authenticated", "authenticated clients"),
    ("grant truncate on public.orchestration_events to baton_api", "the API reads"),
    ("grant insert on public.orchestration_events to baton_api", "the API reads"),
    ("grant update (status) on public.orchestration_runs to baton_engine", "the API reads"),
    ("grant select on public.orchestration_events to baton_step", "the API reads"),
    ("grant select (status) on public.orchestration_runs to baton_stream", "the API reads"),
    ("grant execute on function baton.lock_run to baton_engine", "the API reads"),
    ("grant usage on schema company to baton_step", "the API reads"),
    ("grant select on public.organizations to baton_mcp", "the MCP function's login"),
    ("alter function baton.organizations_of_caller() reset search_path", "a definer function"),
    ("create policy careless on public.agents for select to anon using (true)", "a policy is for"),
    ("create policy careless on public.agents using (true)", "a policy is for"),
    ("create policy careless on public.agents for update to authenticated using (true)", "a policy is for"),
    ("create policy careless on public.agents for insert to baton_api with check (true)", "a policy is for"),
    ("create policy careless on public.agents for select to baton_api, authenticated using (true)", "a policy is for"),
    ("create policy careless on public.organization_members for select to baton_api using (true)", "the API and the"),
    ("alter policy engine on public.organization_members using (true)", "the API and the"),
    ("create policy careless on public.agents for select to authenticated using (true)", "clients read schema public"),
    ("alter table public.agents owner to baton_api", "a login owns"),
    ("alter role baton_step reset lock_timeout", "every login"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "start"), CARELESS)
def test_a_broken_rule_is_found(owner: Owner, statement: str, start: str) -> None:
    (rule,) = [rule for rule in RULES if rule.startswith(start)]
    with owner.transaction(force_rollback=True):
        if "owner to" in statement:
            owner.execute("grant baton_api to current_user")
            owner.execute("grant create on schema public to baton_api")
        owner.execute(statement.encode())
        assert offenders(owner, rule) != []


def test_new_objects_in_schema_public_are_closed_to_clients(owner: Owner) -> None:
    with owner.transaction(force_rollback=True):
        owner.execute(
            b"create table public.new (id bigint generated always as identity); create sequence public.numbers;"
            b"create function public.answer() returns int language sql as 'select 42'"
        )
        for role in ("anon", "authenticated"):
            rights = owner.execute(
                "select has_table_privilege(%(role)s, 'public.new', 'select, insert, update, delete') as on_table,"
                " has_sequence_privilege(%(role)s, 'public.numbers', 'usage, select, update') as on_sequence,"
                " has_function_privilege(%(role)s, 'public.answer()', 'execute') as on_function",
                {"role": role},
            ).fetchone()
            assert rights == {"on_table": False, "on_sequence": False, "on_function": False}
