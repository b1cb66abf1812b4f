"""Agents and definitions over HTTP."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from baton.errors import Conflict, Invalid, SourceProblem
from baton.usecases.library import PublishRequest

YAML = {"content-type": "application/yaml"}
DEMO = {"organization": "demo"}
PATHS = ("/orchestrations/definitions", "/agents")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["application/yaml", "text/yaml; charset=utf-8", "application/x-yaml"])
def test_a_body_may_be_the_yaml_text_itself(client: Any, function: Any, path: str, kind: str) -> None:
    assert client.post(path, "a: ü", headers={"content-type": kind}, query=DEMO).status == 201
    assert function.library.requests == [PublishRequest("demo", "a: ü")]


@pytest.mark.parametrize("path", PATHS)
def test_a_body_may_be_json_with_the_yaml_text(client: Any, function: Any, path: str) -> None:
    body = {"organization": "demo", "source": "a: 1\n"}
    assert client.post(path, body, headers={"content-type": "application/json"}).status == 201
    assert function.library.requests == [PublishRequest("demo", "a: 1\n")]


def test_a_new_agent_or_version_has_a_location(client: Any) -> None:
    answer = client.post(PATHS[0], "a: 1", headers=YAML, query=DEMO)
    assert answer.headers["Location"] == "/orchestrations/definitions/kpi-tracking?organization=demo&version=1.0.0"
    assert (answer.body["name"], answer.body["version"], answer.body["ownerAgent"]) == (
        "kpi-tracking",
        "1.0.0",
        "finance-manager",
    )
    answer = client.post(PATHS[1], "a: 1", headers=YAML, query=DEMO)
    assert answer.headers["Location"] == "/agents/fetcher?organization=demo"
    assert answer.body["transport"]["url"] == "https://agents.example.com/"
    assert answer.body["accepts"] == {"type": "object"}


@pytest.mark.parametrize("path", PATHS)
def test_an_agent_or_version_that_exists_answers_200(client: Any, function: Any, path: str) -> None:
    function.library.repeated = True
    assert client.post(path, "a: 1", headers=YAML, query=DEMO).status == 200


def test_problems_of_the_source_come_with_their_places(client: Any, function: Any) -> None:
    problem = SourceProblem("orchestration.steps[0].agent", "the agent `x` is unknown", 12, 7, "y")
    function.library.fails_with = Invalid("The source is not valid", [problem])
    answer = client.post(PATHS[0], "a: 1", headers=YAML, query=DEMO)
    assert answer.status == 422
    assert answer.body["errors"] == [
        {
            "field": "orchestration.steps[0].agent",
            "message": "the agent `x` is unknown",
            "line": 12,
            "column": 7,
            "suggestion": "y",
        }
    ]
    assert "line 12, column 7" in answer.body["detail"]


def test_a_version_with_other_content_is_a_conflict(client: Any, function: Any) -> None:
    function.library.fails_with = Conflict("it is published already")
    assert client.post(PATHS[0], "a: 1", headers=YAML, query=DEMO).status == 409


@pytest.mark.parametrize(
    ("headers", "body", "query", "status"),
    [
        ({"content-type": "text/plain"}, "a: 1", DEMO, 415),
        ({}, "a: 1", DEMO, 415),
        (YAML, "a: 1", {}, 422),
        (YAML, "a: 1", {"organization": "demo", "org": "x"}, 422),
        (YAML, "a: 1", {"organization": "No Slug"}, 404),
        ({"content-type": "application/json"}, {"source": "a: 1"}, {}, 422),
        ({"content-type": "application/json"}, {"organization": "demo", "source": 1}, {}, 422),
        ({"content-type": "application/json"}, {"organization": "demo", "source": "", "x": 1}, {}, 422),
        ({"content-type": "application/json"}, "{", {}, 400),
    ],
)
def test_a_request_that_cannot_be_read_says_why(
    client: Any, function: Any, headers: Any, body: Any, query: Any, status: int
) -> None:
    assert client.post("/agents", body, headers=headers, query=query).status == status
    assert function.library.requests == []


def test_a_body_that_is_not_utf_8_is_malformed(function: Any) -> None:
    from baton.api import routes

    event = {
        "version": "2.0",
        "rawPath": "/agents",
        "rawQueryString": "organization=demo",
        "queryStringParameters": DEMO,
        "headers": {**YAML, "authorization": "Bearer annas-token"},
        "requestContext": {"http": {"method": "POST", "path": "/agents"}, "stage": "$default", "requestId": "r1"},
        "isBase64Encoded": True,
        "body": base64.b64encode(b"a: \xff").decode(),
    }
    assert routes.build(function).resolve(event, None)["statusCode"] == 400  # type: ignore[arg-type]


def test_agents_are_listed_and_shown(client: Any, function: Any) -> None:
    assert [agent["slug"] for agent in client.get("/agents", query=DEMO).body["agents"]] == ["fetcher"]
    assert client.get("/agents/fetcher").body["bundled"] is False


def test_a_version_of_a_definition_can_be_asked_for(client: Any, function: Any) -> None:
    client.get("/orchestrations/definitions/kpi-tracking", query={"version": "1.0.0"})
    assert function.reads.calls[-1][1]["version"] == "1.0.0"


def test_the_versions_of_a_definition_are_listed_archived_ones_too(client: Any) -> None:
    listed = client.get("/orchestrations/definitions/kpi-tracking/versions").body["definitions"]

    assert [version["archivedAt"] for version in listed] == [None, "2026-11-23T09:00:00Z"]


def test_a_version_is_archived(client: Any, function: Any) -> None:
    path = "/orchestrations/definitions/kpi-tracking/archive"

    assert client.post(path, {"organization": "demo", "version": "1.0.0"}).body["archivedAt"] is not None
    assert vars(function.library.requests[-1]) == {"organization": "demo", "name": "kpi-tracking", "version": "1.0.0"}
    assert client.post(path, {"organization": "demo"}).status == 422
