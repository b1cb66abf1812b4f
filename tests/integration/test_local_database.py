from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cli.checkout import ROOT
from cli.database_urls import url_as, url_of
from local.database import Database, DatabaseRefused, add_supabase, check_database, complete_url
from local.migrations import MigrationRefused, migrate, read_migrations


def one(url: str, statement: str) -> Any:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
    return row and row[0]


@pytest.fixture
def supabase(tmp_path: Path) -> Path:
    """A folder ``supabase`` with two migrations and a seed."""
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "20260101000000_first.sql").write_text("create table public.things (name text);")
    (tmp_path / "migrations" / "20260102000000_second.sql").write_text("set search_path = ''; select 1;")
    (tmp_path / "seed.sql").write_text("insert into public.things values ('seeded');")
    return tmp_path


def test_migrations_run_as_an_ordinary_role(database_url: str) -> None:
    assert one(database_url, "select rolsuper from pg_roles where rolname = current_user") is False
    applied = one(database_url, "select array_agg(version order by version) from supabase_migrations.schema_migrations")
    assert applied == [migration.version for migration in read_migrations(ROOT / "supabase" / "migrations")]


def test_each_login_connects_and_is_no_superuser(login_url: Callable[[str], str], database: Database) -> None:
    for login in database.logins:
        assert one(login_url(login), "select current_user") == f"baton_{login}"
        assert one(login_url(login), "select rolsuper from pg_roles where rolname = current_user") is False


def test_a_login_is_refused_with_another_password(database_url: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url_as(database_url, "baton_step", "guessed"))


def test_no_login_reads_checkpoint_tokens(login_url: Callable[[str], str], database: Database) -> None:
    for login in database.logins:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            one(login_url(login), "select count(*) from baton.checkpoint_tokens")


def test_only_the_approval_login_may_get_the_token_of_a_checkpoint(
    login_url: Callable[[str], str], database: Database
) -> None:
    ask = "select baton.newest_checkpoint_token(gen_random_uuid(), '{}', gen_random_uuid())"
    for login in database.logins:
        if login == "approval":
            assert one(login_url(login), ask) is None
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                one(login_url(login), ask)


def test_a_test_database_has_the_seed(database_url: str) -> None:
    assert one(database_url, "select count(*) from supabase_migrations.seed_files") == int(
        (ROOT / "supabase" / "seed.sql").exists()
    )


