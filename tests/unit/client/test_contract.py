"""Compares the client with the API's OpenAPI document: operations, requests, and types of answers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Literal, Unpack, get_args, get_origin, get_type_hints

import jsonschema
import pytest

from baton.model import (
    ApprovalStatus,
    AttemptStatus,
    Decision,
    DeliveryStatus,
    EventType,
    RecoveryAction,
    Role,
    RunStatus,
    StepStatus,
    StepType,
    TimeoutAction,
    WebhookStatus,
)
from baton_client import vocabulary
from baton_client.contents import FittedAnswer
from baton_client.runs import Run
from baton_client.steps import Step
from baton_client.stream import Event, FittedEvent
from tests.unit.client.calls import DOCUMENT, OPERATIONS, SCHEMAS, Call, calls
from tests.unit.client.typed_schemas import Comparison

# Parameters that the client does not send, with the reason.
NOT_SENT = {
    "streamRunStatus": {"ticket", "lastEventId"},  # for browsers, which cannot send headers
    "publishDefinition": {"organization"},  # belongs to a YAML body; the client sends JSON
    "publishAgent": {"organization"},
    **dict.fromkeys(  # the client puts the pages together
        ("listDefinitions", "listVersions", "listAgents", "listMembers", "listServiceTokens"), {"cursor", "limit"}
    ),
}
OF_EVERY_REQUEST = {"host", "accept", "accept-encoding", "connection", "user-agent", "authorization", "content-type",
                    "content-length"}  # fmt: skip
TASKS = {"build": "BuildTask", "plan": "PlanTask", "orchestrator_run_human_response": "ResponseTask",
         "orchestrator_run_cancel": "CancelTask"}  # fmt: skip
CONTENTS = {"build": "LaunchedContent", "plan": "PreviewView", "orchestrator_run_human_response": "DecisionTaken",
            "orchestrator_run_cancel": "Outcome"}  # fmt: skip

CALLS = calls()
COMPARISON = Comparison(SCHEMAS)
every_call = pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)


def expected_parameters(call: Call, place: str) -> set[str]:
    """The names of the document's parameters in ``place`` (query or header) that the client should send."""
    names = {one["name"] for one in call.operation.get("parameters", []) if one["in"] == place}
    return names - NOT_SENT.get(call.operation_id, set())


def body_of(call: Call) -> Any:
    return json.loads(call.request.content) if call.request.content else None


def is_a_task(call: Call) -> bool:
    return call.operation_id == "askAgent"


def test_every_operation_has_a_method_and_every_method_an_operation() -> None:
    methods = defaultdict(list)
    for call in CALLS:
        methods[call.operation_id].append(call.name)
    assert methods.keys() == {operation["operationId"] for operation in OPERATIONS.values()}
    assert methods.pop("askAgent") == ["Tasks.build", "Tasks.cancel", "Tasks.plan", "Tasks.respond"]
    assert [names for names in methods.values() if len(names) > 1] == []


@every_call
def test_a_method_can_send_each_parameter_of_its_operation_and_no_other(call: Call) -> None:
    assert set(call.request.url.params) == expected_parameters(call, "query")
    headers = expected_parameters(call, "header")
    if is_a_task(call) and call.name != "Tasks.build":
        headers.remove("idempotency-key")  # the other tasks start nothing
    assert set(call.request.headers) - OF_EVERY_REQUEST == headers


@every_call
def test_a_body_has_each_field_that_the_operation_takes_and_no_other(call: Call) -> None:
    described = call.operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    body = body_of(call)
    assert (body is None) == (described is None)
    if described is None:
        return
    jsonschema.Draft202012Validator({**described, "components": DOCUMENT["components"]}).validate(body)
    options = [option for option in described.get("anyOf", [described]) if option.get("type") != "null"]
    schema = SCHEMAS[TASKS[body["mode"]]] if is_a_task(call) else COMPARISON.resolved(options[0])
    assert body.keys() == schema.get("properties", {}).keys()
    if is_a_task(call):
        assert body["payload"].keys() == COMPARISON.resolved(schema["properties"]["payload"])["properties"].keys()


