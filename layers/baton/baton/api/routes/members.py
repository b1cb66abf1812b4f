"""The members of an organisation over HTTP, for its admins."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from typing_extensions import TypedDict

from baton import exact_json
from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.paging import MAX_ROWS, CursorQuery, LimitQuery, Page, page, read_cursor
from baton.api.requests import Body, OrganizationSlug, Roles, UserId
from baton.api.resolver import Resolver
from baton.api.views import filled
from baton.errors import Conflict, Forbidden, NotFound
from baton.model import Role
from baton.words import AnsweredWord

PATH = "/organizations/<organization>/members"


class MemberBody(Body):
    roles: Roles


class MemberView(TypedDict):
    """``userId`` is the subject (`sub`) of the member's tokens."""

    userId: str
    organization: str
    roles: list[AnsweredWord[Role]]
    createdAt: datetime


class Members(Page):
    members: list[MemberView]


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, PATH, tag="members", answers={200: Members}, refuses=(Forbidden, NotFound))
    def list_members(
        organization: OrganizationSlug, cursor: CursorQuery = None, limit: LimitQuery = MAX_ROWS
    ) -> Members:
        """List the members of an organisation, the oldest membership first."""
        members = function.members.list(app.caller, organization, cursor=read_cursor(cursor), limit=limit + 1)
        rows = [{**vars(one), "id": one.user_id} for one in members]
        views, next_cursor = page(rows, limit, lambda row: filled(MemberView, row))
        return {"members": views, "nextCursor": next_cursor}

    @operation(
        app.put,
        f"{PATH}/<user_id>",
        tag="members",
        answers={200: MemberView, 201: MemberView},
        refuses=(Conflict, Forbidden, NotFound),
    )
    def put_member(
        organization: OrganizationSlug, user_id: UserId, body: Annotated[MemberBody, JsonBody()]
    ) -> Response[Any]:
        """Add a member, or replace their roles.

        The roles are a set: an admin who decides approvals needs `approver` as well. The last admin must stay admin.
        """
        member, added = function.members.put(app.caller, organization, user_id, body.roles)
        return Response(
            status_code=HTTPStatus.CREATED if added else HTTPStatus.OK,
            content_type=JSON,
            body=exact_json.dumps(filled(MemberView, member)),
        )

    @operation(
        app.delete,
        f"{PATH}/<user_id>",
        tag="members",
        answers={204: None},
        refuses=(Conflict, Forbidden, NotFound),
    )
    def remove_member(organization: OrganizationSlug, user_id: UserId) -> Response[Any]:
        """Remove a member. Their work stays. The last admin cannot be removed."""
        function.members.remove(app.caller, organization, user_id)
        return Response(status_code=HTTPStatus.NO_CONTENT)
