"""Step Functions as the engine: it starts and stops only the executions of this deployment."""

from __future__ import annotations

import pytest

from baton.engine import AnotherEngine, StepFunctions
from baton.outbox import Effect
from tests.unit.fake_step_functions import FakeStepFunctionsClient, step_functions

MACHINES = "arn:aws:states:us-east-1:123456789012:stateMachine:stack-"
OURS = "arn:aws:states:us-east-1:123456789012:execution:stack-kpi:run-2"
THEIRS = "arn:aws:states:us-east-1:123456789012:execution:stack-b-kpi:run-2"  # its prefix begins with ours


@pytest.fixture
def client() -> FakeStepFunctionsClient:
    return FakeStepFunctionsClient()


@pytest.fixture
def engine(client: FakeStepFunctionsClient) -> StepFunctions:
    return step_functions(MACHINES, client)


def effect(kind: str, execution: str) -> Effect:
    payload = {"machine": "kpi", "generation": 2, "execution": execution, "reason": "RunAborted", "detail": "why"}
    return Effect("effect", "run", kind, payload)


def test_executions_of_this_deployment_are_started_and_stopped(
    engine: StepFunctions, client: FakeStepFunctionsClient
) -> None:
    engine.start([effect("start", OURS)])
    engine.stop([effect("stop", OURS)])
    assert client.calls == [f"start {MACHINES}kpi:run-2", f"stop {OURS}"]


def test_executions_of_another_deployment_are_neither_started_nor_stopped(
    engine: StepFunctions, client: FakeStepFunctionsClient
) -> None:
    with pytest.raises(AnotherEngine, match="stack-b-kpi"):
        engine.start([effect("start", THEIRS)])
    with pytest.raises(AnotherEngine, match="stack-b-kpi"):
        engine.stop([effect("stop", THEIRS)])
    assert client.calls == []
