"""Actions that no login of the engine may do: write to a table, use a sequence, read private tables, or call a helper
function."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.integration.tenancy.functions import ENGINE, FUNCTIONS
from tests.integration.tenancy.tenancy_fixture import TenancyFixture, tenancy

__all__ = ["tenancy"]

REFUSAL = "InsufficientPrivilege: permission denied for "
# Effects without a cause: no decision, release, launch or end.
EFFECTS = {
    "complete": '{"approvalId": "%(approval_id)s", "decision": "continue"}',
    "release": '{"gateId": 1}',
    "start": '{"generation": 1}',
    "stop": '{"generation": 1}',
}
RELATIONS = """
select format('%I.%I', n.nspname, c.relname) as name, n.nspname as schema, c.relkind::text as kind,
  (select quote_ident(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
    and a.attgenerated = '' and a.attidentity = '' order by a.attnum limit 1) as column
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname in ('public', 'baton', 'company') and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S') order by 1
"""
WRITES = (
    "insert into {0} default values",
    "insert into {0} ({1}) select null",
    "update {0} set {1} = null",
    "delete from {0}",
)
OF_A_TABLE = (*WRITES, "truncate {0} cascade", "lock table {0} in exclusive mode")
DRAWS = ("select nextval('{0}')", "select setval('{0}', 1)", "select last_value from {0}")
TRIED = {"r": OF_A_TABLE, "v": WRITES, "S": DRAWS}
LOOKS = ("select from {0}", "copy {0} to stdout")
HELPERS = """
select p.proname as name, format('select baton.%%I(%%s)', p.proname,
  array_to_string(array_fill('null'::text, array[p.pronargs]), ', ')) as call
from pg_proc p
where p.pronamespace = 'baton'::regnamespace and p.prorettype <> 'trigger'::regtype
  and 'baton.' || p.proname <> all (%s)
order by 1
"""


@pytest.fixture(params=[*ENGINE, "mcp"])
def attempt(request: pytest.FixtureRequest, tenancy: TenancyFixture) -> Iterator[Callable[[str], str]]:
    """The server's answer to a statement of one of the logins."""
    with psycopg.connect(tenancy.logins[request.param]) as connection:
        connection.execute("set transaction read write")  # the MCP function's transactions are read-only by default

        def answer(statement: str) -> str:
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(statement.encode())
            except psycopg.Error as error:
                return f"{type(error).__name__}: {error}"
            return "done"

        yield answer


def refused(answer: str) -> bool:
    """Refused because the right is missing. A policy would not refuse: the statement would find no rows."""
    return answer.startswith(REFUSAL)


def not_refused(attempt: Callable[[str], str], statements: list[str]) -> list[str]:
    answers = {statement: attempt(statement) for statement in statements}
    return [f"{statement}: {answer}" for statement, answer in answers.items() if not refused(answer)]


@pytest.mark.parametrize("kind", EFFECTS)
def test_no_login_orders_an_effect_without_a_cause(
    tenancy: TenancyFixture, attempt: Callable[[str], str], kind: str
) -> None:
    payload = EFFECTS[kind] % vars(tenancy.theirs)
    insert = (
        f"insert into baton.outbox (run_id, kind, payload) values ('{tenancy.theirs.run_id}', '{kind}', '{payload}')"
    )
    with tenancy.owner.transaction(force_rollback=True):
        tenancy.owner.execute(insert.encode())  # so the statement is valid for the owner
    assert refused(attempt(insert))


def test_no_login_writes_to_a_table_or_draws_from_a_sequence(
    tenancy: TenancyFixture, attempt: Callable[[str], str]
) -> None:
    relations = tenancy.owner.execute(RELATIONS).fetchall()
    assert sum(row["kind"] == "r" for row in relations) > 20
    statements = [tried.format(row["name"], row["column"]) for row in relations for tried in TRIED[row["kind"]]]
    assert not_refused(attempt, statements) == []


def test_no_login_reads_private_tables(tenancy: TenancyFixture, attempt: Callable[[str], str]) -> None:
    private = [row["name"] for row in tenancy.owner.execute(RELATIONS) if row["schema"] == "baton"]
    assert {"baton.checkpoint_tokens", "baton.service_tokens", "baton.live_members"} <= {*private}
    assert not_refused(attempt, [look.format(name) for name in private for look in LOOKS]) == []


def test_no_login_calls_a_helper_function(tenancy: TenancyFixture, attempt: Callable[[str], str]) -> None:
    helpers = tenancy.owner.execute(HELPERS, ([*FUNCTIONS],)).fetchall()
    assert len(helpers) > 50
    answers = {row["name"]: attempt(row["call"]).partition("\n")[0] for row in helpers}
    # The right that is missing is that on the function itself; the MCP function may not use the schema.
    called = {
        name: answer
        for name, answer in answers.items()
        if answer not in (f"{REFUSAL}function {name}", f"{REFUSAL}schema baton")
    }
    assert called == {}
