"""Webhooks: URLs of an organisation that get the events of its runs, and the deliveries to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypedDict
from uuid import UUID

from baton.model import (
    AttemptResult,
    ClaimOutcome,
    CreateWebhookOutcome,
    DeliveryStatus,
    DisabledReason,
    FinishOutcome,
    RedeliverOutcome,
    UpdateWebhookOutcome,
    WebhookStatus,
)

Event = Mapping[str, Any]
"""An event for the bus: its envelope."""


@dataclass(frozen=True)
class Webhook:
    """``event_types`` are those that it gets of every run: None means all, and none of them means callbacks alone."""

    id: str
    organization: str
    url: str
    description: str
    event_types: Sequence[str] | None
    status: WebhookStatus
    disabled_reason: DisabledReason | None
    secret_version: int
    earlier_secret_ends_at: datetime | None
    first_failed_at: datetime | None
    created_by: str
    created_at: datetime
    verified_at: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True)
class NewWebhook:
    id: str
    organization: str
    url: str
    description: str
    event_types: Sequence[str] | None


@dataclass(frozen=True)
class CreateWebhookResult:
    outcome: CreateWebhookOutcome
    webhook: Webhook | None


class WebhookChanges(TypedDict, total=False):
    """What is changed of a webhook. ``eventTypes`` None means all."""

    url: str
    description: str
    eventTypes: Sequence[str] | None
    enabled: bool


@dataclass(frozen=True)
class UpdateWebhookResult:
    outcome: UpdateWebhookOutcome
    webhook: Webhook


@dataclass(frozen=True)
class WebhookDelivery:
    """One event for one webhook. ``response`` is the beginning of the last answer."""

    id: str
    webhook_id: str
    event_id: str
    event_type: str
    run_id: str | None
    sequence: int | None
    status: DeliveryStatus
    attempts: int
    next_attempt_at: datetime | None
    response_status: int | None
    response: str | None
    error: str | None
    milliseconds: int | None
    created_at: datetime
    attempted_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True)
class RedeliverResult:
    outcome: RedeliverOutcome
    delivery: WebhookDelivery


@dataclass(frozen=True)
class EventReference:
    """Which event of which run it is. The event itself is in the record."""

    id: str
    run_id: str
    sequence: int

    @classmethod
    def of(cls, event: Event) -> EventReference:
        """That of an event of the bus. Raises KeyError, TypeError or ValueError if it is none of a run."""
        sequence = event["sequence"]
        if type(sequence) is not int or not 0 < sequence < 2**63:
            raise ValueError(f"{sequence!r} is no number of an event")
        return cls(str(UUID(event["id"])), str(UUID(event["run"]["id"])), sequence)


@dataclass(frozen=True)
class Claim:
    """An attempt that has begun. ``body`` is the text to post."""

    claim_id: str
    webhook_id: str
    url: str
    event_id: str
    event_type: str
    attempt: int
    body: str
    secret_version: int
    oldest_secret_version: int


@dataclass(frozen=True)
class ClaimResult:
    """``claim`` is there with the outcome ``claimed``."""

    outcome: ClaimOutcome
    claim: Claim | None = None


@dataclass(frozen=True)
class WebhookAnswer:
    """What a request came to. ``status`` and ``body`` (its beginning) are there if there was an answer, ``error`` says
    what was wrong with it, or why there was none."""

    result: AttemptResult
    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: str | None = None
    error: str | None = None
    milliseconds: int = 0


@dataclass(frozen=True)
class FinishResult:
    """``retried``: the delivery has a next attempt. ``next`` are the ids of deliveries that may begin now.
    ``disabled``: this attempt disabled the webhook. ``announcement`` is the event of its disabling, while it is not on
    the bus."""

    outcome: FinishOutcome
    retried: bool
    next: Sequence[str]
    disabled: bool
    announcement: Event | None


@dataclass(frozen=True)
class DueDeliveries:
    """What a sweep finds: ids of deliveries without a message, and events of disabled webhooks."""

    deliveries: Sequence[str]
    announcements: Sequence[Event]


class PostWebhook(Protocol):
    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        """Makes one request. Every failure is an answer, too."""
        ...


class DeliveryQueue(Protocol):
    def send(self, delivery_ids: Sequence[str], *, delay_seconds: float = 0) -> None:
        """Sends a message for each delivery. A failure raises no error: the relay sends the message later."""
        ...


class PutEvents(Protocol):
    def __call__(self, events: Sequence[Event], /) -> None:
        """Puts events on the bus, in order."""
        ...
