"""The outbox over HTTP: what could not be delivered yet, and having it tried again."""

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
from baton.outbox import STUCK_AFTER
from baton.ports.outbox import FailedEffect
from baton.words import AnsweredWord

PATH = "/orchestrations/outbox"


class RedriveAllBody(Body):
    organization: SlugField | None = None


class RedriveBody(Body):
    """Nothing is said: the effect is tried again as it was ordered."""


class EffectView(TypedDict):
    """``stuck``: it failed so often that somebody should look."""

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
    """How many effects will be tried again."""

    redriven: int


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, PATH, tag="outbox", answers={200: Effects}, refuses=(Forbidden, NotFound))
    def list_undelivered(
        organization: OrganizationQuery = None,
        failures: Annotated[int, Query(ge=1, le=1_000_000, description="Only what failed as often as this.")] = 1,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Effects:
        """List what could not be delivered yet."""
        found = function.manage_outbox.failed(app.caller, organization=organization, failures=failures, limit=limit)
        return {"effects": [_view(effect) for effect in found]}

    @operation(app.post, f"{PATH}/redrive", tag="outbox", answers={200: Redriven}, refuses=(Forbidden, NotFound))
    def redrive_all(body: Annotated[RedriveAllBody | None, JsonBody()] = None) -> Redriven:
        """Have everything tried again that failed."""
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
        """Have one effect tried again."""
        return _view(function.manage_outbox.redrive(app.caller, effect_id))


def _view(effect: FailedEffect) -> EffectView:
    return filled(EffectView, effect, stuck=effect.failures >= STUCK_AFTER)
