"""What an admin changes: a webhook's URL, types and status, and its secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any, cast

import pytest

from baton import webhook_signing
from baton.model import EventType
from baton.ports.webhooks import UpdateWebhookResult, WebhookChanges
from baton.store.database import Database
from baton.store.webhooks import WebhooksTable

from .boundaries_of_webhooks import admin_of
from .webhooks import (
    COMPLETED,
    DELIVERED,
    FAILED,
    GONE,
    WebhookFixture,
    begin_attempt,
    insert_delivery,
    insert_foreign_webhook,
    insert_webhook,
)


@pytest.fixture
def table(login_url: Callable[[str], str]) -> Iterator[WebhooksTable]:
    with closing(Database(login_url("api"))) as api:
        yield WebhooksTable(api)


def update(hooks: WebhookFixture, table: WebhooksTable, webhook_id: str, **changes: Any) -> UpdateWebhookResult:
    updated = table.update(
        user_id=admin_of(hooks.engine),
        organization="demo",
        webhook_id=webhook_id,
        changes=cast(WebhookChanges, changes),
    )
    assert updated is not None
    return updated


def test_a_change_of_types_and_description_leaves_a_webhook_active(hooks: WebhookFixture, table: WebhooksTable) -> None:
    webhook = insert_webhook(hooks.engine)
    for types in ([EventType.RUN_FAILED], [], None):
        changed = update(hooks, table, webhook, eventTypes=types, description="ledger").webhook
        assert (changed.event_types, changed.description, changed.status) == (types, "ledger", "active")
    assert update(hooks, table, webhook).webhook == changed


def test_another_url_is_unverified_until_it_answers_a_ping(hooks: WebhookFixture, table: WebhooksTable) -> None:
    webhook = insert_webhook(hooks.engine)
    waiting, ping = insert_delivery(hooks.engine, webhook, type_=COMPLETED), insert_delivery(hooks.engine, webhook)
    old_ping = begin_attempt(hooks, ping)
    changed = update(hooks, table, webhook, url="https://new.test/hook").webhook
    assert (changed.url, changed.status, changed.verified_at) == ("https://new.test/hook", "unverified", None)
    assert (hooks.delivery(waiting)["error"], hooks.fan_out(hooks.engine.launch())) == ("the webhook was changed", [])
    assert hooks.record.finish(ping, old_ping, DELIVERED, None).outcome == "late"  # the old URL answered it
    assert hooks.webhook(webhook)["status"] == "unverified"
    hooks.attempt(insert_delivery(hooks.engine, webhook), DELIVERED)
    assert (hooks.posted[-1][0], hooks.webhook(webhook)["status"]) == ("https://new.test/hook", "active")


def test_what_the_old_url_answers_says_nothing_about_the_new_one(hooks: WebhookFixture, table: WebhooksTable) -> None:
    webhook = insert_webhook(hooks.engine)
    delivery = insert_delivery(hooks.engine, webhook, type_=COMPLETED)
    claim = begin_attempt(hooks, delivery)
    update(hooks, table, webhook, url="https://new.test/hook")
    hooks.attempt(insert_delivery(hooks.engine, webhook), DELIVERED)
    hooks.record.finish(delivery, claim, replace(GONE, milliseconds=9_000), None)
    row = hooks.webhook(webhook)
    assert (row["status"], row["slow_until"], hooks.delivery(delivery)["response_status"]) == ("active", None, 410)


def test_an_admin_turns_a_webhook_off_and_on(hooks: WebhookFixture, table: WebhooksTable) -> None:
    webhook = insert_webhook(hooks.engine)
    waiting, at_work = (insert_delivery(hooks.engine, webhook, type_=COMPLETED) for _ in range(2))
    claim = begin_attempt(hooks, at_work)
    off = update(hooks, table, webhook, enabled=False).webhook
    assert (off.status, off.disabled_reason) == ("disabled", "by_admin")
    assert update(hooks, table, webhook, enabled=False).webhook == off
    assert (hooks.delivery(waiting)["status"], hooks.fan_out(hooks.engine.launch())) == ("failed", [])
    hooks.record.finish(at_work, claim, FAILED, 5.0)
    assert hooks.delivery(at_work)["status"] == "failed"
    hooks.engine.owner.execute("update baton.webhooks set announce_at = now()")
    hooks.relay()
    assert [event["data"]["reason"] for event in hooks.events] == ["by_admin"]
    on = update(hooks, table, webhook, enabled=True).webhook
    assert (on.status, on.disabled_reason, on.disabled_at) == ("unverified", None, None)
    hooks.attempt(insert_delivery(hooks.engine, webhook), DELIVERED)
    assert update(hooks, table, webhook, enabled=True, url=on.url).webhook.status == "active"  # it was so already


def test_a_delivery_of_another_webhook_is_not_found(hooks: WebhookFixture, table: WebhooksTable) -> None:
    own, foreign = insert_webhook(hooks.engine), insert_foreign_webhook(hooks)
    delivery = insert_delivery(hooks.engine, foreign, status="failed", type_=COMPLETED)
    admin = admin_of(hooks.engine)
    for webhook in (own, foreign):
        found = table.redeliver(user_id=admin, organization="demo", webhook_id=webhook, delivery_id=delivery)
        assert (found, hooks.delivery(delivery)["status"]) == (None, "failed")


def test_a_url_belongs_to_one_webhook_of_an_organisation(hooks: WebhookFixture, table: WebhooksTable) -> None:
    first, second = insert_webhook(hooks.engine), insert_webhook(hooks.engine)
    taken = update(hooks, table, first, url=hooks.webhook(second)["url"], description="changed")
    assert (taken.outcome, taken.webhook.description, taken.webhook.status) == ("url_taken", "", "active")


def rotate(hooks: WebhookFixture, webhook_id: str, api: Database) -> None:
    admin = admin_of(hooks.engine)
    assert WebhooksTable(api).rotate(user_id=admin, organization="demo", webhook_id=webhook_id) is not None


def signing_versions(hooks: WebhookFixture, webhook_id: str) -> list[int]:
    """The versions of the secrets that sign the next request, in order."""
    hooks.attempt(insert_delivery(hooks.engine, webhook_id), DELIVERED)
    _, headers, body = hooks.posted[-1]
    signer = {
        webhook_signing.headers(
            [webhook_signing.secret("key", webhook_id, version)], headers["webhook-id"],
            int(headers["webhook-timestamp"]), body,
        )["webhook-signature"]: version
        for version in range(1, 10)
    }  # fmt: skip
    return [signer[signature] for signature in headers["webhook-signature"].split(" ")]


def test_rotations_within_a_day_leave_no_receiver_behind(
    hooks: WebhookFixture, login_url: Callable[[str], str]
) -> None:
    webhook = insert_webhook(hooks.engine)
    with closing(Database(login_url("api"))) as api:
        signing = [signing_versions(hooks, webhook)]
        for _ in range(5):
            rotate(hooks, webhook, api)
            signing.append(signing_versions(hooks, webhook))
        assert signing == [[1], [2, 1], [3, 2, 1], [4, 3, 2, 1], [5, 4, 3, 2, 1], [6, 5, 4, 3, 2]]
        hooks.engine.owner.execute("update baton.webhooks set earlier_secret_ends_at = now()")
        assert signing_versions(hooks, webhook) == [6]
        rotate(hooks, webhook, api)
        assert signing_versions(hooks, webhook) == [7, 6]
