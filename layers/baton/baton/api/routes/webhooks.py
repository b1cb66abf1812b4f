"""Webhooks over HTTP, for an organisation's admins."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, cast

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field
from typing_extensions import TypedDict

from baton import exact_json
from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.paging import CursorQuery, Page, page, read_cursor
from baton.api.requests import Body, DeliveryId, EventTypes, OrganizationSlug, WebhookId
from baton.api.resolver import Resolver
from baton.api.views import filled
from baton.errors import Conflict, Forbidden, NotFound, WebhookKeyUnavailable
from baton.model import DeliveryStatus, DisabledReason, WebhookStatus
from baton.ports.webhooks import WebhookChanges
from baton.usecases.webhooks import MAX_DESCRIPTION_CHARACTERS, IssuedWebhook, NewWebhookRequest
from baton.words import AnsweredWord, Word

PATH = "/organizations/<organization>/webhooks"
ONE = f"{PATH}/<webhook_id>"
DELIVERIES = f"{ONE}/deliveries"


class WebhookBody(Body):
    url: Annotated[str, Field(description="It must begin with `https://` and lead to a public address.")]
    event_types: Annotated[
        EventTypes | None,
        Field(
            description="The types that it gets of every run; absent: all; empty: only callbacks of launches use it."
        ),
    ] = None
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION_CHARACTERS)] = ""


class WebhookChangesBody(Body):
    """What is absent stays as it is."""

    url: Annotated[
        str,
        Field(
            default_factory=str, description="With another URL, the webhook is `unverified` until it answers a ping."
        ),
    ]
    event_types: Annotated[
        EventTypes | None,
        Field(
            default_factory=list,
            description="The types that it gets of every run; null: all; empty: only callbacks of launches use it.",
        ),
    ]
    description: Annotated[str, Field(default_factory=str, max_length=MAX_DESCRIPTION_CHARACTERS)]
    enabled: Annotated[
        bool,
        Field(
            default_factory=bool,
            description="false disables it; true makes a disabled one `unverified` until it answers a ping.",
        ),
    ]


class WebhookView(TypedDict):
    """It gets events while its ``status`` is `active`. ``eventTypes`` null: all types. ``firstFailedAt`` is its first
    failure after its last success. Until ``earlierSecretEndsAt``, requests are also signed with the secret before."""

    id: str
    organization: str
    url: str
    description: str
    eventTypes: list[str] | None
    status: AnsweredWord[WebhookStatus]
    disabledReason: AnsweredWord[DisabledReason] | None
    secretVersion: int
    earlierSecretEndsAt: datetime | None
    firstFailedAt: datetime | None
    createdBy: str
    createdAt: datetime
    verifiedAt: datetime | None
    disabledAt: datetime | None


class IssuedWebhookView(WebhookView):
    """``secret`` signs the requests. No other answer has it."""

    secret: str


class Webhooks(TypedDict):
    webhooks: list[WebhookView]


class DeliveryView(TypedDict):
    """One event for one webhook. ``eventId`` is the `webhook-id` of its requests. ``response`` is the beginning of the
    last answer, ``error`` says why it was no success."""

    id: str
    webhookId: str
    eventId: str
    eventType: str
    runId: str | None
    sequence: int | None
    status: AnsweredWord[DeliveryStatus]
    attempts: int
    nextAttemptAt: datetime | None
    responseStatus: int | None
    response: str | None
    error: str | None
    milliseconds: int | None
    createdAt: datetime
    attemptedAt: datetime | None
    completedAt: datetime | None


class Deliveries(Page):
    deliveries: list[DeliveryView]


def add_routes(app: Resolver, function: ApiFunction) -> None:
    _add_webhooks(app, function)
    _add_secrets(app, function)
    _add_deliveries(app, function)


def _add_webhooks(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, PATH, tag="webhooks", answers={200: Webhooks}, refuses=(Forbidden, NotFound))
    def list_webhooks(organization: OrganizationSlug) -> Webhooks:
        """List the webhooks of an organisation, the oldest first."""
        webhooks = function.webhooks.list(app.caller, organization)
        return {"webhooks": [filled(WebhookView, webhook) for webhook in webhooks]}

    @operation(app.patch, ONE, tag="webhooks", answers={200: WebhookView}, refuses=(Conflict, Forbidden, NotFound))
    def update_webhook(
        organization: OrganizationSlug, webhook_id: WebhookId, body: Annotated[WebhookChangesBody, JsonBody()]
    ) -> WebhookView:
        """Change a webhook.

        With another URL, or enabled again, it is `unverified` and gets no events until it answers a ping
        (`testWebhook`). What it still waits for fails then, and can be delivered again.
        """
        changes = cast(WebhookChanges, body.model_dump(by_alias=True, exclude_unset=True))
        return filled(WebhookView, function.webhooks.update(app.caller, organization, webhook_id, changes))

    @operation(app.delete, ONE, tag="webhooks", answers={204: None}, refuses=(Forbidden, NotFound))
    def delete_webhook(organization: OrganizationSlug, webhook_id: WebhookId) -> Response[Any]:
        """Delete a webhook, with its deliveries."""
        function.webhooks.delete(app.caller, organization, webhook_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @operation(app.post, f"{ONE}/test", tag="webhooks", answers={202: DeliveryView}, refuses=(Forbidden, NotFound))
    def test_webhook(organization: OrganizationSlug, webhook_id: WebhookId) -> Response[Any]:
        """Send a ping to a webhook.

        A success makes the webhook active, also after it was disabled. The answer is the delivery of the ping; see
        `listWebhookDeliveries` for what came of it.
        """
        return _accepted(filled(DeliveryView, function.webhooks.test(app.caller, organization, webhook_id)))


def _add_secrets(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.post,
        PATH,
        tag="webhooks",
        answers={201: IssuedWebhookView},
        refuses=(Conflict, Forbidden, NotFound, WebhookKeyUnavailable),
    )
    def create_webhook(organization: OrganizationSlug, body: Annotated[WebhookBody, JsonBody()]) -> Response[Any]:
        """Create a webhook: a URL that gets the events of the organisation's runs.

        It gets none until it answers a ping (`testWebhook`). No other answer has the secret, with which the receiver
        checks the signatures.
        """
        request = NewWebhookRequest(organization, body.url, body.event_types, body.description)
        return _issued(HTTPStatus.CREATED, function.webhooks.create(app.caller, request))

    @operation(
        app.post,
        f"{ONE}/rotate",
        tag="webhooks",
        answers={200: IssuedWebhookView},
        refuses=(Forbidden, NotFound, WebhookKeyUnavailable),
    )
    def rotate_webhook(organization: OrganizationSlug, webhook_id: WebhookId) -> Response[Any]:
        """Give a webhook a new secret. For a day, requests are signed with both."""
        return _issued(HTTPStatus.OK, function.webhooks.rotate(app.caller, organization, webhook_id))


def _add_deliveries(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, DELIVERIES, tag="webhooks", answers={200: Deliveries}, refuses=(Forbidden, NotFound))
    def list_webhook_deliveries(
        organization: OrganizationSlug,
        webhook_id: WebhookId,
        status: Annotated[Word[DeliveryStatus] | None, Query()] = None,
        cursor: CursorQuery = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Deliveries:
        """List the deliveries of a webhook in the last 30 days, the newest first."""
        found = function.webhooks.deliveries(
            app.caller, organization, webhook_id, status=status, cursor=read_cursor(cursor), limit=limit + 1
        )
        deliveries, following = page([vars(one) for one in found], limit, lambda row: filled(DeliveryView, row))
        return {"deliveries": deliveries, "nextCursor": following}

    @operation(
        app.post,
        f"{DELIVERIES}/<delivery_id>/redeliver",
        tag="webhooks",
        answers={202: DeliveryView},
        refuses=(Conflict, Forbidden, NotFound),
    )
    def redeliver_webhook(
        organization: OrganizationSlug, webhook_id: WebhookId, delivery_id: DeliveryId
    ) -> Response[Any]:
        """Deliver an event to a webhook once more, with the same `webhook-id`."""
        ordered = function.webhooks.redeliver(app.caller, organization, webhook_id, delivery_id)
        return _accepted(filled(DeliveryView, ordered))


def _accepted(view: DeliveryView) -> Response[Any]:
    return Response(status_code=HTTPStatus.ACCEPTED, content_type=JSON, body=exact_json.dumps(view))


def _issued(status: HTTPStatus, issued: IssuedWebhook) -> Response[Any]:
    return Response(
        status_code=status,
        content_type=JSON,
        body=exact_json.dumps(filled(IssuedWebhookView, issued.webhook, secret=issued.secret)),
        headers={"Cache-Control": "no-store"},
    )
