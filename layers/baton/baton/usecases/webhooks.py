"""Webhooks of an organisation: create, list, verify, change, rotate and delete them; look at their deliveries."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, assert_never

from baton import ids, webhook_signing
from baton.errors import AddressRefused, Conflict, FieldProblem, Invalid, NotFound
from baton.model import (
    CreateWebhookOutcome,
    DeliveryStatus,
    EventType,
    Principal,
    RedeliverOutcome,
    UpdateWebhookOutcome,
)
from baton.ports.reads import Cursor
from baton.ports.webhooks import DeliveryQueue, NewWebhook, Webhook, WebhookChanges, WebhookDelivery
from baton.usecases.administration import administrator, refuse_former_admin

if TYPE_CHECKING:
    from baton.store.members import MembersTable
    from baton.store.webhooks import WebhooksTable

MAX_WEBHOOKS = 20  # of an organisation
MAX_DESCRIPTION_CHARACTERS = 500


@dataclass(frozen=True)
class NewWebhookRequest:
    """``event_types``: None means all, an empty list means that only callbacks of launches use the webhook."""

    organization: str
    url: str
    event_types: Sequence[EventType] | None = None
    description: str = ""


@dataclass(frozen=True)
class IssuedWebhook:
    """``secret`` signs the requests. The record does not have it."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True)
