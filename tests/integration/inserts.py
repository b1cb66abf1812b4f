"""Inserts rows into the record as its owner, without the API."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from baton.model import Principal
from baton.plan import Plan


def insert_member(
    owner: psycopg.Connection[Any], *roles: str, organization: str = "demo", user_id: str | None = None
) -> Principal:
    """Insert a member with these roles; a new user without ``user_id``."""
    user_id = user_id or str(uuid.uuid4())
    owner.execute(
        "insert into organization_members (organization_id, user_id, roles)"
        " select id, %s, %s from organizations where slug = %s",
        (user_id, [*roles], organization),
    )
    return Principal(user_id)


def insert_definition(owner: psycopg.Connection[Any], plan: Plan, digest: str) -> None:
    """Insert a definition of the organisation `demo`, like publishing does."""
    owner.execute(
        "insert into orchestration_definitions (organization_id, name, version, display_name, owner_agent_slug,"
        " source, plan, digest) select id, %s, %s, %s, 'finance-manager', '', %s, %s"
        " from organizations where slug = 'demo'",
        (plan.name, plan.version, plan.display_name, Jsonb(plan.to_json()), digest),
    )


def insert_copy_of_run(owner: psycopg.Connection[Any], run_id: str, **columns: str) -> None:
    """Insert a copy of a run. ``columns`` are other values: SQL expressions over the original row."""
    query = (
        "select attname from pg_attribute where attrelid = 'orchestration_runs'::regclass and attnum > 0"
        " and not attisdropped and attgenerated = '' order by attnum"
    )
    names = [row["attname"] if isinstance(row, dict) else row[0] for row in owner.execute(query).fetchall()]
    values = ", ".join(columns.get(name, name) for name in names)
    owner.execute(
        f"insert into orchestration_runs ({', '.join(names)}) select {values} from orchestration_runs where id = %s",
        (run_id,),
    )
