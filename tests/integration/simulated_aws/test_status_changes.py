"""The events of executions that begin and end."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from local import moto_fixes, status_events
from local.runtime import InvocationResult
from local.stack import Stack
from tests.integration.simulated_aws.machines import (
    PASSING,
    ROLE,
    FakeFunctions,
    end,
    start,
    task_machine,
    token_machine,
)
from tests.integration.waiting import PATIENCE, wait_until


@pytest.fixture
def rule_function(
    stack: Stack, functions: FakeFunctions, function: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The function of a rule for executions of machines ``watched-*`` that failed, timed out or were aborted."""
    monkeypatch.setattr(moto_fixes.ends, "reporters", [status_events.publish])
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
            "stateMachineArn": [{"prefix": "arn:aws:states:us-east-1:123456789012:stateMachine:watched-"}],
        },
    }
    events, name = boto3.client("events"), f"r-{uuid.uuid4()}"
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}"
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": arn}])
    yield function
    events.remove_targets(Rule=name, Ids=["1"])
    events.delete_rule(Name=name)


def start_watched(states: Any, definition: dict[str, Any]) -> str:
    machine = states.create_state_machine(
        name=f"watched-{uuid.uuid4()}", definition=json.dumps(definition), roleArn=ROLE
    )
    answer = states.start_execution(stateMachineArn=machine["stateMachineArn"], name="run-1", input='{"n": 1}')
    return str(answer["executionArn"])


def test_the_rule_gets_the_event_of_a_failed_execution(
    states: Any, functions: FakeFunctions, function: str, rule_function: str
) -> None:
    execution = start_watched(states, token_machine(function))
    states.send_task_failure(taskToken=functions.tokens.get(timeout=PATIENCE), error="Refused", cause="too expensive")
    name, event = functions.events.get(timeout=PATIENCE)
    assert (name, event["source"], event["resources"]) == (rule_function, "aws.states", [execution])
    assert event["detail-type"] == "Step Functions Execution Status Change"
    detail = event["detail"]
    assert (detail["executionArn"], detail["name"]) == (execution, "run-1")
    assert detail["stateMachineArn"] == execution.rpartition(":")[0].replace(":execution:", ":stateMachine:")
    assert (detail["status"], detail["error"], detail["cause"]) == ("FAILED", "Refused", "too expensive")
    assert detail["stopDate"] >= detail["startDate"] > 1_700_000_000_000
    assert json.loads(detail["input"]) == {"n": 1}


def test_the_rule_gets_one_event_of_an_aborted_execution(
    states: Any, functions: FakeFunctions, function: str, rule_function: str
) -> None:
    execution = start_watched(states, token_machine(function))
    functions.tokens.get(timeout=PATIENCE)
    states.stop_execution(executionArn=execution, error="aborted", cause="by ann")
    _, event = functions.events.get(timeout=PATIENCE)
    assert [event["detail"][name] for name in ("status", "error", "cause")] == ["ABORTED", "aborted", "by ann"]
    wait_until(lambda: states.get_execution_history(executionArn=execution)["events"][-1]["type"] == "ExecutionAborted")
    assert functions.events.empty()


def test_the_rule_gets_the_event_of_a_timed_out_execution(
    states: Any, functions: FakeFunctions, function: str, rule_function: str
) -> None:
    start_watched(states, {**token_machine(function), "TimeoutSeconds": 1})
    _, event = functions.events.get(timeout=PATIENCE)
    assert event["detail"]["status"] == "TIMED_OUT"


def test_a_rule_gets_no_event_that_its_pattern_excludes(
    states: Any, functions: FakeFunctions, function: str, rule_function: str
) -> None:
    end(states, start_watched(states, PASSING))
    functions.answer = InvocationResult(json.dumps({"errorType": "StepExhausted", "errorMessage": "no"}), is_error=True)
    failing = task_machine("arn:aws:states:::lambda:invoke", Parameters={"FunctionName": function, "Payload": {}})
    end(states, start(states, failing))  # of a machine with another name
    own = start_watched(states, failing)
    _, event = functions.events.get(timeout=PATIENCE)
    assert event["detail"]["executionArn"] == own
    assert functions.events.empty()


def test_executions_are_reported_when_they_begin_and_when_they_end(states: Any, functions: FakeFunctions) -> None:
    execution = start(states, PASSING)
    end(states, execution)
    executions = [functions.ends.get(timeout=PATIENCE) for _ in range(2)]
    assert {one.exec_arn for one in executions} == {execution}
