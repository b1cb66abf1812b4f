"""The paths of the HTTP API, and what they answer. Those with a noun of their own are in ``tasks`` (the agent-to-agent
dialect), ``actions``, ``library`` and ``outbox``."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import Response

from baton import exact_json
from baton.api import actions, library, outbox, requests, tasks, views
from baton.api.identity import bearer_token
from baton.api.ports import ApiFunction
from baton.api.resolver import Resolver
from baton.model import ApprovalStatus, Principal, RunStatus
from baton.usecases.decide import DecisionRequest
from baton.usecases.launch import LaunchRequest

MOST_RUNS = 100
MOST_EVENTS = 500
MOST_APPROVALS = 100

View = dict[str, Any]


def build(function: ApiFunction) -> Resolver:
    """The API of one execution environment. ``resolve(event, context)`` answers one HTTP API (payload 2.0) request."""
    app = Resolver()

    def caller() -> Principal:
        return function.identify(bearer_token(app.current_event.headers.get("authorization")))

    @app.get("/health")
    def health() -> View:
        return {"status": "ok"}

    tasks.add_routes(app, function, caller)
    _add_runs(app, function, caller)
    actions.add_routes(app, function, caller)
    _add_approvals(app, function, caller)
    _add_deliverables(app, function, caller)
    library.add_routes(app, function, caller)
    outbox.add_routes(app, function, caller)
    return app


def _add_runs(app: Resolver, function: ApiFunction, caller: tasks.Caller) -> None:
    @app.post("/orchestrations/runs")
    def launch() -> Response[str]:
        who = caller()
        fields = requests.Fields(requests.body(app.current_event))
        fields.only("organization", "agent", "orchestration", "parameters", "skipOptionalCheckpoints")
        orchestration = fields.fields("orchestration", required=True)
        orchestration.only("name", "version")
        request = LaunchRequest(
            organization=fields.text("organization", required=True) or "",
            agent=fields.text("agent"),
            orchestration=orchestration.text("name", required=True) or "",
            version=orchestration.text("version"),
            parameters=fields.object("parameters"),
            idempotency_key=requests.idempotency_key(app.current_event),
            skip_optional_checkpoints=fields.flag("skipOptionalCheckpoints"),
        )
        fields.check()
        launched = function.launch(who, request)
        view = {"organization": request.organization, **tasks.launched_view(function, who, launched)}
        return Response(
            status_code=HTTPStatus.CREATED if launched.created else HTTPStatus.OK,
            content_type="application/json",
            body=exact_json.dumps(view),
            headers={"Location": f"/orchestrations/runs/{launched.run_id}"},
        )

    @app.get("/orchestrations/runs")
    def runs() -> View:
        who = caller()
        query = requests.Query(app.current_event, "organization", "status", "before", "limit")
        rows = function.reads.runs(
            who,
            organization=query.organization(),
            status=query.choice("status", list(RunStatus)),
            before=query.uuid("before"),
            limit=query.whole("limit", 20, 1, MOST_RUNS),
        )
        return {"runs": [views.run_line(row) for row in rows]}

    @app.get("/orchestrations/runs/<run_id>")
    def run(run_id: str) -> View:
        return views.run(function.reads.run(caller(), requests.identifier(run_id, "run")))

    @app.get("/orchestrations/runs/<run_id>/status")
    def status(run_id: str) -> View:
        return views.run_status(function.reads.run_status(caller(), requests.identifier(run_id, "run")))

    @app.get("/orchestrations/runs/<run_id>/events")
    def events(run_id: str) -> View:
        who = caller()
        query = requests.Query(app.current_event, "after", "limit")
        rows = function.reads.events(
            who,
            requests.identifier(run_id, "run"),
            after=query.whole("after", 0, 0, 2**53),
            limit=query.whole("limit", 200, 1, MOST_EVENTS),
        )
        return {"events": [views.event(row) for row in rows]}


def _add_approvals(app: Resolver, function: ApiFunction, caller: tasks.Caller) -> None:
    @app.get("/orchestrations/approvals")
    def approvals() -> View:
        who = caller()
        query = requests.Query(app.current_event, "organization", "status", "limit")
        rows = function.reads.approvals(
            who,
            organization=query.organization(),
            status=query.choice("status", list(ApprovalStatus), default=ApprovalStatus.PENDING),
            limit=query.whole("limit", 50, 1, MOST_APPROVALS),
        )
        return {"approvals": [views.approval_line(row) for row in rows]}

    @app.get("/orchestrations/approvals/<approval_id>")
    def approval(approval_id: str) -> View:
        return views.approval(function.reads.approval(caller(), requests.identifier(approval_id, "approval")))

    @app.post("/orchestrations/approvals/<approval_id>/decision")
    def decide(approval_id: str) -> View:
        who = caller()
        fields = requests.Fields(requests.body(app.current_event))
        fields.only("decision", "notes", "modifications")
        request = DecisionRequest(
            approval_id=requests.identifier(approval_id, "approval"), organization=None, **tasks.decision(fields)
        )
        fields.check()
        return function.decide(who, request)


def _add_deliverables(app: Resolver, function: ApiFunction, caller: tasks.Caller) -> None:
    @app.get("/deliverables/<deliverable_id>")
    def deliverable(deliverable_id: str) -> View:
        row = function.reads.deliverable(caller(), requests.identifier(deliverable_id, "deliverable"))
        return views.deliverable(row)
