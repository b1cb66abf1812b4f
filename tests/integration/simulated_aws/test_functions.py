"""Functions that a state, a client or an event rule calls."""

from __future__ import annotations

import json
import uuid
from typing import Any

import boto3

from local.runtime import InvocationResult
from local.stack import Stack
from tests.integration.simulated_aws.machines import (
    FakeFunctions,
    end,
    start,
    task_machine,
)
from tests.integration.waiting import PATIENCE


def test_an_error_of_a_function_has_its_class_name(states: Any, functions: FakeFunctions, function: str) -> None:
    functions.answer = InvocationResult(json.dumps({"errorType": "StepExhausted", "errorMessage": "no"}), is_error=True)
    parameters = {"FunctionName": function, "Payload": {}}
    ended = end(states, start(states, task_machine("arn:aws:states:::lambda:invoke", Parameters=parameters)))
    assert (ended["status"], ended["error"]) == ("FAILED", "StepExhausted")


def test_an_invocation_as_event_returns_before_the_function(
    lambdas: Any, functions: FakeFunctions, function: str
) -> None:
    answer = lambdas.invoke(FunctionName=function, InvocationType="Event", Payload=b'{"n": 1}')
    assert answer["StatusCode"] == 202
    assert functions.events.get(timeout=PATIENCE) == (function, {"n": 1})


def test_an_event_rule_delivers_to_its_function(stack: Stack, functions: FakeFunctions, function: str) -> None:
    events, name = boto3.client("events"), f"r-{uuid.uuid4()}"
    events.put_rule(Name=name, EventBusName="baton", EventPattern=json.dumps({"source": [name]}))
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}"
    events.put_targets(Rule=name, EventBusName="baton", Targets=[{"Id": "1", "Arn": arn}])
    entry = {"Source": name, "DetailType": "happened", "Detail": '{"what": "it"}', "EventBusName": "baton"}
    answer = events.put_events(Entries=[entry, {**entry, "Source": "another"}])
    assert answer["FailedEntryCount"] == 0
    name_of_function, event = functions.events.get(timeout=PATIENCE)
    assert (name_of_function, event["detail-type"], event["detail"]) == (function, "happened", {"what": "it"})
    assert functions.events.empty()
