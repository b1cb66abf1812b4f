"""Open a checkpoint, and expire it. A Task state waits with its token until a person decides or the time is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from baton import invocation
from baton.errors import CheckpointNotExpired, RunEnded, StaleGeneration, StepExhausted
from baton.model import CheckpointOutcome, Decision, ExpireOutcome, Refusal, RunStatus, TimeoutAction
from baton.ports.approvals import ApprovalService, DecisionCommand, DecisionResult
from baton.ports.checkpoints import WaitingTask
from baton.ports.outside import EffectDelivery
from baton.usecases.refusals import how_to_retry, refused

if TYPE_CHECKING:
    from baton.store.checkpoints import Checkpoints


@dataclass(frozen=True)
class OpenCheckpoint:
    record: Checkpoints
    effects: EffectDelivery

    def __call__(self, task: WaitingTask) -> dict[str, str]:
        """Opens the step's approval, or finds the open one, and stores the token. Returns ``{"approval_id": …}``.

        A retry of the Task or a new generation opens it again: the approval then gets the newer token. If there is a
        decision already, it completes the Task at once.

        Raises:
            RunEnded, StaleGeneration, WrongMachine: the record refuses the call.
        """
        result = self.record.open(task)
        invocation.tell(attempt=result.attempt_number, organization=result.organization)
        if isinstance(result.outcome, Refusal):
            raise refused(result.outcome, task)
        match result.outcome:
            case CheckpointOutcome.OPEN if result.approval_id is not None:
                self.effects.deliver(result.effects)
                return {"approval_id": result.approval_id}
            case CheckpointOutcome.OPEN:
                raise StaleGeneration(f"{task.step_id} of run {task.run_id} is not waiting for a person")
            case _:
                assert_never(result.outcome)


@dataclass(frozen=True)
class ExpireCheckpoint:
    """After a time-out of the waiting Task: asks the record whether the approval has expired, too."""

    record: Checkpoints
    approval: ApprovalService

    def __call__(self, run_id: str, step_id: str, execution: str) -> dict[str, str]:
        """``{"decision": "continue" | "retry"}``: the definition's decision after a time-out, or a person's decision
        that came just before.

        Raises:
            CheckpointNotExpired: by the record's clock it is too early, or the approval is not open yet. Ask again.
            RunEnded: the decision is to abort the run, or the run has ended.
            StepExhausted: the definition fails the step after a time-out.
            StaleGeneration: the run has a newer execution. Only the newest can expire an approval.
        """
        approval_id = self.record.approval_of_step(run_id, step_id)
        if approval_id is None:
            # The Task's clock began with the call that opens the approval, which may be slow or tried again.
            raise CheckpointNotExpired(f"the approval of {step_id} of run {run_id} is not open yet")
        result = self.approval.decide(
            DecisionCommand(run_id, approval_id, user_id=None, decision=Decision.CONTINUE, execution=execution)
        )
        assert isinstance(result.outcome, ExpireOutcome)  # the answer to a command without a user
        match result.outcome:
            case ExpireOutcome.TAKEN | ExpireOutcome.SAME:
                return {"decision": _decision(result, run_id, step_id)}
            case ExpireOutcome.ENDED:
                raise RunEnded(f"run {run_id} is {result.run_status}. {how_to_retry(run_id)}")
            case ExpireOutcome.STALE_GENERATION:
                raise StaleGeneration(
                    f"{execution} is not the newest execution that Baton started for run {run_id}: nothing has "
                    f"changed. {how_to_retry(run_id)}"
                )
            case ExpireOutcome.NOT_FOUND:
                raise RunEnded(f"neither run {run_id} nor its approval {approval_id} exists any more")
            case ExpireOutcome.NOT_EXPIRED:
                raise CheckpointNotExpired(f"the approval {approval_id} can still be decided")
            case _:
                assert_never(result.outcome)


def _decision(result: DecisionResult, run_id: str, step_id: str) -> Decision:
    """The decision with which the state machine goes on. Raises an error if the run or the step ends here."""
    match result.decision:
        case None | TimeoutAction.FAIL:
            advice = how_to_retry(run_id) if result.run_status is RunStatus.FAILED else "The run goes on without it"
            raise StepExhausted(f"nobody decided the checkpoint of {step_id} in time. {advice}")
        case Decision.CONTINUE | Decision.RETRY:
            return result.decision
        case Decision.ABORT:
            raise RunEnded(f"run {run_id} is {result.run_status}")
        case _:
            assert_never(result.decision)
