"""Service tokens over HTTP, for an organisation's admins."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from pydantic import Field
from typing_extensions import TypedDict

from baton import exact_json
from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.paging import MAX_ROWS, CursorQuery, LimitQuery, Page, page, read_cursor
from baton.api.requests import Body, Moment, OrganizationSlug, Roles, ServiceTokenId, Text
from baton.api.resolver import Resolver
from baton.api.views import filled
from baton.errors import Forbidden, NotFound
from baton.model import Role
from baton.usecases.service_tokens import MAX_NAME_CHARACTERS, NewTokenRequest
from baton.words import AnsweredWord

PATH = "/organizations/<organization>/service-tokens"


class ServiceTokenBody(Body):
    name: Annotated[Text, Field(max_length=MAX_NAME_CHARACTERS)]
    roles: Roles
    expires_at: Annotated[Moment, Field(description="At most a year from now.")]
    allow_approver: Annotated[bool, Field(description="Must be true to give a machine the role approver.")] = False


class ServiceTokenView(TypedDict):
    """``id`` is also the user id of its bearer, e.g. in `decidedBy`."""

    id: str
    organization: str
    name: str
    roles: list[AnsweredWord[Role]]
    createdBy: str
    createdAt: datetime
    expiresAt: datetime
    revokedAt: datetime | None


class IssuedTokenView(ServiceTokenView):
    """``token`` is the bearer token itself. No other answer has it."""

    token: str


class ServiceTokens(Page):
    serviceTokens: list[ServiceTokenView]


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, PATH, tag="service tokens", answers={200: ServiceTokens}, refuses=(Forbidden, NotFound))
    def list_service_tokens(
        organization: OrganizationSlug, cursor: CursorQuery = None, limit: LimitQuery = MAX_ROWS
    ) -> ServiceTokens:
        """List the service tokens of an organisation, the newest first, with expired and revoked ones."""
        tokens = function.service_tokens.list(app.caller, organization, cursor=read_cursor(cursor), limit=limit + 1)
        views, next_cursor = page([vars(one) for one in tokens], limit, lambda row: filled(ServiceTokenView, row))
        return {"serviceTokens": views, "nextCursor": next_cursor}

    @operation(app.post, PATH, tag="service tokens", answers={201: IssuedTokenView}, refuses=(Forbidden, NotFound))
    def create_service_token(
        organization: OrganizationSlug, body: Annotated[ServiceTokenBody, JsonBody()]
    ) -> Response[Any]:
        """Create a service token, with which a machine calls this API.

        No other answer has the token itself.
        """
        request = NewTokenRequest(organization, body.name, body.roles, body.expires_at, body.allow_approver)
        issued = function.service_tokens.create(app.caller, request)
        return Response(
            status_code=HTTPStatus.CREATED,
            content_type=JSON,
            body=exact_json.dumps(filled(IssuedTokenView, issued.token, token=issued.secret)),
            headers={"Cache-Control": "no-store"},
        )

    @operation(
        app.delete,
        f"{PATH}/<token_id>",
        tag="service tokens",
        answers={200: ServiceTokenView},
        refuses=(Forbidden, NotFound),
    )
    def revoke_service_token(organization: OrganizationSlug, token_id: ServiceTokenId) -> ServiceTokenView:
        """Revoke a service token: the next request with it fails. A second call changes nothing."""
        return filled(ServiceTokenView, function.service_tokens.revoke(app.caller, organization, token_id))
