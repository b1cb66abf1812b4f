"""How many requests are at work at once, for one webhook and for slow ones."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pytest

from baton.model import AttemptResult, ClaimOutcome
from baton.ports.webhooks import WebhookAnswer
from baton.store.database import Database
from baton.store.webhook_deliveries import WebhookDeliveries
from baton.usecases.deliver_webhooks import AT_ONCE, PLACES

from .webhooks import DELIVERED, WebhookFixture, begin_attempt, event_of, insert_delivery, insert_webhook


def test_a_webhook_has_four_requests_at_work_and_the_next_follows_when_one_ends(hooks: WebhookFixture) -> None:
    slow, quick = insert_webhook(hooks.engine), insert_webhook(hooks.engine)
    deliveries = [insert_delivery(hooks.engine, slow, is_sent=True) for _ in range(7)]
    claims = [hooks.record.claim(one, lease_seconds=60, max_attempts=7) for one in deliveries]
    assert [one.outcome for one in claims] == [ClaimOutcome.CLAIMED] * 4 + [ClaimOutcome.BUSY] * 3
    assert hooks.attempt(insert_delivery(hooks.engine, quick))["outcome"] == ClaimOutcome.CLAIMED
    assert hooks.relay() == {"deliveries": 0}  # there is no room
    hooks.sent.clear()
    assert claims[0].claim is not None
    (follower,) = hooks.record.finish(deliveries[0], claims[0].claim, DELIVERED, None).next
    assert follower in deliveries[4:]
    assert hooks.record.claim(follower, lease_seconds=60, max_attempts=7).outcome is ClaimOutcome.CLAIMED


def test_many_claims_at_once_are_four(hooks: WebhookFixture, login_url: Callable[[str], str]) -> None:
    webhook = insert_webhook(hooks.engine)
    deliveries = [insert_delivery(hooks.engine, webhook, is_sent=True) for _ in range(12)]
    barrier = threading.Barrier(12)

    def claim(delivery: str) -> ClaimOutcome:
        with closing(Database(login_url("webhook"))) as database:
            database.fetch_one("select 1", {})
            barrier.wait()
            return (
                WebhookDeliveries(database, AT_ONCE, PLACES).claim(delivery, lease_seconds=60, max_attempts=7).outcome
            )

    with ThreadPoolExecutor(12) as threads:
        outcomes = list(threads.map(claim, deliveries))
    assert (outcomes.count(ClaimOutcome.CLAIMED), outcomes.count(ClaimOutcome.BUSY)) == (4, 8)


SLOW = WebhookAnswer(AttemptResult.FAILED, None, {}, None, "TimedOut: no whole answer within 15 s", 15_000)


def insert_slow_webhook(hooks: WebhookFixture) -> str:
    """One whose last attempt took fifteen seconds."""
    webhook = insert_webhook(hooks.engine)
    hooks.attempt(insert_delivery(hooks.engine, webhook), SLOW)
    return webhook


def claim_all(hooks: WebhookFixture, webhook: str, times: int) -> list[str]:
    """The deliveries of a webhook whose attempts begin, of this many."""
    deliveries = [insert_delivery(hooks.engine, webhook, is_sent=True) for _ in range(times)]
    return [
        one for one in deliveries if hooks.record.claim(one, lease_seconds=60, max_attempts=7).outcome == "claimed"
    ]  # fmt: skip


def test_of_many_webhooks_at_work_each_begins_and_few_have_more_than_one_attempt(hooks: WebhookFixture) -> None:
    begun = [len(claim_all(hooks, insert_webhook(hooks.engine), 4)) for _ in range(13)]
    assert begun == [4] * 6 + [1] * 7  # the function has room for another nineteen
    assert len(claim_all(hooks, insert_webhook(hooks.engine), 1)) == 1


def test_slow_webhooks_have_one_attempt_each_and_half_of_the_places_together(hooks: WebhookFixture) -> None:
    slow = [insert_slow_webhook(hooks) for _ in range(27)]
    begun = [len(claim_all(hooks, webhook, 2)) for webhook in slow]
    assert begun == [1] * 25 + [0] * 2
    assert len(claim_all(hooks, insert_webhook(hooks.engine), 2)) == 1  # another goes on


@pytest.mark.parametrize(("milliseconds", "minutes", "begun"), [(4_999, 0, 4), (5_000, 9, 1), (5_000, 10, 4)])
def test_a_webhook_is_slow_for_ten_minutes_after_an_attempt_of_five_seconds(
    hooks: WebhookFixture, milliseconds: int, minutes: int, begun: int
) -> None:
    webhook = insert_webhook(hooks.engine)
    for took in (milliseconds, 3):  # a quick answer after it changes nothing
        answer = replace(DELIVERED, milliseconds=took)
        hooks.attempt(insert_delivery(hooks.engine, webhook), answer)
    hooks.engine.owner.execute(
        "update baton.webhooks set slow_until = slow_until - make_interval(mins => %s)", (minutes,)
    )
    assert len(claim_all(hooks, webhook, 5)) == begun


def test_the_place_of_a_slow_webhook_goes_to_one_of_them_by_chance(
    hooks: WebhookFixture, login_url: Callable[[str], str]
) -> None:
    slow = [insert_slow_webhook(hooks) for _ in range(3)]
    for webhook in slow:
        for _ in range(8):
            insert_delivery(hooks.engine, webhook)
    at_work, served = insert_delivery(hooks.engine, slow[0]), []
    with closing(Database(login_url("webhook"))) as database:
        record = WebhookDeliveries(database, AT_ONCE, 2)  # with one place for slow ones
        for _ in range(20):
            claim = record.claim(at_work, lease_seconds=60, max_attempts=7).claim
            assert claim is not None
            served.append(claim.webhook_id)
            (at_work,) = record.finish(at_work, claim, SLOW, None).next
    assert set(served) == set(slow)


def test_an_event_for_a_slow_webhook_at_work_waits_without_a_message(hooks: WebhookFixture) -> None:
    webhook = insert_slow_webhook(hooks)
    run, later = hooks.engine.launch(), hooks.engine.launch()
    (at_work,) = hooks.fan_out(run)
    claim = begin_attempt(hooks, at_work)
    assert hooks.fan_out(later) == []
    (follower,) = hooks.record.finish(at_work, claim, SLOW, None).next
    assert hooks.delivery(follower)["event_id"] == uuid.UUID(event_of(hooks.engine, later).id)
    assert str(hooks.delivery(follower)["webhook_id"]) == webhook


def test_many_claims_of_slow_webhooks_at_once_keep_to_their_places(
    hooks: WebhookFixture, login_url: Callable[[str], str]
) -> None:
    deliveries = [insert_delivery(hooks.engine, insert_slow_webhook(hooks), is_sent=True) for _ in range(10)]
    barrier = threading.Barrier(10)

    def claim(delivery: str) -> ClaimOutcome:
        with closing(Database(login_url("webhook"))) as database:
            database.fetch_one("select 1", {})
            barrier.wait()
            return WebhookDeliveries(database, AT_ONCE, 6).claim(delivery, lease_seconds=60, max_attempts=7).outcome

    with ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(claim, deliveries))
    assert outcomes.count(ClaimOutcome.CLAIMED) == 3
