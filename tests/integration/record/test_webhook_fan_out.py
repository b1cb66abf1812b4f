"""Which deliveries an event has: webhooks that want its type, and the callback of its run."""

from __future__ import annotations

import uuid

import pytest

from baton.errors import Invalid
from baton.model import EventType
from baton.ports.webhooks import EventReference
from baton.usecases.deliver_webhooks import FanOutEvents
from baton.usecases.launch_run import Callback

from .preparations import open_child
from .webhooks import WebhookFixture, insert_foreign_webhook, insert_webhook


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
