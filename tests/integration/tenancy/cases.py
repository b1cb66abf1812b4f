"""The parameters with which the tests of tenancy call statements and functions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg.types.json import Jsonb

from baton.model import RunStatus
from tests.integration.tenancy.organization import OrganizationFixture

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """``parameters`` replace those of every case; ``before`` are statements after which the question has something to
    find or to do; ``refusal`` is the answer to a caller without rights: by default no rows."""

    parameters: Mapping[str, Any] = field(default_factory=dict)
    before: str = ""
    refusal: tuple[Mapping[str, Any], ...] = ()


AS_USUAL = Case()
LEAST = str(uuid.UUID(int=0))
OPEN_CHILD = """
insert into orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
  owner_agent_slug, status, parameters, plan, digest, machine, engine_id, execution_prefix, launched_by, root_run_id,
  parent_run_id, parent_step_id, parent_attempt, depth, started_at)
select %(child_id)s, organization_id, definition_id, definition_name, definition_version, owner_agent_slug, 'running',
  parameters, plan, digest, machine, engine_id, execution_prefix, launched_by, id, id, 'look', 1, 2, now()
from orchestration_runs where id = %(run_id)s"""


@dataclass(frozen=True)
class Question:
    """One question to the record: its text, the login that asks, and whether it changes rows (else it reads
    rows)."""

    text: str
    login: str
    writes: bool
    case: Case = AS_USUAL

    def params(self, organization: OrganizationFixture, user_id: str) -> dict[str, Any]:
        return params(organization, user_id, self.case)

    def is_refusal(self, rows: Rows) -> bool:
        return rows == list(self.case.refusal)


def params(organization: OrganizationFixture, user_id: str, case: Case) -> dict[str, Any]:
    """All parameters of statements, for one organisation's rows and one user."""
    nothing = Jsonb({})
    return {
        **vars(organization), "user_id": user_id, "organization": organization.slug,
        "organizations": [organization.slug], "source_run_id": organization.run_id,
        "effect_id": organization.event_id, "id": organization.event_id, "ids": [organization.event_id],
        "written_for": [organization.run_id], "engine_id": "engine", "generation": 1, "failures": 1,
        "boundary_id": str(uuid.uuid4()),
        "agent": "a", "slug": "a", "orchestration": "review", "name": "review", "version": None, "status": None,
        "after": 0, "limit": 50, "statuses": [*RunStatus], "definition": None, "mine": False, "with_outputs": True,
        "attempt": None, "start": 0, "length": 100, "path": ["parameters"],
        "parent": organization.run_id,
        "created_after": None, "before_at": None, "before_id": LEAST, "after_at": None, "after_id": LEAST,
        "value_bytes": 100_000, "bytes": None, "row_bytes": None,
        "idempotency_key": "key", "request_hash": "hash",
        "parameters": nothing, "options": nothing, "overrides": nothing, "reused": nothing,
        "modifications": nothing, "shared_only": False,
        "results": nothing, "outputs": nothing, "step_id": None, "skip": False, "modified": False, "note": None,
        "error": "it failed", "display_name": "D", "description": "", "owner": "boss", "source": "s", "plan": nothing,
        "digest": "d", "machine": "x-d", "kind": "agent", "transport": Jsonb({"type": "http"}), "orchestrations": [],
        "roles": ["viewer"], "secret_hash": organization.secret_hash,
        **case.parameters,
    }  # fmt: skip