@every_call
def test_an_answer_has_the_type_that_the_document_says(call: Call) -> None:
    hint, schema = get_type_hints(call.method)["return"], call.answer_schema
    match call.name:
        case "Deliverables.content" | "Deliverables.content_by_name":
            assert hint is str
        case "Members.remove" | "Webhooks.delete":
            assert (hint, schema) == (type(None), None)
        case "RunStream.read":
            assert hint == list[FittedEvent] | None
            assert list(COMPARISON.differences(Event, SCHEMAS["Event"], "event")) == []
        case "Runs.events":
            assert (hint, FittedEvent.__annotations__.keys()) == (
                list[FittedEvent],
                {*Event.__annotations__, *FittedAnswer.__annotations__},
            )
        case _ if is_a_task(call):
            assert list(task_differences(hint, body_of(call)["mode"])) == []
        case _:
            assert schema is not None
            if get_origin(hint) in (list, Sequence):
                others = {"omitted", "nextCursor"}  # the list is the answer's only other field
                [schema] = [field for name, field in schema["properties"].items() if name not in others]
            assert list(COMPARISON.differences(hint, schema, call.name)) == []


def task_differences(hint: Any, mode: str) -> list[str]:
    """The differences of the envelope, the metadata, and the content, which depends on the mode."""
    envelope, [content] = get_type_hints(get_origin(hint)), get_args(hint)
    payload = get_type_hints(get_origin(envelope["payload"]))
    assert envelope.keys() == SCHEMAS["TaskAnswer"]["properties"].keys()
    assert payload.keys() == SCHEMAS["TaskContent"]["properties"].keys()
    return [
        *COMPARISON.differences(payload["metadata"], SCHEMAS["TaskMetadata"], "metadata"),
        *COMPARISON.differences(content, SCHEMAS[CONTENTS[mode]], "content"),
    ]


# --- the words of fields ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "enum"),
    [
        (vocabulary.RunStatus, RunStatus),
        (vocabulary.StepStatus, StepStatus),
        (vocabulary.AttemptStatus, AttemptStatus),
        (vocabulary.ApprovalStatus, ApprovalStatus),
        (vocabulary.Decision, Decision),
        (vocabulary.TimeoutAction, TimeoutAction),
        (vocabulary.RecoveryAction, RecoveryAction),
        (vocabulary.Role, Role),
        (vocabulary.StepType, StepType),
        (vocabulary.WebhookStatus, WebhookStatus),
        (vocabulary.DeliveryStatus, DeliveryStatus),
        (vocabulary.EventType, EventType),
    ],
)
def test_the_words_of_a_field_are_those_of_the_api(words: Any, enum: type[StrEnum]) -> None:
    assert list(get_args(words)) == [str(member) for member in enum]


@every_call
def test_an_argument_takes_the_words_of_the_document(call: Call) -> None:
    """Where the document lists the values of a parameter or a field of the body, the argument's type lists them."""
    described = {one["name"]: one["schema"] for one in call.operation.get("parameters", [])}
    body = body_of(call) or {}
    if is_a_task(call):
        body_schema = COMPARISON.resolved(SCHEMAS[TASKS[body["mode"]]]["properties"]["payload"])
    else:
        content = call.operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        body_schema = COMPARISON.resolved(content.get("schema", {}))
    hints = hints_of(call.method)
    for name, schema in {**described, **body_schema.get("properties", {})}.items():
        [schema] = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"][:1]
        listed = schema.get("items", schema).get("enum")
        if listed and name in hints:
            assert literals_of(hints[name]) == listed, name


def hints_of(method: Any) -> dict[str, Any]:
    hints = get_type_hints(method)
    filters = [hint for hint in hints.values() if get_origin(hint) is Unpack]
    return {**hints, **(get_type_hints(get_args(filters[0])[0]) if filters else {})}


def literals_of(hint: Any) -> list[Any]:
    """The literals in a type: of ``Literal[…] | None``, or of ``Iterable[Literal[…]]``."""
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [literal for part in get_args(hint) for literal in literals_of(part)]


# --- the comparison itself --------------------------------------------------------------------------------------------


def changed(schema: str, **fields: Any) -> dict[str, Any]:
    return {**SCHEMAS[schema], "properties": {**SCHEMAS[schema]["properties"], **fields}}


@pytest.mark.parametrize(
    ("hint", "schema", "difference"),
    [
        (Run, changed("Run", extra={"type": "string"}), "run: only one of them has ['extra']"),
        (Run, {**SCHEMAS["Run"], "required": ["id"]}, "run: only one of them requires"),
        (Run, changed("Run", status={"type": "integer"}), "run.status: typing.Literal"),
        (Run, changed("Run", timings={"type": "object"}), "run.timings: only one of them has"),
        (Run, changed("Run", generation={"anyOf": [{"type": "integer"}, {"type": "null"}]}), "run.generation: "),
        (list[Step], {"type": "array", "items": changed("Step", agent={"type": "number"})}, "run[].agent: "),
    ],
)
def test_the_comparison_finds_a_change_of_the_document(hint: Any, schema: dict[str, Any], difference: str) -> None:
    assert next(COMPARISON.differences(hint, schema, "run")).startswith(difference)
