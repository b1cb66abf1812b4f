"""The outbox over HTTP: effects whose delivery failed, and their redrive."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from aws_lambda_powertools.event_handler.openapi.params import Query
from typing_extensions import TypedDict

from baton.api.functions import ApiFunction
from baton.api.operations import operation
from baton.api.requests import Body, EffectId, OrganizationQuery, SlugField
from baton.api.resolver import Resolver
from baton.api.views import filled
from baton.errors import Forbidden, NotFound
from baton.model import EffectKind
from baton.outbox import STUCK_FAILURES
from baton.ports.outbox import FailedEffect
from baton.words import AnsweredWord

PATH = "/orchestrations/outbox"


class RedriveAllBody(Body):
    organization: SlugField | None = None


class RedriveBody(Body):
    """An empty object."""


class EffectView(TypedDict):
    """``stuck``: it failed so often that a person should look at it."""

    id: str
    runId: str
    organization: str
    kind: AnsweredWord[EffectKind]
    failures: int
    stuck: bool
    lastError: str | None
    nextTryAt: datetime
    createdAt: datetime


class Effects(TypedDict):
    effects: list[EffectView]


class Redriven(TypedDict):
    """The number of effects that will be tried again."""

    redriven: int


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, PATH, tag="outbox", answers={200: Effects}, refuses=(Forbidden, NotFound))
    def list_undelivered(
        organization: OrganizationQuery = None,
        failures: Annotated[int, Query(ge=1, le=1_000_000, description="Only effects with at least this many.")] = 1,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Effects:
        """List the effects whose delivery failed."""
        effects = function.manage_outbox.failed(app.caller, organization=organization, failures=failures, limit=limit)
        return {"effects": [_view(effect) for effect in effects]}

    @operation(app.post, f"{PATH}/redrive", tag="outbox", answers={200: Redriven}, refuses=(Forbidden, NotFound))
    def redrive_all(body: Annotated[RedriveAllBody | None, JsonBody()] = None) -> Redriven:
        """Try all failed effects again."""
        organization = body.organization if body else None
        return {"redriven": function.manage_outbox.redrive_all(app.caller, organization=organization)}

    @operation(
        app.post,
        f"{PATH}/<effect_id>/redrive",
        tag="outbox",
        answers={200: EffectView},
        refuses=(Forbidden, NotFound),
    )
    def redrive(effect_id: EffectId, body: Annotated[RedriveBody | None, JsonBody()] = None) -> EffectView:
        """Try one failed effect again."""
        return _view(function.manage_outbox.redrive(app.caller, effect_id))


def _view(effect: FailedEffect) -> EffectView:
    return filled(EffectView, effect, stuck=effect.failures >= STUCK_FAILURES)
