"""An organisation with a row in every table."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from baton.model import Principal

ROLES = ("viewer", "operator", "approver", "admin")
PLAN = {
    "format": 1,
    "name": "review",
    "displayName": "Review",
    "parameters": [],
    "constraints": [],
    "steps": [
        {"id": "look", "index": 0, "name": "Look", "type": "agent", "agent": "a", "mode": "BUILD", "dependsOn": []},
    ],
}


def _id() -> str:
    return str(uuid.uuid4())


@dataclass(frozen=True)
class OrganizationFixture:
    """The ids of one organisation, of its member and of its rows."""

    slug: str
    member: str = field(default_factory=_id)  # with every role
    organization_id: str = field(default_factory=_id)
    agent_id: str = field(default_factory=_id)
    definition_id: str = field(default_factory=_id)
    run_id: str = field(default_factory=_id)
    approval_id: str = field(default_factory=_id)
    deliverable_id: str = field(default_factory=_id)
    event_id: str = field(default_factory=_id)
    company_id: str = field(default_factory=_id)
    department_id: str = field(default_factory=_id)
    metric_id: str = field(default_factory=_id)
    token_id: str = field(default_factory=_id)  # a machine, with every role
    webhook_id: str = field(default_factory=_id)
    delivery_id: str = field(default_factory=_id)

    @property
    def caller(self) -> Principal:
        """The member, as an argument for use cases."""
        return Principal(self.member)

    @property
    def secret_hash(self) -> str:
        return self.token_id.replace("-", "") * 2

    def is_mentioned_in(self, rows: Any) -> bool:
        text = json.dumps(rows, default=str)
        return any(value in text for value in vars(self).values())


# A failed run with an open approval: it can be read, decided, recovered and forked.
ROWS = """
insert into organizations (id, slug, name) values (%(organization_id)s, %(slug)s, %(slug)s);
insert into organization_members values (%(organization_id)s, %(member)s, %(roles)s);
insert into agents (id, organization_id, slug, display_name, kind, transport)
values (%(agent_id)s, %(organization_id)s, 'a', 'A', 'agent', '{"type": "http", "url": "https://a.test"}');
insert into orchestration_definitions
  (id, organization_id, name, version, display_name, owner_agent_slug, source, plan, digest)
values (%(definition_id)s, %(organization_id)s, 'review', '1.0.0', 'Review', 'boss', '', %(plan)s, 'd');
insert into orchestration_runs (id, organization_id, definition_id, definition_name, definition_version,
  owner_agent_slug, status, parameters, plan, digest, machine, engine_id, execution_prefix, launched_by, root_run_id,
  error, started_at, completed_at)
values (%(run_id)s, %(organization_id)s, %(definition_id)s, 'review', '1.0.0', 'boss', 'failed', '{}', %(plan)s, 'd',
  'review', 'engine', 'arn:', %(member)s, %(run_id)s, '{"type": "Crash", "message": "it broke"}', now(), now());
insert into orchestration_steps (run_id, organization_id, step_id, step_index, agent_slug, mode, status, outputs,
  started_at)
values (%(run_id)s, %(organization_id)s, 'look', 0, 'a', 'BUILD', 'checkpoint', '{"rows": 3}', now());
insert into orchestration_step_attempts (run_id, step_id, attempt_number, organization_id, status, attempt_key,
  delivery_id, generation, lease_until, ended_at)
values (%(run_id)s, 'look', 1, %(organization_id)s, 'completed', 'k', %(event_id)s, 1, now(), now());
insert into orchestration_events (id, run_id, organization_id, sequence, type, data, run)
values (%(event_id)s, %(run_id)s, %(organization_id)s, 1, 'orchestration.run.created', '{}', '{}');
insert into baton.outbox (id, run_id, kind, sequence) values (%(event_id)s, %(run_id)s, 'event', 1);
insert into human_approvals (id, run_id, organization_id, step_id, attempt_number, question, options)
values (%(approval_id)s, %(run_id)s, %(organization_id)s, 'look', 1, 'Right?', '[{"action": "continue"}]');
insert into deliverables
  (id, run_id, organization_id, step_id, attempt_number, agent_slug, type, format, name, title, content)
values (%(deliverable_id)s, %(run_id)s, %(organization_id)s, 'look', 1, 'a', 'analysis', 'json', 'data.json', 'Data',
  '[]');
insert into baton.checkpoint_tokens (approval_id, token, execution) values (%(approval_id)s, 'token', 'arn');
insert into baton.gate_tokens (run_id, step_id, generation, token, execution)
values (%(run_id)s, 'look', 1, 'token', 'arn');
insert into baton.step_cache
  (organization_id, definition_id, step_id, input_hash, outputs, metadata, deliverables, expires_at)
values (%(organization_id)s, %(definition_id)s, 'look', 'h', '{}', '{}', '[]', now() + interval '1 day');
insert into baton.service_tokens (id, organization_id, name, roles, secret_hash, created_by, expires_at)
values (%(token_id)s, %(organization_id)s, 'Machine', %(roles)s, %(secret_hash)s, %(member)s, now() + interval '1 day');
insert into organization_members (organization_id, user_id, roles, kind, expires_at)
values (%(organization_id)s, %(token_id)s, %(roles)s, 'machine', now() + interval '1 day');
insert into baton.launchers (organization_id, engine_id, user_id, allowed_by)
values (%(organization_id)s, 'another engine', %(run_id)s, %(member)s);
insert into baton.webhooks (id, organization_id, url, status, verified_at, created_by)
values (%(webhook_id)s, %(organization_id)s, 'https://' || %(slug)s || '.test/hook', 'active', now(), %(member)s);
insert into baton.webhook_deliveries (id, webhook_id, event_id, event_type, run_id, sequence, status, completed_at)
values (%(delivery_id)s, %(webhook_id)s, gen_random_uuid(), 'orchestration.run.created', %(run_id)s, 1, 'delivered',
  now());
insert into baton.idempotency_keys (organization_id, key, request_hash, run_id)
values (%(organization_id)s, 'key', 'hash', %(run_id)s);
insert into baton.boundaries (id, answer) values (gen_random_uuid(), jsonb_build_object('userId', %(member)s::text));
insert into baton.executions (run_id, generation, arn)
values (%(run_id)s, 1, 'execution of ' || %(run_id)s::uuid::text);
insert into baton.execution_checks (run_id) values (%(run_id)s);
insert into company.companies (id, organization_id, name) values (%(company_id)s, %(organization_id)s, %(slug)s);
insert into company.departments (id, company_id, name) values (%(department_id)s, %(company_id)s, 'Sales');
insert into company.kpi_metrics (id, organization_id, name, unit, aggregation)
values (%(metric_id)s, %(organization_id)s, 'revenue', 'EUR', 'sum');
insert into company.kpi_goals (metric_id, company_id, starts_on, ends_on, direction, target)
values (%(metric_id)s, %(company_id)s, '2024-01-01', '2024-12-31', 'at_least', 1);
insert into company.kpi_data (metric_id, department_id, date_recorded, value)
values (%(metric_id)s, %(department_id)s, '2024-07-01', 1);
"""


def insert_organization(owner: psycopg.Connection[Any], slug: str) -> OrganizationFixture:
    organization = OrganizationFixture(slug)
    values = {**vars(organization), "roles": [*ROLES], "plan": Jsonb(PLAN), "secret_hash": organization.secret_hash}
    for statement in ROWS.split(";\n"):
        if statement.strip():
            owner.execute(statement.encode(), values)
    return organization
