"""Deliveries to webhooks in the record: which there are, who attempts them, and what an attempt's result changes."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from baton import webhook_signing
from baton.errors import Invalid
from baton.model import AttemptResult, ClaimOutcome, EventType
from baton.ports.webhooks import Claim, EventReference, UpdateWebhookResult, WebhookAnswer, WebhookChanges
from baton.store.database import Database
from baton.store.webhook_deliveries import WebhookDeliveries
from baton.store.webhooks import WebhooksTable
from baton.usecases.deliver_webhooks import AT_ONCE, PLACES, Announcer, AttemptDelivery, FanOutEvents, RelayWebhooks
from baton.usecases.launch_run import Callback, LaunchedRun

from .boundaries_of_webhooks import admin_of
from .engine import EngineFixture
from .preparations import open_child
from .test_events import validator_of
from .webhooks import event_of, insert_delivery, insert_webhook

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


@pytest.fixture
def hooks(engine: EngineFixture, login_url: Callable[[str], str]) -> Iterator[WebhookFixture]:
    with ExitStack() as opened:
        webhook, relay = (opened.enter_context(closing(Database(login_url(name)))) for name in ("webhook", "relay"))
        yield WebhookFixture(
            engine, WebhookDeliveries(webhook, AT_ONCE, PLACES), WebhookDeliveries(relay, AT_ONCE, PLACES)
        )


# --- which deliveries there are ---------------------------------------------------------------------------------------


def test_every_active_webhook_that_wants_the_type_gets_one_delivery(hooks: WebhookFixture) -> None:
    everything = insert_webhook(hooks.engine)
    of_this_type = insert_webhook(hooks.engine, types=[EventType.RUN_CREATED])
    insert_webhook(hooks.engine, types=[EventType.RUN_COMPLETED])
    insert_webhook(hooks.engine, types=[])
    insert_webhook(hooks.engine, status="unverified")
    run = hooks.engine.launch()
    deliveries = hooks.fan_out(run)
    assert hooks.webhooks_of(deliveries) == {everything, of_this_type}
    assert len(deliveries) == 2


def test_an_event_that_comes_twice_has_no_more_deliveries(hooks: WebhookFixture) -> None:
    insert_webhook(hooks.engine)
    run = hooks.engine.launch()
    first = hooks.fan_out(run)
    assert hooks.fan_out(run) == first  # while nobody has attempted it
    hooks.attempt(first[0])
    assert hooks.fan_out(run) == []


def test_events_of_several_runs_are_fanned_out_together(hooks: WebhookFixture) -> None:
    callback = insert_webhook(hooks.engine, types=[])
    called = hooks.engine.launch(callback=callback_to(hooks, callback, EventType.RUN_CREATED))
    runs = [called, *(hooks.engine.launch() for _ in range(2))]
    assert hooks.webhooks_of(hooks.fan_out(*runs, *runs)) == {callback}
    everything = insert_webhook(hooks.engine)
    deliveries = hooks.fan_out(*runs)
    assert len(deliveries) == 4
    assert hooks.webhooks_of(deliveries) == {callback, everything}


def test_an_event_that_somebody_made_up_has_no_deliveries(hooks: WebhookFixture) -> None:
    insert_webhook(hooks.engine)
    run = hooks.engine.launch()
    made_up = [
        EventReference(str(uuid.uuid4()), run.run_id, 1),
        EventReference(str(uuid.uuid4()), str(uuid.uuid4()), 1),
    ]
    assert FanOutEvents(hooks.record, hooks)(made_up) == {"events": 2, "deliveries": 0}


def callback_to(hooks: WebhookFixture, webhook_id: str, *events: EventType) -> Callback:
    return Callback(hooks.webhook(webhook_id)["url"], events)


def test_a_callback_gets_its_events_of_this_run_and_no_other(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine, types=[])
    called = hooks.engine.launch(callback=callback_to(hooks, webhook, EventType.RUN_CREATED))
    unwanted = hooks.engine.launch(callback=callback_to(hooks, webhook, EventType.RUN_COMPLETED))
    assert hooks.webhooks_of(hooks.fan_out(called)) == {webhook}
    assert hooks.fan_out(unwanted) == hooks.fan_out(hooks.engine.launch()) == []


def test_a_callback_gets_the_events_of_child_runs(hooks: WebhookFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook = insert_webhook(hooks.engine, types=[])
    callback, launch = callback_to(hooks, webhook, EventType.RUN_CREATED), hooks.engine.launch
    monkeypatch.setattr(hooks.engine, "launch", lambda **request: launch(callback=callback, **request))
    child = hooks.engine.of(open_child(hooks.engine))
    assert hooks.webhooks_of(hooks.fan_out(child)) == {webhook}


def test_a_callback_to_a_webhook_that_gets_everything_adds_nothing(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    run = hooks.engine.launch(callback=callback_to(hooks, webhook, EventType.RUN_CREATED))
    assert len(hooks.fan_out(run)) == 1


@pytest.mark.parametrize(("status", "words"), [(None, "must be the URL of a webhook"), ("unverified", "not verified")])
def test_a_callback_needs_an_active_webhook(hooks: WebhookFixture, status: str | None, words: str) -> None:
    url = (
        "https://nobody.test/" if status is None else hooks.webhook(insert_webhook(hooks.engine, status=status))["url"]
    )
    with pytest.raises(Invalid, match=words) as refused:
        hooks.engine.launch(callback=Callback(url, [EventType.RUN_COMPLETED]))
    assert [problem.field for problem in refused.value.problems] == ["callback.url"]


def insert_foreign_webhook(hooks: WebhookFixture) -> str:
    """One of another organisation."""
    webhook = insert_webhook(hooks.engine)
    hooks.engine.owner.execute(
        "with other as (insert into organizations (slug, name) values ('other', 'Other') returning id)"
        " update baton.webhooks w set organization_id = other.id from other where w.id = %s",
        (webhook,),
    )
    return webhook


def test_a_callback_to_a_webhook_of_another_organisation_is_refused(hooks: WebhookFixture) -> None:
    foreign = insert_foreign_webhook(hooks)
    with pytest.raises(Invalid, match="must be the URL of a webhook of demo"):
        hooks.engine.launch(callback=callback_to(hooks, foreign, EventType.RUN_COMPLETED))
    assert hooks.fan_out(hooks.engine.launch()) == []


def test_a_repeated_launch_finds_its_run_also_if_its_callback_is_gone(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    callback = callback_to(hooks, webhook, EventType.RUN_COMPLETED)
    first = hooks.engine.launch(callback=callback, idempotency_key="k")
    hooks.engine.owner.execute("delete from baton.webhooks")
    assert hooks.engine.launch(callback=callback, idempotency_key="k").run_id == first.run_id


def test_a_callback_belongs_to_the_idempotency_key(hooks: WebhookFixture) -> None:
    webhook = insert_webhook(hooks.engine)
    both = (EventType.RUN_COMPLETED, EventType.RUN_FAILED)
    first = hooks.engine.launch(callback=callback_to(hooks, webhook, *both), idempotency_key="k")
    again = hooks.engine.launch(callback=callback_to(hooks, webhook, *reversed(both)), idempotency_key="k")
    assert (again.run_id, again.created) == (first.run_id, False)
    for other in (None, callback_to(hooks, webhook, EventType.RUN_COMPLETED)):
        with pytest.raises(Invalid, match="another launch"):
            hooks.engine.launch(callback=other, idempotency_key="k")


# --- attempts ---------------------------------------------------------------------------------------------------------


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


def begin_attempt(hooks: WebhookFixture, delivery: str, *, lease_seconds: float = 60) -> Claim:
    claim = hooks.record.claim(delivery, lease_seconds=lease_seconds, max_attempts=7).claim
    assert claim is not None
    return claim


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


# --- a slow webhook ---------------------------------------------------------------------------------------------------


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


# --- what results mean for the webhook --------------------------------------------------------------------------------


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


# --- changes ----------------------------------------------------------------------------------------------------------


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


# --- rotations --------------------------------------------------------------------------------------------------------


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
