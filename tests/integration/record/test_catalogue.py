"""The rules for every function of the record, checked in the database's catalogue (``supabase/schemas/README.md``)."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

import baton.store
from baton.store.functions import Function, Query
from cli.authoring.functions_migration import read_functions
from cli.checkout import ROOT
from local.database import Database
from tests.integration.conftest import Server, name_of, new_database

SCHEMAS = ROOT / "supabase" / "schemas"
IN_CATALOGUE = """
select p.proname as name, p.prosrc as source, p.provolatile as volatility, p.prosecdef as is_definer,
  coalesce(p.proconfig, '{}') as settings, p.pronargdefaults as defaults, p.prorettype::regtype::text as answers,
  o.rolname as owner, o.rolcanlogin as owner_can_login, pg_get_functiondef(p.oid) as definition,
  p.proargnames[1:p.pronargs] as arguments, array(select format_type(t, null) from unnest(p.proargtypes) as t) as types,
  array(select r.rolname from pg_roles r where r.rolname ~ '^baton_' and r.rolcanlogin
    and has_function_privilege(r.oid, p.oid, 'execute')) as executed_by,
  exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) as a where a.grantee = 0) as by_public
from pg_proc p join pg_roles o on o.oid = p.proowner
where p.pronamespace = 'baton'::regnamespace and p.proname not in ('name_machine', 'organizations_of_caller')
order by p.proname
"""
OF_A_BOUNDARY = {'search_path=""', "enable_seqscan=off", "plan_cache_mode=force_generic_plan"}
# The calls that lock a run. A function that locks many finds them first, and reads each again under its lock.
LOCKING = r"perform baton\.lock_(run|tree)\("
LOCKS_MANY = {"adopt_runs"}
# The lock may depend on an argument. Before the lock, no function of the record is called and no table is read.
LOCKED_FIRST = rf"(declare\b(?P<declared>.*?))?\bbegin\s+(if \w+ then\s+)?{LOCKING}"
LOOKING = r"\bselect\b|\bfrom\b|\bexists\b|\bbaton\.\w+\s*\("
MAY_WRITE_MEMBERS = {"create_service_token", "lock_admins", "put_member", "remove_member", "revoke_service_token"}

Row = Mapping[str, Any]


def catalogue(url: str) -> list[dict[str, Any]]:
    with psycopg.connect(url, row_factory=dict_row) as connection:
        return connection.execute(IN_CATALOGUE).fetchall()


@pytest.fixture(scope="module")
def functions(template_database: Database) -> list[dict[str, Any]]:
    return catalogue(template_database.owner_url)


@pytest.fixture(scope="module")
def boundaries(functions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The functions that a login may execute and that may write."""
    return [row for row in functions if row["executed_by"] and row["volatility"] == "v"]


def names(functions: list[dict[str, Any]], such: Callable[[Row], Any]) -> list[str]:
    return [row["name"] for row in functions if such(row)]


def test_every_function_has_its_file_and_no_overload(functions: list[dict[str, Any]]) -> None:
    assert [row["name"] for row in functions] == sorted(read_functions(SCHEMAS))


def test_a_migrated_database_has_the_functions_of_the_files(
    database_server: Server, template_database: Database, functions: list[dict[str, Any]]
) -> None:
    with new_database(database_server, name_of(template_database.owner_url)) as url:
        with psycopg.connect(url) as connection:
            for text in read_functions(SCHEMAS).values():
                connection.execute(text.encode())
        assert catalogue(url) == functions


def test_no_function_has_defaults_or_is_immutable_or_builds_its_sql(functions: list[dict[str, Any]]) -> None:
    assert names(functions, lambda row: row["defaults"]) == []
    assert names(functions, lambda row: row["volatility"] == "i") == []
    assert names(functions, lambda row: re.search(r"\bexecute\b", row["source"])) == []


def test_all_have_an_empty_search_path(functions: list[dict[str, Any]]) -> None:
    assert names(functions, lambda row: 'search_path=""' not in row["settings"]) == []


def test_only_the_granted_logins_may_execute_a_function(functions: list[dict[str, Any]]) -> None:
    assert names(functions, lambda row: row["by_public"]) == []
    assert names(functions, lambda row: bool(row["executed_by"]) != row["is_definer"]) == []


def test_all_belong_to_the_owner_of_the_tables_which_cannot_log_in(
    functions: list[dict[str, Any]], template_database: Database
) -> None:
    assert {row["owner"] for row in functions} == {"baton_owner"}
    assert not any(row["owner_can_login"] for row in functions)
    with psycopg.connect(template_database.owner_url) as connection:
        owned = connection.execute(
            "select c.relnamespace::regnamespace::text, count(*) from pg_class c"
            " where c.relowner = 'baton_owner'::regrole and c.relkind in ('r', 'v') group by 1 order by 1"
        ).fetchall()
        others = connection.execute(
            "select c.oid::regclass::text from pg_class c where c.relowner <> 'baton_owner'::regrole"
            " and c.relkind in ('r', 'v') and c.relnamespace in ('baton'::regnamespace, 'public'::regnamespace)"
        ).fetchall()
    assert [schema for schema, _ in owned] == ["baton", "public"]
    assert others == []


