"""The states of a checkpoint: a person decides, and the execution goes on or back.

``abort`` has no state here: the approval function stops the execution.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, assert_never

from baton.compiler import calls, names
from baton.compiler.work import choice, may_fail
from baton.model import Decision, StepStatus, TimeoutAction
from baton.plan import Checkpoint, Step

States = dict[str, dict[str, Any]]


def may_be_passed(step: Step) -> bool:
    """Whether the step can be done without its checkpoint, so that a Choice must read the step's status."""
    checkpoint = step.checkpoint
    return checkpoint is not None and (step.when is not None or not checkpoint.required or may_fail(step))


def review_entry(step: Step) -> str:
    return names.asks(step) if may_be_passed(step) else names.review(step)


def review_states(step: Step, checkpoint: Checkpoint, again: str, after: str, digest: str) -> States:
    """``again`` is the state where a retry begins, ``after`` the state after the step."""
    expires = checkpoint.timeout_seconds is not None and checkpoint.on_timeout is not None
    timeout_seconds = checkpoint.timeout_seconds if expires else None
    ask = calls.ask_person(step, digest, calls.upper_bound(timeout_seconds)) | {"Next": names.decision(step)}
    states: States = {}
    if may_be_passed(step):
        states[names.asks(step)] = choice("$.outcome.status", {StepStatus.CHECKPOINT: names.review(step)}, after)
    if expires:
        ask["Catch"] = [{"ErrorEquals": ["States.Timeout"], "ResultPath": None, "Next": names.expired(step)}]
    states[names.review(step)] = ask
    if expires:
        states[names.expired(step)] = calls.expire(step, digest) | {"Next": names.decision(step)}
        if may_fail(step) and checkpoint.on_timeout is not None and _fails(checkpoint.on_timeout):
            caught = {"ErrorEquals": ["StepExhausted"], "ResultPath": None, "Next": names.settle(step)}
            states[names.expired(step)]["Catch"] = [caught]
    ways: dict[StrEnum, str | None] = {decision: _way(decision, again, after) for decision in Decision}
    if expires and checkpoint.on_timeout is not None and _fails(checkpoint.on_timeout):
        ways[checkpoint.on_timeout] = names.expired(step)  # there the record says that the step has failed
    states[names.decision(step)] = choice("$.review.decision", ways, after)
    return states


def _way(decision: Decision, again: str, after: str) -> str | None:
    """The state after a decision. None for an abort: the approval function stops the execution instead."""
    match decision:
        case Decision.CONTINUE:
            return after
        case Decision.RETRY:
            return again
        case Decision.ABORT:
            return None
        case _:
            assert_never(decision)


def _fails(action: TimeoutAction) -> bool:
    """Whether the step fails after a time-out."""
    match action:
        case TimeoutAction.FAIL:
            return True
        case TimeoutAction.CONTINUE | TimeoutAction.ABORT:
            return False
        case _:
            assert_never(action)
