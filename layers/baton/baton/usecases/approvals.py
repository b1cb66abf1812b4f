"""Decide an approval, in two halves.

The API function checks a person's decision (``RequestDecision``). The approval function takes it (``TakeDecision``):
it alone can read a checkpoint's token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from baton import invocation
from baton.errors import BatonError, Conflict, FieldProblem, Forbidden, Invalid, NotFound
from baton.model import ApprovalStatus, DecideOutcome, Decision, Principal, Role
from baton.ports.approvals import ApprovalService, ApprovalTerms, DecisionCommand, DecisionResult
from baton.ports.outside import EffectDelivery
from baton.usecases.modifications import checked_overrides

if TYPE_CHECKING:
    from baton.store.approvals import ApprovalReads, Approvals


@dataclass(frozen=True)
class DecisionRequest:
    """What a person sends. If the path names an ``organization``, the approval must belong to it."""

    approval_id: str
    decision: Decision
    notes: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)
    organization: str | None = None


@dataclass(frozen=True)
class RequestDecision:
    terms: ApprovalReads
    approval: ApprovalService

    def __call__(self, caller: Principal, request: DecisionRequest) -> dict[str, Any]:
        """Asks for the decision. The answer: ``approvalId, runId, organization, stepId, attemptNumber, decision,
        decidedBy, decidedAt, status, runStatus``. The same decision again gets the same answer.

        Raises:
            NotFound: there is no such approval in the caller's organisations.
            Forbidden: the caller is not an approver there.
            Invalid: the checkpoint does not offer the decision, or the modifications do not fit.
            Conflict: there is another decision already, or the run has ended.
        """
        terms = self.terms.terms(
            approval_id=request.approval_id, user_id=caller.user_id, with_plan=bool(request.modifications)
        )
        if terms is None or request.organization not in (None, terms.organization):
            raise NotFound(f"there is no approval {request.approval_id}")
        if Role.APPROVER not in terms.roles:
            raise Forbidden(f"deciding needs the role approver in {terms.organization}")
        overrides = _overrides(request, terms)
        result = self.approval.decide(
            DecisionCommand(
                run_id=terms.run_id,
                approval_id=request.approval_id,
                user_id=caller.user_id,
                decision=request.decision,
                notes=request.notes,
                modifications=request.modifications,
                overrides=overrides,
            )
        )
        if refusal := _refusal(request, result):
            raise refusal
        return _answer(request, terms, result)


@dataclass(frozen=True)
class TakeDecision:
    record: Approvals
    effects: EffectDelivery

    def __call__(self, command: DecisionCommand) -> DecisionResult:
        """Takes the decision by compare-and-set. After that, completes the waiting Task. Without a ``user_id`` the
        decision is the definition's, after a time-out."""
        if command.user_id is None:
            result = self.record.expire(command.run_id, command.approval_id, command.execution)
        else:
            result = self.record.decide(command)
        invocation.tell(step=result.step_id, attempt=result.attempt_number)
        self.effects.deliver(result.effects)
        return result


def _overrides(request: DecisionRequest, terms: ApprovalTerms) -> dict[str, Any]:
    """The parameters that the modifications override."""
    if request.modifications and not request.decision.takes_modifications:
        message = f"belong to the decision retry; {request.decision} takes the data as it is"
        raise Invalid("The decision was not taken", [FieldProblem("modifications", message)])
    if terms.plan is None:
        return {}
    refused = "The decision was not taken"
    return checked_overrides(terms.plan, terms.parameters, request.modifications, terms.today, refused=refused)


def _refusal(request: DecisionRequest, result: DecisionResult) -> BatonError | None:
    """Why the record refused the decision; None if it has taken it, now or before."""
    assert isinstance(result.outcome, DecideOutcome)  # a person's decision
    match result.outcome:
        case DecideOutcome.TAKEN | DecideOutcome.SAME:
            return None
        case DecideOutcome.NOT_FOUND:
            return NotFound(f"there is no approval {request.approval_id}")
        case DecideOutcome.FORBIDDEN:
            return Forbidden("deciding needs the role approver")
        case DecideOutcome.DECIDED:
            return Conflict(
                f"this approval was decided already: {result.decision}, by {result.decided_by} at {result.decided_at}"
            )
        case DecideOutcome.EXPIRED:
            return Conflict("this approval has expired: nobody decided it in time")
        case DecideOutcome.ENDED if result.run_status is not None and result.run_status.ended:
            return Conflict(f"the run is {result.run_status}: there is nothing left to decide")
        case DecideOutcome.ENDED:
            return Conflict("this approval is closed: the run went on without it")
        case DecideOutcome.NOT_OFFERED:
            problem = FieldProblem("decision", f"{request.decision} is not an option of this checkpoint")
            return Invalid("The decision was not taken", [problem])
        case DecideOutcome.NOT_MODIFIABLE:
            problem = FieldProblem("modifications", f"this checkpoint does not allow them with {request.decision}")
            return Invalid("The decision was not taken", [problem])
        case _:
            assert_never(result.outcome)


def _answer(request: DecisionRequest, terms: ApprovalTerms, result: DecisionResult) -> dict[str, Any]:
    return {
        "approvalId": request.approval_id,
        "runId": terms.run_id,
        "organization": terms.organization,
        "stepId": result.step_id,
        "attemptNumber": result.attempt_number,
        "status": ApprovalStatus.DECIDED,
        "decision": result.decision,
        "decidedBy": result.decided_by,
        "decidedAt": result.decided_at,
        "runStatus": result.run_status,
    }
