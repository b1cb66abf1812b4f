"""The local stack reads its resources from the template."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.checkout import ROOT
from local.intrinsics import Intrinsics, TemplateUnsupported
from local.template import Deployment, read_template

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Colour: {Type: String, Default: blue}
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      CorsConfiguration: {AllowOrigins: ["https://app.example"], AllowMethods: [GET]}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub ${AWS::StackName}-worker
      CodeUri: functions/worker
      Handler: app.handler
      Runtime: python3.13
      Timeout: 7
      Environment:
        Variables:
          COLOUR: !Ref Colour
          URL: !Sub https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/work
      Events:
        Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: GET, Path: "/things/{id}"}}
        Often: {Type: Schedule, Properties: {Schedule: rate(5 minutes)}}
        Heard: {Type: EventBridgeRule, Properties: {EventBusName: !Ref Bus, Pattern: {source: [baton]}}}
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: !Sub "${AWS::StackName}-bus"}}
  Key: {Type: AWS::SecretsManager::Secret, Properties: {Name: key, GenerateSecretString: {PasswordLength: 40}}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: !Sub ${AWS::StackName}-machine
      DefinitionUri: machine.json
      DefinitionSubstitutions: {WorkerArn: !GetAtt Worker.Arn}
      Role: arn:aws:iam::123456789012:role/x
"""


@pytest.fixture
def deployment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "machine.json").write_text('{"Resource": "${WorkerArn}"}')
    parameters = {"Colour": "green", "Unknown": "x"}
    return read_template(tmp_path / "template.yaml", stack_name="s", parameters=parameters, api_url="http://here")


def test_a_function_has_its_settings_resolved(deployment: Deployment, tmp_path: Path) -> None:
    (worker,) = deployment.functions
    assert (worker.name, worker.folder, worker.timeout) == ("s-worker", tmp_path / "functions/worker", 7)
    assert worker.environment == {"COLOUR": "green", "URL": "http://here/work"}


def test_routes_schedules_rules_and_cors_have_their_functions(deployment: Deployment) -> None:
    assert [(route.method, route.path, route.function) for route in deployment.routes] == [
        ("GET", "/things/{id}", "s-worker")
    ]
    assert [(schedule.seconds, schedule.function) for schedule in deployment.schedules] == [(300, "s-worker")]
    assert [(rule.bus, rule.pattern, rule.targets) for rule in deployment.rules] == [
        ("s-bus", {"source": ["baton"]}, ("arn:aws:lambda:us-east-1:123456789012:function:s-worker",))
    ]
    assert deployment.cors is not None
    assert deployment.cors["allowOrigins"] == ["https://app.example"]


def test_machines_buses_and_secrets_are_named_as_deployed(deployment: Deployment) -> None:
    (machine,) = deployment.machines
    assert machine.name == "s-machine"
    assert json.loads(machine.definition)["Resource"] == "arn:aws:lambda:us-east-1:123456789012:function:s-worker"
    assert deployment.buses == ("s-bus",)
    assert [(secret.name, secret.generated_length) for secret in deployment.secrets] == [("key", 40)]


def test_the_local_stack_supports_our_own_template(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    deployment = read_template(
        ROOT / "template.yaml", stack_name="baton", parameters={"AuthIssuer": "http://here/auth"}, api_url="http://here"
    )
    for function in deployment.functions:
        assert (function.folder / "app.py").exists()
        unresolved = [value for value in function.environment.values() if "${" in value or "amazonaws" in value]
        assert all(
            value.startswith("https://sqs.") for value in unresolved
        )  # the simulated SQS knows its queues by these
    assert {route.path for route in deployment.routes} >= {"$default", "/mcp"}


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [({}, None), ({"CorsOrigins": "https://a.example,https://b.example"}, ["https://a.example", "https://b.example"])],
    ids=["none by default", "those of the parameter"],
)
def test_browsers_may_call_our_api_from_the_origins_of_the_parameter(
    monkeypatch: pytest.MonkeyPatch, origins: dict[str, str], allowed: list[str] | None
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    parameters = {"AuthIssuer": "http://here/auth", **origins}
    cors = read_template(ROOT / "template.yaml", stack_name="baton", parameters=parameters, api_url="http://here").cors
    assert (cors and cors["allowOrigins"]) == allowed
    assert cors is None or "idempotency-key" in cors["allowHeaders"]
    assert cors is None or "apigw-requestid" in cors["exposeHeaders"]  # which a 500 tells the caller to name


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Ref": "AWS::Region"}, "us-east-1"),
        ({"Fn::Sub": ["${Own}-${AWS::StackName}-${!kept}", {"Own": "x"}]}, "x-s-${kept}"),
        ({"Fn::Join": ["/", ["a", {"Ref": "Size"}]]}, "a/3"),
        ({"Fn::If": ["Small", "yes", "no"]}, "yes"),
        ({"Fn::Select": ["1", {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"kept": 1, "left out": {"Fn::If": ["Large", 1, {"Ref": "AWS::NoValue"}]}}, {"kept": 1}),
        ([{"Ref": "AWS::NoValue"}, 2], [2]),
    ],
)
def test_intrinsic_functions_are_resolved(value: Any, expected: Any) -> None:
    assert intrinsics().resolve(value) == expected


@pytest.mark.parametrize(
    ("value", "name"), [({"Fn::ImportValue": "x"}, "Fn::ImportValue"), ({"Ref": "Nothing"}, "Nothing")]
)
def test_an_unsupported_feature_is_named(value: Any, name: str) -> None:
    with pytest.raises(TemplateUnsupported, match=name):
        intrinsics().resolve(value)


def intrinsics() -> Intrinsics:
    template = {
        "Parameters": {"Size": {"Type": "Number", "Default": 3}},
        "Conditions": {
            "Small": {"Fn::Equals": [{"Ref": "Size"}, "3"]},
            "Large": {"Fn::Not": [{"Condition": "Small"}]},
        },
        "Resources": {},
    }
    return Intrinsics(template, {}, "s", "123456789012", "us-east-1")
