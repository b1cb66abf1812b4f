"""The settings of an organisation over HTTP. Its members read them, and its admins change them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from pydantic import Field
from typing_extensions import TypedDict

from baton.api.functions import ApiFunction
from baton.api.operations import operation
from baton.api.requests import Body, OrganizationSlug, Text
from baton.api.resolver import Resolver
from baton.api.views import filled
from baton.errors import Forbidden, NotFound
from baton.model import Role
from baton.words import AnsweredWord

PATH = "/organizations/<organization>"
MAX_TIME_ZONE_CHARACTERS = 64


class TimeZoneBody(Body):
    time_zone: Annotated[
        Text, Field(max_length=MAX_TIME_ZONE_CHARACTERS, description="An IANA name, such as Europe/Berlin.")
    ]


class LauncherView(TypedDict):
    """The machine as which executions of `{stack}-launch` launch runs. ``userId`` is its id, e.g. in `launchedBy`."""

    userId: str
    roles: list[AnsweredWord[Role]]
    allowedBy: str
    allowedAt: datetime


class OrganizationView(TypedDict):
    """``timeZone`` decides which day it is, for relative dates such as `start of month`. ``launcher`` is null if
    executions of `{stack}-launch` may not launch runs here."""

    organization: str
    name: str
    timeZone: str
    launcher: LauncherView | None


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, PATH, tag="organizations", answers={200: OrganizationView}, refuses=(NotFound,))
    def get_organization(organization: OrganizationSlug) -> OrganizationView:
        """Get an organisation and its settings."""
        return filled(OrganizationView, function.organizations.show(app.caller, organization))

    @operation(
        app.put,
        f"{PATH}/time-zone",
        tag="organizations",
        answers={200: OrganizationView},
        refuses=(Forbidden, NotFound),
    )
    def put_time_zone(organization: OrganizationSlug, body: Annotated[TimeZoneBody, JsonBody()]) -> OrganizationView:
        """Set the time zone. It decides which day `today` is."""
        return filled(OrganizationView, function.organizations.put_time_zone(app.caller, organization, body.time_zone))

    @operation(
        app.put,
        f"{PATH}/launcher",
        tag="organizations",
        answers={200: OrganizationView},
        refuses=(Forbidden, NotFound),
    )
    def allow_launches(organization: OrganizationSlug) -> OrganizationView:
        """Let executions of the state machine `{stack}-launch` launch runs here. A second call changes nothing.

        The stack's parameter `LaunchOrganizations` must name the organisation, too.
        """
        return filled(OrganizationView, function.organizations.allow_launches(app.caller, organization))

    @operation(
        app.delete,
        f"{PATH}/launcher",
        tag="organizations",
        answers={200: OrganizationView},
        refuses=(Forbidden, NotFound),
    )
    def forbid_launches(organization: OrganizationSlug) -> OrganizationView:
        """Refuse the next launches of the state machine `{stack}-launch`. A second call changes nothing."""
        return filled(OrganizationView, function.organizations.forbid_launches(app.caller, organization))
