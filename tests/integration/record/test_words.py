"""The words of the model are the words of the database: each CHECK or domain that lists words has an enum."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import psycopg
import pytest

from baton import model
from local.database import Database

ENUMS: Mapping[str, type[StrEnum]] = {
    "public.agents.kind": model.AgentKind,
    "public.human_approvals.closed_reason": model.CloseReason,
    "public.human_approvals.decision": model.Decision,
    "public.human_approvals.on_timeout": model.TimeoutAction,
    "public.human_approvals.status": model.ApprovalStatus,
    "public.orchestration_events.type": model.EventType,
    "public.orchestration_runs.status": model.RunStatus,
    "public.orchestration_step_attempts.status": model.AttemptStatus,
    "public.orchestration_steps.mode": model.Mode,
    "public.orchestration_steps.skip_reason": model.SkipReason,
    "public.orchestration_steps.status": model.StepStatus,
    "public.orchestration_steps.type": model.StepType,
    "public.organization_members.kind": model.MemberKind,
    "public.organization_members.roles": model.Role,
    "baton.outbox.kind": model.EffectKind,
    "baton.webhook_deliveries.status": model.DeliveryStatus,
    "baton.webhooks.disabled_reason": model.DisabledReason,
    "baton.webhooks.status": model.WebhookStatus,
    "baton.service_tokens.roles": model.Role,
}
# Every CHECK and every domain that lists the words of one column, without patterns.
CHECKS = r"""
select format('%s.%s.%s', t.relnamespace::regnamespace, t.relname, a.attname), pg_get_constraintdef(c.oid)
from pg_constraint c join pg_class t on t.oid = c.conrelid
join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1]
where c.contype = 'c' and cardinality(c.conkey) = 1 and a.atttypid in ('text'::regtype, 'text[]'::regtype)
  and t.relnamespace in ('public'::regnamespace, 'baton'::regnamespace)
  and pg_get_constraintdef(c.oid) ~ '''.*''::text' and pg_get_constraintdef(c.oid) !~ '~ '''
union all
select format('%s.%s.%s', t.relnamespace::regnamespace, t.relname, a.attname), pg_get_constraintdef(c.oid)
from pg_attribute a join pg_class t on t.oid = a.attrelid join pg_constraint c on c.contypid = a.atttypid
where c.contypid <> 0 and t.relkind = 'r' and t.relnamespace in ('public'::regnamespace, 'baton'::regnamespace)
"""


@pytest.fixture(scope="module")
def checked(template_database: Database) -> dict[str, set[str]]:
    """Column → the words that its CHECK or its domain allows."""
    with psycopg.connect(template_database.owner_url) as connection:
        return {column: _words(connection, check) for column, check in connection.execute(CHECKS).fetchall()}


def _words(connection: psycopg.Connection, check: str) -> set[str]:
    """Postgres writes a list of words in three ways: as an array, as the text of one, and, of a single one, as text."""
    found: set[str] = set()
    for literal, brackets in re.findall(r"'([^']*)'::text(\[\])?", check):
        if brackets:
            (row,) = connection.execute("select %s::text[]", (literal,)).fetchall()
            found.update(row[0])
        else:
            found.add(literal)
    return found


def test_every_check_of_words_has_an_enum(checked: dict[str, set[str]]) -> None:
    assert checked.keys() == ENUMS.keys()


@pytest.mark.parametrize("column", ENUMS)
def test_a_check_and_its_enum_have_the_same_words(checked: dict[str, set[str]], column: str) -> None:
    assert checked[column] == set(ENUMS[column])
