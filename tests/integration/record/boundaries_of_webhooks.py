"""Webhooks and their deliveries."""

from __future__ import annotations

import uuid

from baton.model import AttemptResult, Role
from baton.ports.webhooks import Claim, NewWebhook, WebhookAnswer, WebhookChanges
from baton.store.functions import row_of
from baton.store.webhook_deliveries import WebhookDeliveries
from baton.store.webhooks import WebhooksTable

from .boundaries import Call, boundary
from .engine import EngineFixture
from .webhooks import event_of, insert_delivery, insert_webhook


@boundary("WebhooksTable.create", login="api")
def create_webhook(engine: EngineFixture) -> Call:
    admin, webhook = admin_of(engine), NewWebhook(str(uuid.uuid4()), "demo", "https://new.test/hook", "", None)
    return lambda database: WebhooksTable(database).create(user_id=admin, webhook=webhook, max_webhooks=20)


@boundary("WebhooksTable.update", login="api")
def update_webhook(engine: EngineFixture) -> Call:
    return updating(engine, {"url": "https://new.test/hook", "eventTypes": ["orchestration.run.failed"]})


@boundary("WebhooksTable.update", login="api", case="turned off")
def disable_webhook(engine: EngineFixture) -> Call:
    return updating(engine, {"enabled": False})


def updating(engine: EngineFixture, changes: WebhookChanges) -> Call:
    admin, webhook = admin_of(engine), insert_webhook(engine)
    insert_delivery(engine, webhook)
    return lambda database: WebhooksTable(database).update(
        user_id=admin, organization="demo", webhook_id=webhook, changes=changes
    )


@boundary("WebhooksTable.delete", login="api")
def delete_webhook(engine: EngineFixture) -> Call:
    admin, webhook = admin_of(engine), insert_webhook(engine)
    return lambda database: WebhooksTable(database).delete(user_id=admin, organization="demo", webhook_id=webhook)


@boundary("WebhooksTable.rotate", login="api")
def rotate_webhook(engine: EngineFixture) -> Call:
    admin, webhook = admin_of(engine), insert_webhook(engine)
    return lambda database: WebhooksTable(database).rotate(user_id=admin, organization="demo", webhook_id=webhook)


@boundary("WebhooksTable.ping", login="api")
def ping_webhook(engine: EngineFixture) -> Call:
    admin, webhook, ping = admin_of(engine), insert_webhook(engine), str(uuid.uuid4())
    return lambda database: WebhooksTable(database).ping(
        user_id=admin, organization="demo", webhook_id=webhook, delivery_id=ping
    )


@boundary("WebhooksTable.redeliver", login="api")
def redeliver(engine: EngineFixture) -> Call:
    admin, webhook = admin_of(engine), insert_webhook(engine)
    delivery = insert_delivery(engine, webhook, status="failed")
    return lambda database: WebhooksTable(database).redeliver(
        user_id=admin, organization="demo", webhook_id=webhook, delivery_id=delivery
    )


@boundary("WebhookDeliveries.fan_out", login="webhook")
def fan_out(engine: EngineFixture) -> Call:
    insert_webhook(engine)
    event = event_of(engine, engine.launch())
    return lambda database: WebhookDeliveries(database, 4, 50).fan_out([event])


@boundary("WebhookDeliveries.claim", login="webhook")
def claim(engine: EngineFixture) -> Call:
    delivery = insert_delivery(engine, insert_webhook(engine))
    return lambda database: WebhookDeliveries(database, 4, 50).claim(delivery, lease_seconds=60, max_attempts=7)


@boundary("WebhookDeliveries.claim", login="webhook", case="no room")
def claim_without_room(engine: EngineFixture) -> Call:
    delivery = insert_delivery(engine, insert_webhook(engine), is_sent=True)
    return lambda database: WebhookDeliveries(database, 0, 50).claim(delivery, lease_seconds=60, max_attempts=7)


@boundary("WebhookDeliveries.claim", login="webhook", case="the last attempt crashed")
def claim_after_crashes(engine: EngineFixture) -> Call:
    delivery = insert_delivery(engine, insert_webhook(engine))
    return lambda database: WebhookDeliveries(database, 4, 50).claim(delivery, lease_seconds=60, max_attempts=0)


@boundary("WebhookDeliveries.finish", login="webhook")
def finish(engine: EngineFixture) -> Call:
    webhook = insert_webhook(engine)
    begun = begin(engine, insert_delivery(engine, webhook), insert_delivery(engine, webhook))
    answer = WebhookAnswer(AttemptResult.FAILED, 500, {}, "no", "answered 500", 12)
    return lambda database: WebhookDeliveries(database, 4, 50).finish(begun[0], begun[1], answer, 300.0)


@boundary("WebhookDeliveries.finish", login="webhook", case="gone")
def finish_gone(engine: EngineFixture) -> Call:
    webhook = insert_webhook(engine)
    begun = begin(engine, insert_delivery(engine, webhook), insert_delivery(engine, webhook))
    answer = WebhookAnswer(AttemptResult.GONE, 410, {}, "", "answered 410", 12)
    return lambda database: WebhookDeliveries(database, 4, 50).finish(begun[0], begun[1], answer, None)


@boundary("WebhookDeliveries.claim_due", login="relay")
def claim_due(engine: EngineFixture) -> Call:
    insert_delivery(engine, insert_webhook(engine))
    return lambda database: WebhookDeliveries(database, 4, 50).claim_due(10)


@boundary("WebhookDeliveries.strike_announcement", login="webhook")
def strike_announcement(engine: EngineFixture) -> Call:
    webhook, event = insert_webhook(engine), str(uuid.uuid4())
    engine.owner.execute(
        "update baton.webhooks set announcement = jsonb_build_object('id', %s::text), announce_at = now()"
        " where id = %s",
        (event, webhook),
    )
    return lambda database: WebhookDeliveries(database, 4, 50).strike_announcement(event)


def admin_of(engine: EngineFixture) -> str:
    return engine.member(Role.ADMIN).user_id


def begin(engine: EngineFixture, delivery: str, *others: str) -> tuple[str, Claim]:
    """An attempt at work, beside deliveries that wait."""
    statement = "select baton.claim_delivery(gen_random_uuid(), '{}', %s, 60, 4, 50, 7) as answer"
    (row,) = engine.owner.execute(statement, (delivery,)).fetchall()
    return delivery, Claim(**row_of({name: value for name, value in row["answer"].items() if name != "outcome"}))
