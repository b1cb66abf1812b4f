"""Reads the resources of ``template.yaml`` through the SAM translator, so that no second list is needed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from local.intrinsics import Intrinsics, TemplateUnsupported

ACCOUNT, REGION = "123456789012", "us-east-1"
PLACEHOLDER_URI = "s3://artefacts/artefact"  # the translator needs a URI; the local stack reads the checkout
RATE = re.compile(r"rate\((?P<value>\d+) (?P<unit>minute|hour|day)s?\)")
MAX_AT_ONCE = 10  # calls of a function for a queue, if the template sets no limit
SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
INTEGRATED_FUNCTION = re.compile(r"functions/arn:[^/]*:function:([^/]+)/invocations")


@dataclass(frozen=True)
class Function:
    """A Lambda function. ``folder`` has its code, ``timeout`` is in seconds, ``retries`` is how often a failed event is
    tried again."""

    name: str
    folder: Path
    handler: str
    environment: Mapping[str, str]
    timeout: int
    memory: int
    retries: int = 2


@dataclass(frozen=True)
class Route:
    """A route of the HTTP API: ``method`` ANY stands for all methods, ``path`` $default for all paths."""

    method: str
    path: str
    function: str


@dataclass(frozen=True)
class Schedule:
    name: str
    seconds: int
    function: str
    input: Any


@dataclass(frozen=True)
class Rule:
    """An event rule. ``targets`` are ARNs of functions or queues."""

    name: str
    bus: str
    pattern: Mapping[str, Any]
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Queue:
    """A queue. ``visibility`` is in seconds. After ``max_receives``, a message goes to the queue ``dead_letters``."""

    name: str
    visibility: int = 30
    dead_letters: str | None = None
    max_receives: int = 0


@dataclass(frozen=True)
class EventSource:
    """A queue whose messages a function processes, at most ``batch`` in a call and ``at_once`` calls at a time."""

    queue: str
    function: str
    batch: int
    at_once: int


@dataclass(frozen=True)
class Machine:
    """A state machine and its definition, with the ARNs of the deployment."""

    name: str
    definition: str


@dataclass(frozen=True)
class Archive:
    """An archive of a bus's events."""

    name: str
    bus: str
    pattern: Mapping[str, Any]


@dataclass(frozen=True)
class Secret:
    """A secret. ``generated_length`` is None if a deployment leaves the secret empty."""

    name: str
    generated_length: int | None


@dataclass(frozen=True)
class Deployment:
    functions: tuple[Function, ...]
    routes: tuple[Route, ...]
    cors: Mapping[str, Any] | None
    schedules: tuple[Schedule, ...]
    rules: tuple[Rule, ...]
    machines: tuple[Machine, ...]
    buses: tuple[str, ...]
    archives: tuple[Archive, ...]
    queues: tuple[Queue, ...]
    event_sources: tuple[EventSource, ...]
    secrets: tuple[Secret, ...]


def read_template(path: Path, *, stack_name: str, parameters: Mapping[str, str], api_url: str) -> Deployment:
    """Read a SAM template as the stack ``stack_name`` whose HTTP API has the URL ``api_url``.

    Raises TemplateUnsupported for a feature that the local stack does not have.
    """
    return _Reader(path, stack_name, parameters, api_url).deployment()


