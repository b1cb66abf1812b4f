"""moto keeps what it would make anew each time."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from jsonpath_ng.parser import JsonPathParser
from moto.stepfunctions.parser.asl.parse import asl_parser

from tests.integration.simulated_aws.machines import create_machine, end
from tests.integration.simulated_aws.rules import RuleFixture


def output(states: Any, machine: str, input_: Any) -> Any:
    """The output of a new execution."""
    execution = states.start_execution(stateMachineArn=machine, input=json.dumps(input_))["executionArn"]
    return json.loads(end(states, execution)["output"])


def test_a_definition_is_parsed_once_for_its_machine_and_all_executions(
    states: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []
    read = asl_parser.InputStream  # type: ignore[attr-defined]
    monkeypatch.setattr(asl_parser, "InputStream", lambda text: parsed.append(text) or read(text))
    name = str(uuid.uuid4())
    machine = create_machine(states, {"StartAt": name, "States": {name: {"Type": "Pass", "End": True}}})
    assert [output(states, machine, {"n": n}) for n in (1, 2)] == [{"n": 1}, {"n": 2}]
    assert len([text for text in parsed if name in text]) == 1


def test_a_path_is_parsed_once_for_all_events(rule: RuleFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse, path = JsonPathParser.parse, f"$.detail.n{uuid.uuid4().hex}"

    def record(self: JsonPathParser, text: str, *more: Any) -> Any:
        parsed.append(text)
        return parse(self, text, *more)

    monkeypatch.setattr(JsonPathParser, "parse", record)
    url, arn = rule.queue()
    rule.target(arn, InputTransformer={"InputPathsMap": {"n": path}, "InputTemplate": '{"got": <n>}'})
    for n in (1, 2):
        rule.put({path.rpartition(".")[2]: n})
    assert [json.loads(one["Body"]) for one in rule.messages(url)] == [{"got": 1}, {"got": 2}]
    assert parsed.count(path) == 1
