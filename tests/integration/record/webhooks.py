"""Webhooks and deliveries in the record, for tests, and the functions that deliver."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from baton.model import AttemptResult
from baton.ports.webhooks import Claim, EventReference, WebhookAnswer
from baton.store.webhook_deliveries import WebhookDeliveries
from baton.usecases.deliver_webhooks import Announcer, AttemptDelivery, FanOutEvents, RelayWebhooks
from baton.usecases.launch_run import LaunchedRun

from .engine import EngineFixture
from .preparations import organization

DELIVERED = WebhookAnswer(AttemptResult.DELIVERED, 204, {}, "", None, 3)
FAILED = WebhookAnswer(AttemptResult.FAILED, 500, {}, "no", "answered 500", 3)
COMPLETED = "orchestration.run.completed"
GONE = WebhookAnswer(AttemptResult.GONE, 410, {}, "", "answered 410", 3)


@dataclass
class WebhookFixture:
    """The webhook function and the relay, with a queue that only remembers, and a receiver that answers ``answer``."""

    engine: EngineFixture
    record: WebhookDeliveries
    relay_record: WebhookDeliveries
    answer: WebhookAnswer = DELIVERED
    sent: list[tuple[str, float]] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    posted: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def send(self, delivery_ids: Sequence[str], *, delay_seconds: float = 0) -> None:
        self.sent += [(delivery_id, delay_seconds) for delivery_id in delivery_ids]

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        self.posted.append((url, headers, body))
        return self.answer

    def attempt(self, delivery_id: str, answer: WebhookAnswer | None = None) -> dict[str, Any]:
        self.answer = answer or self.answer
        announcer = Announcer(self.record, self.events.extend)
        return AttemptDelivery(self.record, self.post, self, announcer, lambda: "key")(delivery_id)

    def relay(self) -> dict[str, int]:
        return RelayWebhooks(self.relay_record, self, Announcer(self.relay_record, self.events.extend))()

    def fan_out(self, *runs: LaunchedRun) -> list[str]:
        """The ids of the deliveries of the runs' first events."""
        self.sent.clear()
        FanOutEvents(self.record, self)([event_of(self.engine, run) for run in runs])
        return [delivery_id for delivery_id, _ in self.sent]

    def delivery(self, delivery_id: str) -> Any:
        return self.engine.one("select * from baton.webhook_deliveries where id = %s", delivery_id)

    def webhook(self, webhook_id: str) -> Any:
        return self.engine.one("select * from baton.webhooks where id = %s", webhook_id)

    def webhooks_of(self, delivery_ids: Sequence[str]) -> set[str]:
        return {str(self.delivery(delivery_id)["webhook_id"]) for delivery_id in delivery_ids}

    def make_due(self, delivery_id: str) -> None:
        """Lets the time of its pause pass, with its message lost."""
        self.engine.owner.execute(
            "update baton.webhook_deliveries set next_attempt_at = now(), send_at = now() where id = %s", (delivery_id,)
        )


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


def insert_foreign_webhook(hooks: WebhookFixture) -> str:
    """One of another organisation."""
    webhook = insert_webhook(hooks.engine)
    hooks.engine.owner.execute(
        "with other as (insert into organizations (slug, name) values ('other', 'Other') returning id)"
        " update baton.webhooks w set organization_id = other.id from other where w.id = %s",
        (webhook,),
    )
    return webhook


def begin_attempt(hooks: WebhookFixture, delivery: str, *, lease_seconds: float = 60) -> Claim:
    claim = hooks.record.claim(delivery, lease_seconds=lease_seconds, max_attempts=7).claim
    assert claim is not None
    return claim
