"""Deliver events to webhooks: fan an event out, make one attempt, and send what is due.

The row of a delivery decides. A message of the queue only names it, so a message that comes twice does no harm, and the
relay replaces one that is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, assert_never

from baton import webhook_schedule, webhook_signing
from baton.model import PING, AttemptResult, ClaimOutcome
from baton.ports.webhooks import Claim, DeliveryQueue, Event, EventReference, PostWebhook, PutEvents, WebhookAnswer

if TYPE_CHECKING:
    from baton.store.webhook_deliveries import WebhookDeliveries

AT_ONCE = 4  # requests of a webhook at work, so that a slow one takes nobody's turn
PLACES = 50  # requests at work together: the concurrency of the queue's event source
LEASE_SECONDS = 60.0  # more than the time limit of the function that makes the attempt
MAX_QUEUE_SECONDS = 900  # the longest delay of a queue; the relay sends what is due later
_BATCH = 200


@dataclass(frozen=True)
class FanOutEvents:
    record: WebhookDeliveries
    queue: DeliveryQueue

    def __call__(self, events: Sequence[EventReference]) -> dict[str, Any]:
        """Orders one delivery for each webhook that gets one of these events, and sends their messages. Returns
        ``{"events": n, "deliveries": n}``. The events themselves are in the record, so nobody can make one up."""
        deliveries = self.record.fan_out(events)
        self.queue.send(deliveries)
        return {"events": len(events), "deliveries": len(deliveries)}


@dataclass(frozen=True)
class Announcer:
    """Puts the events of disabled webhooks on the bus, and then strikes them off."""

    record: WebhookDeliveries
    put: PutEvents

    def __call__(self, events: Sequence[Event]) -> None:
        if events:
            self.put(events)
        for event in events:
            self.record.strike_announcement(event["id"])


@dataclass(frozen=True)
class AttemptDelivery:
    """``key`` reads the key that secrets are derived from."""

    record: WebhookDeliveries
    post: PostWebhook
    queue: DeliveryQueue
    announce: Announcer
    key: Callable[[], str]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __call__(self, delivery_id: str) -> dict[str, Any]:
        """One attempt: claims the delivery, posts the event, records what came of it. Returns what the log tells:
        ``outcome``, and ``result`` and ``milliseconds`` of an attempt; ``ended`` is ``late`` if its result was not
        recorded."""
        claimed = self.record.claim(
            delivery_id, lease_seconds=LEASE_SECONDS, max_attempts=webhook_schedule.MAX_ATTEMPTS
        )
        match claimed.outcome:
            case ClaimOutcome.OVER | ClaimOutcome.BUSY:
                return {"delivery": delivery_id, "outcome": claimed.outcome}
            case ClaimOutcome.CLAIMED:
                assert claimed.claim is not None  # it goes with this outcome
                return {
                    "delivery": delivery_id,
                    "outcome": claimed.outcome,
                    **self._attempt(delivery_id, claimed.claim),
                }
            case _:
                assert_never(claimed.outcome)

    def _attempt(self, delivery_id: str, claim: Claim) -> dict[str, Any]:
        body = claim.body.encode()
        answer = self.post(claim.url, self._headers(claim, body), body)
        pause = self._pause(claim, answer)
        finished = self.record.finish(delivery_id, claim, answer, pause)
        if finished.retried and pause is not None and pause <= MAX_QUEUE_SECONDS:
            self.queue.send([delivery_id], delay_seconds=pause)
        self.queue.send(finished.next)
        self.announce([] if finished.announcement is None else [finished.announcement])
        return {
            "webhook": claim.webhook_id,
            "result": answer.result,
            "status": answer.status,
            "milliseconds": answer.milliseconds,
            "ended": finished.outcome,
            "disabled": finished.disabled,
        }

    def _headers(self, claim: Claim, body: bytes) -> Mapping[str, str]:
        versions = range(claim.secret_version, claim.oldest_secret_version - 1, -1)
        key = self.key()
        secrets = [webhook_signing.secret(key, claim.webhook_id, version) for version in versions]
        return webhook_signing.headers(secrets, claim.event_id, int(self.now().timestamp()), body)

    def _pause(self, claim: Claim, answer: WebhookAnswer) -> float | None:
        """Seconds until the next attempt; None: there is none. A ping has one attempt, because a person waits."""
        match answer.result:
            case AttemptResult.DELIVERED | AttemptResult.GONE:
                return None
            case AttemptResult.FAILED:
                if claim.event_type == PING:
                    return None
                return webhook_schedule.next_pause(claim.attempt, answer.headers or {}, self.now())
            case _:
                assert_never(answer.result)


@dataclass(frozen=True)
class RelayWebhooks:
    """The relay's part: messages for due deliveries, events of disabled webhooks."""

    record: WebhookDeliveries
    queue: DeliveryQueue
    announce: Announcer

    def __call__(self) -> dict[str, int]:
        """Returns ``{"deliveries": n}``."""
        due = self.record.claim_due(_BATCH)
        self.queue.send(due.deliveries)
        self.announce(due.announcements)
        return {"deliveries": len(due.deliveries)}
