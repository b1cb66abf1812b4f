"""Open a gate: a Task state waits with its token until its step may go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from baton.model import GateOutcome, Refusal
from baton.ports.checkpoints import WaitingTask
from baton.ports.outside import Effects
from baton.usecases.refusals import refused

if TYPE_CHECKING:
    from baton.store.gates import Gates


@dataclass(frozen=True)
class OpenGate:
    record: Gates
    effects: Effects

    def __call__(self, task: WaitingTask) -> dict[str, str]:
        """Stores the token. If the step may go on already, the gate is released at once; else by whoever makes it so.

        Raises:
            RunEnded, StaleGeneration, WrongMachine: nothing may wait on behalf of this call.
        """
        opened = self.record.open(task)
        if isinstance(opened.outcome, Refusal):
            raise refused(opened.outcome, task)
        match opened.outcome:
            case GateOutcome.STORED:
                self.effects.deliver(opened.effects)
                return {"step_id": task.step_id}
            case _:
                assert_never(opened.outcome)
