"""Recover a run: try its failed step again, do without it, or end the run. Each goes by the record alone: the next
execution of a run finds every completed step answered there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from baton.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound
from baton.model import CHILD_OUTPUTS, Principal, Role, RunStatus, StepStatus
from baton.plan import Step
from baton.ports.outside import Effects
from baton.ports.recovery import AbortCommand, Acted, RecoverCommand, RecoveryTerms
from baton.suggestions import did_you_mean
from baton.usecases.modifications import checked_overrides
from baton.usecases.relay_outbox import SWEEP_MARGIN_SECONDS

if TYPE_CHECKING:
    from baton.store.recovery import Adoptions, Recoveries

MOST_AT_ONCE = 10_000
_BATCH = 50
_UNFINISHED: tuple[str, ...] = (StepStatus.FAILED, StepStatus.RUNNING, StepStatus.QUEUED)


@dataclass(frozen=True)
class RetryRequest:
    """``step_id`` None means the step that the run failed with. ``organization`` is the one named in the path, if
    any."""

    run_id: str
    step_id: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None
    organization: str | None = None


@dataclass(frozen=True)
class SkipRequest:
    """``replacement_output`` is output name → value, for the steps that depend on the skipped one; None: nulls."""

    run_id: str
    step_id: str | None = None
    replacement_output: Mapping[str, Any] | None = None
    note: str | None = None
    organization: str | None = None


@dataclass(frozen=True)
class AbortRequest:
    run_id: str
    note: str | None = None
    organization: str | None = None


Outcome = dict[str, Any]
"""``{"runId", "organization", "action", "status", "generation", "stepId"?}``, as the API answers it."""


@dataclass(frozen=True)
class RecoverRun:
    """All three need the role operator.

    Raises (all):
        NotFound: there is no such run in the caller's organisations.
        Forbidden: the caller is not an operator there.
        Conflict: the run does not stand so that this could be done; the message says what can be.
        Invalid: a field.
    """

    record: Recoveries
    effects: Effects

    def retry(self, caller: Principal, request: RetryRequest) -> Outcome:
        """Tries every failed step again, the named one with the modifications, in the run's next execution."""
        terms = self._failed_root(caller, request.run_id, request.organization, "retried")
        step = _unfinished_step(terms, request.step_id, "retried")
        if request.modifications and step is None:
            raise _not_retried("stepId", "is needed with modifications: no step of this run failed")
        if request.modifications and step is not None and terms.steps[step.id].has_child:
            problem = "do not reach a child run that has begun; retry without them, or fork from this step"
            raise _not_retried("modifications", problem)
        overrides = checked_overrides(
            terms.plan, terms.parameters, request.modifications, refused="The run was not retried"
        )
        command = RecoverCommand(
            run_id=terms.run_id,
            generation=terms.generation,
            user_id=caller.user_id,
            step_id=step.id if step else None,
            note=request.note,
            modifications=request.modifications,
            overrides=overrides,
        )
        return self._recovered("retry", terms, command)

    def skip(self, caller: Principal, request: SkipRequest) -> Outcome:
        """Does without a failed step; others that failed are tried again."""
        terms = self._failed_root(caller, request.run_id, request.organization, "skipped")
        step = _unfinished_step(terms, request.step_id, "skipped")
        if step is None:
            raise Conflict("no step of this run failed, so there is none to skip; retry the run")
        if not step.retry.allow_skip:
            raise Conflict(f"the definition does not allow to skip {step.id}; retry it, or abort the run")
        command = RecoverCommand(
            run_id=terms.run_id,
            generation=terms.generation,
            user_id=caller.user_id,
            step_id=step.id,
            note=request.note,
            outputs=_outputs(step, request.replacement_output or {}),
        )
        return self._recovered("skip", terms, command)

    def abort(self, caller: Principal, request: AbortRequest) -> Outcome:
        """Ends an open run with everything open in it and below it. Asked again, it answers the same."""
        terms = self._terms(caller, request.run_id, request.organization)
        acted = self.record.abort(AbortCommand(terms.run_id, caller.user_id, request.note))
        self.effects.deliver(acted.effects)
        if acted.outcome == "not_found":
            raise _role_is_gone()
        if acted.outcome == "ended":
            raise Conflict(f"the run is {acted.run_status}: there is nothing left to abort")
        return _outcome("abort", terms, acted)

    def _recovered(self, action: str, terms: RecoveryTerms, command: RecoverCommand) -> Outcome:
        acted = self.record.recover(command)
        self.effects.deliver(acted.effects)
        if acted.outcome == "step_done":
            raise Conflict(f"the step {command.step_id} has completed meanwhile; retry the run without naming a step")
        if acted.outcome == "not_found":
            raise _role_is_gone()
        if acted.outcome != "taken":
            raise Conflict(f"the run has changed meanwhile: it is {acted.run_status}")
        return {**_outcome(action, terms, acted), **({"stepId": command.step_id} if command.step_id else {})}

    def _failed_root(self, caller: Principal, run_id: str, organization: str | None, done: str) -> RecoveryTerms:
        terms = self._terms(caller, run_id, organization)
        if terms.root_run_id != terms.run_id:
            raise Conflict(
                f"this is a child run: it is recovered together with its root run {terms.root_run_id}; ask that"
            )
        if terms.status in (RunStatus.COMPLETED, RunStatus.ABORTED):
            raise Conflict(
                f"the run is {terms.status}, and only a failed run can be {done}; "
                "fork it to start a new run from one of its steps"
            )
        if terms.status != RunStatus.FAILED:
            raise Conflict(f"the run is {terms.status}, and only a failed run can be {done}")
        return terms

    def _terms(self, caller: Principal, run_id: str, organization: str | None) -> RecoveryTerms:
        terms = self.record.terms(run_id=run_id, user_id=caller.user_id)
        if terms is None or organization not in (None, terms.organization):
            raise NotFound(f"there is no run {run_id}")
        if Role.OPERATOR not in terms.roles:
            raise Forbidden(f"recovering runs needs the role operator in {terms.organization}")
        return terms


