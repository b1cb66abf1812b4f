"""The agents of `global`, for callers of no, one and several organisations."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.api.test_tasks import LAUNCH

TASKS = "/agent-to-agent/global/finance-manager/tasks"
MODES = ["build", "plan", "orchestrator_run_human_response", "orchestrator_run_cancel"]


def body_of(mode: str, ids: Any) -> dict[str, Any]:
    """A task that every mode accepts, because the dialect ignores what a mode does not need."""
    fields = {"approvalId": ids["approval"], "decision": "continue", "orchestrationRunId": ids["run"]}
    return {"mode": mode, "payload": {**LAUNCH["payload"], **fields}}


def organizations_asked(function: Any) -> list[str | None]:
    requests = [*function.launch.requests, *function.decide.requests, *function.recover.requests]
    return [request.organization for request in requests]


@pytest.mark.parametrize("mode", MODES)
def test_a_caller_of_one_organisation_acts_in_it(client: Any, function: Any, ids: Any, mode: str) -> None:
    answer = client.post(TASKS, body_of(mode, ids))

    assert (answer.status, answer.body["success"]) == (200, True)
    assert organizations_asked(function) == ["demo"]


def test_a_launch_uses_only_the_library_of_the_deployment(client: Any, function: Any, ids: Any) -> None:
    answer = client.post(TASKS, LAUNCH)
    client.post("/agent-to-agent/demo/finance-manager/tasks", LAUNCH)

    assert [request.shared_only for request in function.launch.requests] == [True, False]
    assert answer.body["payload"]["metadata"]["organization"] == "demo"


@pytest.mark.parametrize("mode", ["build", "plan"])
def test_a_launch_of_a_caller_with_several_organisations_needs_the_header(
    client: Any, function: Any, ids: Any, mode: str
) -> None:
    function.reads.memberships = ["acme", "demo"]

    answer = client.post(TASKS, body_of(mode, ids))

    assert (answer.status, answer.body["mode"]) == (422, mode)
    [problem] = answer.body["errors"]
    assert problem["field"] == "Baton-Organization"
    assert "acme, demo" in problem["message"]
    assert organizations_asked(function) == []


@pytest.mark.parametrize("mode", ["orchestrator_run_human_response", "orchestrator_run_cancel"])
def test_other_modes_take_the_organisation_of_the_approval_or_the_run(
    client: Any, function: Any, ids: Any, mode: str
) -> None:
    function.reads.memberships = ["acme", "demo"]

    assert client.post(TASKS, body_of(mode, ids)).status == 200
    assert organizations_asked(function) == [None]


@pytest.mark.parametrize("mode", MODES)
def test_the_header_names_one_of_several_organisations(client: Any, function: Any, ids: Any, mode: str) -> None:
    function.reads.memberships = ["acme", "demo"]

    assert client.post(TASKS, body_of(mode, ids), headers={"baton-organization": "acme"}).status == 200
    assert organizations_asked(function) == ["acme"]


def test_spaces_around_the_header_do_not_count(client: Any, function: Any) -> None:
    function.reads.memberships = ["acme", "demo"]

    assert client.post(TASKS, LAUNCH, headers={"baton-organization": " acme "}).status == 200
    assert client.post(TASKS, LAUNCH, headers={"baton-organization": " "}).status == 422
    assert organizations_asked(function) == ["acme"]


@pytest.mark.parametrize("named", ["acme", "global", "No Slug"])
@pytest.mark.parametrize("mode", MODES)
def test_the_organisation_of_another_caller_is_not_found(
    client: Any, function: Any, ids: Any, mode: str, named: str
) -> None:
    answer = client.post(TASKS, body_of(mode, ids), headers={"baton-organization": named})

    assert (answer.status, answer.body["type"]) == (404, "urn:problem-type:baton:not-found")
    assert organizations_asked(function) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_caller_without_an_organisation_is_refused(client: Any, function: Any, ids: Any, mode: str) -> None:
    function.reads.memberships = []

    for headers in ({}, {"baton-organization": "demo"}):
        answer = client.post(TASKS, body_of(mode, ids), headers=headers)
        assert (answer.status, answer.body["type"]) == (403, "urn:problem-type:baton:no-organization")
        assert (answer.body["success"], answer.body["mode"]) == (False, mode)
    assert organizations_asked(function) == []


@pytest.mark.parametrize("mode", MODES)
def test_a_header_that_contradicts_the_path_is_refused(client: Any, function: Any, ids: Any, mode: str) -> None:
    path = "/agent-to-agent/demo/finance-manager/tasks"

    answer = client.post(path, body_of(mode, ids), headers={"baton-organization": "acme"})

    assert (answer.status, answer.body["errors"][0]["field"]) == (422, "Baton-Organization")
    assert organizations_asked(function) == []
    assert client.post(path, body_of(mode, ids), headers={"baton-organization": "demo"}).status == 200


@pytest.mark.parametrize("mode", ["orchestrator_run_human_response", "orchestrator_run_cancel"])
def test_an_agent_that_is_not_of_the_deployment_is_not_found(client: Any, function: Any, ids: Any, mode: str) -> None:
    assert client.post("/agent-to-agent/global/nobody/tasks", body_of(mode, ids)).status == 404
    assert ("agent", {"slug": "nobody", "organization": "global"}) in function.reads.calls
