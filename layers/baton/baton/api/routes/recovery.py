"""The actions of an operator on a run: retry, skip, abort, fork. No field of the first three is required."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody

from baton import exact_json
from baton.api.functions import ApiFunction
from baton.api.operations import JSON, operation
from baton.api.requests import Body, IdempotencyKey, Modifications, Note, Object, RunId, Text
from baton.api.resolver import Resolver
from baton.api.views import runs as views
from baton.errors import Conflict, Forbidden, NotFound
from baton.usecases.fork_run import ForkRequest
from baton.usecases.recovery import AbortRequest, RetryRequest, SkipRequest

ACTIONS = "/orchestrations/runs/<run_id>/actions"
REFUSES = (Conflict, Forbidden, NotFound)


class RetryBody(Body):
    step_id: str | None = None
    modifications: Modifications | None = None
    note: Note | None = None


class SkipBody(Body):
    step_id: str | None = None
    replacement_output: Object | None = None
    note: Note | None = None


class AbortBody(Body):
    note: Note | None = None


class ForkBody(Body):
    step_id: Text
    version: Text | None = None
    modifications: Modifications | None = None
    note: Note | None = None


def add_routes(app: Resolver, function: ApiFunction) -> None:
    _add_recovery(app, function)
    _add_fork(app, function)


def _add_recovery(app: Resolver, function: ApiFunction) -> None:
    @operation(app.post, f"{ACTIONS}/retry", tag="recovery", answers={200: views.OutcomeAnswer}, refuses=REFUSES)
    def retry_run(run_id: RunId, body: Annotated[RetryBody | None, JsonBody()] = None) -> dict[str, Any]:
        """Try the failed steps of a run again."""
        fields = body or RetryBody()
        request = RetryRequest(
            run_id=run_id, step_id=fields.step_id, modifications=fields.modifications or {}, note=fields.note
        )
        return {**function.recover.retry(app.caller, request), "omitted": []}

    @operation(app.post, f"{ACTIONS}/skip", tag="recovery", answers={200: views.OutcomeAnswer}, refuses=REFUSES)
    def skip_step(run_id: RunId, body: Annotated[SkipBody | None, JsonBody()] = None) -> dict[str, Any]:
        """Go on without the failed step."""
        fields = body or SkipBody()
        request = SkipRequest(
            run_id=run_id, step_id=fields.step_id, replacement_output=fields.replacement_output or {}, note=fields.note
        )
        return {**function.recover.skip(app.caller, request), "omitted": []}

    @operation(app.post, f"{ACTIONS}/abort", tag="recovery", answers={200: views.OutcomeAnswer}, refuses=REFUSES)
    def abort_run(run_id: RunId, body: Annotated[AbortBody | None, JsonBody()] = None) -> dict[str, Any]:
        """Abort an open run, and its child runs."""
        request = AbortRequest(run_id=run_id, note=body.note if body else None)
        return {**function.recover.abort(app.caller, request), "omitted": []}


def _add_fork(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.post,
        f"{ACTIONS}/fork",
        tag="recovery",
        answers={201: views.Run, 200: views.Run},
        refuses=REFUSES,
    )
    def fork_run(
        run_id: RunId, body: Annotated[ForkBody, JsonBody()], idempotency_key: IdempotencyKey = None
    ) -> Response[Any]:
        """Start a new run from any step, with the results of the steps before it."""
        fork = function.fork(
            app.caller,
            ForkRequest(
                run_id=run_id,
                step_id=body.step_id,
                version=body.version,
                modifications=body.modifications or {},
                note=body.note,
                idempotency_key=idempotency_key,
            ),
        )
        return Response(
            status_code=HTTPStatus.CREATED if fork.created else HTTPStatus.OK,
            content_type=JSON,
            body=exact_json.dumps(views.run(function.reads.run(app.caller, fork.run_id))),
            headers={"Location": f"/orchestrations/runs/{fork.run_id}"},
        )
