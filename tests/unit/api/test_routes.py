"""The REST routes, and the behaviour of all routes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from baton.api import routes
from baton.errors import StoreUnavailable

LAUNCH: dict[str, Any] = {
    "organization": "demo",
    "orchestration": {"name": "kpi-tracking"},
    "parameters": {"kpi_names": ["revenue"]},
}


def test_a_launch_answers_201_and_the_location_of_the_run(client: Any, ids: Any) -> None:
    answer = client.post("/orchestrations/runs", LAUNCH)

    assert answer.status == 201
    assert answer.headers["Location"] == f"/orchestrations/runs/{ids['run']}"
    assert answer.body["id"] == ids["run"]
    assert answer.body["definition"]["name"] == "kpi-tracking"


def test_a_repeated_launch_answers_200(client: Any, function: Any) -> None:
    function.launch.repeated = True

    assert client.post("/orchestrations/runs", LAUNCH).status == 200


def test_a_misspelt_field_of_a_launch_is_refused(client: Any, function: Any) -> None:
    answer = client.post("/orchestrations/runs", {**LAUNCH, "paramters": {}})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "paramters"
    assert function.launch.requests == []


def test_an_unknown_field_with_the_name_of_a_mode_is_refused_by_its_name(client: Any) -> None:
    answer = client.post("/orchestrations/runs", {**LAUNCH, "plan": True})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "plan"


def test_a_launch_may_leave_out_optional_checkpoints(client: Any, function: Any) -> None:
    client.post("/orchestrations/runs", LAUNCH)
    client.post("/orchestrations/runs", {**LAUNCH, "skipOptionalCheckpoints": True})

    assert [request.skip_optional_checkpoints for request in function.launch.requests] == [False, True]
    assert client.post("/orchestrations/runs", {**LAUNCH, "skipOptionalCheckpoints": "yes"}).status == 422


def test_decimals_of_a_launch_do_not_pass_through_float(client: Any, function: Any) -> None:
    client.post(
        "/orchestrations/runs",
        '{"organization":"demo","orchestration":{"name":"kpi-tracking"},"parameters":{"rate":0.1000000000000000055}}',
    )

    assert str(function.launch.requests[0].parameters["rate"]) == "0.1000000000000000055"


def test_a_run_is_shown_with_steps_approvals_and_deliverables(client: Any, ids: Any) -> None:
    body = client.get(f"/orchestrations/runs/{ids['run']}").body

    assert body["status"] == "checkpoint"
    assert body["definition"] == {
        "id": ids["definition"],
        "name": "kpi-tracking",
        "version": "1.0.0",
        "displayName": "KPI tracking",
    }
    assert body["createdAt"] == "2026-11-23T09:00:00Z"
    assert [step["status"] for step in body["steps"]] == ["checkpoint", "pending"]
    [approval] = body["pendingApprovals"]
    assert approval["id"] == ids["approval"]
    assert approval["question"] == "Is it right?"
    assert approval["data"]["outputs"] == {"row_count": 9}
    [deliverable] = body["deliverables"]
    assert deliverable["id"] == ids["deliverable"]
    assert "content" not in deliverable


def test_the_status_is_the_short_form_of_a_run(client: Any, ids: Any) -> None:
    body = client.get(f"/orchestrations/runs/{ids['run']}/status").body

    assert {"id", "status", "steps", "pendingApprovals"} <= body.keys()
    assert not {"parameters", "results", "deliverables"} & body.keys()


def test_an_approval_is_shown_with_the_data_to_review(client: Any, ids: Any) -> None:
    body = client.get(f"/orchestrations/approvals/{ids['approval']}").body

    assert body["options"][0]["action"] == "continue"
    assert body["data"]["outputs"] == {"row_count": 9}
    assert body["data"]["deliverable"]["metadata"]["sql"] == "SELECT 1"


def test_a_decision_is_passed_on(client: Any, function: Any, ids: Any) -> None:
    answer = client.post(f"/orchestrations/approvals/{ids['approval']}/decision", {"decision": "continue"})

    assert answer.status == 200
    [request] = function.decide.requests
    assert (request.approval_id, request.decision, request.modifications) == (ids["approval"], "continue", {})


def test_events_begin_after_a_sequence_number(client: Any, function: Any, ids: Any) -> None:
    body = client.get(f"/orchestrations/runs/{ids['run']}/events", query={"after": "4"}).body

    assert body["events"][0]["type"] == "orchestration.run.created"
    assert function.reads.calls[-1][1]["after"] == 4


def test_a_definition_shows_its_parameters(client: Any) -> None:
    body = client.get("/orchestrations/definitions/kpi-tracking").body

    assert body["parameters"][0]["type"] == "string[]"
    assert body.pop("omitted") == []
    listed = client.get("/orchestrations/definitions").body
    assert listed == {"definitions": [body], "nextCursor": None, "omitted": []}


@pytest.mark.parametrize("path", ["/orchestrations/runs", "/orchestrations/approvals", "/orchestrations/definitions"])
def test_lists_can_be_narrowed_to_an_organisation_that_must_be_the_callers(client: Any, path: str) -> None:
    assert client.get(path, query={"organization": "demo"}).status == 200
    assert client.get(path, query={"organization": "other"}).status == 404


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "many"},
        {"status": "asleep"},
        {"limt": "3"},
        {"cursor": "elsewhere"},
        {"cursor": "WzEsMl0"},
        {"parent": "5d1e"},
        {"lifecycle": "closed"},
        {"createdAfter": "yesterday"},
        {"createdBefore": "2026-11-25T09:00:00"},
    ],
)
def test_an_invalid_query_parameter_is_refused(client: Any, query: Any) -> None:
    answer = client.get("/orchestrations/runs", query=query)

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == next(iter(query))


def test_every_query_parameter_of_runs_reaches_the_filter(client: Any, function: Any, ids: Any) -> None:
    query = {
        "lifecycle": "open",
        "definition": "kpi-tracking",
        "version": "1.0.0",
        "parent": ids["run"],
        "createdAfter": "2026-11-01T00:00:00Z",
        "createdBefore": "2026-12-01T00:00:00+02:00",
    }
    assert client.get("/orchestrations/runs", query=query).status == 200

    arguments = function.reads.calls[-1][1]
    assert arguments["statuses"] == ["pending", "running", "checkpoint"]
    assert (arguments["definition"], arguments["version"], arguments["parent"]) == ("kpi-tracking", "1.0.0", ids["run"])
    assert arguments["created_after"].isoformat() == "2026-11-01T00:00:00+00:00"
    assert arguments["created_before"].isoformat() == "2026-12-01T00:00:00+02:00"


@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ({}, None),
        ({"status": "failed"}, ["failed"]),
        ({"lifecycle": "ended"}, ["completed", "failed", "aborted"]),
        ({"lifecycle": "ended", "status": "failed"}, ["failed"]),
        ({"lifecycle": "open", "status": "failed"}, []),
    ],
)
def test_lifecycle_and_status_narrow_together(client: Any, function: Any, query: Any, statuses: Any) -> None:
    client.get("/orchestrations/runs", query=query)

    assert function.reads.calls[-1][1]["statuses"] == statuses


@pytest.mark.parametrize("noun", ["runs", "approvals"])
def test_a_page_names_the_cursor_of_the_next_one(client: Any, function: Any, noun: str) -> None:
    function.reads.row_count = 3

    first = client.get(f"/orchestrations/{noun}", query={"limit": "2"}).body
    last = client.get(f"/orchestrations/{noun}", query={"limit": "3", "cursor": first["nextCursor"]}).body

    assert len(first[noun]) == 2
    assert last["nextCursor"] is None
    assert function.reads.calls[0][1]["limit"] == 3, "one more, to see whether there is a page after this one"
    cursor = function.reads.calls[1][1]["cursor"]
    assert (cursor.moment.isoformat(), cursor.id) == ("2026-11-23T09:00:00+00:00", first[noun][1]["id"])


def test_approvals_can_be_those_that_the_caller_may_decide(client: Any, function: Any) -> None:
    client.get("/orchestrations/approvals", query={"mine": "true"})

    assert function.reads.calls[-1][1]["mine"] is True


def test_a_run_is_shown_with_its_history(client: Any, ids: Any) -> None:
    body = client.get(f"/orchestrations/runs/{ids['run']}").body

    assert [attempt["attemptNumber"] for attempt in body["steps"][0]["attempts"]] == [1]
    assert body["steps"][1]["attempts"] == []
    assert body["approvals"][0]["id"] == ids["approval"]
    assert "data" not in body["approvals"][0]
    assert body["children"][0]["definition"] == {"name": "kpi-tracking", "version": "1.0.0"}
    assert body["timings"] == {"queuedSeconds": 0.25, "totalSeconds": 61.5, "reviewSeconds": 60}


def test_a_deliverable_is_shown_with_its_content(client: Any, ids: Any) -> None:
    assert client.get(f"/deliverables/{ids['deliverable']}").body["content"] == "[]"


@pytest.mark.parametrize(
    ("format", "media_type"),
    [
        ("json", "application/json"),
        ("Markdown", "text/markdown; charset=utf-8"),
        ("html", "text/plain; charset=utf-8"),
    ],
)
def test_the_content_alone_comes_in_the_media_type_of_its_format(
    client: Any, function: Any, ids: Any, format: str, media_type: str
) -> None:
    function.contents.format = format

    answer = client.get(f"/deliverables/{ids['deliverable']}/content")

    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.body == function.contents.content


@pytest.mark.parametrize(
    "path",
    ["/orchestrations/runs/1", "/orchestrations/runs/1/status", "/orchestrations/approvals/x", "/deliverables/../etc"],
)
def test_an_id_that_is_no_uuid_is_not_found(client: Any, path: str) -> None:
    assert client.get(path).status == 404


def test_health_needs_no_token(client: Any) -> None:
    assert client.get("/health", token=None).status == 200


PROTECTED = [
    ("POST", "/agent-to-agent/demo/finance-manager/tasks"),
    ("POST", "/orchestrations/runs"),
    ("GET", "/orchestrations/runs"),
    ("GET", "/orchestrations/runs/{run}"),
    ("GET", "/orchestrations/runs/{run}/status"),
    ("GET", "/orchestrations/runs/{run}/events"),
    ("GET", "/orchestrations/runs/{run}/steps"),
    ("GET", "/orchestrations/runs/{run}/steps/fetch/items"),
    ("GET", "/orchestrations/runs/{run}/attempts"),
    ("GET", "/orchestrations/runs/{run}/approvals"),
    ("GET", "/orchestrations/runs/{run}/pending-approvals"),
    ("GET", "/orchestrations/runs/{run}/deliverables"),
    ("POST", "/orchestrations/runs/{run}/actions/retry"),
    ("POST", "/orchestrations/runs/{run}/actions/skip"),
    ("POST", "/orchestrations/runs/{run}/actions/abort"),
    ("POST", "/orchestrations/runs/{run}/actions/fork"),
    ("GET", "/orchestrations/approvals"),
    ("GET", "/orchestrations/approvals/{approval}"),
    ("POST", "/orchestrations/approvals/{approval}/decision"),
    ("GET", "/deliverables/{deliverable}"),
    ("GET", "/deliverables/{deliverable}/content"),
    ("GET", "/deliverables/{deliverable}/revenue.svg"),
    ("GET", "/orchestrations/runs/{run}/steps/fetch/outputs/rows"),
    ("GET", "/orchestrations/runs/{run}/values"),
    ("GET", "/orchestrations/definitions/review/values"),
    ("GET", "/agents/fetcher/values"),
    ("GET", "/orchestrations/definitions"),
    ("GET", "/orchestrations/definitions/kpi-tracking"),
    ("GET", "/orchestrations/definitions/kpi-tracking/versions"),
    ("POST", "/orchestrations/definitions/kpi-tracking/archive"),
    ("POST", "/orchestrations/definitions"),
    ("GET", "/orchestrations/outbox"),
    ("POST", "/orchestrations/outbox/redrive"),
    ("POST", "/orchestrations/outbox/{effect}/redrive"),
    ("GET", "/agents"),
    ("GET", "/agents/fetcher"),
    ("POST", "/agents"),
    ("GET", "/organizations/demo/webhooks"),
    ("POST", "/organizations/demo/webhooks"),
    ("PATCH", "/organizations/demo/webhooks/{webhook}"),
    ("DELETE", "/organizations/demo/webhooks/{webhook}"),
    ("POST", "/organizations/demo/webhooks/{webhook}/test"),
    ("POST", "/organizations/demo/webhooks/{webhook}/rotate"),
    ("GET", "/organizations/demo/webhooks/{webhook}/deliveries"),
    ("POST", "/organizations/demo/webhooks/{webhook}/deliveries/{delivery}/redeliver"),
    ("GET", "/organizations/demo"),
    ("PUT", "/organizations/demo/time-zone"),
    ("PUT", "/organizations/demo/launcher"),
    ("DELETE", "/organizations/demo/launcher"),
    ("GET", "/organizations/demo/members"),
    ("PUT", "/organizations/demo/members/{anna}"),
    ("DELETE", "/organizations/demo/members/{anna}"),
    ("GET", "/organizations/demo/service-tokens"),
    ("POST", "/organizations/demo/service-tokens"),
    ("DELETE", "/organizations/demo/service-tokens/{token}"),
]


@pytest.mark.parametrize(("method", "path"), PROTECTED)
@pytest.mark.parametrize("token", [None, "forged"])
def test_without_a_valid_token_every_route_answers_401(
    client: Any, ids: Any, method: str, path: str, token: Any
) -> None:
    answer = client.ask(method, path.format(**ids), "not even JSON", token=token)

    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.body["type"] == "urn:problem-type:baton:unauthenticated"


def test_the_list_above_has_every_route_except_those_about_the_api(function: Any, ids: Any) -> None:
    app = routes.build(function)

    for route in app._static_routes + app._dynamic_routes:
        if route.path not in ("/health", "/openapi.json"):
            listed = (m == route.method and route.rule.match(path.format(**ids)) for m, path in PROTECTED)
            assert any(listed), f"{route.method} {route.path}"


@pytest.mark.parametrize(
    "body", ["{", "", "[]", '"text"', "null", '{"mode": NaN}', '{"mode": "\\u0000"}', '{"mode": "\\ud800"}', "[" * 9999]
)
def test_a_body_that_is_not_a_json_object_is_malformed(client: Any, body: str) -> None:
    answer = client.post("/orchestrations/runs", body)

    assert answer.status == 400
    assert answer.body["type"] == "urn:problem-type:baton:malformed"


def test_a_body_above_a_mebibyte_is_too_large_and_is_not_read(client: Any, function: Any) -> None:
    def launch(note: str) -> Any:
        return client.post("/orchestrations/runs", {**LAUNCH, "parameters": {"note": note}})

    answer = launch("ä" * 2**20)

    assert answer.status == 413
    assert answer.body["type"] == "urn:problem-type:baton:too-large"
    assert function.launch.requests == []
    assert launch("ä" * 2**16).status == 201


def test_an_unknown_path_is_not_found(client: Any) -> None:
    answer = client.get("/orchestration/runs")

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_wrong_method_is_refused_with_the_right_ones(client: Any) -> None:
    answer = client.ask("DELETE", "/orchestrations/runs")

    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, POST"


def test_a_wrong_method_on_a_route_of_the_stream_function_is_refused_too(client: Any, ids: Any) -> None:
    path = f"/orchestrations/runs/{ids['run']}/status/stream"

    assert [client.ask("DELETE", at).headers["Allow"] for at in (path, f"{path}/ticket")] == ["GET", "POST"]
    assert client.get(f"{path}s").status == 404


@pytest.mark.parametrize("key", ["", "k" * 256, "line\nbreak"])
def test_an_idempotency_key_that_cannot_be_stored_is_refused(client: Any, key: str) -> None:
    answer = client.post("/orchestrations/runs", LAUNCH, headers={"idempotency-key": key})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == "Idempotency-Key"


def test_an_unexpected_error_is_logged_but_not_shown(client: Any, function: Any, caplog: Any) -> None:
    function.launch.fails_with = RuntimeError("password=hunter2")

    answer = client.post("/orchestrations/runs", LAUNCH)

    assert answer.status == 500
    assert "hunter2" not in str(answer.body)
    assert "hunter2" in caplog.text


def test_without_the_store_the_answer_is_503_with_retry_after(client: Any, function: Any) -> None:
    function.launch.fails_with = StoreUnavailable("connection to 10.0.0.3 failed")

    answer = client.post("/orchestrations/runs", LAUNCH)

    assert answer.status == 503
    assert answer.headers["Retry-After"] == "2"
    assert "10.0.0.3" not in str(answer.body)


def test_two_requests_at_once_keep_their_own_callers(function: Any, client: Any) -> None:
    """Each simulated execution environment has its own resolver; Powertools would let them share the event."""
    inside, go_on = threading.Event(), threading.Event()
    tokens: list[str] = []
    identify = function.identify

    def slow_identify(token: str) -> Any:
        inside.set()
        go_on.wait(30)
        tokens.append(token)
        return identify(token)

    slow_function = type(function)(identify=slow_identify)
    slow_client = type(client)(slow_function)
    answers: list[Any] = []
    slow = threading.Thread(
        target=lambda: answers.append(
            slow_client.post("/orchestrations/runs", LAUNCH, headers={"idempotency-key": "slow"})
        )
    )
    slow.start()
    inside.wait(30)
    client.post("/orchestrations/runs", LAUNCH, token="strangers-token", headers={"idempotency-key": "fast"})
    go_on.set()
    slow.join(30)

    assert tokens == ["annas-token"]
    assert slow_function.launch.requests[0].idempotency_key == "slow"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("definition", "kpi\x00tracking", "U+0000"),
        ("createdAfter", "20261125", "a moment with its time zone"),
        ("createdAfter", "2026-11-25T00:00:00", "a moment with its time zone"),
        ("createdBefore", "2026-11-25T00:00:00 01:00", "a moment with its time zone"),  # a plus that was not encoded
        ("parent", "x", "must be an id (a UUID), not 'x'"),
    ],
)
def test_an_invalid_filter_is_refused_with_a_sentence(client: Any, name: str, value: str, message: str) -> None:
    answer = client.get("/orchestrations/runs", query={name: value})

    assert answer.status == 422
    assert answer.body["errors"][0]["field"] == name
    assert message in answer.body["errors"][0]["message"]


@pytest.mark.parametrize("value", ["1e200000", "1e-200000", "[" * 101 + "]" * 101, '"\\u0000"', '"\\ud800"'])
def test_a_body_that_the_record_cannot_hold_is_refused(client: Any, function: Any, ids: Any, value: str) -> None:
    body = f'{{"decision": "retry", "modifications": {{"context": {{"rate": {value}}}}}}}'
    answer = client.post(f"/orchestrations/approvals/{ids['approval']}/decision", body)

    assert (answer.status, function.decide.requests) == (400, [])
    assert answer.body["detail"].startswith("In the body, modifications.context.rate")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/orchestrations/runs", {**LAUNCH, "organization": " "}, "organization: is blank"),
        ("/orchestrations/runs", {**LAUNCH, "agent": ""}, "agent: is empty"),
        ("/organizations/demo/service-tokens", {"name": "CI", "roles": []}, "roles: is empty"),
        ("/orchestrations/runs/{run}/actions/abort", {"notes": "x"}, "there are note (did you mean `note`?)"),
    ],
)
def test_an_invalid_field_is_refused_with_a_sentence(client: Any, ids: Any, path: str, body: Any, message: str) -> None:
    assert message in client.post(path.format(**ids), body).body["detail"]
