"""What the record refuses to go on with, as errors that a state machine does not retry."""

from __future__ import annotations

from collections.abc import Mapping

from baton.errors import BatonError, RunEnded, StaleGeneration, StepExhausted, StepNotReady, WrongMachine

_REFUSALS: Mapping[str, type[BatonError]] = {
    "run_ended": RunEnded,
    "stale_generation": StaleGeneration,
    "wrong_machine": WrongMachine,
    "unknown_step": WrongMachine,
    "failed_before": StepExhausted,
    "dependencies_not_done": StepNotReady,
}


def raise_refusal(outcome: str, *, run_id: str, step_id: str, generation: int) -> None:
    """Raises for an outcome that is a refusal; anything else is the caller's."""
    refusal = _REFUSALS.get(outcome)
    if refusal is not None:
        raise refusal(f"{step_id} of run {run_id}, generation {generation}: {outcome.replace('_', ' ')}")
