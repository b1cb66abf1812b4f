"""Webhooks in Postgres, for the API's login."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from baton.model import (
    CreateWebhookOutcome,
    DeliveryStatus,
    DisabledReason,
    RedeliverOutcome,
    UpdateWebhookOutcome,
    WebhookStatus,
)
from baton.ports.reads import Cursor
from baton.ports.webhooks import (
    CreateWebhookResult,
    NewWebhook,
    RedeliverResult,
    UpdateWebhookResult,
    Webhook,
    WebhookChanges,
    WebhookDelivery,
)
from baton.store.database import Database
from baton.store.functions import Function, Query, row_of

_OF_WEBHOOK = {"user_id": "uuid", "organization": "text", "webhook_id": "uuid"}
_LIST = Query("list_webhooks", user_id="uuid", organization="text")
_CREATE = Function("create_webhook", **_OF_WEBHOOK, url="text", description="text", event_types="text[]", max="integer")
_UPDATE = Function("update_webhook", **_OF_WEBHOOK, changes="jsonb")
_DELETE = Function("delete_webhook", **_OF_WEBHOOK)
_ROTATE = Function("rotate_webhook", **_OF_WEBHOOK)
_PING = Function("ping_webhook", **_OF_WEBHOOK, delivery_id="uuid")
_REDELIVER = Function("redeliver_webhook", **_OF_WEBHOOK, delivery_id="uuid")
_DELIVERIES = Query(
    "list_webhook_deliveries",
    **_OF_WEBHOOK,
    status="text",
    before_at="timestamptz",
    before_id="uuid",
    limit="integer",
)


class WebhooksTable:
    """Every method is one round trip and checks that the caller is an admin of the organisation. It answers None if
    they are not, or if there is no such webhook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def webhooks(self, *, user_id: str, organization: str) -> list[Webhook]:
        """The oldest first. The list is empty if the caller is not an admin there."""
        return [_webhook(one) for one in _LIST(self._database, user_id=user_id, organization=organization)]

    def create(self, *, user_id: str, webhook: NewWebhook, max_webhooks: int) -> CreateWebhookResult | None:
        answer = _CREATE(
            self._database,
            user_id=user_id,
            organization=webhook.organization,
            webhook_id=webhook.id,
            url=webhook.url,
            description=webhook.description,
            event_types=None if webhook.event_types is None else list(webhook.event_types),
            max=max_webhooks,
        )
        if answer is None:
            return None
        created = answer["webhook"]
        return CreateWebhookResult(
            CreateWebhookOutcome(answer["outcome"]), None if created is None else _webhook(created)
        )

    def update(
        self, *, user_id: str, organization: str, webhook_id: str, changes: WebhookChanges
    ) -> UpdateWebhookResult | None:
        answer = _UPDATE(
            self._database,
            user_id=user_id,
            organization=organization,
            webhook_id=webhook_id,
            changes=Jsonb(dict(changes)),
        )
        if answer is None:
            return None
        return UpdateWebhookResult(UpdateWebhookOutcome(answer["outcome"]), _webhook(answer["webhook"]))

    def delete(self, *, user_id: str, organization: str, webhook_id: str) -> Webhook | None:
        """Deletes the webhook with its deliveries."""
        answer = _DELETE(self._database, user_id=user_id, organization=organization, webhook_id=webhook_id)
        return None if answer is None else _webhook(answer)

    def rotate(self, *, user_id: str, organization: str, webhook_id: str) -> Webhook | None:
        """Gives the webhook its next secret. The one before signs as well for a day."""
        answer = _ROTATE(self._database, user_id=user_id, organization=organization, webhook_id=webhook_id)
        return None if answer is None else _webhook(answer)

    def ping(self, *, user_id: str, organization: str, webhook_id: str, delivery_id: str) -> WebhookDelivery | None:
        """Orders a ping, which is a delivery with this id."""
        answer = _PING(
            self._database,
            user_id=user_id,
            organization=organization,
            webhook_id=webhook_id,
            delivery_id=delivery_id,
        )
        return None if answer is None else _delivery(answer)

    def deliveries(
        self,
        *,
        user_id: str,
        organization: str,
        webhook_id: str,
        status: DeliveryStatus | None,
        cursor: Cursor | None,
        limit: int,
    ) -> list[WebhookDelivery] | None:
        """The newest first, those before the cursor."""
        answer = _DELIVERIES(
            self._database,
            user_id=user_id,
            organization=organization,
            webhook_id=webhook_id,
            status=status,
            before_at=cursor and cursor.moment,
            before_id=cursor and cursor.id,
            limit=limit,
        )
        return None if answer is None else [_delivery(one) for one in answer]

    def redeliver(
        self, *, user_id: str, organization: str, webhook_id: str, delivery_id: str
    ) -> RedeliverResult | None:
        """Orders the delivery again. None also if there is no such delivery."""
        answer = _REDELIVER(
            self._database,
            user_id=user_id,
            organization=organization,
            webhook_id=webhook_id,
            delivery_id=delivery_id,
        )
        if answer is None:
            return None
        return RedeliverResult(RedeliverOutcome(answer["outcome"]), _delivery(answer["delivery"]))


def _webhook(answer: Mapping[str, Any]) -> Webhook:
    row = row_of(answer)
    reason = row["disabled_reason"]
    return Webhook(
        **{
            **row,
            "status": WebhookStatus(row["status"]),
            "disabled_reason": None if reason is None else DisabledReason(reason),
        }
    )


def _delivery(answer: Mapping[str, Any]) -> WebhookDelivery:
    row = row_of(answer)
    return WebhookDelivery(**{**row, "status": DeliveryStatus(row["status"])})
