"""Applies a generated migration of ``supabase/schemas`` to a database with all earlier migrations."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from cli.authoring.functions_migration import write_migration
from cli.checkout import ROOT
from local.migrations import migrate

EXECUTED_BY = """
select array(select r.rolname::text from pg_roles r where r.rolname ~ '^baton_' and r.rolcanlogin
  and has_function_privilege(r.oid, p.oid, 'execute') order by 1), p.proowner::regrole::text
from pg_proc p where p.pronamespace = 'baton'::regnamespace and p.proname = %s
"""


@pytest.fixture
def supabase(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "supabase", tmp_path / "supabase"))


def change(supabase: Path, function: str, old: str, new: str) -> None:
    path = supabase / "schemas" / f"{function}.sql"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def migrate_changes(supabase: Path, url: str) -> None:
    name = write_migration(supabase / "schemas", supabase / "migrations", False, datetime.now(UTC), amend=False)
    assert migrate(url, supabase) == [name]


def executed_by(url: str, function: str) -> list[str]:
    """The logins that may execute the function. Also checks that it belongs to the record's owner."""
    with psycopg.connect(url) as connection:
        row = connection.execute(EXECUTED_BY, (function,)).fetchone()
    assert row is not None
    logins, owner = row
    assert owner == "baton_owner"
    return list(logins)


def test_a_grant_that_was_removed_from_a_file_is_revoked_by_the_next_migration(
    supabase: Path, database_url: str
) -> None:
    assert executed_by(database_url, "abort_run") == ["baton_api"]
    assert executed_by(database_url, "check_service_token") == ["baton_api", "baton_stream"]
    change(supabase, "abort_run", "grant execute on function baton.abort_run to baton_api;\n", "")
    change(supabase, "check_service_token", "to baton_api, baton_stream;", "to baton_stream;")
    migrate_changes(supabase, database_url)
    assert executed_by(database_url, "abort_run") == []
    assert executed_by(database_url, "check_service_token") == ["baton_stream"]


def test_a_grant_that_stays_in_a_file_stays_after_the_next_migration(supabase: Path, database_url: str) -> None:
    change(supabase, "abort_run", "begin\n", "begin  -- changed\n")
    migrate_changes(supabase, database_url)
    assert executed_by(database_url, "abort_run") == ["baton_api"]


def test_a_function_without_a_file_is_dropped_and_a_new_one_belongs_to_the_owner(
    supabase: Path, database_url: str
) -> None:
    text = (supabase / "schemas" / "abort_run.sql").read_text(encoding="utf-8")
    (supabase / "schemas" / "stop_run.sql").write_text(text.replace("abort_run", "stop_run"), encoding="utf-8")
    (supabase / "schemas" / "abort_run.sql").unlink()
    migrate_changes(supabase, database_url)
    assert executed_by(database_url, "stop_run") == ["baton_api"]
    with psycopg.connect(database_url) as connection:
        assert connection.execute("select to_regproc('baton.abort_run')").fetchone() == (None,)
