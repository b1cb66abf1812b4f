"""The states of a checkpoint: a person is asked, and the way goes on or back.

``abort`` is no way out of here: the approval function stops the execution.
"""

from __future__ import annotations

from typing import Any

from baton.compiler import calls, names
from baton.compiler.planning import STEP_FUNCTIONS_YEAR
from baton.compiler.work import may_fail
from baton.plan import Checkpoint, Step

States = dict[str, dict[str, Any]]


def may_be_passed(step: Step) -> bool:
    """Whether the step can be done without anybody being asked, so that its answer has to say which."""
    checkpoint = step.checkpoint
    return checkpoint is not None and (step.when is not None or not checkpoint.required or may_fail(step))


def review_entry(step: Step) -> str:
    return names.asks(step) if may_be_passed(step) else names.review(step)


def review_states(step: Step, checkpoint: Checkpoint, again: str, after: str, digest: str) -> States:
    """``again`` is where a retry begins, ``after`` what follows the step."""
    expires = checkpoint.timeout_seconds is not None and checkpoint.on_timeout is not None
    timeout_seconds = checkpoint.timeout_seconds if expires else None
    ask = calls.ask_person(step, digest, timeout_seconds or STEP_FUNCTIONS_YEAR) | {"Next": names.decision(step)}
    states: States = {}
    if may_be_passed(step):
        states[names.asks(step)] = _choice("$.outcome.status", "checkpoint", names.review(step), after)
    if expires:
        ask["Catch"] = [{"ErrorEquals": ["States.Timeout"], "ResultPath": None, "Next": names.expired(step)}]
    states[names.review(step)] = ask
    if expires:
        states[names.expired(step)] = calls.expire(step, digest) | {"Next": names.decision(step)}
        if may_fail(step) and checkpoint.on_timeout == "fail":
            caught = {"ErrorEquals": ["StepExhausted"], "ResultPath": None, "Next": names.settle(step)}
            states[names.expired(step)]["Catch"] = [caught]
    states[names.decision(step)] = _choice("$.review.decision", "retry", again, after)
    return states


def _choice(variable: str, value: str, then: str, otherwise: str) -> dict[str, Any]:
    return {
        "Type": "Choice",
        "Choices": [{"Variable": variable, "StringEquals": value, "Next": then}],
        "Default": otherwise,
    }
