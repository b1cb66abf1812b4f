"""Webhooks: URLs that get the events of an organisation's runs; for its admins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict, Unpack

from baton_client.arguments import segment
from baton_client.connection import Connection, camel, without_none
from baton_client.vocabulary import DeliveryStatus, EventType, WebhookStatus


class Webhook(TypedDict):
    """It gets events while its ``status`` is ``active``. ``eventTypes`` None: all types. Until
    ``earlierSecretEndsAt``, requests are also signed with the secret before."""

    id: str
    organization: str
    url: str
    description: str
    eventTypes: list[str] | None
    status: WebhookStatus
    disabledReason: Literal["gone", "failing", "by_admin"] | None
    secretVersion: int
    earlierSecretEndsAt: str | None
    firstFailedAt: str | None
    createdBy: str
    createdAt: str
    verifiedAt: str | None
    disabledAt: str | None


class IssuedWebhook(Webhook):
    """``secret`` signs the requests. Only this answer contains it."""

    secret: str


class WebhookChanges(TypedDict, total=False):
    """What is absent stays as it is. ``event_types`` None: all types."""

    url: str
    event_types: Sequence[EventType] | None
    description: str
    enabled: bool


class Delivery(TypedDict):
    """One event for one webhook. ``eventId`` is the ``webhook-id`` of its requests."""

    id: str
    webhookId: str
    eventId: str
    eventType: str
    runId: str | None
    sequence: int | None
    status: DeliveryStatus
    attempts: int
    nextAttemptAt: str | None
    responseStatus: int | None
    response: str | None
    error: str | None
    milliseconds: int | None
    createdAt: str
    attemptedAt: str | None
    completedAt: str | None


class _Webhooks(TypedDict):
    webhooks: list[Webhook]


class DeliveryPage(TypedDict):
    """``nextCursor`` is the ``cursor`` of the next page, None on the last."""

    deliveries: list[Delivery]
    nextCursor: str | None


class Webhooks:
    """``client.webhooks``. The default of ``organization`` is the client's. Raises (all methods): the errors that
    ``Client`` names, and OrganizationMissing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, organization: str | None = None) -> Sequence[Webhook]:
        """The oldest first."""
        return self._connection.get(self._path(organization), _Webhooks)["webhooks"]

    def create(
        self,
        url: str,
        *,
        event_types: Iterable[EventType] | None = None,
        description: str = "",
        organization: str | None = None,
    ) -> IssuedWebhook:
        """``event_types`` are those that it gets of every run: None means all, and none of them means that only
        callbacks of launches use it."""
        types = None if event_types is None else list(event_types)
        body = {"url": url, "description": description, **without_none(eventTypes=types)}
        return self._connection.post(self._path(organization), IssuedWebhook, body)

    def update(self, webhook_id: str, *, organization: str | None = None, **changes: Unpack[WebhookChanges]) -> Webhook:
        """Change a webhook. With another URL, or enabled again, it is unverified until it answers a ping."""
        body = {camel(name): value for name, value in changes.items()}
        return self._connection.patch(self._one(webhook_id, organization), Webhook, body)

    def delete(self, webhook_id: str, *, organization: str | None = None) -> None:
        """Delete a webhook, with its deliveries."""
        self._connection.remove(self._one(webhook_id, organization))

    def test(self, webhook_id: str, *, organization: str | None = None) -> Delivery:
        """Send a ping, whose success makes the webhook active. ``deliveries`` shows what came of it."""
        return self._connection.post(f"{self._one(webhook_id, organization)}/test", Delivery)

    def rotate(self, webhook_id: str, *, organization: str | None = None) -> IssuedWebhook:
        """A new secret. For a day, requests are signed with both."""
        return self._connection.post(f"{self._one(webhook_id, organization)}/rotate", IssuedWebhook)

    def deliveries(
        self,
        webhook_id: str,
        *,
        status: DeliveryStatus | None = None,
        cursor: str | None = None,
        limit: int | None = None,
        organization: str | None = None,
    ) -> DeliveryPage:
        """One page of the last 30 days, the newest first."""
        query = {"status": status, "cursor": cursor, "limit": limit}
        return self._connection.get(f"{self._one(webhook_id, organization)}/deliveries", DeliveryPage, query)

    def redeliver(self, webhook_id: str, delivery_id: str, *, organization: str | None = None) -> Delivery:
        """Deliver an event once more, with the same ``webhook-id``."""
        path = f"{self._one(webhook_id, organization)}/deliveries/{segment(delivery_id, 'delivery_id')}/redeliver"
        return self._connection.post(path, Delivery)

    def _one(self, webhook_id: str, organization: str | None) -> str:
        return f"{self._path(organization)}/{segment(webhook_id, 'webhook_id')}"

    def _path(self, organization: str | None) -> str:
        return f"/organizations/{segment(self._connection.organization(organization), 'organization')}/webhooks"
