"""Attempts of deliveries: who makes them, when, and how they end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing

import pytest

from baton.model import ClaimOutcome
from baton.ports.webhooks import WebhookAnswer
from baton.store.database import Database
from baton.store.webhooks import WebhooksTable
from baton.usecases.deliver_webhooks import Announcer, AttemptDelivery

from .boundaries_of_webhooks import admin_of
from .webhooks import COMPLETED, DELIVERED, FAILED, GONE, WebhookFixture, begin_attempt, insert_delivery, insert_webhook


def test_a_delivery_is_made_once_however_often_its_message_comes(hooks: WebhookFixture) -> None:
    insert_webhook(hooks.engine)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    outcomes = [hooks.attempt(delivery)["outcome"] for _ in range(3)]
    assert (outcomes, len(hooks.posted)) == ([ClaimOutcome.CLAIMED, ClaimOutcome.OVER, ClaimOutcome.OVER], 1)
    row = hooks.delivery(delivery)
    assert (row["status"], row["attempts"], row["response_status"]) == ("delivered", 1, 204)
    assert hooks.posted[0][1]["webhook-id"] == str(row["event_id"])


def test_every_attempt_has_the_same_id_and_bytes(hooks: WebhookFixture) -> None:
    insert_webhook(hooks.engine)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    for answer in (FAILED, FAILED, DELIVERED):
        hooks.attempt(delivery, answer)
        if answer is FAILED:
            hooks.make_due(delivery)
    assert len(hooks.posted) == 3
    assert len({(headers["webhook-id"], body) for _, headers, body in hooks.posted}) == 1


def test_a_failure_waits_for_its_time_and_the_last_one_is_final(hooks: WebhookFixture) -> None:
    insert_webhook(hooks.engine)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    hooks.sent.clear()
    pauses = []
    for _ in range(6):
        hooks.attempt(delivery, FAILED)
        row = hooks.delivery(delivery)
        pauses.append((row["next_attempt_at"] - row["attempted_at"]).total_seconds())
        assert hooks.attempt(delivery)["outcome"] == ClaimOutcome.OVER  # its time has not come
        hooks.make_due(delivery)
    for pause, meant in zip(pauses, (5, 300, 1800, 7200, 18_000, 36_000), strict=True):
        assert 0.8 * meant <= pause <= 1.2 * meant + 5
    assert [sent for sent, _ in hooks.sent] == [delivery] * 2  # what a queue can delay; the rest is the relay's
    hooks.attempt(delivery, FAILED)
    row = hooks.delivery(delivery)
    assert (row["status"], row["attempts"], row["error"]) == ("failed", 7, "answered 500")


def test_the_relay_sends_what_is_due_and_nothing_else(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    due, waiting = insert_delivery(hooks.engine, webhook), insert_delivery(hooks.engine, webhook, is_sent=True)
    insert_delivery(hooks.engine, webhook, status="failed")
    assert hooks.relay() == {"deliveries": 1}
    assert hooks.sent == [(due, 0)]
    assert hooks.relay() == {"deliveries": 0}  # its message is under way
    hooks.make_due(waiting)
    hooks.relay()
    assert hooks.sent[1:] == [(waiting, 0)]


def test_an_attempt_that_crashed_is_made_again_after_its_lease_and_not_for_ever(hooks: WebhookFixture) -> None:
    delivery = insert_delivery(hooks.engine, insert_webhook(hooks.engine))
    for crash in range(7):
        claimed = hooks.record.claim(delivery, lease_seconds=0, max_attempts=7)
        assert (claimed.outcome, claimed.claim and claimed.claim.attempt) == (ClaimOutcome.CLAIMED, crash + 1)
    assert hooks.record.claim(delivery, lease_seconds=0, max_attempts=7).outcome is ClaimOutcome.OVER
    assert hooks.delivery(delivery)["error"] == "the last attempt did not end"


def test_an_attempt_that_lost_its_lease_changes_nothing(hooks: WebhookFixture) -> None:
    delivery = insert_delivery(hooks.engine, insert_webhook(hooks.engine))
    late = hooks.record.claim(delivery, lease_seconds=0, max_attempts=7).claim
    current = hooks.record.claim(delivery, lease_seconds=60, max_attempts=7).claim
    assert late is not None
    assert current is not None
    assert hooks.record.finish(delivery, late, FAILED, None).outcome == "late"
    assert hooks.record.finish(delivery, current, DELIVERED, None).outcome == "ended"
    assert hooks.delivery(delivery)["status"] == "delivered"


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (DELIVERED, "delivered", None),
        (FAILED, "failed", "answered 500; no further attempt, because the webhook is not active"),
        (GONE, "failed", "answered 410"),
    ],
    ids=["delivered", "failed", "gone"],
)
def test_an_attempt_at_work_while_its_webhook_is_disabled_ends_with_its_own_outcome(
    hooks: WebhookFixture, answer: WebhookAnswer, status: str, error: str | None
) -> None:
    webhook = insert_webhook(hooks.engine)
    at_work, gone = (insert_delivery(hooks.engine, webhook, type_=COMPLETED) for _ in range(2))
    claim = begin_attempt(hooks, at_work)
    hooks.attempt(gone, GONE)
    assert hooks.webhook(webhook)["status"] == "disabled"
    hooks.sent.clear()
    finished = hooks.record.finish(at_work, claim, answer, 5.0 if answer is FAILED else None)
    row = hooks.delivery(at_work)
    assert (finished.outcome, finished.retried, hooks.sent) == ("ended", False, [])
    assert (row["status"], row["error"], row["response_status"]) == (status, error, answer.status)
    assert hooks.webhook(webhook)["status"] == "disabled"


def test_the_failure_that_disables_a_webhook_is_recorded_as_the_delivery_s_last(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    (delivery,) = hooks.fan_out(hooks.engine.launch())
    hooks.engine.owner.execute("update baton.webhooks set first_failed_at = now() - interval '5 days'")
    hooks.sent.clear()
    hooks.attempt(delivery, FAILED)
    row = hooks.delivery(delivery)
    assert (hooks.webhook(webhook)["disabled_reason"], row["status"], hooks.sent) == ("failing", "failed", [])
    assert row["error"] == "answered 500; no further attempt, because the webhook is not active"


def test_an_attempt_that_crashed_before_its_webhook_was_disabled_fails_with_it(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    crashed, gone = (insert_delivery(hooks.engine, webhook, type_=COMPLETED) for _ in range(2))
    claim = begin_attempt(hooks, crashed, lease_seconds=0)
    hooks.attempt(gone, GONE)
    assert (hooks.delivery(crashed)["status"], hooks.delivery(crashed)["error"]) == (
        "failed",
        "the webhook was disabled",
    )
    assert hooks.record.finish(crashed, claim, DELIVERED, None).outcome == "late"


def test_an_attempt_at_work_while_its_webhook_is_deleted_ends_without_another(
    hooks: WebhookFixture, login_url: Callable[[str], str]
) -> None:
    webhook = insert_webhook(hooks.engine)
    delivery = insert_delivery(hooks.engine, webhook, type_=COMPLETED)

    def delete_then_fail(url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        with closing(Database(login_url("api"))) as api:
            admin = admin_of(hooks.engine)
            assert WebhooksTable(api).delete(user_id=admin, organization="demo", webhook_id=webhook) is not None
        return FAILED

    told = AttemptDelivery(
        hooks.record, delete_then_fail, hooks, Announcer(hooks.record, hooks.events.extend), lambda: "key"
    )(delivery)
    assert (told["result"], told["ended"], hooks.sent) == ("failed", "late", [])
    assert hooks.attempt(delivery)["outcome"] == ClaimOutcome.OVER


def test_deliveries_are_kept_for_thirty_days(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    old, young = (insert_delivery(hooks.engine, webhook, status="failed") for _ in range(2))
    for delivery, days in ((old, 31), (young, 29)):
        hooks.engine.owner.execute(
            "update baton.webhook_deliveries set created_at = now() - make_interval(days => %s) where id = %s",
            (days, delivery),
        )
    hooks.relay()
    rows = hooks.engine.owner.execute("select id::text from baton.webhook_deliveries").fetchall()
    assert [row["id"] for row in rows] == [young]
