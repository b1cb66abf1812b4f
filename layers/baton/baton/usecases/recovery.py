"""Recover a run: retry its failed steps, skip one, or abort the run. The next execution of the run gets the answers of
all completed steps from the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from baton.budgets import MAX_OUTPUTS_BYTES, too_large
from baton.errors import BatonError, Conflict, FieldProblem, Forbidden, Invalid, NotFound
from baton.model import (
    CHILD_OUTPUTS,
    AbortOutcome,
    Principal,
    RecoverOutcome,
    RecoveryAction,
    Role,
    RunStatus,
    StepStatus,
)
from baton.plan import Step
from baton.ports.outside import EffectDelivery
from baton.ports.recovery import AbortCommand, ActionResult, RecoverCommand, RecoveryTerms
from baton.suggestions import did_you_mean
from baton.usecases.modifications import checked_overrides

if TYPE_CHECKING:
    from baton.store.recovery import Recoveries

_UNFINISHED = (StepStatus.FAILED, StepStatus.RUNNING, StepStatus.QUEUED)


@dataclass(frozen=True)
class RetryRequest:
    """``step_id`` None means the step that failed the run. If the path names an ``organization``, the run must belong
    to it."""

    run_id: str
    step_id: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)
    note: str | None = None
    organization: str | None = None


@dataclass(frozen=True)
class SkipRequest:
    """``replacement_output`` is output name → value, for the steps that depend on the skipped one. A missing output is
    null."""

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
"""``{"runId", "organization", "action", "status", "generation", "stepId"?}``: the answer of the API."""


@dataclass(frozen=True)
class RecoverRun:
    """Every method needs the role operator.

    Raises (all):
        NotFound: there is no such run in the caller's organisations.
        Forbidden: the caller is not an operator there.
        Conflict: the status of the run, or of the step, does not allow the action; the message says what it allows.
        Invalid: a field does not fit.
    """

    record: Recoveries
    effects: EffectDelivery

    def retry(self, caller: Principal, request: RetryRequest) -> Outcome:
        """Starts the run's next execution, which retries every failed step. The modifications are for the named one."""
        terms = self._failed_root(caller, request.run_id, request.organization, RecoveryAction.RETRY)
        step = _unfinished_step(terms, request.step_id, RecoveryAction.RETRY)
        if request.modifications and step is None:
            raise _retry_invalid("stepId", "is needed with modifications: no step of this run failed")
        if request.modifications and step is not None and terms.steps[step.id].has_child:
            problem = "do not reach a child run that has begun; retry without them, or fork from this step"
            raise _retry_invalid("modifications", problem)
        overrides = checked_overrides(
            terms.plan, terms.parameters, request.modifications, terms.today, refused="The run was not retried"
        )
        command = RecoverCommand(
            run_id=terms.run_id,
            generation=terms.generation,
            user_id=caller.user_id,
            step_id=step.id if step else None,
            note=request.note,
            modifications={**request.modifications, **overrides},
            overrides=overrides,
        )
        return self._recover(RecoveryAction.RETRY, terms, command)

    def skip(self, caller: Principal, request: SkipRequest) -> Outcome:
        """Skips a failed step and retries all other failed steps."""
        terms = self._failed_root(caller, request.run_id, request.organization, RecoveryAction.SKIP)
        step = _unfinished_step(terms, request.step_id, RecoveryAction.SKIP)
        if step is None:
            raise Conflict("no step of this run failed, so there is none to skip; retry the run")
        if not step.retry.allow_skip:
            raise Conflict(f"the definition does not allow skipping {step.id}; retry it, or abort the run")
        command = RecoverCommand(
            run_id=terms.run_id,
            generation=terms.generation,
            user_id=caller.user_id,
            step_id=step.id,
            note=request.note,
            outputs=_outputs(step, request.replacement_output or {}),
        )
        return self._recover(RecoveryAction.SKIP, terms, command)

    def abort(self, caller: Principal, request: AbortRequest) -> Outcome:
        """Aborts an open run, its open steps and its open child runs. A repeated call gets the same answer."""
        terms = self._terms(caller, request.run_id, request.organization)
        result = self.record.abort(AbortCommand(terms.run_id, caller.user_id, request.note))
        self.effects.deliver(result.effects)
        match result.outcome:
            case AbortOutcome.TAKEN | AbortOutcome.SAME:
                return _outcome(RecoveryAction.ABORT, terms, result)
            case AbortOutcome.ENDED:
                raise Conflict(f"the run is {result.run_status}: there is nothing left to abort")
            case AbortOutcome.NOT_FOUND:
                raise _no_operator_any_more()
            case _:
                assert_never(result.outcome)

    def _recover(self, action: RecoveryAction, terms: RecoveryTerms, command: RecoverCommand) -> Outcome:
        result = self.record.recover(command)
        self.effects.deliver(result.effects)
        if refusal := _refusal(result, command):
            raise refusal
        return {**_outcome(action, terms, result), **({"stepId": command.step_id} if command.step_id else {})}

    def _failed_root(
        self, caller: Principal, run_id: str, organization: str | None, action: RecoveryAction
    ) -> RecoveryTerms:
        """The terms of a failed root run. Raises Conflict for any other run."""
        terms = self._terms(caller, run_id, organization)
        if terms.root_run_id != terms.run_id:
            raise Conflict(f"this is a child run; recover its root run {terms.root_run_id}, and this run with it")
        refusal = f"the run is {terms.status}, and only a failed run can be {_participle_of(action)}"
        match terms.status:
            case RunStatus.FAILED:
                return terms
            case RunStatus.COMPLETED | RunStatus.ABORTED:
                raise Conflict(f"{refusal}; fork it to start a new run from one of its steps")
            case RunStatus.PENDING | RunStatus.RUNNING | RunStatus.CHECKPOINT:
                raise Conflict(refusal)
            case _:
                assert_never(terms.status)

    def _terms(self, caller: Principal, run_id: str, organization: str | None) -> RecoveryTerms:
        terms = self.record.terms(run_id=run_id, user_id=caller.user_id)
        if terms is None or organization not in (None, terms.organization):
            raise NotFound(f"there is no run {run_id}")
        if Role.OPERATOR not in terms.roles:
            raise Forbidden(f"recovering runs needs the role operator in {terms.organization}")
        return terms


