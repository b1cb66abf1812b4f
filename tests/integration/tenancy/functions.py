"""Every function of the record that somebody but its owner may execute, with what the tests call it with.

The database's catalogue is the list (see ``unregistered``). To add a function, add one entry to ``FUNCTIONS``: who may
execute it, the call, and what its case is given. The tests of ``test_statements.py`` and ``test_functions.py`` then ask
it what they ask every statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.integration.tenancy.cases import AS_USUAL, Case, Question
from tests.integration.tenancy.conftest import Connection


@dataclass(frozen=True)
class Function:
    """``executed_by`` are the logins (without ``baton_``) that have EXECUTE, the first of which the tests call it as.

    ``of_a_caller``: it is told who asks (``user_id``) and answers nobody but members. If not, it acts for the engine on
    one run, and the tests hold that it leaves every other organisation alone. ``writes``: its answer is a change.
    """

    executed_by: tuple[str, ...]
    call: str
    case: Case = AS_USUAL
    of_a_caller: bool = True
    writes: bool = False

    def question(self, login: str = "") -> Question:
        return Question(self.call, login or self.executed_by[0], self.writes, self.case)


@dataclass(frozen=True)
class FunctionWithoutCase:
    executed_by: tuple[str, ...]
    because: str


DELIVERING = ("api", "step", "gate", "checkpoint", "approval", "relay", "reconcile")
ENGINE = (*DELIVERING, "stream")
DECIDED = """insert into baton.outbox (id, run_id, kind, payload) values (%(approval_id)s::uuid, %(run_id)s,
  'complete', jsonb_build_object('approvalId', %(approval_id)s::uuid, 'decision', 'continue'))"""

FUNCTIONS: Mapping[str, Function | FunctionWithoutCase] = {
    "baton.claim_effects": FunctionWithoutCase(
        ("relay",), "it delivers for all organisations; test_outbox.py holds that it takes its own engine's alone"
    ),
    "baton.effect_to_complete": Function(
        ("approval",),
        "select baton.effect_to_complete(%(boundary_id)s, '{}', %(approval_id)s) as effect",
        Case(before=DECIDED, refusal=({"effect": None},)),
        of_a_caller=False,
    ),
    "baton.ended_with": Function(ENGINE, "select * from baton.ended_with(%(run_id)s, null)", of_a_caller=False),
    "baton.is_operator": Function(
        ("api", "step"),
        "select baton.is_operator(%(organization_id)s, %(user_id)s)",
        Case(refusal=({"is_operator": False},)),
    ),
    "baton.newest_token": Function(
        ("approval",),
        "select baton.newest_token(%(boundary_id)s, '{}', %(approval_id)s) as token",
        Case(refusal=({"token": None},)),
        of_a_caller=False,
    ),
    "baton.organizations_of_caller": FunctionWithoutCase(
        ("authenticated",),
        "policies alone reach it (clients have no USAGE on its schema), and test_clients.py asks them",
    ),
    "baton.put_off_effects": Function(
        DELIVERING,
        "select baton.put_off_effects(%(boundary_id)s, '{}', jsonb_build_array("
        "jsonb_build_object('id', %(effect_id)s::text, 'failures', 0, 'error', 'no answer')))",
        of_a_caller=False,
        writes=True,
    ),
    "baton.strike_off": Function(
        DELIVERING, "select baton.strike_off(array[%(effect_id)s::uuid])", of_a_caller=False, writes=True
    ),
}

OF_A_CALLER = {
    name: function for name, function in FUNCTIONS.items() if isinstance(function, Function) and function.of_a_caller
}
OF_THE_ENGINE = {
    name: function
    for name, function in FUNCTIONS.items()
    if isinstance(function, Function) and not function.of_a_caller
}

# What only its owner may execute (triggers, what functions with their owner's rights call) is not here.
EXECUTABLE = """
select p.oid::regprocedure::text as signature, n.nspname || '.' || p.proname as name,
  array_agg(replace(r.rolname, 'baton_', '') order by r.rolname) as executed_by
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace and n.nspname in ('public', 'baton')
join pg_roles r on has_function_privilege(r.oid, p.oid, 'execute')
  and ((r.rolname ~ '^baton_' and r.rolcanlogin) or r.rolname in ('anon', 'authenticated'))
where not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
group by p.oid, n.nspname, p.proname
order by 1
"""


def unregistered(owner: Connection) -> list[str]:
    """What the registry does not know, or knows otherwise: one line each."""
    rows = owner.execute(EXECUTABLE.encode()).fetchall()
    names = [row["name"] for row in rows]
    wrong = [
        f"{row['signature']} is executed by {', '.join(row['executed_by'])} and has no case"
        for row in rows
        if row["name"] not in FUNCTIONS
    ]
    wrong += [
        f"{row['signature']} is executed by {', '.join(row['executed_by'])}"
        for row in rows
        if row["name"] in FUNCTIONS and sorted(FUNCTIONS[row["name"]].executed_by) != row["executed_by"]
    ]
    wrong += [f"{name} has more than one signature" for name in FUNCTIONS if names.count(name) > 1]
    return wrong + [f"{name} is executed by nobody" for name in FUNCTIONS if name not in names]
