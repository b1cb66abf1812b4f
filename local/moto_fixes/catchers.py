"""Mends the catchers of Step Functions."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.common.catch.catch_outcome import CatchOutcome
from moto.stepfunctions.parser.asl.component.state.exec.execute_state import ExecutionState

from local.moto_fixes.methods import original_method, replace_method


def let_catchers_lead_to_their_own_state() -> None:
    """moto goes on with the state's own ``Next``, because the name of the next state has not changed."""
    handle_catch = original_method(ExecutionState, "_handle_catch")
    set_next = original_method(ExecutionState, "_set_next")

    def handle(self: ExecutionState, env: Any, failure_event: Any) -> None:
        handle_catch(self, env, failure_event)
        env.was_caught = env.stack[-1] == CatchOutcome.Caught

    def go_on(self: ExecutionState, env: Any) -> None:
        was_caught, env.was_caught = getattr(env, "was_caught", False), False
        if not was_caught:
            set_next(self, env)

    replace_method(ExecutionState, "_handle_catch", handle)
    replace_method(ExecutionState, "_set_next", go_on)
