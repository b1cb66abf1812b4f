"""The library over HTTP: agents and definitions, to read and to publish."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from aws_lambda_powertools.event_handler.openapi.params import Query

from baton import exact_json
from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.paging import (
    MAX_ROWS,
    CursorQuery,
    LimitQuery,
    Page,
    omitted_from_page,
    page,
    read_cursor,
)
from baton.api.problems import MediaTypeUnknown
from baton.api.requests import (
    YAML_TYPES,
    AgentSlug,
    Body,
    OrchestrationName,
    OrganizationQuery,
    SlugField,
    SourceBody,
    Text,
    yaml_source,
)
from baton.api.resolver import Resolver
from baton.api.views import Row
from baton.api.views import library as views
from baton.api.views.omitted import Answer
from baton.errors import Conflict, Forbidden, NotFound
from baton.usecases.library import ArchiveRequest, PublishRequest

VersionQuery = Annotated[str | None, Query(alias="version", description="Without it, the newest.")]
REFUSES_SOURCE = (Conflict, Forbidden, NotFound, MediaTypeUnknown)
TAKES_SOURCE = {
    "requestBody": {
        "required": True,
        "description": "The text of the file, with `?organization=`; or both as JSON.",
        "content": {
            YAML_TYPES[0]: {"schema": {"type": "string"}},
            JSON: {"schema": {key: value for key, value in SourceBody.model_json_schema().items() if key != "title"}},
        },
    }
}


class ArchiveBody(Body):
    organization: SlugField
    version: Text


class Definitions(Page, Answer):
    definitions: list[views.Definition]


class Agents(Page, Answer):
    agents: list[views.Agent]


def add_routes(app: Resolver, function: ApiFunction) -> None:
    _add_definitions(app, function)
    _add_agents(app, function)


def _add_definitions(app: Resolver, function: ApiFunction) -> None:
    path = "/orchestrations/definitions"

    @operation(app.get, path, tag="definitions", answers={200: Definitions}, refuses=(NotFound,))
    def list_definitions(
        organization: OrganizationQuery = None, cursor: CursorQuery = None, limit: LimitQuery = MAX_ROWS
    ) -> Definitions:
        """List the newest version of every definition that you may launch."""
        rows = function.reads.definitions(
            app.caller, organization=organization, cursor=read_cursor(cursor), limit=limit + 1
        )
        return _definitions(rows, limit)

    @operation(app.get, f"{path}/<name>", tag="definitions", answers={200: views.DefinitionAnswer}, refuses=(NotFound,))
    def get_definition(
        name: OrchestrationName, organization: OrganizationQuery = None, version: VersionQuery = None
    ) -> views.DefinitionAnswer:
        """Get the definition that a launch of this name takes."""
        return views.definition_answer(
            function.reads.definition(app.caller, name, organization=organization, version=version)
        )

    @operation(
        app.post,
        path,
        tag="definitions",
        answers={201: views.DefinitionAnswer, 200: views.DefinitionAnswer},
        refuses=REFUSES_SOURCE,
        extensions=TAKES_SOURCE,
    )
    def publish_definition(organization: OrganizationQuery = None) -> Response[Any]:
        """Publish a version of a definition.

        This checks and compiles it, and makes its state machine. A version never changes: the same source again answers
        200, other content for the same version is a conflict.
        """
        request = PublishRequest(*yaml_source(app.current_event, organization))
        published = function.library.definition(app.caller, request)
        plan, owner = published.stored.plan, published.stored.organization
        where = f"{path}/{plan.name}", {"organization": owner, "version": plan.version}
        return _published(published.created, views.stored_definition(published.stored), *where)

    @operation(app.get, f"{path}/<name>/versions", tag="definitions", answers={200: Definitions}, refuses=(NotFound,))
    def list_versions(
        name: OrchestrationName,
        organization: OrganizationQuery = None,
        cursor: CursorQuery = None,
        limit: LimitQuery = MAX_ROWS,
    ) -> Definitions:
        """List every version of a definition, archived ones too."""
        rows = function.reads.versions(
            app.caller, name, organization=organization, cursor=read_cursor(cursor), limit=limit + 1
        )
        return _definitions(rows, limit)

    @operation(
        app.post,
        f"{path}/<name>/archive",
        tag="definitions",
        answers={200: views.DefinitionAnswer},
        refuses=(Forbidden, NotFound),
    )
    def archive_definition(name: OrchestrationName, body: Annotated[ArchiveBody, JsonBody()]) -> views.DefinitionAnswer:
        """Take a version of a definition out of use.

        Nobody can launch it any more. Its runs go on, and other definitions can still run it as a child.
        """
        request = ArchiveRequest(organization=body.organization, name=name, version=body.version)
        return views.stored_definition(function.library.archive(app.caller, request))


def _add_agents(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, "/agents", tag="agents", answers={200: Agents}, refuses=(NotFound,))
    def list_agents(
        organization: OrganizationQuery = None, cursor: CursorQuery = None, limit: LimitQuery = MAX_ROWS
    ) -> Agents:
        """List the agents that your orchestrations can use."""
        rows = function.reads.agents(app.caller, organization=organization, cursor=read_cursor(cursor), limit=limit + 1)
        agents, next_cursor = page(rows, limit, views.agent)
        omitted = omitted_from_page(rows, limit, "/agents", views.omitted_from_agent)
        return {"agents": agents, "nextCursor": next_cursor, "omitted": omitted}

    @operation(app.get, "/agents/<slug>", tag="agents", answers={200: views.AgentAnswer}, refuses=(NotFound,))
    def get_agent(slug: AgentSlug, organization: OrganizationQuery = None) -> views.AgentAnswer:
        """Get an agent and how it is reached."""
        return views.agent_answer(function.reads.agent(app.caller, slug, organization=organization))

    @operation(
        app.post,
        "/agents",
        tag="agents",
        answers={201: views.AgentAnswer, 200: views.AgentAnswer},
        refuses=REFUSES_SOURCE,
        extensions=TAKES_SOURCE,
    )
    def publish_agent(organization: OrganizationQuery = None) -> Response[Any]:
        """Publish an agent, or move one that was published."""
        request = PublishRequest(*yaml_source(app.current_event, organization))
        published = function.library.agent(app.caller, request)
        where = f"/agents/{published.stored.slug}", {"organization": published.stored.organization}
        return _published(published.created, views.stored_agent(published.stored), *where)


def _definitions(rows: Sequence[Row], limit: int) -> Definitions:
    definitions, next_cursor = page(rows, limit, views.definition)
    omitted = omitted_from_page(rows, limit, "/definitions", views.omitted_from_definition)
    return {"definitions": definitions, "nextCursor": next_cursor, "omitted": omitted}


def _published(
    created: bool, view: views.DefinitionAnswer | views.AgentAnswer, path: str, query: dict[str, str]
) -> Response[Any]:
    return Response(
        status_code=HTTPStatus.CREATED if created else HTTPStatus.OK,
        content_type=JSON,
        body=exact_json.dumps(view),
        headers={"Location": f"{path}?{urlencode(query)}"},
    )
