"""The refusals of the record as errors that a state machine does not retry."""

from __future__ import annotations

from typing import Protocol, assert_never

from baton.errors import BatonError, RunEnded, StaleGeneration, WrongMachine
from baton.model import Refusal


class Call(Protocol):
    """The step, run and generation that a call of a state machine names."""

    @property
    def run_id(self) -> str: ...

    @property
    def step_id(self) -> str: ...

    @property
    def generation(self) -> int: ...


def refused(refusal: Refusal, call: Call) -> BatonError:
    """The error to raise for a call that the record refuses."""
    return _error(refusal)(f"{message_about(call, refusal)}. {_advice(refusal, call.run_id)}")


def how_to_retry(run_id: str) -> str:
    """What a person can do who redrives the execution of a failed run."""
    return f"A redrive does not continue a failed run, but this does: baton retry {run_id}"


def message_about(call: Call, word: str) -> str:
    return f"{call.step_id} of run {call.run_id}, generation {call.generation}: {word.replace('_', ' ')}"


def _advice(refusal: Refusal, run_id: str) -> str:
    match refusal:
        case Refusal.RUN_ENDED:
            return how_to_retry(run_id)
        case Refusal.STALE_GENERATION:
            return (
                "Only the newest execution that Baton started for the run may act, and this is another one: nothing "
                f"has changed. {how_to_retry(run_id)}"
            )
        case Refusal.WRONG_MACHINE:
            return "Another state machine drives the run: the definition was deployed anew since its launch"
        case Refusal.UNKNOWN_STEP:
            return "The record has no such run with this step"
        case _:
            assert_never(refusal)


def _error(refusal: Refusal) -> type[BatonError]:
    match refusal:
        case Refusal.RUN_ENDED:
            return RunEnded
        case Refusal.STALE_GENERATION:
            return StaleGeneration
        case Refusal.WRONG_MACHINE | Refusal.UNKNOWN_STEP:
            return WrongMachine
        case _:
            assert_never(refusal)