def test_the_shim_answers_with_the_claims_of_the_request(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("""select set_config('request.jwt.claims',
            '{"sub": "00000000-0000-0000-0000-000000000007", "role": "authenticated"}', true)""")
        row = connection.execute("select auth.uid()::text, auth.role(), auth.jwt() ->> 'role'").fetchone()
    assert row == ("00000000-0000-0000-0000-000000000007", "authenticated", "authenticated")
    assert one(database_url, "select auth.uid() is null and auth.role() is null") is True


def test_the_shim_does_not_change_a_database_that_has_it(database_url: str) -> None:
    before = one(database_url, "select xmin::text from pg_proc where oid = to_regprocedure('auth.uid()')")
    add_supabase(database_url, owner="postgres")
    assert one(database_url, "select xmin::text from pg_proc where oid = to_regprocedure('auth.uid()')") == before


def test_migrations_are_recorded_as_the_supabase_cli_records_them(empty_database_url: str, supabase: Path) -> None:
    applied = migrate(empty_database_url, supabase)
    assert applied == ["20260101000000_first.sql", "20260102000000_second.sql"]
    with psycopg.connect(empty_database_url) as connection:
        rows = connection.execute(
            "select version, name, statements from supabase_migrations.schema_migrations order by version"
        ).fetchall()
    assert rows == [
        ("20260101000000", "first", ["create table public.things (name text);"]),
        ("20260102000000", "second", ["set search_path = ''; select 1;"]),
    ]


def test_a_second_run_applies_nothing_and_seeds_once(empty_database_url: str, supabase: Path) -> None:
    migrate(empty_database_url, supabase, seed=True)
    assert migrate(empty_database_url, supabase, seed=True) == []
    assert one(empty_database_url, "select count(*) from public.things") == 1
    assert one(empty_database_url, "select path from supabase_migrations.seed_files") == "supabase/seed.sql"


def test_a_failed_migration_is_rolled_back(empty_database_url: str, supabase: Path) -> None:
    (supabase / "migrations" / "20260103000000_third.sql").write_text("create table public.half (); select 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty_database_url, supabase)
    assert one(empty_database_url, "select to_regclass('public.half') is null") is True
    assert one(empty_database_url, "select max(version) from supabase_migrations.schema_migrations") == "20260102000000"


def test_a_database_with_another_text_of_a_migration_is_refused(empty_database_url: str, supabase: Path) -> None:
    migrate(empty_database_url, supabase)
    [first, *_] = sorted((supabase / "migrations").iterdir())
    first.write_text(first.read_text() + "create table late (id int);")
    with pytest.raises(MigrationRefused, match=f"{first.name}: changed since it was applied to this database"):
        migrate(empty_database_url, supabase)


def test_a_record_of_the_supabase_cli_is_accepted(empty_database_url: str, supabase: Path) -> None:
    migrate(empty_database_url, supabase)
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        for statements in (["create table a (x int)", "select 1"], None):
            connection.execute("update supabase_migrations.schema_migrations set statements = %s", (statements,))
            assert migrate(empty_database_url, supabase) == []


def test_a_migration_older_than_an_applied_one_is_refused(empty_database_url: str, supabase: Path) -> None:
    migrate(empty_database_url, supabase)
    (supabase / "migrations" / "20260101120000_late.sql").write_text("select 1;")
    with pytest.raises(MigrationRefused, match=r"20260101120000_late\.sql is older than 20260102000000"):
        migrate(empty_database_url, supabase)


def test_a_database_with_unknown_migrations_is_refused(empty_database_url: str, supabase: Path) -> None:
    migrate(empty_database_url, supabase)
    (supabase / "migrations" / "20260102000000_second.sql").unlink()
    with pytest.raises(MigrationRefused, match="migrations that this checkout lacks: 20260102000000"):
        migrate(empty_database_url, supabase)


@pytest.mark.parametrize("name", ["1_short.sql", "20260103000000.sql", "20260103000000_Upper.sql"])
def test_a_badly_named_migration_is_refused(supabase: Path, name: str) -> None:
    (supabase / "migrations" / name).write_text("select 1;")
    with pytest.raises(MigrationRefused, match="14 digits"):
        read_migrations(supabase / "migrations")


def test_two_migrations_of_one_version_are_refused(supabase: Path) -> None:
    (supabase / "migrations" / "20260102000000_twin.sql").write_text("select 1;")
    with pytest.raises(MigrationRefused, match="same version"):
        read_migrations(supabase / "migrations")


def test_an_empty_database_and_our_own_are_accepted(empty_database_url: str, database_url: str) -> None:
    assert check_database(empty_database_url, insist=False) is True
    assert check_database(database_url, insist=False) is False


@pytest.mark.parametrize(
    "statement",
    [
        "create table public.payroll ()",
        "create function public.pay() returns int language sql as 'select 1'",
        "create type public.grade as enum ('a')",
        "create domain public.amount as numeric",
        "create sequence public.numbers",
        "create schema payroll",
        "create schema _private",
        "select lo_create(0)",
    ],
)
def test_a_database_with_other_objects_is_refused_without_insist(empty_database_url: str, statement: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute(statement)
    with pytest.raises(DatabaseRefused, match=r"is not empty and is not Baton's.* make up YES=1$"):
        check_database(empty_database_url, insist=False)
    assert check_database(empty_database_url, insist=True) is False


def test_a_database_with_only_supabases_objects_is_empty(empty_database_url: str) -> None:
    add_supabase(empty_database_url, owner="postgres")
    assert check_database(empty_database_url, insist=False) is True


@pytest.mark.parametrize("insist", [False, True])
def test_a_schema_baton_of_another_origin_is_refused(empty_database_url: str, insist: bool) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("create schema baton")
    with pytest.raises(DatabaseRefused, match="a schema `baton` that Baton's migrations did not make"):
        check_database(empty_database_url, insist=insist)


def test_the_message_about_an_unreachable_database_names_its_variable() -> None:
    with pytest.raises(DatabaseRefused, match="that BATON_DATABASE_URL names does not answer"):
        check_database("postgresql://u@127.0.0.1:1/x", insist=False)


@pytest.mark.parametrize(
    "text",
    ["mysql://u:secret@h/x", "just words", "postgresql://u:secret%zz@127.0.0.1/x", "postgresql://u:secret@[::1/x"],
)
def test_a_malformed_url_is_refused_without_showing_its_password(text: str) -> None:
    with pytest.raises(DatabaseRefused, match="BATON_DATABASE_URL must be a URL such as") as error_info:
        complete_url(text)
    assert "secret" not in str(error_info.value)
    assert error_info.value.__suppress_context__


def test_a_conninfo_string_becomes_a_url() -> None:
    assert complete_url("host=127.0.0.1 port=5433 user=me password='a b&c' dbname=x") == (
        "postgresql://me:a%20b%26c@127.0.0.1:5433/x"
    )
    assert complete_url("postgresql://me@127.0.0.1/x?sslmode=disable") == "postgresql://me@127.0.0.1/x?sslmode=disable"


@pytest.mark.parametrize("url", ["postgresql://u@db.invalid/x", "host=127.0.0.1,192.0.2.7 dbname=x"])
def test_a_server_on_another_machine_is_refused_before_it_is_contacted(url: str) -> None:
    with pytest.raises(DatabaseRefused, match="another machine"):
        check_database(url, insist=False)


def test_a_host_from_the_environment_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.invalid")
    with pytest.raises(DatabaseRefused, match=r"db\.invalid"):
        check_database("dbname=x", insist=False)


def test_urls_keep_their_parameters_when_role_or_database_change() -> None:
    url = "postgresql://postgres.abcd:old@[::1]:6543/postgres?sslmode=require"
    assert url_as(url, "baton_api", "p/w") == "postgresql://baton_api.abcd:p%2Fw@[::1]:6543/postgres?sslmode=require"
    assert url_of("postgresql:///x?host=%2Frun", "y") == "postgresql:///y?host=%2Frun"
