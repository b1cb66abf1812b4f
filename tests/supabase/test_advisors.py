"""``supabase db advisors`` finds nothing in a migrated database, and finds careless objects."""

from __future__ import annotations

import psycopg
import pytest

from local.migrations import migrate
from tests.supabase.conftest import SupabaseCommand

# Accepted findings: name, beginning of the detail, reason.
ACCEPTED = (
    ("unused_index", "", "nothing has run on an empty database, so no index of it was ever used"),
    ("rls_enabled_no_policy", "Table `baton.", "only the owner of the record sees what is private, and by no policy"),
)


@pytest.fixture
def migrated_url(supabase: SupabaseCommand, project: str) -> str:
    migrate(project, supabase.home / "supabase", seed=True)
    return project


def findings(supabase: SupabaseCommand, url: str) -> list[str]:
    result = supabase("db", "advisors", "--level=info", "--fail-on=none", url=url)
    assert result.code == 0
    return [
        f"{finding['level']} {finding['name']}: {finding['detail']}"
        for finding in result.document["results"]
        if not any(finding["name"] == name and finding["detail"].startswith(start) for name, start, _ in ACCEPTED)
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
EXPECTED = [
    ("ERROR rls_disabled_in_public", "public.open"),
    ("ERROR security_definer_view", "public.all_agents"),
    ("WARN function_search_path_mutable", "public.answer"),
    ("INFO unindexed_foreign_keys", "public.slow"),
    ("INFO rls_enabled_no_policy", "public.slow"),
]


def test_the_advisors_find_careless_objects(supabase: SupabaseCommand, migrated_url: str) -> None:
    with psycopg.connect(migrated_url) as connection:
        connection.execute(CARELESS)
    lines = findings(supabase, migrated_url)
    missing = [
        (name, where) for name, where in EXPECTED if not any(line.startswith(name) and where in line for line in lines)
    ]
    assert missing == []
    assert supabase("db", "advisors", "--level=warn", "--fail-on=warn", url=migrated_url).code != 0
