"""``supabase db advisors`` finds nothing in a database that was just migrated, and would find what is careless."""

from __future__ import annotations

import psycopg
import pytest

from local.migrations import migrate
from tests.supabase.conftest import SupabaseCommand

# What it may say: name, what of, and why.
ACCEPTED = (
    ("unused_index", "", "nothing has run on an empty database, so no index of it was ever used"),
    ("rls_enabled_no_policy", "Table `baton.", "only the owner of the record sees what is private, and by no policy"),
)


@pytest.fixture
def migrated_url(supabase: SupabaseCommand, project: str) -> str:
    migrate(project, supabase.home / "supabase", seed=True)
    return project


def findings(supabase: SupabaseCommand, url: str) -> list[str]:
    answered = supabase("db", "advisors", "--level=info", "--fail-on=none", url=url)
    assert answered.code == 0
    return [
        f"{found['level']} {found['name']}: {found['detail']}"
        for found in answered.document["results"]
        if not any(found["name"] == name and found["detail"].startswith(of) for name, of, _ in ACCEPTED)
    ]


def test_the_advisors_find_nothing(supabase: SupabaseCommand, migrated_url: str) -> None:
    assert findings(supabase, migrated_url) == []
    assert supabase("db", "advisors", "--level=warn", "--fail-on=warn", url=migrated_url).code == 0


CARELESS = b"""
create table public.open (); grant select on public.open to anon;
create view public.all_agents as select * from public.agents; grant select on public.all_agents to anon;
create function public.answer() returns int language sql as 'select 42';
create table public.slow (run_id uuid references public.orchestration_runs);
alter table public.slow enable row level security;
"""
FOUND = [
    ("ERROR rls_disabled_in_public", "public.open"),
    ("ERROR security_definer_view", "public.all_agents"),
    ("WARN function_search_path_mutable", "public.answer"),
    ("INFO unindexed_foreign_keys", "public.slow"),
    ("INFO rls_enabled_no_policy", "public.slow"),
]


def test_the_advisors_find_careless_objects(supabase: SupabaseCommand, migrated_url: str) -> None:
    with psycopg.connect(migrated_url) as connection:
        connection.execute(CARELESS)
    found = findings(supabase, migrated_url)
    missed = [
        (what, where) for what, where in FOUND if not any(line.startswith(what) and where in line for line in found)
    ]
    assert missed == []
    assert supabase("db", "advisors", "--level=warn", "--fail-on=warn", url=migrated_url).code != 0
