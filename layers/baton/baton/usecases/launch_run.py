"""Launch a run: check the caller and the parameters, write the run, start its execution."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from baton import exact_json, ids
from baton.budgets import check_parameters_size
from baton.errors import FieldProblem, Forbidden, Invalid, NotFound
from baton.model import GLOBAL, EventType, Principal, Role, RunStatus, WebhookStatus
from baton.parameters import check_parameters
from baton.plan import Plan
from baton.ports.outside import EffectDelivery
from baton.ports.runs import CALLBACK, EngineIdentity, LaunchContext, NewRun, RegisteredWebhook
from baton.usecases.preview_run import Preview, preview

if TYPE_CHECKING:
    from baton.store.runs import Launches

IDEMPOTENCY_KEY = "Idempotency-Key"  # the header, for which a refusal names it


@dataclass(frozen=True)
class Callback:
    """A webhook of the organisation, by its URL, and types of events. The webhook gets these events of the run and its
    child runs, in addition to the events that it gets of every run."""

    url: str
    events: Sequence[EventType]


@dataclass(frozen=True)
class LaunchRequest:
    """``agent`` is the orchestrator to ask (None: any), ``version`` None means the newest.
    ``skip_optional_checkpoints`` leaves out the checkpoints that the definition does not require. ``shared_only`` takes
    the agent, the definition and everything that the run calls from the deployment's own library, even if the
    organisation has something of the same name. ``launching_execution`` is the ARN of the execution that asks, if one
    does."""

    organization: str
    agent: str | None
    orchestration: str
    version: str | None
    parameters: Mapping[str, Any]
    idempotency_key: str | None = None
    skip_optional_checkpoints: bool = False
    shared_only: bool = False
    launching_execution: str | None = None
    callback: Callback | None = None


@dataclass(frozen=True)
class LaunchedRun:
    """``created`` is False when an earlier launch with the same idempotency key made this run. ``execution`` is the ARN
    of its newest execution."""

    run_id: str
    definition_id: str
    owner: str
    status: RunStatus
    plan: Plan
    execution: str
    created: bool


@dataclass(frozen=True)
class LaunchRun:
    record: Launches
    effects: EffectDelivery
    engine: EngineIdentity
    new_id: Callable[[], uuid.UUID] = ids.new_id

    def __call__(self, caller: Principal, request: LaunchRequest) -> LaunchedRun:
        """Writes the run, its steps, its first event and the order to start it in one transaction, then starts it.

        Raises:
            NotFound: there is no such agent or orchestration, or the caller is not a member of the organisation.
            Forbidden: the caller is not an operator there.
            Invalid: a parameter does not fit, the callback's URL is no active webhook of the organisation, or an
                earlier launch used the idempotency key for something else.
        """
        context = self._find(caller, request)
        run_id = str(self.new_id())
        if request.idempotency_key is not None and context.key_is_used and Role.OPERATOR in context.roles:
            # Looked up before all checks: since the first request, there may be a newer or an archived version.
            run = self.record.earlier(
                user_id=caller.user_id,
                organization_id=context.organization_id,
                idempotency_key=request.idempotency_key,
            )
        else:
            run = self.record.insert(self._new_run(run_id, caller, request, context))
        if run.request_hash is not None and run.request_hash != _hash(caller, request):
            problem = FieldProblem(IDEMPOTENCY_KEY, "was used for another launch; use a new key for a new launch")
            raise Invalid("The launch was not made", [problem])
        self.effects.deliver(run.effects)
        return LaunchedRun(
            run_id=run.run_id,
            definition_id=run.definition_id,
            owner=run.owner_agent_slug,
            status=run.status,
            plan=run.plan or _plan(context, request),
            execution=run.execution,
            created=run.run_id == run_id,
        )

    def preview(self, caller: Principal, request: LaunchRequest) -> Preview:
        """What a launch would do, after the same checks. It writes nothing and starts nothing."""
        context = self._find(caller, request)
        plan = _plan(context, request)
        _callback(context, request)
        return preview(
            context.definition_id or "",
            plan,
            check_parameters_size(check_parameters(plan, request.parameters, context.today)),
            skip_optional_checkpoints=request.skip_optional_checkpoints,
        )

    def _new_run(self, run_id: str, caller: Principal, request: LaunchRequest, context: LaunchContext) -> NewRun:
        plan = _plan(context, request)
        return NewRun(
            run_id=run_id,
            organization_id=context.organization_id,
            definition_id=context.definition_id or "",
            user_id=caller.user_id,
            engine=self.engine,
            options=_options(context, request),
            parameters=check_parameters_size(check_parameters(plan, request.parameters, context.today)),
            idempotency_key=request.idempotency_key,
            request_hash=_hash(caller, request),
            launching_execution=request.launching_execution,
        )

    def _find(self, caller: Principal, request: LaunchRequest) -> LaunchContext:
        context = self.record.context(
            user_id=caller.user_id,
            organization=request.organization,
            agent=request.agent,
            orchestration=request.orchestration,
            version=request.version,
            shared_only=request.shared_only,
            idempotency_key=request.idempotency_key,
            callback_url=None if request.callback is None else request.callback.url,
        )
        if context is None:
            raise NotFound(f"there is no organisation {request.organization} that you are a member of")
        return context


def _plan(context: LaunchContext, request: LaunchRequest) -> Plan:
    if request.agent is not None and context.agent_slug is None:
        raise NotFound(f"there is no agent {request.agent} in {_library(request)}")
    if context.plan is None:
        named = request.orchestration + (f" {request.version}" if request.version else "")
        owner = f" of the agent {request.agent}" if request.agent else ""
        raise NotFound(f"there is no orchestration {named}{owner} in {_library(request)}")
    if Role.OPERATOR not in context.roles:
        raise Forbidden(f"launching needs the role operator in {request.organization}")
    return context.plan


def _library(request: LaunchRequest) -> str:
    """The organisation whose library has the agent and the definition."""
    return GLOBAL if request.shared_only else request.organization


def _options(context: LaunchContext, request: LaunchRequest) -> dict[str, Any]:
    """The options that the run and its child runs keep. A missing option is off."""
    options = {"skipOptionalCheckpoints": request.skip_optional_checkpoints, "sharedOnly": request.shared_only}
    callback = _callback(context, request)
    return {**{name: True for name, is_on in options.items() if is_on}, **({CALLBACK: callback} if callback else {})}


def _callback(context: LaunchContext, request: LaunchRequest) -> dict[str, Any] | None:
    """The callback as the record has it. Raises Invalid unless its URL is that of an active webhook."""
    if request.callback is None:
        return None
    problem = _problem_of_webhook(context.webhook, request.organization)
    if problem or context.webhook is None:
        raise Invalid("The launch was not made", [FieldProblem("callback.url", problem)])
    return {"webhookId": context.webhook.id, "events": sorted(set(request.callback.events))}


def _problem_of_webhook(webhook: RegisteredWebhook | None, organization: str) -> str:
    if webhook is None:
        return f"must be the URL of a webhook of {organization}; an admin registers it with `baton webhooks create`"
    match webhook.status:
        case WebhookStatus.ACTIVE:
            return ""
        case WebhookStatus.UNVERIFIED:
            return f"the webhook {webhook.id} is not verified yet; an admin does that with `baton webhooks test`"
        case WebhookStatus.DISABLED:
            return f"the webhook {webhook.id} is disabled; an admin turns it on with `baton webhooks test`"
        case _:
            assert_never(webhook.status)


def _hash(caller: Principal, request: LaunchRequest) -> str:
    """The hash of the request as it was sent. A relative date in it stays text, so the same request has the same hash
    on another day."""
    callback = request.callback
    content = [
        caller.user_id,
        request.agent,
        request.orchestration,
        request.version,
        request.parameters,
        request.skip_optional_checkpoints,
        *(["sharedOnly"] if request.shared_only else []),
        *([["callback", callback.url, sorted(set(callback.events))]] if callback else []),
    ]
    return exact_json.fingerprint(content)