class _Reader:
    def __init__(self, path: Path, stack_name: str, parameters: Mapping[str, str], api_url: str) -> None:
        self._root = path.parent
        source = yaml_parse(path.read_text())
        self._code: dict[str, str] = {}
        self._definitions: dict[str, str] = {}
        for logical_id, resource in source["Resources"].items():
            self._keep_local_paths(logical_id, resource.get("Type"), resource.get("Properties", {}))
        declared = source.get("Parameters", {})
        known = {  # the translator expects a list as a list
            name: value.split(",") if declared[name]["Type"] == "CommaDelimitedList" else value
            for name, value in parameters.items()
            if name in declared
        }
        self._template: dict[str, Any] = transform(source, known, _NoManagedPolicies())
        self._intrinsics = Intrinsics(self._template, known, stack_name, ACCOUNT, REGION)
        self._api = f"https://{self._intrinsics.api_id}.execute-api.{REGION}.amazonaws.com"
        self._api_url = api_url

    def deployment(self) -> Deployment:
        bodies = [properties["Body"] for _, properties in self._resources("AWS::ApiGatewayV2::Api")]
        if len(bodies) > 1:
            raise TemplateUnsupported("template.yaml has more than one HTTP API; the local stack serves one")
        body = self._intrinsics.resolve(bodies[0]) if bodies else {"paths": {}}
        return Deployment(
            functions=tuple(self._functions()),
            routes=tuple(_routes(body)),
            cors=body.get("x-amazon-apigateway-cors"),
            schedules=tuple(self._schedules()),
            rules=tuple(self._rules()),
            machines=tuple(self._machines()),
            buses=tuple(self._names("AWS::Events::EventBus")),
            archives=tuple(self._archives()),
            queues=tuple(self._queues()),
            event_sources=tuple(self._event_sources()),
            secrets=tuple(self._secrets()),
        )

    def _keep_local_paths(self, logical_id: str, kind: str, properties: dict[str, Any]) -> None:
        if kind == "AWS::Serverless::Function":
            self._code[logical_id], properties["CodeUri"] = properties["CodeUri"], PLACEHOLDER_URI
        elif kind == "AWS::Serverless::LayerVersion":
            properties["ContentUri"] = PLACEHOLDER_URI
        elif kind == "AWS::Serverless::StateMachine" and "DefinitionUri" in properties:
            self._definitions[logical_id], properties["DefinitionUri"] = properties["DefinitionUri"], PLACEHOLDER_URI

    def _resources(self, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for logical_id, resource in self._template["Resources"].items():
            if resource["Type"] == kind:
                yield logical_id, resource.get("Properties", {})

    def _names(self, kind: str) -> Iterator[str]:
        return (self._intrinsics.name(logical_id) for logical_id, _ in self._resources(kind))

    def _functions(self) -> Iterator[Function]:
        retries = {
            self._intrinsics.resolve(properties["FunctionName"]): int(properties["MaximumRetryAttempts"])
            for _, properties in self._resources("AWS::Lambda::EventInvokeConfig")
            if "MaximumRetryAttempts" in properties
        }
        for logical_id, properties in self._resources("AWS::Lambda::Function"):
            variables = self._intrinsics.resolve(properties.get("Environment", {}).get("Variables", {}))
            yield Function(
                name=self._intrinsics.name(logical_id),
                folder=self._root / self._code[logical_id],
                handler=properties["Handler"],
                environment={name: self._replace_api_url(str(value)) for name, value in variables.items()},
                timeout=int(properties.get("Timeout", 3)),
                memory=int(properties.get("MemorySize", 128)),
                retries=retries.get(self._intrinsics.name(logical_id), 2),
            )

    def _replace_api_url(self, value: str) -> str:
        """``value`` with the URL of the local HTTP server instead of the HTTP API's."""
        return value.replace(self._api, self._api_url)

    def _schedules(self) -> Iterator[Schedule]:
        for logical_id, properties in self._resources("AWS::Events::Rule"):
            if "ScheduleExpression" not in properties or properties.get("State") == "DISABLED":
                continue
            match = RATE.fullmatch(properties["ScheduleExpression"])
            if match is None:
                raise TemplateUnsupported(f"{logical_id}: {properties['ScheduleExpression']} is not a rate(…)")
            for target in properties["Targets"]:
                yield Schedule(
                    name=self._intrinsics.name(logical_id),
                    seconds=int(match["value"]) * SECONDS[match["unit"]],
                    function=_name_in(self._target(target)),
                    input=json.loads(target["Input"]) if "Input" in target else None,
                )

    def _rules(self) -> Iterator[Rule]:
        for logical_id, properties in self._resources("AWS::Events::Rule"):
            if "EventPattern" in properties and properties.get("State") != "DISABLED":
                yield Rule(
                    name=self._intrinsics.name(logical_id),
                    bus=self._intrinsics.resolve(properties.get("EventBusName", "default")),
                    pattern=self._intrinsics.resolve(properties["EventPattern"]),
                    targets=tuple(self._target(target) for target in properties["Targets"]),
                )

    def _target(self, target: dict[str, Any]) -> str:
        arn = str(self._intrinsics.resolve(target["Arn"]))
        if ":function:" not in arn and not arn.startswith("arn:aws:sqs:"):
            raise TemplateUnsupported(f"the local stack delivers events to functions and queues only, not to {arn}")
        return arn

    def _queues(self) -> Iterator[Queue]:
        for logical_id, properties in self._resources("AWS::SQS::Queue"):
            redrive = self._intrinsics.resolve(properties.get("RedrivePolicy", {}))
            yield Queue(
                name=self._intrinsics.name(logical_id),
                visibility=int(properties.get("VisibilityTimeout", 30)),
                dead_letters=_name_in(redrive["deadLetterTargetArn"]) if redrive else None,
                max_receives=int(redrive.get("maxReceiveCount", 0)),
            )

    def _event_sources(self) -> Iterator[EventSource]:
        for _, declared in self._resources("AWS::Lambda::EventSourceMapping"):
            properties = self._intrinsics.resolve(declared)
            arn = str(properties["EventSourceArn"])
            if not arn.startswith("arn:aws:sqs:"):
                raise TemplateUnsupported(f"the local stack has only queues as event sources, not {arn}")
            yield EventSource(
                queue=_name_in(arn),
                function=_name_in(str(properties["FunctionName"])),
                batch=int(properties.get("BatchSize", 10)),
                at_once=int(properties.get("ScalingConfig", {}).get("MaximumConcurrency", MAX_AT_ONCE)),
            )

    def _machines(self) -> Iterator[Machine]:
        for logical_id, properties in self._resources("AWS::StepFunctions::StateMachine"):
            text = (self._root / self._definitions[logical_id]).read_text()
            substitutions = self._intrinsics.resolve(properties.get("DefinitionSubstitutions", {}))
            for name, value in substitutions.items():
                text = text.replace("${" + name + "}", str(value))
            yield Machine(self._intrinsics.name(logical_id), text)

    def _archives(self) -> Iterator[Archive]:
        for _, properties in self._resources("AWS::Events::Archive"):
            resolved = self._intrinsics.resolve(properties)
            bus = str(resolved["SourceArn"]).rpartition("/")[2]
            yield Archive(resolved["ArchiveName"], bus, resolved.get("EventPattern", {}))

    def _secrets(self) -> Iterator[Secret]:
        for logical_id, properties in self._resources("AWS::SecretsManager::Secret"):
            generated = properties.get("GenerateSecretString")
            length = None if generated is None else int(generated.get("PasswordLength", 32))
            yield Secret(self._intrinsics.name(logical_id), length)


def _name_in(arn: str) -> str:
    """The name of a function or queue; a name stays as it is."""
    return arn.rpartition(":")[2]


class _NoManagedPolicies:
    """The translator looks up AWS' managed policies by name. The local stack checks no policies."""

    def load(self) -> dict[str, str]:
        return {}


def _routes(body: Mapping[str, Any]) -> Iterator[Route]:
    for path, methods in body["paths"].items():
        for method, operation in methods.items():
            integration = operation.get("x-amazon-apigateway-integration") if isinstance(operation, dict) else None
            if integration is None:
                continue
            match = INTEGRATED_FUNCTION.search(integration["uri"])
            if match is None:
                raise TemplateUnsupported(f"{method} {path}: the local stack serves functions only")
            yield Route("ANY" if method.startswith("x-amazon") else method.upper(), path, match[1])
