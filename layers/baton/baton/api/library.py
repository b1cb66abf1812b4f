"""The library over HTTP: agents and definitions, to read and to publish."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response

from baton import exact_json
from baton.api import requests, views
from baton.api.ports import ApiFunction
from baton.api.resolver import Resolver
from baton.api.tasks import Caller
from baton.usecases.publish import PublishRequest

View = dict[str, Any]


def add_routes(app: Resolver, function: ApiFunction, caller: Caller) -> None:
    _add_definitions(app, function, caller)
    _add_agents(app, function, caller)


def _add_definitions(app: Resolver, function: ApiFunction, caller: Caller) -> None:
    @app.get("/orchestrations/definitions")
    def definitions() -> View:
        who = caller()
        query = requests.Query(app.current_event, "organization")
        rows = function.reads.definitions(who, organization=query.organization())
        return {"definitions": [views.definition(row) for row in rows]}

    @app.get("/orchestrations/definitions/<name>")
    def definition(name: str) -> View:
        who = caller()
        query = requests.Query(app.current_event, "organization", "version")
        named = requests.slug(name, "orchestration")
        row = function.reads.definition(who, named, organization=query.organization(), version=query.text("version"))
        return views.definition(row)

    @app.post("/orchestrations/definitions")
    def publish_definition() -> Response[str]:
        who = caller()
        published = function.publish.definition(who, PublishRequest(*requests.yaml_source(app.current_event)))
        plan, organization = published.stored.plan, published.stored.organization
        where = f"/orchestrations/definitions/{plan.name}", {"organization": organization, "version": plan.version}
        return _published(published.created, views.published_definition(published.stored), *where)


def _add_agents(app: Resolver, function: ApiFunction, caller: Caller) -> None:
    @app.get("/agents")
    def agents() -> View:
        who = caller()
        query = requests.Query(app.current_event, "organization")
        return {"agents": [views.agent(row) for row in function.reads.agents(who, organization=query.organization())]}

    @app.get("/agents/<slug>")
    def agent(slug: str) -> View:
        who = caller()
        query = requests.Query(app.current_event, "organization")
        return views.agent(function.reads.agent(who, requests.slug(slug, "agent"), organization=query.organization()))

    @app.post("/agents")
    def publish_agent() -> Response[str]:
        who = caller()
        published = function.publish.agent(who, PublishRequest(*requests.yaml_source(app.current_event)))
        where = f"/agents/{published.stored.slug}", {"organization": published.stored.organization}
        return _published(published.created, views.agent(vars(published.stored)), *where)


def _published(created: bool, view: View, path: str, query: dict[str, str]) -> Response[str]:
    return Response(
        status_code=HTTPStatus.CREATED if created else HTTPStatus.OK,
        content_type="application/json",
        body=exact_json.dumps(view),
        headers={"Location": f"{path}?{urlencode(query)}"},
    )
