"""The live status of a run: the routes of the stream function."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from typing_extensions import TypedDict

from baton import exact_json
from baton.api import event_stream
from baton.api.functions import StreamFunction
from baton.api.operations import JSON, operation
from baton.api.requests import RunId
from baton.api.resolver import TICKET_TOO, Resolver
from baton.errors import NotFound

UNCACHED: Mapping[str, str | list[str]] = {"Cache-Control": "no-store"}


class IssuedTicket(TypedDict):
    ticket: str
    expiresAt: datetime
    streamUrl: str


def build(function: StreamFunction) -> Resolver:
    """The streams of one execution environment. ``resolve(event, context)`` answers one HTTP API (payload 2.0)
    request."""
    app = Resolver(function.identify)
    add_routes(app, function)
    return app


def add_routes(app: Resolver, function: StreamFunction) -> None:
    path = "/orchestrations/runs/<run_id>/status/stream"

    @operation(
        app.get,
        path,
        tag="runs",
        answers={200: {event_stream.CONTENT_TYPE: event_stream.Message}, 204: None},
        refuses=(NotFound,),
        extensions=TICKET_TOO,
    )
    def stream_run_status(
        run_id: RunId,
        ticket: Annotated[
            str | None, Query(description="A ticket of `createStreamTicket`, instead of a bearer token.")
        ] = None,
        last_event_id: Annotated[
            int | None, Header(alias="Last-Event-ID", ge=0, le=2**53, description="The last event that you have.")
        ] = None,
        last_event_id_at_first: Annotated[
            int | None,
            Query(alias="lastEventId", ge=0, le=2**53, description="The same, for a client that cannot send headers."),
        ] = None,
    ) -> Response[str]:
        """Follow a run by server-sent events.

        Answers the events after the last one that the client has. If there are none and the run is at work, waits a
        few seconds for the next. The client asks again after as many milliseconds as `retry` says.
        204: the run has ended, and the client has all events. An event's `id` is its sequence number, `event` its type,
        `data` the same as in `listRunEvents`.
        """
        who = app.caller if ticket is None else function.tickets.holder(ticket, run_id)
        after = last_event_id_at_first if last_event_id is None else last_event_id
        part = function.follow(who, run_id, after or 0)
        if part.over:
            return Response(HTTPStatus.NO_CONTENT, headers=dict(UNCACHED))  # the one answer that stops an EventSource
        text = event_stream.text(part)
        return Response(HTTPStatus.OK, event_stream.CONTENT_TYPE, text, headers=dict(UNCACHED))

    @operation(app.post, f"{path}/ticket", tag="runs", answers={201: IssuedTicket}, refuses=(NotFound,))
    def create_stream_ticket(run_id: RunId) -> Response[str]:
        """Get a ticket with which a browser can follow a run.

        EventSource sends no bearer token, so the ticket is in the URL. It opens this run's stream for this member and
        nothing else, and lasts an hour.
        """
        function.follow.permit(app.caller, run_id)
        issued = function.tickets.issue(app.caller, run_id)
        view: IssuedTicket = {
            "ticket": issued.text,
            "expiresAt": issued.expires_at,
            "streamUrl": f"/orchestrations/runs/{run_id}/status/stream?ticket={issued.text}",
        }
        return Response(HTTPStatus.CREATED, JSON, exact_json.dumps(view), headers=dict(UNCACHED))


_NOTHING: Any = None
NOT_SERVED = StreamFunction(_NOTHING, _NOTHING, _NOTHING)  # to describe the routes in a function that has none of them
