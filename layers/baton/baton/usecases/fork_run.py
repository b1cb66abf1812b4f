"""Fork a run: start a new run from any step of an earlier one, with the recorded outputs of the steps before it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baton import exact_json, ids
from baton.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from baton.model import Principal, Role, RunStatus, StepStatus
from baton.parameters import check_parameters
from baton.plan import Plan
from baton.ports.outside import EffectDelivery
from baton.ports.runs import CALLBACK, EngineIdentity, ForkSource, NewFork, SourceStep
from baton.suggestions import did_you_mean
from baton.usecases.modifications import checked_overrides

if TYPE_CHECKING:
    from baton.store.runs import Forks


@dataclass(frozen=True)
class ForkRequest:
    """``version`` None keeps the definition of the earlier run."""

    run_id: str
    step_id: str
    version: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Fork:
    """``created`` is False when an earlier request with the same idempotency key made this run."""

    run_id: str
    status: RunStatus
    created: bool


@dataclass(frozen=True)
class ForkRun:
    record: Forks
    effects: EffectDelivery
    engine: EngineIdentity
    new_id: Callable[[], uuid.UUID] = ids.new_id

    def __call__(self, caller: Principal, request: ForkRequest) -> Fork:
        """Starts the new run. It takes over every step that is done in the earlier run and does not depend on the step.

        Raises:
            NotFound: there is no such run in the caller's organisations, or no such version of its definition.
            Forbidden: the caller is not an operator there.
            Invalid: the step is unknown, or the modifications or the parameters do not fit the version.
            Conflict: the step depends on a step that is not done. Or the run's version was archived, and the request
                names no other.
        """
        source = self._find(caller, request)
        run_id = str(self.new_id())
        if request.idempotency_key is not None and source.key_is_used:
            # Looked up before all checks, because the version may have been archived since the first request.
            fork = self.record.earlier(
                user_id=caller.user_id,
                organization_id=source.organization_id,
                idempotency_key=request.idempotency_key,
            )
        else:
            fork = self.record.insert(self._new_fork(run_id, caller, request, source))
        if fork.request_hash is not None and fork.request_hash != _hash(caller, request):
            problem = FieldProblem("Idempotency-Key", "was used for something else; use a new key for a new fork")
            raise Invalid("The run was not forked", [problem])
        self.effects.deliver(fork.effects)
        return Fork(fork.run_id, fork.status, created=fork.run_id == run_id)

    def _new_fork(self, run_id: str, caller: Principal, request: ForkRequest, source: ForkSource) -> NewFork:
        plan = _plan(source, request)
        reused = _reused(plan, request.step_id, source.steps)
        parameters = check_parameters(
            plan, {k: v for k, v in source.parameters.items() if plan.parameter(k)}, source.today
        )
        overrides = checked_overrides(
            plan, parameters, request.modifications, source.today, refused="The run was not forked"
        )
        return NewFork(
            run_id=run_id,
            source_run_id=request.run_id,
            step_id=request.step_id,
            definition_id=source.definition_id or "",
            user_id=caller.user_id,
            engine=self.engine,
            options={name: option for name, option in source.options.items() if name != CALLBACK},
            parameters=parameters,
            overrides=overrides,
            modifications={**request.modifications, **overrides},
            reused=reused,
            note=request.note,
            idempotency_key=request.idempotency_key,
            request_hash=_hash(caller, request),
        )

    def _find(self, caller: Principal, request: ForkRequest) -> ForkSource:
        source = self.record.source(
            user_id=caller.user_id,
            run_id=request.run_id,
            version=request.version,
            idempotency_key=request.idempotency_key,
        )
        if source is None:
            raise NotFound(f"there is no run {request.run_id}")
        if Role.OPERATOR not in source.roles:
            raise Forbidden(f"forking runs needs the role operator in {source.organization}")
        return source


def _plan(source: ForkSource, request: ForkRequest) -> Plan:
    if source.plan is None and request.version is None:
        raise Conflict(f"the run's version of {source.definition_name} was archived; name another one with `version`")
    if source.plan is None:
        raise NotFound(f"there is no version {request.version} of {source.definition_name}")
    steps = [step.id for step in source.plan.steps]
    if request.step_id not in steps:
        message = f"{request.step_id} is not a step of `{source.plan.name}` {source.plan.version}"
        problem = FieldProblem("stepId", message + did_you_mean(request.step_id, steps))
        raise Invalid("The run was not forked", [problem])
    return source.plan


def _reused(plan: Plan, from_step: str, source_steps: Mapping[str, SourceStep]) -> dict[str, SourceStep]:
    """The steps that are done in the earlier run and depend on no step that will run again."""
    reused: dict[str, SourceStep | None] = {}

    def look(step_id: str) -> SourceStep | None:
        if step_id not in reused:
            dependencies = [look(dependency) for dependency in plan.step(step_id).depends_on]
            step = source_steps.get(step_id)
            is_usable = step_id != from_step and all(dependencies) and step is not None and _is_done(step)
            reused[step_id] = step if is_usable else None
        return reused[step_id]

    for step in plan.steps:
        look(step.id)
    for dependency in plan.step(from_step).depends_on:
        if reused[dependency] is None:
            raise Conflict(
                f"the step {from_step} depends on {dependency}, which the run has not completed; fork from that step"
            )
    return {step_id: step for step_id, step in reused.items() if step is not None}


def _is_done(step: SourceStep) -> bool:
    return step.status is StepStatus.COMPLETED or (step.skip_reason is not None and step.skip_reason.is_done)


def _hash(caller: Principal, request: ForkRequest) -> str:
    content = [
        "fork",
        caller.user_id,
        request.run_id,
        request.step_id,
        request.version,
        request.modifications,
        request.note,
    ]
    return exact_json.fingerprint(content)