def _unfinished_step(terms: RecoveryTerms, step_id: str | None, action: RecoveryAction) -> Step | None:
    """The named step, or the step that failed the run. None: the execution has ended without a failed step."""
    if step_id is None:
        return _failed_step(terms)
    if step_id not in terms.steps:
        message = f"{step_id} is not a step of `{terms.plan.name}`{did_you_mean(step_id, terms.steps)}"
        raise Invalid(f"Nothing was {_participle_of(action)}", [FieldProblem("stepId", message)])
    if terms.steps[step_id].status not in _UNFINISHED:
        status = terms.steps[step_id].status
        raise Conflict(f"the step {step_id} is {status}, and only a step that failed can be {_participle_of(action)}")
    return terms.plan.step(step_id)


def _participle_of(action: RecoveryAction) -> str:
    match action:
        case RecoveryAction.RETRY:
            return "retried"
        case RecoveryAction.SKIP:
            return "skipped"
        case RecoveryAction.ABORT:
            return "aborted"
        case _:
            assert_never(action)


def _failed_step(terms: RecoveryTerms) -> Step | None:
    """The step of the run's error, else the first failed step whose failure is the run's."""
    step_id = str(terms.error.get("stepId", ""))
    if step_id in terms.steps and terms.steps[step_id].status in _UNFINISHED:
        return terms.plan.step(step_id)
    states = ((step, terms.steps[step.id]) for step in terms.plan.steps)
    failed = (step for step, state in states if state.status == StepStatus.FAILED and not state.continues)
    return next(failed, None)


def _outputs(step: Step, replacement: Mapping[str, Any]) -> dict[str, Any]:
    """Every output of the step by name; null for those without a replacement."""
    names = list(step.output_mapping) if step.child is None else list(CHILD_OUTPUTS)
    problems = [
        FieldProblem(f"replacementOutput.{name}", f"is not an output of {step.id}" + did_you_mean(name, names))
        for name in replacement
        if name not in names
    ]
    if too_long := too_large(replacement, MAX_OUTPUTS_BYTES):
        problems.append(FieldProblem("replacementOutput", too_long))
    if problems:
        raise Invalid("The step was not skipped", problems)
    return {name: replacement.get(name) for name in names}


def _refusal(result: ActionResult[RecoverOutcome], command: RecoverCommand) -> BatonError | None:
    """Why the record refused the action; None if it has taken it."""
    match result.outcome:
        case RecoverOutcome.TAKEN:
            return None
        case RecoverOutcome.STEP_DONE:
            return Conflict(f"the step {command.step_id} has completed meanwhile; retry the run without naming a step")
        case RecoverOutcome.OUT_OF_TIME:
            return Conflict(
                "the time of the run (`timeout_seconds`) is over, and a retry does not begin it anew; "
                "fork the run: the fork has its own time and keeps the steps that are done"
            )
        case RecoverOutcome.NOT_FAILED | RecoverOutcome.CHILD:
            return Conflict(f"the run has changed meanwhile: it is {result.run_status}")
        case RecoverOutcome.NOT_FOUND:
            return _no_operator_any_more()
        case _:
            assert_never(result.outcome)


def _outcome(
    action: RecoveryAction, terms: RecoveryTerms, result: ActionResult[RecoverOutcome] | ActionResult[AbortOutcome]
) -> Outcome:
    return {
        "runId": terms.run_id,
        "organization": terms.organization,
        "action": action,
        "status": result.run_status,
        "generation": result.generation,
    }


def _no_operator_any_more() -> Forbidden:
    return Forbidden("recovering runs needs the role operator, which you had a moment ago")


def _retry_invalid(name: str, message: str) -> Invalid:
    return Invalid("The run was not retried", [FieldProblem(name, message)])
