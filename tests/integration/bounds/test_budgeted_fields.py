"""Every field of a request body has a limit, and a request beyond it is a 422 that names the field. The list of the
fields is the OpenAPI document: a new field without a case fails."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.bounds.conftest import ApiFixture
from tests.integration.bounds.stored import Sizes, store
from tests.unit.api.document import openapi_document

RUNS, DEMO = "/orchestrations/runs", "/organizations/demo"
TASKS = "/agent-to-agent/{organization}/{agent}/tasks"
APPROVAL = "00000000-0000-4000-8000-000000000001"

NOTES = ["x" * 4_097, "é" * 2_049]
CHANGES: list[Any] = [{"list": ["x" * 65_536]}, {"list": [Decimal("1E+1000")] * 100}]
PARAMETERS: list[Any] = [{"regions": ["x" * 1_000] * 263}, {"regions": [Decimal("1E+1000")] * 300}]
OUTPUTS: list[Any] = [{"text": [Decimal("1E+1000")] * 5_000}]  # as text, they would not fit into a body
LAUNCH = {"organization": "demo", "orchestration": {"name": "reviewed"}, "parameters": {"regions": ["north"]}}
TOKEN = {"name": "n", "roles": ["viewer"], "expiresAt": "2027-01-01T00:00:00Z"}
WEBHOOK = {"url": "https://hooks.example.com/"}
SOURCE = {"organization": "demo", "source": "metadata: {}"}
TASK = {"orchestration": {"name": "reviewed"}, "promptParameters": {"regions": ["north"]}}

# Operation → the rest of the body, and field → values that are too large.
LIMITED: dict[str, tuple[dict[str, Any], dict[str, list[Any]]]] = {
    f"POST {RUNS}": (LAUNCH, {"parameters": PARAMETERS}),
    f"POST {RUNS}/{{run_id}}/actions/retry": ({}, {"note": NOTES, "modifications": CHANGES}),
    f"POST {RUNS}/{{run_id}}/actions/skip": ({}, {"note": NOTES, "replacementOutput": OUTPUTS}),
    f"POST {RUNS}/{{run_id}}/actions/abort": ({}, {"note": NOTES}),
    f"POST {RUNS}/{{run_id}}/actions/fork": ({"stepId": "look"}, {"note": NOTES, "modifications": CHANGES}),
    "POST /orchestrations/approvals/{approval_id}/decision": (
        {"decision": "retry"}, {"notes": NOTES, "modifications": CHANGES},
    ),
    f"POST {TASKS} build": (TASK, {"promptParameters": PARAMETERS}),
    f"POST {TASKS} plan": (TASK, {"promptParameters": PARAMETERS}),
    f"POST {TASKS} orchestrator_run_human_response": (
        {"approvalId": APPROVAL, "decision": "retry"}, {"notes": NOTES, "modifications": CHANGES},
    ),
    f"POST {TASKS} orchestrator_run_cancel": ({"orchestrationRunId": APPROVAL}, {"notes": NOTES}),
    f"PUT {DEMO}/time-zone": ({}, {"timeZone": ["x" * 65]}),
    f"POST {DEMO}/service-tokens": (TOKEN, {"name": ["x" * 101]}),
    f"POST {DEMO}/webhooks": (
        WEBHOOK, {"url": [f"https://hooks.example.com/{'x' * 2_000}"], "description": ["x" * 501]},
    ),
    f"PATCH {DEMO}/webhooks/{{webhook_id}}": (
        {}, {"url": [f"https://hooks.example.com/{'x' * 2_000}"], "description": ["x" * 501]},
    ),
    "POST /orchestrations/definitions": (SOURCE, {"source": ["x" * 400_001]}),
    "POST /agents": (SOURCE, {"source": ["x" * 400_001]}),
}  # fmt: skip

# The other fields, which make nothing in the record large.
UNLIMITED = {
    **dict.fromkeys(
        ("organization", "agent", "stepId", "version", "orchestration.name", "orchestration.version", "callback.url",
         "approvalId", "orchestrationRunId"), "names something that is there"
    ),
    **dict.fromkeys(("decision", "mode", "expiresAt"), "is a word or a moment"),
    **dict.fromkeys(("roles", "eventTypes", "callback.events"), "is kept as a set of words"),
}  # fmt: skip

CASES = [
    (operation, rest, field, value)
    for operation, (rest, fields) in LIMITED.items()
    for field, values in fields.items()
    for value in values
]


@pytest.fixture(scope="module")
def run(api: ApiFixture) -> str:
    sizes = Sizes("x", 10, 10, (10,), attempts=1, items=0, item_text=0, events=1, status="failed")
    return store(api.engine, sizes).run_id


@pytest.mark.parametrize(("operation", "rest", "field", "value"), CASES, ids=[f"{o} {f}" for o, _, f, _ in CASES])
def test_a_field_beyond_its_limit_is_named(
    api: ApiFixture, run: str, operation: str, rest: dict[str, Any], field: str, value: Any
) -> None:
    method, template, *mode = operation.split(" ")
    approval = api.engine.one("select id from human_approvals where run_id = %s", run)["id"]
    ids = {"run_id": run, "approval_id": approval, "webhook_id": uuid.uuid4()}
    url = template.format(organization="demo", agent="finance-manager", **ids)
    body = {**rest, field: value}
    refused = api.ask(method, url, {"mode": mode[0], "payload": body} if mode else body)
    assert refused["statusCode"] == 422, refused["body"]
    named = {problem["field"].removeprefix("payload.") for problem in json.loads(refused["body"])["errors"]}
    assert field in named, refused["body"]


def test_every_field_of_a_body_has_a_limit_or_needs_none() -> None:
    document = openapi_document()
    limited = {(operation.split(" ")[1], field) for operation, (_, fields) in LIMITED.items() for field in fields}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            for field in set(fields_of(body["schema"], document["components"]["schemas"])) if body else ():
                name = field.removeprefix("payload.")
                place = path.replace("/organizations/{organization}", DEMO)
                assert (place, name) in limited or name in UNLIMITED, (path, field)


def fields_of(schema: dict[str, Any], schemas: dict[str, Any], at: str = "") -> Iterator[str]:
    """The fields of a body whose values can be large: texts, lists, and objects of any content."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    for kind in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(kind, ()):
            yield from fields_of(part, schemas, at)
    if schema.get("properties"):
        for name, part in schema["properties"].items():
            yield from fields_of(part, schemas, f"{at}.{name}" if at else name)
    elif schema.get("type") in ("string", "array", "object") and at:
        yield at


def test_a_repeated_type_of_event_is_kept_once(api: ApiFixture) -> None:
    """A webhook may have each type; a list of them could be as large as a body."""
    created = "orchestration.run.created"
    made = api.ask(
        "POST", f"{DEMO}/webhooks", {"url": "https://hooks.example.com/set", "eventTypes": [created] * 20_000}
    )
    assert api.decoded(made)["eventTypes"] == [created]
