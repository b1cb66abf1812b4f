"""Decide an approval.

Two halves: the API function checks what a person sends (``RequestDecision``) and asks the approval function, which
alone can read a checkpoint's token, to take it (``TakeDecision``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

from baton.errors import BatonError, Conflict, FieldProblem, Forbidden, Invalid, NotFound
from baton.model import ApprovalStatus, DecideOutcome, Decision, Principal, Role
from baton.ports.approvals import ApprovalFunction, ApprovalTerms, DecisionCommand, DecisionResult
from baton.ports.outside import Effects
from baton.usecases.modifications import checked_overrides

if TYPE_CHECKING:
    from baton.store.approvals import ApprovalReads, Approvals


@dataclass(frozen=True)
class DecisionRequest:
    """What a person sends. ``organization`` is the one named in the path, if any: the approval must belong to it."""

    approval_id: str
    decision: Decision
    notes: str | None = None
    modifications: Mapping[str, Any] = field(default_factory=dict)
    organization: str | None = None


@dataclass(frozen=True)
class RequestDecision:
    terms: ApprovalReads
    approval: ApprovalFunction

    def __call__(self, caller: Principal, request: DecisionRequest) -> dict[str, Any]:
        """The decision as taken. The same decision sent again gets the same answer: ``approvalId, runId, organization,
        stepId, attemptNumber, decision, decidedBy, decidedAt, status, runStatus``.

        Raises:
            NotFound: there is no such approval in the caller's organisations.
            Forbidden: the caller is not an approver there.
            Invalid: the decision is not offered, or the modifications do not fit.
            Conflict: it is decided otherwise already, or the run has ended.
        """
        terms = self.terms.terms(
            approval_id=request.approval_id, user_id=caller.user_id, with_plan=bool(request.modifications)
        )
        if terms is None or request.organization not in (None, terms.organization):
            raise NotFound(f"there is no approval {request.approval_id}")
        if Role.APPROVER not in terms.roles:
            raise Forbidden(f"deciding needs the role approver in {terms.organization}")
        overrides = _overrides(request, terms)
        taken = self.approval.decide(
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
        if refusal := _refusal(request, taken):
            raise refusal
        return _answer(request, terms, taken)


@dataclass(frozen=True)
class TakeDecision:
    record: Approvals
    effects: Effects

    def __call__(self, command: DecisionCommand) -> DecisionResult:
        """Takes the decision, a person's or the clock's, by compare-and-set and, only then, completes the waiting
        Task."""
        if command.user_id is None:
            taken = self.record.expire(command.run_id, command.approval_id, command.execution)
        else:
            taken = self.record.decide(command)
        self.effects.deliver(taken.effects)
        return taken


def _overrides(request: DecisionRequest, terms: ApprovalTerms) -> dict[str, Any]:
    """Overrides of parameters, for a decision that can have them."""
    if request.modifications and not request.decision.takes_modifications:
        only = FieldProblem("modifications", f"go with the decision retry; {request.decision} takes the data as it is")
        raise Invalid("The decision was not taken", [only])
    if terms.plan is None:
        return {}
    return checked_overrides(terms.plan, terms.parameters, request.modifications, refused="The decision was not taken")


def _refusal(request: DecisionRequest, taken: DecisionResult) -> BatonError | None:
    """Why the decision was not taken; None if it was, now or before."""
    assert isinstance(taken.outcome, DecideOutcome)  # a person decided
    match taken.outcome:
        case DecideOutcome.TAKEN | DecideOutcome.SAME:
            return None
        case DecideOutcome.NOT_FOUND:
            return NotFound(f"there is no approval {request.approval_id}")
        case DecideOutcome.FORBIDDEN:
            return Forbidden("deciding needs the role approver")
        case DecideOutcome.DECIDED:
            return Conflict(
                f"this approval was decided already: {taken.decision}, by {taken.decided_by} at {taken.decided_at}"
            )
        case DecideOutcome.EXPIRED:
            return Conflict("this approval has expired: nobody decided it in time")
        case DecideOutcome.ENDED if taken.run_status is not None and taken.run_status.ended:
            return Conflict(f"the run is {taken.run_status}: there is nothing left to decide")
        case DecideOutcome.ENDED:
            return Conflict("this approval is closed: the run went on without it")
        case DecideOutcome.NOT_OFFERED:
            offered = FieldProblem("decision", f"{request.decision} is not an option of this checkpoint")
            return Invalid("The decision was not taken", [offered])
        case DecideOutcome.NOT_MODIFIABLE:
            fixed = FieldProblem("modifications", f"this checkpoint does not allow them with {request.decision}")
            return Invalid("The decision was not taken", [fixed])
        case _:
            assert_never(taken.outcome)


def _answer(request: DecisionRequest, terms: ApprovalTerms, taken: DecisionResult) -> dict[str, Any]:
    return {
        "approvalId": request.approval_id,
        "runId": terms.run_id,
        "organization": terms.organization,
        "stepId": taken.step_id,
        "attemptNumber": taken.attempt_number,
        "status": ApprovalStatus.DECIDED,
        "decision": taken.decision,
        "decidedBy": taken.decided_by,
        "decidedAt": taken.decided_at,
        "runStatus": taken.run_status,
    }
