"""A Task: its call, the parameters of the call, and its time limits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from baton.suggestions import did_you_mean
from cli.authoring.checker import paths
from cli.authoring.checker.faults import At, Fault, unknown_fields, whole_number

FIELDS = ("Resource", "TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath", "Credentials")
MAX_SECONDS = 99_999_999

_INTEGRATION = re.compile(r"arn:[a-z-]+:states:::([a-zA-Z0-9:-]+?)(\.sync|\.sync:2|\.waitForTaskToken)?")
_ARN = re.compile(r"arn:[a-z-]+:(lambda|states):[a-z0-9-]*:[0-9]*:(function|activity):.+|\$\{[A-Za-z0-9_]+\}")

# The services after ``:::`` in the ARN of a service integration.
_SERVICES = (
    "apigateway athena aws-sdk batch bedrock codebuild databrew dynamodb ecs eks elasticmapreduce emr-containers "
    "emr-serverless events glue http lambda mediaconvert sagemaker sns sqs states"
).split()
# Service integration → its endings, beside none and ``.waitForTaskToken``.
_ENDINGS: Mapping[str, tuple[str, ...]] = {"lambda:invoke": (), "states:startExecution": (".sync", ".sync:2")}
# Service integration → the parameters that it requires (each is a name), and the others.
_PARAMETERS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "lambda:invoke": (("FunctionName",), ("Payload", "Qualifier", "InvocationType", "ClientContext", "LogType")),
    "states:startExecution": (("StateMachineArn",), ("Input", "Name", "TraceHeader")),
}
_TOKEN = "$$.Task.Token"


def faults(state: Mapping[str, Any], at: At) -> Iterator[Fault]:
    yield from _resource(state, at)
    yield from _times(state, at)


def passes_token(parameters: Any) -> bool:
    """Whether a payload template contains the task's token."""
    match parameters:
        case Mapping():
            return any(
                (name.endswith(".$") and isinstance(value, str) and _TOKEN in value) or passes_token(value)
                for name, value in parameters.items()
            )
        case list():
            return any(passes_token(item) for item in parameters)
    return False


def _resource(state: Mapping[str, Any], at: At) -> Iterator[Fault]:
    resource = state.get("Resource")
    if resource is None:
        return  # reported as missing
    match = _INTEGRATION.fullmatch(resource) if isinstance(resource, str) else None
    if match is None:
        if not isinstance(resource, str) or not _ARN.fullmatch(resource):
            yield Fault((*at, "Resource"), f"is not the ARN of something that a Task can call: {resource!r}")
        return
    yield from _call(match[1], match[2] or "", (*at, "Resource"))
    parameters = state.get("Parameters", {})
    if isinstance(parameters, Mapping):  # ``templates`` reports anything else
        yield from _token(parameters, match[2] == ".waitForTaskToken", (*at, "Parameters"))
        yield from _parameters(parameters, match[1], (*at, "Parameters"))


def _call(integration: str, ending: str, at: At) -> Iterator[Fault]:
    service = integration.partition(":")[0]
    if service not in _SERVICES:
        yield Fault(at, f"there is no service `{service}`" + did_you_mean(service, _SERVICES))
    if ending.startswith(".sync") and ending not in _ENDINGS.get(integration, (ending,)):
        yield Fault(at, f"{integration} cannot be called with `{ending}`")


def _token(parameters: Mapping[str, Any], waits: bool, at: At) -> Iterator[Fault]:
    if waits and not passes_token(parameters):
        yield Fault(at, f"waits for a token but passes none: `{_TOKEN}` is missing")
    if not waits and passes_token(parameters):
        yield Fault(at, f"`{_TOKEN}` exists only where `Resource` ends in .waitForTaskToken")


def _parameters(parameters: Mapping[str, Any], integration: str, at: At) -> Iterator[Fault]:
    needed, known = _PARAMETERS.get(integration, ((), None))
    names = {name.removesuffix(".$"): name for name in parameters}
    for name in needed:
        if name not in names:
            yield Fault(at, f"{integration} needs `{name}`")
        elif name in parameters and (not isinstance(parameters[name], str) or not parameters[name]):
            yield Fault((*at, name), f"must be a name or an ARN, not {parameters[name]!r}")
    if known is not None:
        yield from unknown_fields(names, (*needed, *known), integration, at)


def _times(state: Mapping[str, Any], at: At) -> Iterator[Fault]:
    for name in ("TimeoutSeconds", "HeartbeatSeconds"):
        if name in state and f"{name}Path" in state:
            yield Fault((*at, name), f"`{name}` and `{name}Path` exclude each other")
        if f"{name}Path" in state:
            yield from paths.reference_faults(state[f"{name}Path"], (*at, f"{name}Path"), context=True)
        yield from whole_number(state, name, 1, MAX_SECONDS, at)
    timeout, heartbeat = state.get("TimeoutSeconds"), state.get("HeartbeatSeconds")
    if timeout is None and "TimeoutSecondsPath" not in state:
        yield Fault(at, "needs `TimeoutSeconds`: without it, the state waits 99,999,999 seconds for a lost task")
    if isinstance(timeout, int) and isinstance(heartbeat, int) and heartbeat >= timeout:
        yield Fault((*at, "HeartbeatSeconds"), f"must be below `TimeoutSeconds` ({timeout})")
