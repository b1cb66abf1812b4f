"""Retry, skip, abort and fork over HTTP: a request reaches the use case, a wrong field is refused by its name."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import Conflict, FieldProblem, Forbidden, Invalid, NotFound

ALL = {
    "retry": {"stepId": "fetch", "modifications": {"grouping": "week"}, "note": "by week"},
    "skip": {"stepId": "fetch", "replacementOutput": {"row_count": 0}, "note": "no data"},
    "abort": {"note": "not needed any more"},
    "fork": {"stepId": "fetch", "version": "1.1.0", "modifications": {"grouping": "week"}, "note": "by week"},
}


def path(ids: Any, action: str) -> str:
    return f"/orchestrations/runs/{ids['run']}/actions/{action}"


def test_a_retry_is_passed_on_with_everything_that_it_changes(client: Any, function: Any, ids: Any) -> None:
    answer = client.post(path(ids, "retry"), ALL["retry"])

    assert (answer.status, answer.body["action"], answer.body["generation"]) == (200, "retry", 2)
    [request] = function.recover.requests
    assert (request.run_id, request.step_id, request.note) == (ids["run"], "fetch", "by week")
    assert request.modifications == {"grouping": "week"}


def test_a_skip_is_passed_on_with_its_replacement_outputs(client: Any, function: Any, ids: Any) -> None:
    assert client.post(path(ids, "skip"), ALL["skip"]).body["action"] == "skip"

    [request] = function.recover.requests
    assert (request.run_id, request.step_id, request.note) == (ids["run"], "fetch", "no data")
    assert request.replacement_output == {"row_count": 0}


def test_an_abort_is_passed_on_with_its_note(client: Any, function: Any, ids: Any) -> None:
    assert client.post(path(ids, "abort"), ALL["abort"]).body["action"] == "abort"

    [request] = function.recover.requests
    assert (request.run_id, request.note) == (ids["run"], "not needed any more")


@pytest.mark.parametrize("action", ["retry", "skip", "abort"])
def test_an_action_without_a_required_field_needs_no_body(client: Any, function: Any, ids: Any, action: str) -> None:
    assert client.ask("POST", path(ids, action)).status == 200
    assert client.post(path(ids, action), {}).status == 200
    assert len(function.recover.requests) == 2


def test_a_fork_answers_201_with_the_new_run_and_its_location(client: Any, function: Any, ids: Any) -> None:
    answer = client.post(path(ids, "fork"), ALL["fork"], headers={"idempotency-key": "once"})

    assert answer.status == 201
    assert answer.headers["Location"] == f"/orchestrations/runs/{ids['run']}"
    assert (answer.body["id"], answer.body["definition"]["name"]) == (ids["run"], "kpi-tracking")
    [request] = function.fork.requests
    assert (request.step_id, request.version, request.idempotency_key) == ("fetch", "1.1.0", "once")
    assert (request.modifications, request.note) == ({"grouping": "week"}, "by week")


def test_a_repeated_fork_answers_200(client: Any, function: Any, ids: Any) -> None:
    function.fork.repeated = True

    assert client.post(path(ids, "fork"), ALL["fork"]).status == 200


@pytest.mark.parametrize("action", ALL)
def test_a_misspelt_field_is_refused(client: Any, function: Any, ids: Any, action: str) -> None:
    answer = client.post(path(ids, action), {**ALL[action], "stepid": "fetch"})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "stepid"
    assert function.recover.requests == function.fork.requests == []


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("retry", {"modifications": ["grouping"]}, "modifications"),
        ("retry", {"stepId": 1}, "stepId"),
        ("skip", {"replacementOutput": "none"}, "replacementOutput"),
        ("abort", {"note": {"text": "why"}}, "note"),
        ("abort", {"note": "x" * 10_001}, "note"),
        ("retry", {"note": "x" * 10_001}, "note"),
        ("skip", {"note": "x" * 10_001}, "note"),
        ("fork", {"stepId": "fetch", "note": "x" * 10_001}, "note"),
        ("fork", {}, "stepId"),
        ("fork", {"stepId": ""}, "stepId"),
        ("fork", {"stepId": "fetch", "version": 2}, "version"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(client: Any, ids: Any, action: str, body: Any, field: str) -> None:
    answer = client.post(path(ids, action), body)

    assert answer.status == 422
    assert [problem["field"] for problem in answer.body["errors"]] == [field]


@pytest.mark.parametrize("action", ALL)
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Forbidden("no"), 403),
        (NotFound("no"), 404),
        (Conflict("no"), 409),
        (Invalid("no", [FieldProblem("stepId", "no")]), 422),
    ],
)
def test_an_error_of_an_action_becomes_its_status(
    client: Any, function: Any, ids: Any, action: str, error: Any, status: int
) -> None:
    function.recover.fails_with = function.fork.fails_with = error

    answer = client.post(path(ids, action), ALL[action])

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("action", ALL)
def test_a_run_that_is_no_uuid_is_not_found(client: Any, action: str) -> None:
    assert client.post(f"/orchestrations/runs/1/actions/{action}", ALL[action]).status == 404


def test_an_optional_body_must_be_an_object(client: Any, ids: Any) -> None:
    assert client.post(path(ids, "retry"), "[]").status == 400


def test_an_action_that_does_not_exist_is_not_found(client: Any, ids: Any) -> None:
    assert client.post(path(ids, "pause"), {}).status == 404
