"""The outbox over HTTP: what could not be delivered yet, and having it tried again."""

from __future__ import annotations

from typing import Any

from baton.api import requests, views
from baton.api.ports import ApiFunction
from baton.api.resolver import Resolver
from baton.api.tasks import Caller

MOST_EFFECTS = 500
MOST_FAILURES = 1_000_000

View = dict[str, Any]


def add_routes(app: Resolver, function: ApiFunction, caller: Caller) -> None:
    @app.get("/orchestrations/outbox")
    def outbox() -> View:
        who = caller()
        query = requests.Query(app.current_event, "organization", "failures", "limit")
        effects = function.undelivered.failed(
            who,
            organization=query.organization(),
            failures=query.whole("failures", 1, 1, MOST_FAILURES),
            limit=query.whole("limit", 100, 1, MOST_EFFECTS),
        )
        return {"effects": [views.effect(effect) for effect in effects]}

    @app.post("/orchestrations/outbox/redrive")
    def redrive_all() -> View:
        who = caller()
        fields = requests.Fields(requests.optional_body(app.current_event))
        fields.only("organization")
        named = fields.text("organization")
        fields.check()
        organization = None if named is None else requests.slug(named, "organisation")
        return {"redriven": function.undelivered.redrive_all(who, organization=organization)}

    @app.post("/orchestrations/outbox/<effect_id>/redrive")
    def redrive(effect_id: str) -> View:
        who = caller()
        fields = requests.Fields(requests.optional_body(app.current_event))
        fields.only()
        fields.check()
        return views.effect(function.undelivered.redrive(who, requests.identifier(effect_id, "effect")))
