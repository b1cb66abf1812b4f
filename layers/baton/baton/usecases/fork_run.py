"""Fork a run: a new run from any step of an earlier one, with the stored outputs of what comes before it."""

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
from baton.ports.outside import Effects
from baton.ports.runs import EngineIdentity, ForkSource, NewFork, SourceStep
from baton.suggestions import did_you_mean
from baton.usecases.modifications import checked_overrides

if TYPE_CHECKING:
    from baton.store.runs import Forks


@dataclass(frozen=True)
class ForkRequest:
    """``version`` None keeps the definition of the run that is forked."""

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
    effects: Effects
    engine: EngineIdentity
    new_id: Callable[[], uuid.UUID] = ids.new_id

    def __call__(self, caller: Principal, request: ForkRequest) -> Fork:
        """Starts a new run in which everything that is done and does not depend on the step is done already.

        Raises:
            NotFound: there is no such run in the caller's organisations, or no such version of its definition.
            Forbidden: the caller is not an operator there.
            Invalid: the step, the modifications, or parameters that do not fit the other version.
            Conflict: the step depends on one that is not done, or the run's version was archived and none is named.
        """
        source = self._find(caller, request)
        run_id = str(self.new_id())
        if request.idempotency_key is not None and source.key_is_used:
            # Before anything that may have changed since: that the version was archived, say.
            forked = self.record.earlier(
                user_id=caller.user_id,
                organization_id=source.organization_id,
                idempotency_key=request.idempotency_key,
            )
        else:
            forked = self.record.insert(self._new_fork(run_id, caller, request, source))
        if forked.request_hash is not None and forked.request_hash != _hash(caller, request):
            used = FieldProblem("Idempotency-Key", "was used for something else; use a new key for a new fork")
            raise Invalid("The run was not forked", [used])
        self.effects.deliver(forked.effects)
        return Fork(forked.run_id, forked.status, created=forked.run_id == run_id)

    def _new_fork(self, run_id: str, caller: Principal, request: ForkRequest, source: ForkSource) -> NewFork:
        plan = _plan(source, request)
        reused = _reused(plan, request.step_id, source.steps)
        parameters = check_parameters(plan, {k: v for k, v in source.parameters.items() if plan.parameter(k)})
        overrides = checked_overrides(plan, parameters, request.modifications, refused="The run was not forked")
        return NewFork(
            run_id=run_id,
            source_run_id=request.run_id,
            step_id=request.step_id,
            definition_id=source.definition_id or "",
            user_id=caller.user_id,
            engine=self.engine,
            options=source.options,
            parameters=parameters,
            overrides=overrides,
            modifications=request.modifications,
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


def _reused(plan: Plan, from_step: str, done: Mapping[str, SourceStep]) -> dict[str, SourceStep]:
    """What is done in the earlier run, depends neither on ``from_step`` nor on anything that will run again."""
    reused: dict[str, SourceStep | None] = {}

    def look(step_id: str) -> SourceStep | None:
        if step_id not in reused:
            before = [look(dependency) for dependency in plan.step(step_id).depends_on]
            found = done.get(step_id)
            usable = step_id != from_step and all(before) and found is not None and _is_done(found)
            reused[step_id] = found if usable else None
        return reused[step_id]

    for step in plan.steps:
        look(step.id)
    for dependency in plan.step(from_step).depends_on:
        if reused[dependency] is None:
            raise Conflict(
                f"the step {from_step} depends on {dependency}, which the run has not completed; fork from that step"
            )
    return {step_id: found for step_id, found in reused.items() if found is not None}


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
