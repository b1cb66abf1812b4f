"""Webhooks and deliveries in the record, for tests."""

from __future__ import annotations

import uuid

from baton.ports.webhooks import EventReference
from baton.usecases.launch_run import LaunchedRun

from .engine import EngineFixture
from .preparations import organization


def insert_webhook(engine: EngineFixture, *, types: list[str] | None = None, status: str = "active") -> str:
    webhook_id = str(uuid.uuid4())
    engine.owner.execute(
        "insert into baton.webhooks (id, organization_id, url, event_types, status, verified_at, created_by)"
        " values (%s, %s, %s, %s, %s, now(), gen_random_uuid())",
        (webhook_id, organization(engine), f"https://{webhook_id}.test/hook", types, status),
    )
    return webhook_id


def insert_delivery(
    engine: EngineFixture, webhook_id: str, *, status: str = "pending", type_: str = "baton.ping", is_sent: bool = False
) -> str:
    """A delivery that is due, or has ended. ``is_sent``: its message is under way."""
    delivery_id = str(uuid.uuid4())
    engine.owner.execute(
        "insert into baton.webhook_deliveries (id, webhook_id, event_id, event_type, status, next_attempt_at, send_at,"
        " completed_at) values (%(id)s, %(webhook_id)s, gen_random_uuid(), %(type)s, %(status)s,"
        " case when %(status)s = 'pending' then now() end,"
        " case when %(status)s = 'pending' then now() + make_interval(mins => %(minutes)s) end,"
        " case when %(status)s <> 'pending' then now() end)",
        {"id": delivery_id, "webhook_id": webhook_id, "status": status, "type": type_, "minutes": int(is_sent)},
    )
    return delivery_id


def event_of(engine: EngineFixture, run: LaunchedRun) -> EventReference:
    """The first event of a run."""
    statement = "select id::text from orchestration_events where run_id = %s and sequence = 1"
    (row,) = engine.owner.execute(statement, (run.run_id,)).fetchall()
    return EventReference(row["id"], run.run_id, 1)
