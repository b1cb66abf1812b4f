"""The agent-to-agent dialect: everything an agent can be asked for is one POST with a mode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from baton.api import requests, views
from baton.api.ports import ApiFunction
from baton.api.resolver import Resolver
from baton.errors import FieldProblem, Invalid
from baton.model import Decision, Principal
from baton.usecases.decide import DecisionRequest
from baton.usecases.launch import LaunchedRun, LaunchRequest
from baton.usecases.recover import AbortRequest

MODES = ("build", "plan", "orchestrator_run_human_response", "orchestrator_run_cancel")

Caller = Callable[[], Principal]
View = dict[str, Any]


def add_routes(app: Resolver, function: ApiFunction, caller: Caller) -> None:
    @app.post("/agent-to-agent/<organization>/<agent>/tasks")
    def task(organization: str, agent: str) -> View:
        who = caller()
        fields = requests.Fields(requests.body(app.current_event))
        mode = _mode(fields)
        app.mode = mode
        payload = fields.fields("payload", required=True)
        organization = requests.slug(organization, "organisation")
        agent = requests.slug(agent, "agent")
        if mode == "orchestrator_run_human_response":
            return _answer(mode, *_decide(function, who, organization, payload))
        if mode == "orchestrator_run_cancel":
            return _answer(mode, *_cancel(function, who, organization, payload))
        request = _launch_request(organization, agent, payload, requests.idempotency_key(app.current_event))
        if mode == "plan":
            return _answer(mode, *_dry_run(function, who, request))
        return _answer(mode, *_launch(function, who, request))


def decision(fields: requests.Fields) -> dict[str, Any]:
    """The members of a DecisionRequest that a body holds. The caller runs ``fields.check()``."""
    return {
        "decision": fields.text("decision", required=True, one_of=list(Decision)),
        "notes": fields.text("notes"),
        "modifications": fields.object("modifications"),
    }


def launched_view(function: ApiFunction, who: Principal, launched: LaunchedRun) -> View:
    """What a launch answers. A repeated launch (same idempotency key) finds a run that may be well under way."""
    if launched.created:
        steps, ready = views.planned_steps(launched.plan), views.planned_ready_steps(launched.plan)
    else:
        row = function.reads.run_status(who, launched.run_id)
        steps, ready = [views.step(item) for item in row["steps"]], views.ready_steps(row["steps"])
    return {
        "id": launched.run_id,
        "status": launched.status,
        "definition": {
            "id": launched.definition_id,
            "name": launched.plan.name,
            "version": launched.plan.version,
            "displayName": launched.plan.display_name,
        },
        "ownerAgent": launched.owner,
        "steps": steps,
        "readySteps": ready,
    }


def _mode(fields: requests.Fields) -> str:
    mode = (fields.text("mode", required=True) or "").strip().lower()
    fields.check()
    if mode not in MODES:
        raise Invalid(
            "The request is not valid", [FieldProblem("mode", f"must be one of {', '.join(MODES)}, not {mode!r}")]
        )
    return mode


def _launch_request(organization: str, agent: str, payload: requests.Fields, key: str | None) -> LaunchRequest:
    orchestration = payload.fields("orchestration", required=True)
    request = LaunchRequest(
        organization=organization,
        agent=agent,
        orchestration=orchestration.text("name", required=True) or "",
        version=orchestration.text("version"),
        parameters=payload.object("promptParameters"),
        idempotency_key=key,
        skip_optional_checkpoints=payload.flag("skipOptionalCheckpoints"),
    )
    payload.check()
    return request


def _launch(function: ApiFunction, who: Principal, request: LaunchRequest) -> tuple[View, View]:
    launched = function.launch(who, request)
    view = launched_view(function, who, launched)
    content = {
        "orchestrationRunId": launched.run_id,
        "status": launched.status,
        "steps": view["steps"],
        "readySteps": view["readySteps"],
    }
    metadata = {
        "orchestrationDefinitionId": launched.definition_id,
        "ownerAgentSlug": launched.owner,
        "orchestrationRunId": launched.run_id,
        "status": launched.status,
        "statusUrl": f"/orchestrations/runs/{launched.run_id}/status",
    }
    return content, metadata


def _dry_run(function: ApiFunction, who: Principal, request: LaunchRequest) -> tuple[View, View]:
    plan = function.launch.dry_run(who, request)
    content = {
        "orchestration": {"name": plan.name, "version": plan.version, "displayName": plan.display_name},
        "steps": views.planned_steps(plan),
        "readySteps": views.planned_ready_steps(plan),
    }
    return content, {"ownerAgentSlug": plan.owner}


def _decide(function: ApiFunction, who: Principal, organization: str, payload: requests.Fields) -> tuple[View, View]:
    approval_id = payload.text("approvalId", required=True)
    members = decision(payload)
    payload.check()
    request = DecisionRequest(
        approval_id=requests.identifier(approval_id or "", "approval"), organization=organization, **members
    )
    outcome = function.decide(who, request)
    return outcome, {"orchestrationRunId": outcome["runId"], "status": outcome["runStatus"]}


def _cancel(function: ApiFunction, who: Principal, organization: str, payload: requests.Fields) -> tuple[View, View]:
    run_id = payload.text("orchestrationRunId", required=True)
    notes = payload.text("notes")
    payload.check()
    request = AbortRequest(run_id=requests.identifier(run_id or "", "run"), note=notes, organization=organization)
    outcome = function.recover.abort(who, request)
    return outcome, {"orchestrationRunId": outcome["runId"], "status": outcome["status"]}


def _answer(mode: str, content: View, metadata: View) -> View:
    return {"success": True, "mode": mode, "payload": {"content": content, "metadata": metadata}}
