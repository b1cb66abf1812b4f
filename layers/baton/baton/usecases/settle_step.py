"""Settle a failed step whose run goes on: record its failure, if the record does not have it yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from baton.errors import StepNotReady
from baton.model import Refusal, SettleStepOutcome, StepStatus
from baton.ports.outside import EffectDelivery
from baton.ports.steps import Delivery
from baton.usecases.attempt import Outcome
from baton.usecases.refusals import message_about, refused

if TYPE_CHECKING:
    from baton.store.steps import Steps

_CRASHED: Mapping[str, Any] = {
    "type": "Crashed",
    "message": "the functions that ran this step ended without an answer",
    "retryable": False,
}


@dataclass(frozen=True)
class SettleStep:
    record: Steps
    effects: EffectDelivery

    def __call__(self, delivery: Delivery) -> Outcome:
        """``{"step_id", "status": "failed"}``; the run goes on without the step's outputs.

        Raises:
            RunEnded, StaleGeneration, WrongMachine, StepNotReady: the record refuses the call.
        """
        result = self.record.settle(delivery, _CRASHED)
        if isinstance(result.outcome, Refusal):
            raise refused(result.outcome, delivery)
        self.effects.deliver(result.effects)
        match result.outcome:
            case SettleStepOutcome.SETTLED | SettleStepOutcome.STORED:
                return {"step_id": delivery.step_id, "status": StepStatus.FAILED}
            case SettleStepOutcome.DEPENDENCIES_NOT_DONE:
                raise StepNotReady(message_about(delivery, result.outcome))
            case _:
                assert_never(result.outcome)
