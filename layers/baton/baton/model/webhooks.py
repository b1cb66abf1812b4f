"""Webhooks: their statuses, and those of their deliveries."""

from __future__ import annotations

from enum import StrEnum

PING = "baton.ping"  # the type of the event by which a webhook is verified


class WebhookStatus(StrEnum):
    UNVERIFIED = "unverified"  # it has not answered a ping yet
    ACTIVE = "active"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    GONE = "gone"  # it answered 410
    FAILING = "failing"  # it had no success for five days
    BY_ADMIN = "by_admin"  # an admin turned it off


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"  # there is no further attempt


class AttemptResult(StrEnum):
    """What one request to a webhook came to."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GONE = "gone"  # it answered 410: it wants no more requests


class CreateWebhookOutcome(StrEnum):
    CREATED = "created"
    URL_TAKEN = "url_taken"
    TOO_MANY = "too_many"


class UpdateWebhookOutcome(StrEnum):
    UPDATED = "updated"
    URL_TAKEN = "url_taken"


class RedeliverOutcome(StrEnum):
    ORDERED = "ordered"
    INACTIVE = "inactive"  # the webhook is not active
    AT_WORK = "at_work"  # an attempt is under way


class ClaimOutcome(StrEnum):
    CLAIMED = "claimed"
    BUSY = "busy"  # the webhook has as many requests at work as it may have
    OVER = "over"  # it is delivered, failed, not due, or another attempt is at work


class FinishOutcome(StrEnum):
    ENDED = "ended"
    LATE = "late"  # the attempt's lease has ended, and another decides
