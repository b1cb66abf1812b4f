"""What the results of attempts mean for a webhook: it becomes active, or is disabled."""

from __future__ import annotations

import json

import pytest

from .test_events import validator_of
from .webhooks import COMPLETED, DELIVERED, FAILED, GONE, WebhookFixture, insert_delivery, insert_webhook


def test_a_ping_that_is_answered_makes_a_webhook_active_and_any_other_answer_does_not(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine, status="unverified")
    hooks.attempt(insert_delivery(hooks.engine, webhook), FAILED)
    assert hooks.webhook(webhook)["status"] == "unverified"
    hooks.attempt(insert_delivery(hooks.engine, webhook), DELIVERED)
    assert hooks.webhook(webhook)["status"] == "active"
    for _, _, body in hooks.posted:
        validator_of("baton.ping").validate(json.loads(body))


def test_a_ping_has_one_attempt(hooks: WebhookFixture) -> None:
    ping = insert_delivery(hooks.engine, insert_webhook(hooks.engine))
    hooks.attempt(ping, FAILED)
    assert hooks.delivery(ping)["status"] == "failed"


def test_a_webhook_that_is_gone_is_disabled_at_once_with_an_event(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    waiting = insert_delivery(hooks.engine, webhook, type_=COMPLETED)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    assert hooks.attempt(delivery, GONE)["disabled"] is True
    row = hooks.webhook(webhook)
    assert (row["status"], row["disabled_reason"], row["announcement"]) == ("disabled", "gone", None)
    (event,) = hooks.events
    validator_of("baton.webhook.disabled").validate(event)
    assert (event["type"], event["organization"]) == ("baton.webhook.disabled", "demo")
    assert event["data"] == {"webhookId": webhook, "description": "", "reason": "gone"}
    assert (hooks.delivery(waiting)["status"], hooks.fan_out(hooks.engine.launch())) == ("failed", [])


@pytest.mark.parametrize(("age", "status"), [("4 days 23 hours", "active"), ("5 days", "disabled")])
def test_five_days_without_a_success_disable_a_webhook(hooks: WebhookFixture, age: str, status: str) -> None:
    webhook = insert_webhook(hooks.engine)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    hooks.attempt(delivery, FAILED)
    assert hooks.webhook(webhook)["first_failed_at"] is not None
    hooks.engine.owner.execute("update baton.webhooks set first_failed_at = now() - %s::interval", (age,))
    hooks.make_due(delivery)
    hooks.attempt(delivery, FAILED)
    assert (hooks.webhook(webhook)["status"], len(hooks.events)) == (status, int(status == "disabled"))


def test_a_success_begins_the_five_days_anew(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    hooks.attempt(delivery, FAILED)
    hooks.make_due(delivery)
    hooks.attempt(delivery, DELIVERED)
    assert hooks.webhook(webhook)["first_failed_at"] is None


def test_the_relay_announces_what_the_webhook_function_could_not(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    claim = hooks.record.claim(delivery, lease_seconds=60, max_attempts=7).claim
    assert claim is not None
    hooks.record.finish(delivery, claim, GONE, None)  # and then the function ends
    hooks.relay()
    assert hooks.events == []  # it had a minute
    hooks.engine.owner.execute("update baton.webhooks set announce_at = now()")
    hooks.relay()
    assert [event["data"]["webhookId"] for event in hooks.events] == [webhook]
    assert hooks.webhook(webhook)["announcement"] is None


def test_of_several_attempts_that_find_a_webhook_gone_one_disables_it(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    deliveries = [insert_delivery(hooks.engine, webhook, type_=COMPLETED) for _ in range(3)]
    claims = [hooks.record.claim(one, lease_seconds=60, max_attempts=7).claim for one in deliveries]
    disabled = []
    for delivery, claim in zip(deliveries, claims, strict=True):
        assert claim is not None
        disabled.append(hooks.record.finish(delivery, claim, GONE, None).disabled)
    assert disabled == [True, False, False]  # its event is not on the bus yet, and each of them carries it


def test_a_webhook_that_is_on_again_was_still_disabled_for_subscribers(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    claim = hooks.record.claim(delivery, lease_seconds=60, max_attempts=7).claim
    assert claim is not None
    hooks.record.finish(delivery, claim, GONE, None)  # and then the function ends
    hooks.attempt(insert_delivery(hooks.engine, webhook), DELIVERED)
    row = hooks.webhook(webhook)
    assert (row["status"], row["announcement"]) == ("active", None)
    assert [event["data"]["reason"] for event in hooks.events] == ["gone"]
