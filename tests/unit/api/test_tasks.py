"""The agent-to-agent dialect."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound

TASKS = "/agent-to-agent/demo/finance-manager/tasks"
LAUNCH: dict[str, Any] = {
    "mode": "build",
    "payload": {
        "orchestration": {"name": "kpi-tracking"},
        "promptParameters": {"kpi_names": ["revenue"], "start_date": "2024-07-01", "end_date": "2024-09-30"},
    },
}


def test_build_launches_a_run_and_shows_its_steps(client: Any, function: Any, ids: Any) -> None:
    answer = client.post(TASKS, LAUNCH, headers={"idempotency-key": "once"})

    assert answer.status == 200
    assert answer.body["success"] is True
    assert answer.body["mode"] == "build"
    content = answer.body["payload"]["content"]
    assert content["orchestrationRunId"] == ids["run"]
    assert content["status"] == "pending"
    assert content["readySteps"] == ["fetch"]
    assert content["steps"][1] == {
        "id": "sum-up",
        "index": 1,
        "name": "Sum up",
        "type": "agent",
        "status": "pending",
        "agent": "summarizer",
        "mode": "BUILD",
        "dependsOn": ["fetch"],
    }
    metadata = answer.body["payload"]["metadata"]
    assert metadata["orchestrationRunId"] == ids["run"]
    assert metadata["orchestrationDefinitionId"] == ids["definition"]
    assert metadata["ownerAgentSlug"] == "finance-manager"
    [request] = function.launch.requests
    assert (request.organization, request.agent, request.orchestration) == ("demo", "finance-manager", "kpi-tracking")
    assert request.parameters == LAUNCH["payload"]["promptParameters"]
    assert request.idempotency_key == "once"


def test_build_may_leave_out_optional_checkpoints(client: Any, function: Any) -> None:
    client.post(TASKS, {**LAUNCH, "payload": {**LAUNCH["payload"], "skipOptionalCheckpoints": True}})

    assert function.launch.requests[0].skip_optional_checkpoints


def test_a_repeated_launch_shows_the_state_of_the_first_run(client: Any, function: Any) -> None:
    function.launch.repeated = True

    content = client.post(TASKS, LAUNCH).body["payload"]["content"]

    assert [step["status"] for step in content["steps"]] == ["checkpoint", "pending"]
    assert content["readySteps"] == []


def test_the_mode_may_have_any_case(client: Any) -> None:
    assert client.post(TASKS, {**LAUNCH, "mode": "BUILD"}).status == 200


def test_plan_shows_what_a_launch_would_do(client: Any) -> None:
    content = client.post(TASKS, {**LAUNCH, "mode": "Plan"}).body["payload"]["content"]

    fetch, sum_up = content["steps"]
    assert content["parameters"] == {"kpi_names": ["revenue"]}
    assert fetch["checkpoint"]["question"] == "Is it right?"
    assert [option["action"] for option in fetch["checkpoint"]["options"]] == ["continue", "retry"]
    assert sum_up["checkpoint"] is None
    assert fetch["input"] == {"userMessage": "Fetch revenue", "kpis": ["revenue"]}
    assert sum_up["input"] == {"rows": "{{ steps.fetch.rows }}", "note": "revenue: {{ steps.fetch.rows }}"}
    assert {"fetch", "fetch: review", "sum-up"} <= content["stateMachine"]["States"].keys()


def test_plan_shows_the_steps_and_launches_nothing(client: Any) -> None:
    content = client.post(TASKS, {**LAUNCH, "mode": "plan"}).body["payload"]["content"]

    assert [step["id"] for step in content["steps"]] == ["fetch", "sum-up"]
    assert "orchestrationRunId" not in content


def test_a_decision_is_passed_on_with_its_organisation(client: Any, function: Any, ids: Any) -> None:
    payload = {
        "approvalId": ids["approval"],
        "decision": "retry",
        "notes": "by week, please",
        "modifications": {"grouping": "week", "context": {"kpiNames": ["arr", "churn"]}},
    }

    answer = client.post(TASKS, {"mode": "orchestrator_run_human_response", "payload": payload})

    assert answer.status == 200
    assert answer.body["payload"]["content"]["decision"] == "retry"
    assert answer.body["payload"]["metadata"] == {
        "organization": "demo",
        "orchestrationRunId": ids["run"],
        "status": "running",
    }
    [request] = function.decide.requests
    assert (request.approval_id, request.organization) == (ids["approval"], "demo")
    assert request.modifications == payload["modifications"]
    assert request.notes == "by week, please"


def test_an_error_has_success_false_and_the_mode(client: Any, function: Any) -> None:
    function.launch.fails_with = Invalid(
        "The parameters do not fit", [FieldProblem("grouping", "must be one of day, week, month")]
    )

    answer = client.post(TASKS, LAUNCH)

    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["success"] is False
    assert answer.body["mode"] == "build"
    assert answer.body["errors"] == [{"field": "grouping", "message": "must be one of day, week, month"}]
    assert answer.body["instance"] == TASKS


@pytest.mark.parametrize(
    ("error", "status"), [(Forbidden("no"), 403), (Conflict("no"), 409), (NotFound("no"), 404), (KeyError("x"), 500)]
)
def test_an_error_of_a_decision_becomes_its_status(
    client: Any, function: Any, ids: Any, error: Any, status: Any
) -> None:
    function.decide.fails_with = error
    body = {
        "mode": "orchestrator_run_human_response",
        "payload": {"approvalId": ids["approval"], "decision": "continue"},
    }

    assert client.post(TASKS, body).status == status


def test_every_wrong_field_of_a_launch_is_named_at_once(client: Any, function: Any) -> None:
    body = {"mode": "build", "payload": {"orchestration": {"version": 1}, "promptParameters": []}}

    answer = client.post(TASKS, body)

    assert answer.status == 422
    assert {problem["field"]: problem["message"] for problem in answer.body["errors"]} == {
        "payload.orchestration.name": "is required",
        "payload.orchestration.version": "must be text, not a number",
        "payload.promptParameters": "must be an object, not a list",
    }
    assert function.launch.requests == []


def test_a_cancel_aborts_the_run_in_the_organisation_of_the_path(client: Any, function: Any, ids: Any) -> None:
    payload = {"orchestrationRunId": ids["run"], "notes": "not needed any more"}

    answer = client.post(TASKS, {"mode": "ORCHESTRATOR_RUN_CANCEL", "payload": payload})

    assert answer.status == 200
    assert (answer.body["success"], answer.body["mode"]) == (True, "orchestrator_run_cancel")
    assert answer.body["payload"]["content"]["action"] == "abort"
    assert answer.body["payload"]["metadata"] == {
        "organization": "demo",
        "orchestrationRunId": ids["run"],
        "status": "running",
    }
    [request] = function.recover.requests
    assert (request.run_id, request.organization, request.note) == (ids["run"], "demo", "not needed any more")


def test_a_cancel_needs_the_id_of_its_run(client: Any, function: Any) -> None:
    answer = client.post(TASKS, {"mode": "orchestrator_run_cancel", "payload": {"notes": "stop"}})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "payload.orchestrationRunId"
    assert function.recover.requests == []


@pytest.mark.parametrize("mode", ["dance", "", 7, None])
def test_an_unknown_mode_is_refused(client: Any, mode: Any) -> None:
    answer = client.post(TASKS, {**LAUNCH, "mode": mode})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "mode"


def test_a_decision_must_be_one_of_three(client: Any, ids: Any) -> None:
    body = {"mode": "orchestrator_run_human_response", "payload": {"approvalId": ids["approval"], "decision": "maybe"}}

    answer = client.post(TASKS, body)

    assert answer.status == 422
    assert answer.body["errors"][0]["message"] == "must be one of continue, retry, abort, not 'maybe'"


@pytest.mark.parametrize("mode", ["orchestrator_run_human_response", "orchestrator_run_cancel"])
def test_notes_have_a_limit(client: Any, ids: Any, mode: str) -> None:
    payload = {
        "approvalId": ids["approval"],
        "decision": "abort",
        "orchestrationRunId": ids["run"],
        "notes": "é" * 2049,
    }

    answer = client.post(TASKS, {"mode": mode, "payload": payload})

    assert answer.status == 422
    assert answer.body["errors"] == [{"field": "payload.notes", "message": "has 4,098 bytes; the limit is 4,096"}]


def test_an_approval_id_that_is_no_id_is_not_found(client: Any) -> None:
    body = {"mode": "orchestrator_run_human_response", "payload": {"approvalId": "mine", "decision": "continue"}}

    assert client.post(TASKS, body).status == 404


def test_an_organisation_that_cannot_exist_is_not_found(client: Any) -> None:
    assert client.post("/agent-to-agent/De mo/finance-manager/tasks", LAUNCH).status == 404


@pytest.mark.parametrize("mode", ["orchestrator_run_human_response", "orchestrator_run_cancel"])
def test_an_unknown_agent_decides_and_cancels_nothing(client: Any, function: Any, ids: Any, mode: str) -> None:
    payload = {"approvalId": ids["approval"], "decision": "continue", "orchestrationRunId": ids["run"]}
    answer = client.post("/agent-to-agent/demo/nobody/tasks", {"mode": mode, "payload": payload})

    assert (answer.status, answer.body["success"], answer.body["mode"]) == (404, False, mode)
    assert function.decide.requests == function.recover.requests == []
