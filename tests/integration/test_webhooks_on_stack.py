"""Webhooks on the stack: from the API to a receiver on this machine, by the queues of the template."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.integration.stack_client import StackClient
from tests.integration.waiting import wait_until
from tests.integration.webhook_receiver import WebhookReceiver

WEBHOOKS = "/organizations/demo/webhooks"
STEP = {"id": "work"}


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with closing(WebhookReceiver()) as receiver:
        yield receiver


class WebhookClient:
    """The webhook of a receiver; ``verify`` makes it active."""

    def __init__(self, client: StackClient, receiver: WebhookReceiver, **fields: Any) -> None:
        self.client, self.receiver = client, receiver
        created = client.post(WEBHOOKS, {"url": receiver.url, **fields})
        receiver.secret = created.pop("secret")
        self.id, self.created = created["id"], created
        self.path = f"{WEBHOOKS}/{self.id}"

    def verify(self) -> WebhookClient:
        self.client.post(f"{self.path}/test", {})
        wait_until(lambda: self.now()["status"] == "active")
        return self

    def now(self) -> Any:
        return next(one for one in self.client.get(WEBHOOKS)["webhooks"] if one["id"] == self.id)

    def deliveries(self, **query: Any) -> list[Any]:
        text = "&".join(f"{name}={value}" for name, value in {"limit": 100, **query}.items())
        deliveries: list[Any] = self.client.get(f"{self.path}/deliveries?{text}")["deliveries"]
        return deliveries

    def delivery_of(self, event_id: str) -> Any:
        return next(one for one in self.deliveries() if one["eventId"] == event_id)

    def remove(self) -> None:
        self.client.send(self.path, method="DELETE")


def run_to_its_end(client: StackClient, **fields: Any) -> tuple[str, list[dict[str, Any]]]:
    """A run of one step: its id and its events."""
    client.publish(dict(STEP))
    run_id = client.launch(**fields)
    client.wait_for_end(run_id)
    return run_id, client.events(run_id)


def test_a_verified_webhook_gets_every_event_of_a_run_once_and_signed(
    client: StackClient, receiver: WebhookReceiver
) -> None:
    webhook = WebhookClient(client, receiver)
    assert webhook.created["status"] == "unverified"
    webhook.verify()
    run_id, events = run_to_its_end(client)
    requests = receiver.wait_for(lambda all_: len(own(all_, run_id)) >= len(events))
    assert all(request.is_signed for request in requests)
    assert [request.id for request in requests] == [request.event["id"] for request in requests]
    assert sorted((one.event for one in own(requests, run_id)), key=lambda event: event["sequence"]) == events
    wait_until(lambda: all(one["status"] == "delivered" for one in webhook.deliveries()))
    assert {one["attempts"] for one in webhook.deliveries()} == {1}
    webhook.remove()


def own(requests: list[Any], run_id: str) -> list[Any]:
    return [one for one in requests if one.event["type"] != "baton.ping" and one.event["run"]["id"] == run_id]
