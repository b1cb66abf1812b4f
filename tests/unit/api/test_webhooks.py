"""Webhooks over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from baton.errors import Conflict, Forbidden, NotFound, WebhookKeyUnavailable
from baton.model import DeliveryStatus, EventType
from baton.usecases.launch_run import Callback
from baton.usecases.webhooks import NewWebhookRequest

WEBHOOKS = "/organizations/demo/webhooks"
GOOD = {"url": "https://receiver.example.com/hook"}
LAUNCH = {"organization": "demo", "orchestration": {"name": "kpi-tracking"}}
CALLBACK = {"url": "https://receiver.example.com/hook", "events": ["orchestration.run.completed"]}


def test_only_the_answers_to_creation_and_rotation_have_the_secret(client: Any, function: Any, ids: Any) -> None:
    made = client.post(WEBHOOKS, {**GOOD, "eventTypes": ["orchestration.run.completed"], "description": "ledger"})
    rotated = client.post(f"{WEBHOOKS}/{ids['webhook']}/rotate", None)
    assert [(answer.status, answer.body["secret"]) for answer in (made, rotated)] == [
        (201, "whsec_…"),
        (200, "whsec_…"),
    ]
    assert {answer.headers["Cache-Control"] for answer in (made, rotated)} == {"no-store"}
    request = NewWebhookRequest("demo", GOOD["url"], [EventType.RUN_COMPLETED], "ledger")
    assert function.webhooks.calls == [("create", request), ("rotate", "demo", ids["webhook"])]
    (listed,) = client.get(WEBHOOKS).body["webhooks"]
    assert "secret" not in listed
    assert (listed["id"], listed["status"], listed["eventTypes"]) == (
        ids["webhook"], "active", ["orchestration.run.completed"],
    )  # fmt: skip


@pytest.mark.parametrize(("sent", "asked"), [({}, None), ({"eventTypes": None}, None), ({"eventTypes": []}, [])])
def test_absent_types_are_all_and_no_types_are_none(client: Any, function: Any, sent: Any, asked: Any) -> None:
    client.post(WEBHOOKS, {**GOOD, **sent})
    assert function.webhooks.calls[0][1].event_types == asked


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": None}, "url"),
        ({"url": 7}, "url"),
        ({"eventTypes": ["run.completed"]}, "eventTypes.0"),
        ({"eventTypes": "orchestration.run.completed"}, "eventTypes"),
        ({"description": "x" * 501}, "description"),
        ({"events": []}, "events"),
    ],
)
def test_a_wrong_field_of_a_new_webhook_is_named(client: Any, function: Any, changes: Any, field: str) -> None:
    answer = client.post(WEBHOOKS, GOOD | changes)
    assert (answer.status, [one["field"] for one in answer.body["errors"]]) == (422, [field])
    assert function.webhooks.calls == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"eventTypes": None},
        {"url": GOOD["url"], "eventTypes": ["orchestration.run.failed"], "description": "", "enabled": False},
    ],
)
def test_an_update_has_what_was_sent_and_nothing_else(client: Any, function: Any, ids: Any, changes: Any) -> None:
    answer = client.ask("PATCH", f"{WEBHOOKS}/{ids['webhook']}", changes)
    assert (answer.status, "secret" in answer.body) == (200, False)
    assert function.webhooks.calls == [("update", "demo", ids["webhook"], changes)]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"url": None}, "url"), ({"enabled": "no"}, "enabled"), ({"eventTypes": ["x"]}, "eventTypes.0"),
     ({"description": "x" * 501}, "description"), ({"status": "active"}, "status")],
)  # fmt: skip
def test_a_wrong_change_is_named(client: Any, function: Any, ids: Any, changes: Any, field: str) -> None:
    answer = client.ask("PATCH", f"{WEBHOOKS}/{ids['webhook']}", changes)
    assert (answer.status, [one["field"] for one in answer.body["errors"]]) == (422, [field])
    assert function.webhooks.calls == []


def test_deliveries_come_in_pages(client: Any, function: Any, ids: Any) -> None:
    path = f"{WEBHOOKS}/{ids['webhook']}/deliveries"
    first = client.get(path, query={"limit": "2", "status": "failed"}).body
    second = client.get(path, query={"limit": "2", "cursor": first["nextCursor"]})
    assert [one["eventType"] for one in first["deliveries"]] == ["orchestration.run.completed"] * 2
    assert second.status == 200
    queries = [call[3] for call in function.webhooks.calls]
    assert [(query["status"], query["limit"]) for query in queries] == [(DeliveryStatus.FAILED, 3), (None, 3)]
    assert (queries[0]["cursor"], queries[1]["cursor"].id) == (None, ids["delivery"])


@pytest.mark.parametrize("end", ["test", "deliveries/{delivery}/redeliver"])
def test_what_will_be_sent_is_accepted(client: Any, ids: Any, end: str) -> None:
    answer = client.post(f"{WEBHOOKS}/{ids['webhook']}/{end.format(**ids)}", None)
    assert (answer.status, answer.body["id"]) == (202, ids["delivery"])


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("no"), 404), (Forbidden("no"), 403), (Conflict("no"), 409), (WebhookKeyUnavailable("no"), 503)],
)
def test_a_refusal_has_its_status(client: Any, function: Any, error: Exception, status: int) -> None:
    function.webhooks.fails_with = error
    assert client.post(WEBHOOKS, GOOD).status == status


def test_a_launch_may_name_a_callback_in_both_dialects(client: Any, function: Any) -> None:
    client.post("/orchestrations/runs", {**LAUNCH, "callback": CALLBACK})
    payload = {"orchestration": {"name": "kpi-tracking"}, "callback": CALLBACK}
    client.post("/agent-to-agent/demo/finance-manager/tasks", {"mode": "build", "payload": payload})
    asked = [request.callback for request in function.launch.requests]
    assert asked == [Callback(CALLBACK["url"], [EventType.RUN_COMPLETED])] * 2


@pytest.mark.parametrize(
    ("changes", "field"), [({"events": []}, "events"), ({"events": ["x"]}, "events.0"), ({"url": " "}, "url")]
)
def test_a_wrong_field_of_a_callback_is_named(client: Any, changes: Any, field: str) -> None:
    answer = client.post("/orchestrations/runs", {**LAUNCH, "callback": CALLBACK | changes})
    assert (answer.status, [one["field"] for one in answer.body["errors"]]) == (422, [f"callback.{field}"])
