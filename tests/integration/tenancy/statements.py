"""Every named statement that the API's login runs, with its parameters. ``store/*.sql`` is the list. A statement
without a case fails the tests."""

from __future__ import annotations

import ast
import inspect
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from baton import bootstrap
from baton.adapters import Adapters
from baton.store import sql
from tests.integration.tenancy.cases import AS_USUAL, OPEN_CHILD, Case, Question

STORE = Path(sql.__file__).parent

ANYBODY = str(uuid.uuid4())
RUNS = "update orchestration_runs set status = 'running', error = null, completed_at = null where id = %(run_id)s"
NEW = {"run_id": str(uuid.uuid4()), "idempotency_key": "another key", "request_hash": "another hash"}

ITEM = """
insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, item_of, item_index,
  item_attempt, item)
select run_id, organization_id, 'look[0]', step_index, agent_slug, mode, step_id, 0, 1, '{}'
from orchestration_steps where run_id = %(run_id)s and step_id = 'look'"""
REPORT = """
update orchestration_steps set metadata = '{"runtime": {"response": {"payload": {"metadata": {"review": {}}}}}}'
where run_id = %(run_id)s and step_id = 'look'"""

# Statements that join the caller's membership.
OF_A_CALLER = {
    "runs.fork_source": Case(),
    "contents.agent_value": Case({"path": ["displayName"]}),
    "contents.definition_value": Case({"path": ["displayName"], "version": "1.0.0"}),
    "contents.deliverable": Case(),
    "contents.deliverable_by_name": Case({"name": "data.json"}),
    "contents.output": Case({"step_id": "look", "name": "rows"}),
    "contents.run_value": Case(),
    "members.members": Case({"after_id": None}),
    "members.membership": Case(),
    "library.agent": Case(),
    "library.definition": Case({"version": "1.0.0"}),
    "library.membership": Case(),
    "library.visible_agents": Case(),
    "library.visible_definitions": Case(),
    "library.visible_versions": Case(),
    "reads.agents": Case({"after_id": None}),
    "reads.approval": Case(),
    "reads.approval_deliverable": Case(),
    "reads.approvals": Case({"status": "pending"}),
    "reads.definitions": Case({"after_id": None}),
    "reads.deliverable": Case(),
    "reads.events": Case(),
    "reads.membership": Case(),
    "reads.organizations": Case(),
    "reads.review_reports": Case(before=REPORT),
    "reads.run": Case(),
    "reads.run_approvals": Case(),
    "reads.run_attempts": Case(),
    "reads.run_children": Case({"child_id": ANYBODY}, before=OPEN_CHILD),
    "reads.run_reviews": Case(),
    "reads.versions": Case({"after_id": None}),
    "reads.run_deliverables": Case(),
    "reads.run_items": Case(before=ITEM),
    "reads.run_status": Case(),
    "reads.runs": Case(),
    "reads.runs_of_parent": Case({"child_id": ANYBODY}, before=OPEN_CHILD),
    "reads.runs_of_version": Case({"version": "1.0.0"}),
    "reads.steps": Case(),
    "recovery.recovery_terms": Case(),
    "outbox.roles": Case(),
}  # fmt: skip

# Statements that the stream function runs with its own login, beside the function `baton.stream_run`.
OF_THE_STREAM = ("reads.events",)

# Statements of the same files that other functions' logins run.
ELSEWHERE = {
    "recovery.runs_with_orphans": "reconcile", "recovery.pinned_run": "reconcile", "recovery.now": "relay",
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
        inspect.getsource(bootstrap.api_function) + inspect.getsource(Adapters),
    )
    modules = {module: __import__(module, fromlist=[name]) for module, name in imported}
    return [getattr(modules[module], name) for module, name in imported]


def files_of_the_api() -> set[str]:
    """The ``.sql`` files that the modules of those classes load, and the modules that they import."""
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
