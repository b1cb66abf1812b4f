"""moto makes once what it needs again and again."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from jsonpath_ng.parser import JsonPathParser
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser

from local.runtime import InvocationResult
from tests.integration.simulated_aws.machines import FakeFunctions, create_machine, end, task_machine
from tests.integration.simulated_aws.rules import RuleFixture


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From now on, the owner's method must not be called."""

    def refuse(owner: Any, name: str) -> None:
        def call(*_: Any, **__: Any) -> None:
            raise AssertionError(f"{name} of {owner.__name__} is called again")

        monkeypatch.setattr(owner, name, call)

    return refuse


def output(states: Any, machine: str, input_: Any) -> Any:
    """The output of a new execution."""
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(input_))["executionArn"]
    return json.loads(end(states, execution)["output"])


def test_a_definition_is_parsed_once_for_its_machine_and_all_executions(states: Any, refuse: Any) -> None:
    passing = {"StartAt": "once", "States": {"once": {"Type": "Pass", "End": True}}}
    machine = create_machine(states, passing)
    refuse(ASLParser, "state_machine")
    assert [output(states, machine, {"n": n}) for n in (1, 2)] == [{"n": 1}, {"n": 2}]


def test_a_second_call_of_a_function_makes_no_client(
    states: Any, functions: FakeFunctions, function: str, refuse: Any
) -> None:
    parameters = {"FunctionName": function, "Payload.$": "$"}
    machine = create_machine(states, task_machine("arn:aws:states:::lambda:invoke", Parameters=parameters))
    functions.answer = InvocationResult('{"a": 1}')
    assert output(states, machine, {})["Payload"] == {"a": 1}
    refuse(boto3, "client")
    assert output(states, machine, {})["Payload"] == {"a": 1}


def test_a_second_event_for_a_queue_builds_no_parser(rule: RuleFixture, refuse: Any) -> None:
    url, arn = rule.queue()
    rule.target(arn)
    rule.put({"n": 1})
    refuse(JsonPathParser, "__init__")
    rule.put({"n": 2})
    assert [json.loads(one["Body"])["detail"]["n"] for one in rule.messages(url)] == [1, 2]
