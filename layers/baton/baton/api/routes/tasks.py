"""The agent-to-agent dialect: one POST, whose ``mode`` says what the agent should do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, assert_never

from aws_lambda_powertools.event_handler.openapi.params import Body as JsonBody
from pydantic import BeforeValidator, ConfigDict, Discriminator, Tag

from baton.api.callbacks import CallbackBody
from baton.api.functions import ApiFunction
from baton.api.operations import operation
from baton.api.requests import (
    ActingOrganization,
    AgentSlug,
    Body,
    IdempotencyKey,
    Note,
    OrganizationSlug,
    Parameters,
    Text,
    identifier,
    lowered,
)
from baton.api.resolver import Resolver
from baton.api.routes.approvals import DecisionBody
from baton.api.views import runs as views
from baton.api.views.omitted import Omitted
from baton.api.views.preview import PreviewView, preview
from baton.api.views.tasks import Content, LaunchedContent, TaskAnswer, TaskMetadata
from baton.errors import ApprovalUnavailable, Conflict, Forbidden, NoOrganization, NotFound
from baton.model import GLOBAL, Principal, RunStatus, TaskMode
from baton.usecases.acting_organization import acting_organizations, launching_organization
from baton.usecases.approvals import DecisionRequest
from baton.usecases.launch_run import LaunchRequest
from baton.usecases.recovery import AbortRequest
from baton.words import Word


class Lenient(Body):
    """A body of an agent, which may have further fields."""

    model_config = ConfigDict(extra="ignore")


class AskedOrchestration(Lenient):
    name: Text
    version: Text | None = None


class AskedCallback(CallbackBody):
    model_config = ConfigDict(extra="ignore")


class LaunchPayload(Lenient):
    orchestration: AskedOrchestration
    prompt_parameters: Parameters | None = None
    skip_optional_checkpoints: bool = False
    callback: AskedCallback | None = None


class DecisionPayload(DecisionBody):
    model_config = ConfigDict(extra="ignore")

    approval_id: Text


class CancelPayload(Lenient):
    orchestration_run_id: Text
    notes: Note | None = None


class BuildTask(Lenient):
    """Launch a run."""

    mode: Annotated[Word[Literal[TaskMode.BUILD]], BeforeValidator(lowered)]
    payload: LaunchPayload


class PlanTask(Lenient):
    """Say what a launch would do, and start nothing."""

    mode: Annotated[Word[Literal[TaskMode.PLAN]], BeforeValidator(lowered)]
    payload: LaunchPayload


class ResponseTask(Lenient):
    """Decide an approval."""

    mode: Annotated[Word[Literal[TaskMode.RESPOND]], BeforeValidator(lowered)]
    payload: DecisionPayload


class CancelTask(Lenient):
    """Abort an open run."""

    mode: Annotated[Word[Literal[TaskMode.CANCEL]], BeforeValidator(lowered)]
    payload: CancelPayload


def _mode(body: Any) -> str | None:
    mode = body.get("mode") if isinstance(body, dict) else body.mode
    return None if mode is None else str(lowered(mode))


Task = Annotated[
    Annotated[BuildTask, Tag(TaskMode.BUILD)]
    | Annotated[PlanTask, Tag(TaskMode.PLAN)]
    | Annotated[ResponseTask, Tag(TaskMode.RESPOND)]
    | Annotated[CancelTask, Tag(TaskMode.CANCEL)],
    Discriminator(_mode),
    JsonBody(),
]


def add_routes(app: Resolver, function: ApiFunction) -> None:
    @operation(
        app.post,
        "/agent-to-agent/<organization>/<agent>/tasks",
        tag="agent-to-agent",
        answers={200: TaskAnswer},
        refuses=(ApprovalUnavailable, Conflict, Forbidden, NoOrganization, NotFound),
    )
    def ask_agent(
        organization: OrganizationSlug,
        agent: AgentSlug,
        body: Task,
        idempotency_key: IdempotencyKey = None,
        acting: ActingOrganization = None,
    ) -> TaskAnswer:
        """Ask an agent to do something, in the dialect of agents.

        `mode` says what: `build` launches a run, `plan` says what a launch would do, `orchestrator_run_human_response`
        decides an approval, `orchestrator_run_cancel` aborts a run. Problems have `success: false` and `mode`, too.

        Every member of an organisation can also ask the agents of the deployment, under `global`. Their runs belong to
        the caller's organisation.
        """
        organizations = acting_organizations(function.reads, app.caller, path=organization, header=acting)
        content: Content
        omitted: list[Omitted] = []
        match body:
            case ResponseTask():
                function.reads.agent(app.caller, agent, organization=organization)
                content, metadata = _decide(function, app.caller, _only(organizations), body.payload)
            case CancelTask():
                function.reads.agent(app.caller, agent, organization=organization)
                content, metadata = _cancel(function, app.caller, _only(organizations), body.payload)
            case PlanTask():
                request = _launch_request(
                    launching_organization(organizations), organization, agent, body.payload, None
                )
                content, metadata, omitted = _preview(function, app.caller, request)
            case BuildTask():
                request = _launch_request(
                    launching_organization(organizations), organization, agent, body.payload, idempotency_key
                )
                content, metadata, omitted = _launch(function, app.caller, request)
            case _:
                assert_never(body)
        return {
            "success": True,
            "mode": body.mode,
            "payload": {"content": content, "metadata": metadata},
            "omitted": [{**entry, "pointer": f"/payload/content{entry['pointer']}"} for entry in omitted],
        }


def _only(organizations: Sequence[str]) -> str | None:
    """The organisation if there is one. With several, None: the approval or the run may be in any of them."""
    return organizations[0] if len(organizations) == 1 else None


def _launch_request(organization: str, path: str, agent: str, payload: LaunchPayload, key: str | None) -> LaunchRequest:
    return LaunchRequest(
        organization=organization,
        agent=agent,
        orchestration=payload.orchestration.name,
        version=payload.orchestration.version,
        parameters=payload.prompt_parameters or {},
        idempotency_key=key,
        skip_optional_checkpoints=payload.skip_optional_checkpoints,
        shared_only=path == GLOBAL,
        callback=payload.callback.callback() if payload.callback else None,
    )


def _launch(
    function: ApiFunction, who: Principal, request: LaunchRequest
) -> tuple[LaunchedContent, TaskMetadata, list[Omitted]]:
    launched = function.launch(who, request)
    standing = None if launched.created else function.reads.run_status(who, launched.run_id)
    view = views.launched(launched, request.organization, standing)
    content: LaunchedContent = {
        "orchestrationRunId": launched.run_id,
        "status": launched.status,
        "steps": view["steps"],
        "readySteps": view["readySteps"],
    }
    metadata: TaskMetadata = {
        "organization": request.organization,
        "orchestrationDefinitionId": launched.definition_id,
        "ownerAgentSlug": launched.owner,
        "orchestrationRunId": launched.run_id,
        "status": launched.status,
        "statusUrl": f"/orchestrations/runs/{launched.run_id}/status",
        "streamUrl": f"/orchestrations/runs/{launched.run_id}/status/stream",
    }
    shown = [entry for entry in view["omitted"] if entry["pointer"].startswith("/steps/")]
    return content, metadata, shown


def _preview(
    function: ApiFunction, who: Principal, request: LaunchRequest
) -> tuple[PreviewView, TaskMetadata, list[Omitted]]:
    result = function.launch.preview(who, request)
    metadata: TaskMetadata = {
        "organization": request.organization,
        "orchestrationDefinitionId": result.definition_id,
        "ownerAgentSlug": result.plan.owner,
    }
    view, omitted = preview(result)
    return view, metadata, omitted


def _decide(
    function: ApiFunction, who: Principal, organization: str | None, payload: DecisionPayload
) -> tuple[Any, TaskMetadata]:
    request = DecisionRequest(
        approval_id=identifier(payload.approval_id, "approval"),
        organization=organization,
        decision=payload.decision,
        notes=payload.notes,
        modifications=payload.modifications or {},
    )
    outcome = function.decide(who, request)
    return outcome, _metadata(outcome, outcome["runStatus"])


def _cancel(
    function: ApiFunction, who: Principal, organization: str | None, payload: CancelPayload
) -> tuple[Any, TaskMetadata]:
    run_id = identifier(payload.orchestration_run_id, "run")
    outcome = function.recover.abort(who, AbortRequest(run_id=run_id, note=payload.notes, organization=organization))
    return outcome, _metadata(outcome, outcome["status"])


def _metadata(outcome: Mapping[str, Any], status: RunStatus) -> TaskMetadata:
    """The metadata of decisions and cancellations."""
    return {"organization": outcome["organization"], "orchestrationRunId": outcome["runId"], "status": status}
