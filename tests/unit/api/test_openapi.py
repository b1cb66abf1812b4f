"""The OpenAPI document of the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from baton.api import routes, stream
from tests.unit.api.document import openapi_document


@pytest.fixture
def document() -> Any:
    return openapi_document()


def operations(document: Any) -> dict[tuple[str, str], Any]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_valid_openapi_3_1(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(document).validate()


def test_it_has_every_route_of_this_function_and_of_the_streams(document: Any, function: Any) -> None:
    apps = routes.build(function), stream.build(stream.NOT_SERVED)

    assert operations(document).keys() == {
        (route.method, route.openapi_path) for app in apps for route in app._static_routes + app._dynamic_routes
    }


def test_every_operation_has_a_summary_and_its_own_name(document: Any) -> None:
    all_operations = operations(document)

    assert all(operation["summary"] and operation["tags"] for operation in all_operations.values())
    assert len({operation["operationId"] for operation in all_operations.values()}) == len(all_operations)


def test_every_operation_needs_a_token_except_those_about_the_api(document: Any) -> None:
    assert document["security"] == [{"bearer": []}]
    for (_, path), operation in operations(document).items():
        is_open = path in ("/health", "/openapi.json")
        assert (operation.get("security") == []) == is_open, path
        assert ("401" in operation["responses"]) != is_open, path


def test_every_refusal_is_a_problem_document_or_the_gateways_own(document: Any) -> None:
    for operation in operations(document).values():
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert response["content"].keys() <= {"application/problem+json", "application/json"}
                assert "urn:problem-type:baton:" in response["description"] or status in ("413", "429", "500", "503")


def test_fields_are_described_with_their_checks(document: Any) -> None:
    schemas = document["components"]["schemas"]

    launch = schemas["LaunchBody"]
    assert launch["required"] == ["organization", "orchestration"]
    assert launch["additionalProperties"] is False
    assert "skipOptionalCheckpoints" in launch["properties"]
    parameters = document["paths"]["/orchestrations/runs"]["get"]["parameters"]
    assert {parameter["name"] for parameter in parameters} >= {"organization", "status", "limit"}


def test_a_task_is_one_of_four_by_its_mode(document: Any) -> None:
    task = document["paths"]["/agent-to-agent/{organization}/{agent}/tasks"]["post"]["requestBody"]

    names = [option["$ref"].rpartition("/")[2] for option in task["content"]["application/json"]["schema"]["oneOf"]]
    assert names == ["BuildTask", "PlanTask", "ResponseTask", "CancelTask"]


def test_every_schema_belongs_to_an_operation(document: Any) -> None:
    named, schemas = json.dumps(document), document["components"]["schemas"]

    assert [name for name in schemas if f'"#/components/schemas/{name}"' not in named] == []
    assert "ValidationError" not in named


def test_the_answer_of_each_mode_of_a_task_is_described(document: Any) -> None:
    schemas = document["components"]["schemas"]

    content = schemas["TaskContent"]["properties"]["content"]["anyOf"]
    described = [schemas[option["$ref"].rpartition("/")[2]]["properties"].keys() for option in content]
    assert described[0] >= {"orchestrationRunId", "status", "steps", "readySteps"}
    assert described[1] >= {"parameters", "steps", "readySteps", "stateMachine"}
    assert described[2] >= {"approvalId", "decision", "decidedBy"}
    assert described[3] >= {"runId", "action", "status"}
