"""The retriers of the simulated Step Functions. Their pauses are recorded, and nothing waits for them."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from local import moto_fixes
from local.runtime import InvocationResult
from tests.integration.simulated_aws.machines import FakeFunctions, end, start, task_machine

BUSY = InvocationResult(json.dumps({"errorType": "Busy", "errorMessage": "try again"}), is_error=True)
RETRY = {"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "BackoffRate": 2, "MaxDelaySeconds": 5, "MaxAttempts": 5}


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr(retrier_decl, "time", SimpleNamespace(sleep=pauses.append))
    return pauses


def test_a_catcher_may_lead_to_its_own_state_which_then_has_all_its_retries_again(
    states: Any, functions: FakeFunctions, function: str, pauses: list[float]
) -> None:
    answers = [BUSY] * 12 + [InvocationResult("{}")]
    moto_fixes.run_functions(lambda name, event: answers.pop(0), functions.invoke_later)
    catch = [{"ErrorEquals": ["Busy"], "ResultPath": None, "Next": "call"}]
    parameters = {"FunctionName": function, "Payload": {}}
    machine = task_machine("arn:aws:states:::lambda:invoke", Parameters=parameters, Retry=[RETRY], Catch=catch)
    assert end(states, start(states, machine))["status"] == "SUCCEEDED"
    assert pauses == [2, 4, 5, 5, 5] * 2
