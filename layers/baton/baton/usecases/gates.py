"""Open a gate: a Task state waits with its token until its step may go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from baton import invocation
from baton.model import GateOutcome, Refusal
from baton.ports.checkpoints import WaitingTask
from baton.ports.outside import EffectDelivery
from baton.usecases.refusals import refused

if TYPE_CHECKING:
    from baton.store.gates import Gates


@dataclass(frozen=True)
class OpenGate:
    record: Gates
    effects: EffectDelivery

    def __call__(self, task: WaitingTask) -> dict[str, str]:
        """Stores the token. The gate opens at once if the step may go on already. Otherwise the boundary that lets the
        step go on opens it.

        Raises:
            RunEnded, StaleGeneration, WrongMachine: the record refuses the call.
        """
        result = self.record.open(task)
        invocation.tell(attempt=result.attempt_number, organization=result.organization)
        if isinstance(result.outcome, Refusal):
            raise refused(result.outcome, task)
        match result.outcome:
            case GateOutcome.STORED:
                self.effects.deliver(result.effects)
                return {"step_id": task.step_id}
            case _:
                assert_never(result.outcome)
