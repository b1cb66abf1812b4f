"""Open a checkpoint: a Task state waits with its token until a person has decided, or until it is too late to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from baton.errors import CheckpointNotExpired, RunEnded, StaleGeneration, StepExhausted
from baton.model import CheckpointOutcome, Decision, ExpireOutcome, Refusal, TimeoutAction
from baton.ports.approvals import ApprovalFunction, DecisionCommand, DecisionResult
from baton.ports.checkpoints import WaitingTask
from baton.ports.outside import Effects
from baton.usecases.refusals import refused

if TYPE_CHECKING:
    from baton.store.checkpoints import Checkpoints


@dataclass(frozen=True)
class OpenCheckpoint:
    record: Checkpoints
    effects: Effects

    def __call__(self, task: WaitingTask) -> dict[str, str]:
        """Opens the step's approval, or finds it, and keeps the token for its decision. ``{"approval_id": …}``.

        Opening again (the Task was retried, a new generation) gives the approval a newer token; if it is decided
        already, the decision goes out at once.

        Raises:
            RunEnded, StaleGeneration, WrongMachine: nobody may be asked on behalf of this call.
        """
        opened = self.record.open(task)
        if isinstance(opened.outcome, Refusal):
            raise refused(opened.outcome, task)
        match opened.outcome:
            case CheckpointOutcome.OPEN if opened.approval_id is not None:
                self.effects.deliver(opened.effects)
                return {"approval_id": opened.approval_id}
            case CheckpointOutcome.OPEN:
                raise StaleGeneration(f"{task.step_id} of run {task.run_id} is not waiting for a person")
            case _:
                assert_never(opened.outcome)


@dataclass(frozen=True)
class ExpireCheckpoint:
    """The waiting Task has timed out. The record, not the state machine, knows whether the approval has."""

    record: Checkpoints
    approval: ApprovalFunction

    def __call__(self, run_id: str, step_id: str, execution: str) -> dict[str, str]:
        """``{"decision": "continue" | "retry"}``: the definition's for an expired approval, or one taken just before.

        Raises:
            CheckpointNotExpired: it is too early by the record's clock, or the approval is not open yet; ask again.
            RunEnded: the run is aborted by this, or was before.
            StepExhausted: the definition fails the step for an approval that nobody decided.
            StaleGeneration: a newer execution of the run waits, or will; this one expires nothing.
        """
        approval_id = self.record.approval_of_step(run_id, step_id)
        if approval_id is None:
            # The Task's clock began with the call that opens the approval, which may be slow or tried again.
            raise CheckpointNotExpired(f"nobody has been asked about {step_id} of run {run_id} yet")
        taken = self.approval.decide(
            DecisionCommand(run_id, approval_id, user_id=None, decision=Decision.CONTINUE, execution=execution)
        )
        assert isinstance(taken.outcome, ExpireOutcome)  # nobody decided, so the record answers for the clock
        match taken.outcome:
            case ExpireOutcome.TAKEN | ExpireOutcome.SAME:
                return {"decision": _way_on(taken, run_id, step_id)}
            case ExpireOutcome.ENDED:
                raise RunEnded(f"run {run_id} is {taken.run_status}")
            case ExpireOutcome.STALE_GENERATION:
                raise StaleGeneration(f"{execution} is not the newest execution of run {run_id}")
            case ExpireOutcome.NOT_FOUND:
                raise RunEnded(f"run {run_id} is gone, with the approval {approval_id}")
            case ExpireOutcome.NOT_EXPIRED:
                raise CheckpointNotExpired(f"the approval {approval_id} can still be decided")
            case _:
                assert_never(taken.outcome)


def _way_on(taken: DecisionResult, run_id: str, step_id: str) -> Decision:
    """Where the state machine goes on; raises where it does not."""
    if taken.decision is None or taken.decision is TimeoutAction.FAIL:
        raise StepExhausted(f"nobody decided the checkpoint of {step_id} in time")
    match taken.decision:
        case Decision.CONTINUE | Decision.RETRY:
            return taken.decision
        case Decision.ABORT:
            raise RunEnded(f"run {run_id} is {taken.run_status}")
        case _:
            assert_never(taken.decision)