@dataclass(frozen=True)
class AdoptRuns:
    """Gives the open runs of this engine their next executions, and starts these. For a stack that knows that none of
    ``before`` an instant is running."""

    record: Adoptions
    relay: Callable[[Callable[[], float]], object]
    engine_id: str

    def __call__(
        self, seconds_left: Callable[[], float], *, before: str | None = None, limit: int = MOST_AT_ONCE
    ) -> dict[str, Any]:
        """As many runs as there is time for, and at most about ``limit``: ``{"adopted", "before", "isThrough"}``. What
        is left is adopted by the next call, with the same ``before``; the first one makes it."""
        before, adopted = before or self.record.now(), 0
        while adopted < limit and seconds_left() > SWEEP_MARGIN_SECONDS:
            batch = self.record.adopt(self.engine_id, ordered_before=before, limit=_BATCH)
            self.relay(seconds_left)
            if not batch:
                return {"adopted": adopted, "before": before, "isThrough": True}
            adopted += len(batch)
        return {"adopted": adopted, "before": before, "isThrough": False}


def _unfinished_step(terms: RecoveryTerms, step_id: str | None, done: str) -> Step | None:
    """The named step, or the one that the run failed with; a dead execution may leave no failed one."""
    if step_id is None:
        failed = [
            step.id
            for step in terms.plan.steps
            if terms.steps[step.id].status == StepStatus.FAILED and not terms.steps[step.id].continues
        ]
        named = str(terms.error.get("stepId", ""))
        if named in terms.steps and terms.steps[named].status in _UNFINISHED:
            return terms.plan.step(named)
        return terms.plan.step(failed[0]) if failed else None
    if step_id not in terms.steps:
        unknown = f"{step_id} is not a step of `{terms.plan.name}`{did_you_mean(step_id, terms.steps)}"
        raise Invalid(f"Nothing was {done}", [FieldProblem("stepId", unknown)])
    if terms.steps[step_id].status not in _UNFINISHED:
        raise Conflict(
            f"the step {step_id} is {terms.steps[step_id].status}, and only a step that failed can be {done}"
        )
    return terms.plan.step(step_id)


def _outputs(step: Step, replacement: Mapping[str, Any]) -> dict[str, Any]:
    """Every output of the step by name; what was not given is null."""
    names = list(step.output_mapping) if step.child is None else list(CHILD_OUTPUTS)
    problems = [
        FieldProblem(f"replacementOutput.{name}", f"is not an output of {step.id}" + did_you_mean(name, names))
        for name in replacement
        if name not in names
    ]
    if problems:
        raise Invalid("The step was not skipped", problems)
    return {name: replacement.get(name) for name in names}


def _outcome(action: str, terms: RecoveryTerms, acted: Acted) -> Outcome:
    return {
        "runId": terms.run_id,
        "organization": terms.organization,
        "action": action,
        "status": acted.run_status,
        "generation": acted.generation,
    }


def _role_is_gone() -> Forbidden:
    return Forbidden("recovering runs needs the role operator, which you had a moment ago")


def _not_retried(name: str, message: str) -> Invalid:
    return Invalid("The run was not retried", [FieldProblem(name, message)])