class ManageWebhooks:
    """Every method needs the role admin. ``check_url`` raises AddressRefused for a URL that must not be called, and
    ``key`` reads the key that secrets are derived from.

    Raises (all):
        NotFound: there is no such organisation, webhook or delivery, or the caller is not a member there.
        Forbidden: the caller is not an admin there.
    """

    members: MembersTable
    record: WebhooksTable
    check_url: Callable[[str], object]
    key: Callable[[], str]
    queue: DeliveryQueue
    new_id: Callable[[], uuid.UUID] = ids.new_id

    def list(self, caller: Principal, organization: str) -> Sequence[Webhook]:
        """The webhooks, the oldest first."""
        administrator(self.members, caller, organization)
        return self.record.webhooks(user_id=caller.user_id, organization=organization)

    def create(self, caller: Principal, request: NewWebhookRequest) -> IssuedWebhook:
        """Creates a webhook. It gets no events until it has answered a ping.

        Raises:
            Invalid: the URL may not be called; the error says why.
            Conflict: the organisation has a webhook with this URL, or as many as it may have.
        """
        administrator(self.members, caller, request.organization)
        self._check(request.url)
        key = self.key()  # before the change, which must not be without its secret
        new = NewWebhook(
            str(self.new_id()), request.organization, request.url, request.description.strip(), request.event_types
        )
        created = self.record.create(user_id=caller.user_id, webhook=new, max_webhooks=MAX_WEBHOOKS)
        if created is None:
            refuse_former_admin()
        match created.outcome:
            case CreateWebhookOutcome.CREATED:
                assert created.webhook is not None  # it goes with this outcome
                return _issued(created.webhook, key)
            case CreateWebhookOutcome.URL_TAKEN:
                raise _taken_url(request.organization)
            case CreateWebhookOutcome.TOO_MANY:
                raise Conflict(f"{request.organization} has {MAX_WEBHOOKS} webhooks, and may have no more")
            case _:
                assert_never(created.outcome)

    def update(self, caller: Principal, organization: str, webhook_id: str, changes: WebhookChanges) -> Webhook:
        """Changes a webhook. With another URL, or turned on again, it gets no events until it has answered a ping.

        Raises:
            Invalid: the URL may not be called; the error says why.
            Conflict: another webhook of the organisation has this URL.
        """
        administrator(self.members, caller, organization)
        if "url" in changes:
            self._check(changes["url"])
        if "description" in changes:
            changes = {**changes, "description": changes["description"].strip()}
        updated = self.record.update(
            user_id=caller.user_id, organization=organization, webhook_id=webhook_id, changes=changes
        )
        if updated is None:
            _refuse_webhook(organization, webhook_id)
        match updated.outcome:
            case UpdateWebhookOutcome.UPDATED:
                return updated.webhook
            case UpdateWebhookOutcome.URL_TAKEN:
                raise _taken_url(organization)
            case _:
                assert_never(updated.outcome)

    def delete(self, caller: Principal, organization: str, webhook_id: str) -> None:
        """Deletes a webhook with its deliveries, also those that it still waits for."""
        administrator(self.members, caller, organization)
        if self.record.delete(user_id=caller.user_id, organization=organization, webhook_id=webhook_id) is None:
            _refuse_webhook(organization, webhook_id)

    def rotate(self, caller: Principal, organization: str, webhook_id: str) -> IssuedWebhook:
        """Gives a webhook a new secret. For a day, its requests are signed with the secret before as well."""
        administrator(self.members, caller, organization)
        key = self.key()
        webhook = self.record.rotate(user_id=caller.user_id, organization=organization, webhook_id=webhook_id)
        if webhook is None:
            _refuse_webhook(organization, webhook_id)
        return _issued(webhook, key)

    def test(self, caller: Principal, organization: str, webhook_id: str) -> WebhookDelivery:
        """Sends a ping. A success makes the webhook active, also after it was disabled."""
        administrator(self.members, caller, organization)
        ping = self.record.ping(
            user_id=caller.user_id,
            organization=organization,
            webhook_id=webhook_id,
            delivery_id=str(self.new_id()),
        )
        if ping is None:
            _refuse_webhook(organization, webhook_id)
        self.queue.send([ping.id])
        return ping

    def deliveries(
        self,
        caller: Principal,
        organization: str,
        webhook_id: str,
        *,
        status: DeliveryStatus | None,
        cursor: Cursor | None,
        limit: int,
    ) -> Sequence[WebhookDelivery]:
        """The deliveries of the last 30 days, the newest first."""
        administrator(self.members, caller, organization)
        deliveries = self.record.deliveries(
            user_id=caller.user_id,
            organization=organization,
            webhook_id=webhook_id,
            status=status,
            cursor=cursor,
            limit=limit,
        )
        if deliveries is None:
            _refuse_webhook(organization, webhook_id)
        return deliveries

    def redeliver(self, caller: Principal, organization: str, webhook_id: str, delivery_id: str) -> WebhookDelivery:
        """Delivers an event once more, from the first attempt, with the same ``webhook-id``.

        Raises:
            Conflict: the webhook is not active, or an attempt is at work.
        """
        administrator(self.members, caller, organization)
        ordered = self.record.redeliver(
            user_id=caller.user_id, organization=organization, webhook_id=webhook_id, delivery_id=delivery_id
        )
        if ordered is None:
            raise NotFound(f"there is no delivery {delivery_id} of a webhook {webhook_id} in {organization}")
        match ordered.outcome:
            case RedeliverOutcome.ORDERED:
                self.queue.send([ordered.delivery.id])
                return ordered.delivery
            case RedeliverOutcome.INACTIVE:
                raise Conflict(f"the webhook {webhook_id} is not active: test it first")
            case RedeliverOutcome.AT_WORK:
                raise Conflict(f"an attempt of the delivery {delivery_id} is at work")
            case _:
                assert_never(ordered.outcome)

    def _check(self, url: str) -> None:
        try:
            self.check_url(url)
        except AddressRefused as error:
            raise Invalid("The request is not valid", [FieldProblem("url", str(error))]) from error


def _issued(webhook: Webhook, key: str) -> IssuedWebhook:
    return IssuedWebhook(webhook, webhook_signing.secret(key, webhook.id, webhook.secret_version))


def _taken_url(organization: str) -> Conflict:
    return Conflict(f"{organization} has a webhook with this URL: delete that one first")


def _refuse_webhook(organization: str, webhook_id: str) -> NoReturn:
    raise NotFound(f"there is no webhook {webhook_id} in {organization}")
