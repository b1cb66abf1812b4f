"""Launch a run: check who asks and what they give, write the run, start its execution."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from baton import exact_json, ids
from baton.errors import FieldProblem, Forbidden, Invalid, NotFound
from baton.model import GLOBAL, Principal, Role, RunStatus
from baton.parameters import check_parameters
from baton.plan import Plan
from baton.ports.outside import Effects
from baton.ports.runs import EngineIdentity, LaunchContext, NewRun
from baton.usecases.preview_run import Preview, preview

if TYPE_CHECKING:
    from baton.store.runs import Launches


@dataclass(frozen=True)
class LaunchRequest:
    """``agent`` is the orchestrator that was addressed (None: any), ``version`` None means the newest.
    ``skip_optional_checkpoints`` asks nobody where the definition lets the launcher choose. ``shared_only`` takes the
    agent, the definition and everything that the run calls from what the deployment ships, and nothing that the
    organisation calls by the same name."""

    organization: str
    agent: str | None
    orchestration: str
    version: str | None
    parameters: Mapping[str, Any]
    idempotency_key: str | None = None
    skip_optional_checkpoints: bool = False
    shared_only: bool = False


@dataclass(frozen=True)
class LaunchedRun:
    """``created`` is False when an earlier launch with the same idempotency key made this run."""

    run_id: str
    definition_id: str
    owner: str
    status: RunStatus
    plan: Plan
    created: bool


@dataclass(frozen=True)
class LaunchRun:
    record: Launches
    effects: Effects
    engine: EngineIdentity
    new_id: Callable[[], uuid.UUID] = ids.new_id

    def __call__(self, caller: Principal, request: LaunchRequest) -> LaunchedRun:
        """Writes the run, its steps, its first event and the order to start it in one transaction, then starts it.

        Raises:
            NotFound: the organisation (or the caller is not a member), the agent or its orchestration.
            Forbidden: the caller is not an operator there.
            Invalid: parameters, or an idempotency key that an earlier launch used for something else.
        """
        context = self._find(caller, request)
        run_id = str(self.new_id())
        if request.idempotency_key is not None and context.key_is_used and Role.OPERATOR in context.roles:
            # Before anything that may have changed since: a newer version, say, or that the definition was archived.
            recorded = self.record.earlier(
                user_id=caller.user_id,
                organization_id=context.organization_id,
                idempotency_key=request.idempotency_key,
            )
        else:
            recorded = self.record.insert(self._new_run(run_id, caller, request, context))
        if recorded.request_hash is not None and recorded.request_hash != _hash(caller, request):
            used = FieldProblem("Idempotency-Key", "was used for another launch; use a new key for a new launch")
            raise Invalid("The launch was not made", [used])
        self.effects.deliver(recorded.effects)
        return LaunchedRun(
            run_id=recorded.run_id,
            definition_id=recorded.definition_id,
            owner=recorded.owner_agent_slug,
            status=recorded.status,
            plan=recorded.plan or _launchable(context, request),
            created=recorded.run_id == run_id,
        )

    def preview(self, caller: Principal, request: LaunchRequest) -> Preview:
        """What a launch would do, checked the same way; nothing is written, and nothing starts."""
        context = self._find(caller, request)
        plan = _launchable(context, request)
        return preview(
            context.definition_id or "",
            plan,
            check_parameters(plan, request.parameters),
            skip_optional_checkpoints=request.skip_optional_checkpoints,
        )

    def _new_run(self, run_id: str, caller: Principal, request: LaunchRequest, context: LaunchContext) -> NewRun:
        plan = _launchable(context, request)
        return NewRun(
            run_id=run_id,
            organization_id=context.organization_id,
            definition_id=context.definition_id or "",
            user_id=caller.user_id,
            engine=self.engine,
            options=_options(request),
            parameters=check_parameters(plan, request.parameters),
            idempotency_key=request.idempotency_key,
            request_hash=_hash(caller, request),
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
        )
        if context is None:
            raise NotFound(f"there is no organisation {request.organization} that you are a member of")
        return context


def _launchable(context: LaunchContext, request: LaunchRequest) -> Plan:
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
    """Where the agent and the definition are looked up."""
    return GLOBAL if request.shared_only else request.organization


def _options(request: LaunchRequest) -> dict[str, bool]:
    """What the run and its child runs remember of how they were launched; an option that is not there is off."""
    options = {"skipOptionalCheckpoints": request.skip_optional_checkpoints, "sharedOnly": request.shared_only}
    return {name: True for name, is_on in options.items() if is_on}


def _hash(caller: Principal, request: LaunchRequest) -> str:
    content = [
        caller.user_id,
        request.agent,
        request.orchestration,
        request.version,
        request.parameters,
        request.skip_optional_checkpoints,
        *(["sharedOnly"] if request.shared_only else []),
    ]
    return exact_json.fingerprint(content)
