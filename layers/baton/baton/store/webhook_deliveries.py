"""Deliveries to webhooks in Postgres, for the logins of the webhook function and the relay."""

from __future__ import annotations

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from baton.model import ClaimOutcome, FinishOutcome
from baton.ports.webhooks import Claim, ClaimResult, DueDeliveries, EventReference, FinishResult, WebhookAnswer
from baton.store.database import Database
from baton.store.functions import Function, row_of

_FAN_OUT = Function("fan_out_events", events="jsonb")
_CLAIM = Function(
    "claim_delivery",
    delivery_id="uuid",
    lease_seconds="double precision",
    at_once="integer",
    places="integer",
    max_attempts="integer",
)
_FINISH = Function(
    "finish_delivery",
    delivery_id="uuid",
    claim_id="uuid",
    result="text",
    response_status="integer",
    response="text",
    error="text",
    milliseconds="integer",
    retry_seconds="double precision",
    at_once="integer",
    places="integer",
)
_CLAIM_DUE = Function("claim_due_deliveries", at_once="integer", places="integer", limit="integer")
_STRIKE_ANNOUNCEMENT = Function("strike_announcement", event_id="uuid")


class WebhookDeliveries:
    """``at_once`` is how many requests a webhook may have at work, ``places`` how many all webhooks have. Every method
    is one round trip."""

    def __init__(self, database: Database, at_once: int, places: int) -> None:
        self._database = database
        self._room = {"at_once": at_once, "places": places}

    def fan_out(self, events: Sequence[EventReference]) -> Sequence[str]:
        """Orders the deliveries of events. Answers with the ids of those to send."""
        rows = [{"id": event.id, "runId": event.run_id, "sequence": event.sequence} for event in events]
        answer = _FAN_OUT.answer(self._database, events=Jsonb(rows))
        return list(answer["deliveries"])

    def claim(self, delivery_id: str, *, lease_seconds: float, max_attempts: int) -> ClaimResult:
        """Begins an attempt, unless there is a reason against it. The caller has it until the lease ends."""
        answer = _CLAIM.answer(
            self._database,
            delivery_id=delivery_id,
            lease_seconds=lease_seconds,
            **self._room,
            max_attempts=max_attempts,
        )
        outcome = ClaimOutcome(answer.pop("outcome"))
        return ClaimResult(outcome, Claim(**row_of(answer)) if outcome is ClaimOutcome.CLAIMED else None)

    def finish(
        self, delivery_id: str, claim: Claim, answer: WebhookAnswer, retry_seconds: float | None
    ) -> FinishResult:
        """Ends an attempt. ``retry_seconds`` is the time until the next one; None: there is none. A webhook that is no
        longer active has none either."""
        finished = _FINISH.answer(
            self._database,
            delivery_id=delivery_id,
            claim_id=claim.claim_id,
            result=answer.result,
            response_status=answer.status,
            response=answer.body,
            error=answer.error,
            milliseconds=answer.milliseconds,
            retry_seconds=retry_seconds,
            **self._room,
        )
        return FinishResult(**{**finished, "outcome": FinishOutcome(finished["outcome"])})

    def claim_due(self, limit: int) -> DueDeliveries:
        """For the relay. The caller sends messages for the deliveries, and puts the events on the bus."""
        due = _CLAIM_DUE.answer(self._database, **self._room, limit=limit)
        return DueDeliveries(due["deliveries"], due["announcements"])

    def strike_announcement(self, event_id: str) -> None:
        """Notes that the event is on the bus."""
        _STRIKE_ANNOUNCEMENT.answer(self._database, event_id=event_id)
