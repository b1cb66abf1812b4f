"""Open a checkpoint: a Task state waits with its token until a person has decided, or until it is too late to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from baton.errors import CheckpointNotExpired, RunEnded, StaleGeneration, StepExhausted
from baton.ports.approvals import ApprovalFunction, DecisionCommand
from baton.ports.checkpoints import WaitingTask
from baton.ports.outside import Effects
from baton.usecases.refusals import raise_refusal

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
        raise_refusal(opened.outcome, run_id=task.run_id, step_id=task.step_id, generation=task.generation)
        if opened.approval_id is None:
            raise StaleGeneration(f"{task.step_id} of run {task.run_id} is not waiting for a person")
        self.effects.deliver(opened.effects)
        return {"approval_id": opened.approval_id}


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
            DecisionCommand(run_id, approval_id, user_id=None, decision="continue", execution=execution)
        )
        if taken.outcome == "not_expired":
            raise CheckpointNotExpired(f"the approval {approval_id} can still be decided")
        if taken.outcome == "stale_generation":
            raise StaleGeneration(f"{execution} is not the newest execution of run {run_id}")
        if taken.outcome == "ended" or taken.decision == "abort":
            raise RunEnded(f"run {run_id} is {taken.run_status}")
        if taken.decision not in ("continue", "retry"):
            raise StepExhausted(f"nobody decided the checkpoint of {step_id} in time")
        return {"decision": taken.decision}
