"""``supabase db push`` and our own runner apply the same migrations and record them in the same tables."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from local.migrations import migrate, read_migrations
from tests.supabase.conftest import SupabaseCommand

# All objects of the migrations, as text.
OBJECTS = """
select 'column', format('%s.%s.%s %s %s %s', table_schema, table_name, column_name, data_type, is_nullable,
  column_default) from information_schema.columns where table_schema in ('public', 'baton', 'company')
union all select 'constraint', format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
  from pg_constraint where connamespace in (select oid from ours)
union all select 'index', indexdef from pg_indexes where schemaname in ('public', 'baton', 'company')
union all select 'policy', p::text from pg_policies p
union all select 'table', format('%s %s %s %s %s', oid::regclass, relowner::regrole, relrowsecurity, relacl, reloptions)
  from pg_class
  where relnamespace in (select oid from ours) and relkind in ('r', 'S', 'v')
union all select 'function', format('%s %s %s', pg_get_functiondef(oid), proowner::regrole, proacl) from pg_proc
  where pronamespace in (select oid from ours)
union all select 'trigger', pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
union all select 'defaults', format('%s %s %s', defaclnamespace, defaclobjtype, defaclacl) from pg_default_acl
union all select 'definition', format('%s %s %s', name, version, digest) from public.orchestration_definitions
"""
OURS = "with ours as (select oid from pg_namespace where nspname in ('public', 'baton', 'company'))"


def rows(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


def recorded_migrations(url: str) -> list[Any]:
    return rows(url, "select version, name from supabase_migrations.schema_migrations order by version")


def objects_of(url: str) -> set[Any]:
    return set(rows(url, f"{OURS} {OBJECTS}"))


def assert_all_applied(supabase: SupabaseCommand, url: str) -> None:
    rows = supabase("migration", "list", url=url).document["migrations"]
    versions = [migration.version for migration in read_migrations(supabase.migrations)]
    assert [(row["local"], row["remote"]) for row in rows] == [(version, version) for version in versions]


def test_a_push_applies_every_migration_and_a_second_push_applies_none(supabase: SupabaseCommand, project: str) -> None:
    pushed = supabase.push(project)
    assert (pushed.code, pushed.document["upToDate"]) == (0, False)
    migrations = read_migrations(supabase.migrations)
    assert recorded_migrations(project) == [(migration.version, migration.name) for migration in migrations]
    again = supabase.push(project)
    assert (again.code, again.document["upToDate"], again.document["migrations"]) == (0, True, [])
    assert_all_applied(supabase, project)


def test_our_own_runner_and_a_push_make_the_same_database(
    supabase: SupabaseCommand, project: str, another_project: str
) -> None:
    supabase.push(project)
    migrate(another_project, supabase.home / "supabase")
    assert recorded_migrations(project) == recorded_migrations(another_project)
    assert objects_of(project) == objects_of(another_project)
    assert migrate(project, supabase.home / "supabase") == []
    assert supabase.push(another_project).document["upToDate"] is True
    assert_all_applied(supabase, another_project)


@pytest.mark.parametrize("pushed_first", [True, False], ids=["pushed first", "our own runner first"])
def test_our_runner_and_a_push_continue_each_others_work(
    supabase: SupabaseCommand, project: str, pushed_first: bool
) -> None:
    folder = supabase.home / "supabase"
    files = sorted(supabase.migrations.iterdir())
    later = {file: file.read_text() for file in files[2:]}
    for file in later:
        file.unlink()
    supabase.push(project) if pushed_first else migrate(project, folder)
    assert len(recorded_migrations(project)) == 2
    for file, text in later.items():
        file.write_text(text)
    migrate(project, folder) if pushed_first else supabase.push(project)
    assert len(recorded_migrations(project)) == len(files)
    assert_all_applied(supabase, project)


def test_the_seed_is_pushed_once_and_only_on_request(supabase: SupabaseCommand, project: str) -> None:
    companies = "select count(*) from company.companies"
    supabase.push(project)
    assert rows(project, companies) == [(0,)]
    supabase.push(project, "--include-seed")
    assert rows(project, companies) == [(2,)]
    with psycopg.connect(project) as connection:
        connection.execute("delete from company.companies")
    assert migrate(project, supabase.home / "supabase", seed=True) == []
    supabase.push(project, "--include-seed")
    assert rows(project, companies) == [(0,)]
