"""The agent-to-agent dialect: everything an agent can be asked for is one POST with a mode."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from pydantic import BeforeValidator, ConfigDict, Discriminator, Tag
from typing_extensions import TypedDict

from baton.api.operations import operation
from baton.api.ports import ApiFunction
from baton.api.requests import AgentSlug, Body, IdempotencyKey, Object, OrganizationSlug, Text, identifier, lowered
from baton.api.resolver import Resolver
from baton.api.routes.approvals import DecisionBody
from baton.api.views import runs as views
from baton.api.views.preview import preview
from baton.errors import ApprovalUnavailable, Conflict, Forbidden, NotFound
from baton.model import Principal
from baton.usecases.decide import DecisionRequest
from baton.usecases.launch import LaunchRequest
from baton.usecases.recover import AbortRequest

View = dict[str, Any]


class Lenient(Body):
    """Agents may say more than is asked here."""

    model_config = ConfigDict(extra="ignore")


class AskedOrchestration(Lenient):
    name: Text
    version: Text | None = None


class LaunchPayload(Lenient):
    orchestration: AskedOrchestration
    prompt_parameters: Object | None = None
    skip_optional_checkpoints: bool = False


class DecisionPayload(DecisionBody):
    model_config = ConfigDict(extra="ignore")

    approval_id: Text


class CancelPayload(Lenient):
    orchestration_run_id: Text
    notes: str | None = None


class BuildTask(Lenient):
    """Launch a run."""

    mode: Annotated[Literal["build"], BeforeValidator(lowered)]
    payload: LaunchPayload


class PlanTask(Lenient):
    """Say what a launch would do; nothing is started."""

    mode: Annotated[Literal["plan"], BeforeValidator(lowered)]
    payload: LaunchPayload


class ResponseTask(Lenient):
    """Decide an approval."""

    mode: Annotated[Literal["orchestrator_run_human_response"], BeforeValidator(lowered)]
    payload: DecisionPayload


class CancelTask(Lenient):
    """End an open run."""

    mode: Annotated[Literal["orchestrator_run_cancel"], BeforeValidator(lowered)]
    payload: CancelPayload


def _mode(body: Any) -> str | None:
    mode = body.get("mode") if isinstance(body, dict) else body.mode
    return None if mode is None else str(lowered(mode))


Task = Annotated[
    Annotated[BuildTask, Tag("build")]
    | Annotated[PlanTask, Tag("plan")]
    | Annotated[ResponseTask, Tag("orchestrator_run_human_response")]
    | Annotated[CancelTask, Tag("orchestrator_run_cancel")],
    Discriminator(_mode),
    JsonBody(),
]


class TaskContent(TypedDict):
    content: View
    metadata: View


class TaskAnswer(TypedDict):
    success: bool
    mode: str
    payload: TaskContent


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.post,
        "/agent-to-agent/<organization>/<agent>/tasks",
        tag="agent-to-agent",
        answers={200: TaskAnswer},
        refuses=(ApprovalUnavailable, Conflict, Forbidden, NotFound),
    )
    def ask_agent(
        organization: OrganizationSlug, agent: AgentSlug, body: Task, idempotency_key: IdempotencyKey = None
    ) -> TaskAnswer:
        """Ask an agent to do something, in the dialect that agents speak.

        `mode` says what: `build` launches a run, `plan` says what that would do, `orchestrator_run_human_response`
        decides an approval, `orchestrator_run_cancel` ends a run. A problem has `success: false` and the mode, too.
        """
        match body:
            case ResponseTask():
                content, metadata = _decide(function, app.caller, organization, body.payload)
            case CancelTask():
                content, metadata = _cancel(function, app.caller, organization, body.payload)
            case _:
                request = _launch_request(organization, agent, body.payload, idempotency_key)
                work = _launch if isinstance(body, BuildTask) else _preview
                content, metadata = work(function, app.caller, request)
        return {"success": True, "mode": body.mode, "payload": {"content": content, "metadata": metadata}}


def _launch_request(organization: str, agent: str, payload: LaunchPayload, key: str | None) -> LaunchRequest:
    return LaunchRequest(
        organization=organization,
        agent=agent,
        orchestration=payload.orchestration.name,
        version=payload.orchestration.version,
        parameters=payload.prompt_parameters or {},
        idempotency_key=key,
        skip_optional_checkpoints=payload.skip_optional_checkpoints,
    )


def _launch(function: ApiFunction, who: Principal, request: LaunchRequest) -> tuple[View, View]:
    launched = function.launch(who, request)
    standing = None if launched.created else function.reads.run_status(who, launched.run_id)
    view = views.launched(launched, request.organization, standing)
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
        "streamUrl": f"/orchestrations/runs/{launched.run_id}/status/stream",
    }
    return content, metadata


def _preview(function: ApiFunction, who: Principal, request: LaunchRequest) -> tuple[View, View]:
    found = function.launch.preview(who, request)
    metadata = {"orchestrationDefinitionId": found.definition_id, "ownerAgentSlug": found.plan.owner}
    return {**preview(found)}, metadata


def _decide(function: ApiFunction, who: Principal, organization: str, payload: DecisionPayload) -> tuple[View, View]:
    request = DecisionRequest(
        approval_id=identifier(payload.approval_id, "approval"),
        organization=organization,
        decision=payload.decision,
        notes=payload.notes,
        modifications=payload.modifications or {},
    )
    outcome = function.decide(who, request)
    return outcome, {"orchestrationRunId": outcome["runId"], "status": outcome["runStatus"]}


def _cancel(function: ApiFunction, who: Principal, organization: str, payload: CancelPayload) -> tuple[View, View]:
    run_id = identifier(payload.orchestration_run_id, "run")
    outcome = function.recover.abort(who, AbortRequest(run_id=run_id, note=payload.notes, organization=organization))
    return outcome, {"orchestrationRunId": outcome["runId"], "status": outcome["status"]}
