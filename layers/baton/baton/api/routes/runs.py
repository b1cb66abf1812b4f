"""Runs: launch, list and read them."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import Field

from baton import exact_json
from baton.api.callbacks import CallbackBody
from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.paging import CursorQuery, Page, omitted_from_page, page, read_cursor
from baton.api.requests import Body, IdempotencyKey, Moment, OrganizationQuery, Parameters, RunId, Text
from baton.api.resolver import Resolver
from baton.api.views import runs as views
from baton.api.views.events import Event, event, omitted_from_event
from baton.api.views.omitted import Answer
from baton.errors import Forbidden, NotFound
from baton.model import RunStatus
from baton.ports.reads import RunFilter
from baton.usecases.launch_run import LaunchRequest
from baton.words import Word


class Lifecycle(StrEnum):
    OPEN = "open"
    ENDED = "ended"


CreatedAfter = Annotated[
    Moment | None, Query(alias="createdAfter", description="Only runs created at this moment or later.")
]
CreatedBefore = Annotated[
    Moment | None, Query(alias="createdBefore", description="Only runs created before this moment.")
]


class NamedOrchestration(Body):
    name: Text
    version: Text | None = None


class LaunchBody(Body):
    organization: Text
    orchestration: NamedOrchestration
    agent: Text | None = None
    parameters: Parameters = Field(default_factory=dict)
    skip_optional_checkpoints: bool = False
    callback: CallbackBody | None = None


class Runs(Page, Answer):
    runs: list[views.RunLine]


class Events(Answer):
    """``nextAfter``: with this as ``after``, the next events follow; null: there are none yet. An answer may have fewer
    events than ``limit``, because it has a limit of bytes, too."""

    events: list[Event]
    nextAfter: int | None


def add_routes(app: Resolver, function: ApiFunction) -> None:
    _add_launch(app, function)
    _add_reads(app, function)


def _add_launch(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.post,
        "/orchestrations/runs",
        tag="runs",
        answers={201: views.Launched, 200: views.Launched},
        refuses=(Forbidden, NotFound),
    )
    def launch_run(body: Annotated[LaunchBody, JsonBody()], idempotency_key: IdempotencyKey = None) -> Response[Any]:
        """Launch a run.

        Answers 201 with the new run, or 200 with the one that an earlier request with the same idempotency key made.
        """
        launched = function.launch(
            app.caller,
            LaunchRequest(
                organization=body.organization,
                agent=body.agent,
                orchestration=body.orchestration.name,
                version=body.orchestration.version,
                parameters=body.parameters,
                idempotency_key=idempotency_key,
                skip_optional_checkpoints=body.skip_optional_checkpoints,
                callback=body.callback.callback() if body.callback else None,
            ),
        )
        standing = None if launched.created else function.reads.run_status(app.caller, launched.run_id)
        return Response(
            status_code=HTTPStatus.CREATED if launched.created else HTTPStatus.OK,
            content_type=JSON,
            body=exact_json.dumps(views.launched(launched, body.organization, standing)),
            headers={"Location": f"/orchestrations/runs/{launched.run_id}"},
        )


def _statuses(lifecycle: Lifecycle | None, status: RunStatus | None) -> list[RunStatus] | None:
    """The statuses of the runs to list; None: any."""
    if lifecycle is None:
        return None if status is None else [status]
    of_lifecycle = [known for known in RunStatus if known.ended == (lifecycle is Lifecycle.ENDED)]
    return [known for known in of_lifecycle if status in (None, known)]


def _add_reads(app: Resolver, function: ApiFunction) -> None:
    @operation(app.get, "/orchestrations/runs", tag="runs", answers={200: Runs}, refuses=(NotFound,))
    def list_runs(
        organization: OrganizationQuery = None,
        lifecycle: Annotated[Word[Lifecycle] | None, Query(description="Whether it has ended.")] = None,
        status: Annotated[Word[RunStatus] | None, Query()] = None,
        definition: Annotated[str | None, Query(description="The name of its definition.")] = None,
        version: Annotated[str | None, Query(description="The version of its definition.")] = None,
        parent: Annotated[UUID | None, Query(description="Child runs of this run.")] = None,
        created_after: CreatedAfter = None,
        created_before: CreatedBefore = None,
        cursor: CursorQuery = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Runs:
        """List runs, the newest first."""
        run_filter = RunFilter(
            organization=organization,
            statuses=_statuses(lifecycle, status),
            definition=definition,
            version=version,
            parent=str(parent) if parent else None,
            created_after=created_after,
            created_before=created_before,
        )
        rows = function.reads.runs(app.caller, run_filter, cursor=read_cursor(cursor), limit=limit + 1)
        runs, next_cursor = page(rows, limit, views.run_line)
        omitted = omitted_from_page(rows, limit, "/runs", views.omitted_from_run)
        return {"runs": runs, "nextCursor": next_cursor, "omitted": omitted}

    @operation(app.get, "/orchestrations/runs/<run_id>", tag="runs", answers={200: views.Run}, refuses=(NotFound,))
    def get_run(run_id: RunId) -> views.Run:
        """Get everything about a run."""
        return views.run(function.reads.run(app.caller, run_id))

    @operation(
        app.get, "/orchestrations/runs/<run_id>/status", tag="runs", answers={200: views.RunState}, refuses=(NotFound,)
    )
    def get_run_status(run_id: RunId) -> views.RunState:
        """Get the status of a run."""
        return views.run_status(function.reads.run_status(app.caller, run_id))

    @operation(app.get, "/orchestrations/runs/<run_id>/events", tag="runs", answers={200: Events}, refuses=(NotFound,))
    def list_run_events(
        run_id: RunId,
        after: Annotated[int, Query(ge=0, le=2**53, description="The sequence number of your last event.")] = 0,
        limit: Annotated[int, Query(ge=1, le=500)] = 200,
    ) -> Events:
        """List the events of a run, in order."""
        rows, has_more = function.reads.events(app.caller, run_id, after=after, limit=limit)
        return {
            "events": [event(row) for row in rows],
            "nextAfter": rows[-1]["sequence"] if has_more else None,
            "omitted": omitted_from_page(rows, limit, "/events", omitted_from_event),
        }