def test_all_boundaries_have_the_same_first_arguments_and_planner_settings(boundaries: list[dict[str, Any]]) -> None:
    assert len(boundaries) > 30
    assert names(boundaries, lambda row: set(row["settings"]) != OF_A_BOUNDARY) == []
    named = [row for row in boundaries if row["name"] != "strike_off_unawaited"]
    assert names(named, lambda row: row["arguments"][:2] != ["p_boundary_id", "p_delivered"]) == []
    assert names(named, lambda row: row["answers"] != "jsonb") == []


def test_time_is_clock_timestamp_and_read_after_the_lock(functions: list[dict[str, Any]]) -> None:
    assert names(functions, lambda row: re.search(r"\bnow\(\)|current_timestamp", row["source"])) == []
    locking = [row for row in functions if re.search(LOCKING, row["source"])]
    early = r"clock_timestamp\(\).*perform baton\.lock_"
    assert names(locking, lambda row: re.search(early, row["source"], re.DOTALL)) == []


def test_no_function_reads_before_it_holds_the_lock(functions: list[dict[str, Any]]) -> None:
    locking = [row for row in functions if re.search(LOCKING, row["source"]) and row["name"] not in LOCKS_MANY]
    assert len(locking) > 15
    assert names(locking, lambda row: not locks_first(row["source"])) == []


def test_a_read_before_the_lock_is_found() -> None:
    """Otherwise the test before this one would be useless."""
    lock = "  perform baton.lock_run(p_run_id);\nend"
    assert locks_first(f"\ndeclare\n  event_data jsonb := jsonb_build_object('note', p_note);\nbegin\n{lock}")
    assert locks_first(f"\nbegin\n  if may_end_run then\n  {lock}")
    assert not locks_first(f"\ndeclare\n  event_data jsonb := baton.step_event_data(p_step_id, 1);\nbegin\n{lock}")
    assert not locks_first(f"\ndeclare\n  n int := (select count(*) from public.organizations);\nbegin\n{lock}")
    assert not locks_first(f"\nbegin\n  perform baton.delete_old_boundaries();\n{lock}")


def locks_first(source: str) -> bool:
    """Whether the lock is the first statement, and the declarations before it read nothing."""
    found = re.match(LOCKED_FIRST, source.strip(), re.DOTALL)
    return found is not None and not re.search(LOOKING, found["declared"] or "")


def test_members_are_found_through_the_view_of_current_members(functions: list[dict[str, Any]]) -> None:
    reading = r"(?<!delete )\b(from|join|using)\s+public\.organization_members"
    assert set(names(functions, lambda row: re.search(reading, row["source"]))) <= MAY_WRITE_MEMBERS


def test_every_called_function_exists(functions: list[dict[str, Any]]) -> None:
    """Postgres itself checks this only when the call is made."""
    there = {row["name"] for row in functions}
    for row in functions:
        called = set(re.findall(r"(?<!update )(?<!from )(?<!join )(?<!into )baton\.([a-z_]+)\s?\(", row["source"]))
        assert called <= there, row["name"]


def calls() -> dict[str, Function | Query]:
    """The calls of the store's modules and classes, by the name of the function."""
    modules = [
        importlib.import_module(f"baton.store.{found.name}") for found in pkgutil.iter_modules(baton.store.__path__)
    ]
    places = [*modules, *(value for module in modules for value in vars(module).values() if isinstance(value, type))]
    values = (value for place in places for value in vars(place).values())
    return {value.name: value for value in values if isinstance(value, Function | Query)}


def test_every_call_has_the_arguments_of_its_function_in_their_order(functions: list[dict[str, Any]]) -> None:
    have = {row["name"]: list(zip(row["arguments"] or (), row["types"], strict=True)) for row in functions}
    short = {
        "float8": "double precision",
        "int": "integer",
        "bigint": "bigint",
        "timestamptz": "timestamp with time zone",
    }
    called = {
        name: [(f"p_{argument}", short.get(type_, type_)) for argument, type_ in call.arguments.items()]
        for name, call in calls().items()
    }
    assert called == {name: have[name] for name in called}


def test_every_boundary_is_called(boundaries: list[dict[str, Any]]) -> None:
    assert {row["name"] for row in boundaries} - {"strike_off_unawaited"} <= calls().keys()
