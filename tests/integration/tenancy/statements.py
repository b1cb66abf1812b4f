"""Every named statement that the API's login runs, with what it is given. ``store/*.sql`` is the list; a statement that
has no case here, or says that it needs none, fails the tests."""

from __future__ import annotations

import ast
import inspect
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from psycopg.types.json import Jsonb

from baton import bootstrap
from baton.store import sql
from tests.integration.tenancy.cases import AS_USUAL, Case, Question

STORE = Path(sql.__file__).parent

RUNS = "update orchestration_runs set status = 'running', error = null, completed_at = null where id = %(run_id)s"
STARTS = "insert into baton.outbox (run_id, kind, payload) values (%(run_id)s, 'start', '{}')"
CHILD = """
insert into orchestration_runs select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(),
  'parent_run_id', r.id, 'parent_step_id', 'tell', 'parent_attempt', 1, 'depth', 2))).*
from orchestration_runs r where r.id = %(run_id)s"""
FAILS = "update baton.outbox set failures = 3, available_at = now() + interval '1 hour' where id = %(effect_id)s"
JOINS = """insert into organization_members (organization_id, user_id, roles)
  values (%(organization_id)s, %(member_id)s, '{viewer}')"""
ANYBODY = str(uuid.uuid4())
TOMORROW = datetime.now(UTC) + timedelta(days=1)
NEW = {"run_id": str(uuid.uuid4()), "idempotency_key": "another key", "request_hash": "another hash"}

# Statements that join the membership of the caller themselves.
OF_A_CALLER = {
    "approval.approval_terms": Case(),
    "forks.fork_source": Case(),
    "forks.insert_fork": Case({**NEW, "idempotency_key": None, "step_id": "look"}),
    "launch.claim_idempotency_key": Case({"idempotency_key": "another key"}),
    "launch.insert_run": Case({**NEW, "idempotency_key": None}),
    "launch.launch_context": Case(),
    "launch.launched_run": Case(),
    "launch.ordered_start": Case(before=STARTS),
    "members.lock_admins": Case(),
    "members.members": Case(),
    "members.put_member": Case({"member_id": ANYBODY}),
    "members.remove_member": Case({"member_id": ANYBODY}, before=JOINS),
    "members.standing": Case(),
    "publish.add_definition": Case({"version": "2.0.0"}),
    "publish.agent": Case(),
    "publish.archive_definition": Case({"version": "1.0.0"}),
    "publish.definition": Case({"version": "1.0.0"}),
    "publish.membership": Case(),
    "publish.put_agent": Case({"slug": "b"}),
    "publish.visible_agents": Case(),
    "publish.visible_definitions": Case(),
    "publish.visible_versions": Case(),
    "reads.agents": Case(),
    "reads.approval": Case(),
    "reads.approval_deliverable": Case(),
    "reads.approvals": Case(),
    "reads.definitions": Case(),
    "reads.deliverable": Case(),
    "reads.events": Case(),
    "reads.membership": Case(),
    "reads.organizations": Case(),
    "reads.review_reports": Case(),
    "reads.run": Case(),
    "reads.run_approvals": Case(),
    "reads.run_attempts": Case(),
    "reads.run_children": Case(before=CHILD),
    "reads.run_reviews": Case(),
    "reads.versions": Case(),
    "reads.run_deliverables": Case(),
    "reads.run_status": Case(),
    "reads.runs": Case(),
    "reads.steps": Case(),
    "recovery.recover_run": Case(),
    "recovery.recovery_terms": Case(),
    "service_tokens.create_token": Case({"token_id": ANYBODY, "secret_hash": "0" * 64, "expires_at": TOMORROW}),
    "service_tokens.revoke_token": Case(),
    "service_tokens.tokens": Case(),
    "tree.abort_run": Case(before=RUNS),
    "undelivered.failed": Case(before=FAILS),
    "undelivered.redrive": Case(before=FAILS),
    "undelivered.redrive_all": Case(before=FAILS, refusal=({"redriven": 0},)),
    "undelivered.roles": Case(),
    "undelivered.roles_for": Case(before=FAILS),
}  # fmt: skip

# What the API has another function do for the caller it names; the approval function's login runs it.
ON_BEHALF = {
    "checkpoints.decide_approval": Case({
        "by_clock": False, "decision": "continue", "notes": None, "modifications": Jsonb({}), "execution": None,
    }),
}  # fmt: skip

# What the stream function reads for a caller, on a login of its own.
OF_THE_STREAM = ("reads.events", "stream.standing")

# Statements around those, in one pipeline with them. They are given no caller: they lock, draw the consequences of what
# the record says already, and hand over what their own transaction wrote.
AROUND = {
    "boundary.advance", "boundary.lock_run", "boundary.run_status",
    "tree.abort_orphans", "tree.effects_of_tree", "tree.lock_descendants",
}  # fmt: skip

# What tells who the caller is: by a secret, which is no other's.
IDENTIFYING = {"service_tokens.bearer"}

# Statements of the same files that other functions' logins run.
ELSEWHERE = {
    "boundary.completed_tokens": "approval", "boundary.released_tokens": "step, gate, approval",
    "boundary.written_effects": "step, gate, checkpoint, approval",
    "recovery.adopt_runs": "relay", "recovery.claim_checks": "reconcile", "recovery.move_run": "reconcile",
    "recovery.orphaned_trees": "reconcile", "recovery.plan_of_run": "reconcile", "recovery.repin_run": "reconcile",
    "tree.settle_run": "reconcile, step",
}  # fmt: skip


def text_of(name: str) -> str:
    file, _, statement = name.partition(".")
    return sql.load(file)[statement]


def writes(name: str) -> bool:
    return re.search(r"^\s*(insert|update|delete) ", text_of(name), re.MULTILINE) is not None


def question_of(name: str, case: Case = AS_USUAL, login: str = "api") -> Question:
    return Question(text_of(name), login, writes(name), case)


# --- what the API's login runs, read from the code --------------------------------------------------------------------


def adapters_of_the_api() -> list[type]:
    """The classes of ``baton.store`` that ``bootstrap`` gives the API function."""
    imported = re.findall(
        r"from (baton\.store\.\w+) import (\w+)",
        inspect.getsource(bootstrap.api_function) + inspect.getsource(bootstrap._Publish),
    )
    modules = {module: __import__(module, fromlist=[name]) for module, name in imported}
    return [getattr(modules[module], name) for module, name in imported]


def files_of_the_api() -> set[str]:
    """The ``.sql`` files that those classes' modules load, and the modules of the store that they build upon."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = {adapter.__module__.rpartition(".")[2] for adapter in adapters_of_the_api()}
    while waiting:
        module = waiting.pop()
        seen.add(module)
        source = (STORE / f"{module}.py").read_text(encoding="utf-8")
        found |= set(re.findall(r"\bload\(\"(\w+)\"\)", source))
        waiting |= set(re.findall(r"^from baton\.store\.(\w+) import", source, re.MULTILINE)) - seen
    return found


def statements_of_the_api() -> Iterator[str]:
    for file in sorted(files_of_the_api()):
        yield from (f"{file}.{name}" for name in sql.load(file))


def words_of(adapter: type) -> set[str]:
    """Every text constant in a class."""
    tree = ast.parse(inspect.getsource(adapter))
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
