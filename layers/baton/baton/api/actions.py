"""What an operator does with a run over HTTP: retry, skip, abort, fork."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from baton import exact_json
from baton.api import requests, views
from baton.api.ports import ApiFunction
from baton.api.resolver import Resolver
from baton.api.tasks import Caller
from baton.usecases.fork import ForkRequest
from baton.usecases.recover import AbortRequest, RetryRequest, SkipRequest

View = dict[str, Any]

_ACTIONS = "/orchestrations/runs/<run_id>/actions"


def add_routes(app: Resolver, function: ApiFunction, caller: Caller) -> None:
    _add_recovery(app, function, caller)
    _add_fork(app, function, caller)


def _add_recovery(app: Resolver, function: ApiFunction, caller: Caller) -> None:
    def fields_of(*names: str) -> requests.Fields:
        """The fields of the body; none of them is required, so nor is the body."""
        fields = requests.Fields(requests.optional_body(app.current_event))
        fields.only(*names)
        return fields

    @app.post(f"{_ACTIONS}/retry")
    def retry(run_id: str) -> View:
        who = caller()
        fields = fields_of("stepId", "modifications", "note")
        request = RetryRequest(
            run_id=requests.identifier(run_id, "run"),
            step_id=fields.text("stepId"),
            modifications=fields.object("modifications"),
            note=fields.text("note"),
        )
        fields.check()
        return function.recover.retry(who, request)

    @app.post(f"{_ACTIONS}/skip")
    def skip(run_id: str) -> View:
        who = caller()
        fields = fields_of("stepId", "replacementOutput", "note")
        request = SkipRequest(
            run_id=requests.identifier(run_id, "run"),
            step_id=fields.text("stepId"),
            replacement_output=fields.object("replacementOutput"),
            note=fields.text("note"),
        )
        fields.check()
        return function.recover.skip(who, request)

    @app.post(f"{_ACTIONS}/abort")
    def abort(run_id: str) -> View:
        who = caller()
        fields = fields_of("note")
        request = AbortRequest(run_id=requests.identifier(run_id, "run"), note=fields.text("note"))
        fields.check()
        return function.recover.abort(who, request)


def _add_fork(app: Resolver, function: ApiFunction, caller: Caller) -> None:
    @app.post(f"{_ACTIONS}/fork")
    def fork(run_id: str) -> Response[str]:
        who = caller()
        fields = requests.Fields(requests.body(app.current_event))
        fields.only("stepId", "version", "modifications", "note")
        request = ForkRequest(
            run_id=requests.identifier(run_id, "run"),
            step_id=fields.text("stepId", required=True) or "",
            version=fields.text("version"),
            modifications=fields.object("modifications"),
            note=fields.text("note"),
            idempotency_key=requests.idempotency_key(app.current_event),
        )
        fields.check()
        forked = function.fork(who, request)
        return Response(
            status_code=HTTPStatus.CREATED if forked.created else HTTPStatus.OK,
            content_type="application/json",
            body=exact_json.dumps(views.run(function.reads.run(who, forked.run_id))),
            headers={"Location": f"/orchestrations/runs/{forked.run_id}"},
        )
