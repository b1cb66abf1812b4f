"""Following runs over HTTP on the whole stack."""

from __future__ import annotations

import json
import threading
import urllib.request
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cli.deployment import Deployment
from local.runtime import MOST_ENVIRONMENTS
from local.stack import Stack
from tests.integration.streaming import Connection, Follower, connect
from tests.integration.waiting import wait_until
from tests.integration.workshop import Agent, Workshop, answer, checkpoint, refusal, step


@pytest.fixture
def token(stack: Stack) -> str:
    return stack.token("viewer")


@pytest.fixture
def stream(stack: Stack, token: str) -> Callable[..., Connection]:
    def at_once(run_id: str, last_id: int | None = None) -> Connection:
        return connect(url_of(stack, run_id), token, last_id)

    return at_once


def url_of(stack: Stack, run_id: str) -> str:
    return f"{stack.url}/orchestrations/runs/{run_id}/status/stream"


def ticket_for(stack: Stack, run_id: str, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"{url_of(stack, run_id)}/ticket", headers=headers, method="POST")
    with urllib.request.urlopen(request) as response:
        return str(json.load(response)["ticket"])


def test_a_client_library_follows_a_run_to_its_end(stack: Stack, workshop: Workshop, agent: Agent, token: str) -> None:
    held = agent.hold("b")
    workshop.publish(step("a"), step("b", "a"), step("c", "b", checkpoint_after=checkpoint()))
    run_id = workshop.launch()
    headers = {"Authorization": f"Bearer {token}"}
    by_token = Follower(url_of(stack, run_id), headers=headers)
    by_ticket = Follower(f"{url_of(stack, run_id)}?ticket={ticket_for(stack, run_id, token)}")
    agent.is_called_for("b")
    wait_until(lambda: len(by_token.ids) >= 4)  # a is done and b runs: told while b is at work
    held.set()
    workshop.decide(workshop.asked(run_id, "c")["c"])

    for follower in (by_token, by_ticket):
        follower.to_the_end()
        assert follower.status == 204
        assert follower.ids == [event["sequence"] for event in workshop.events(run_id)]
        assert follower.types == [event["type"] for event in workshop.events(run_id)]
    assert by_token.types[-1] == "orchestration.run.completed"


def test_wherever_a_client_comes_back_it_gets_what_it_lacks(
    workshop: Workshop, stream: Callable[..., Connection]
) -> None:
    workshop.publish(step("a"), step("b", "a"))
    run_id = workshop.launch()
    workshop.run_at_end(run_id)
    events = workshop.events(run_id)
    last = events[-1]["sequence"]

    assert stream(run_id).events == events
    for known in range(last):
        assert stream(run_id, known).sequences == list(range(known + 1, last + 1))
    assert (stream(run_id, last).status, stream(run_id, last).text) == (204, "")
    assert stream(run_id, last + 1).problem["errors"][0]["field"] == "Last-Event-ID"


def test_at_a_checkpoint_it_answers_at_once_and_says_to_come_back_later(
    workshop: Workshop, stream: Callable[..., Connection]
) -> None:
    workshop.publish(step("a", checkpoint_after=checkpoint()))
    run_id = workshop.launch()
    approval = workshop.asked(run_id, "a")["a"]
    known = stream(run_id).sequences[-1]
    assert stream(run_id, known).text == "retry: 5000\n\n"
    workshop.decide(approval)
    workshop.run_at_end(run_id)
    assert stream(run_id, known).events[-1]["type"] == "orchestration.run.completed"


def test_a_stream_that_was_over_goes_on_with_a_run_that_is_taken_up_again(
    workshop: Workshop, agent: Agent, stream: Callable[..., Connection]
) -> None:
    agent.behave("a", refusal)
    workshop.publish(step("a"))
    run_id = workshop.launch()
    workshop.run_at_end(run_id)
    failed = stream(run_id)
    assert failed.events[-1]["type"] == "orchestration.run.failed"
    assert stream(run_id, failed.sequences[-1]).status == 204

    agent.behave("a", answer)
    workshop.act(run_id, "retry")
    known = failed.sequences[-1]
    assert stream(run_id, known).status == 200
    assert workshop.run_at_end(run_id)["status"] == "completed"
    more = stream(run_id, known)
    assert more.sequences == list(range(known + 1, known + 1 + len(more.events)))
    assert more.events[-1]["type"] == "orchestration.run.completed"


def test_what_waits_for_a_childs_reviewer_waits_for_a_person(
    stack: Stack, workshop: Workshop, agent: Agent, stream: Callable[..., Connection]
) -> None:
    """No event of the parent says so, and nothing but that person is at work."""
    child = workshop.publish(step("a", checkpoint_after=checkpoint()))
    parent = Workshop(stack, agent)
    parent.publish({"id": "child", "type": "orchestration", "orchestration": {"name": child}})
    run_id = parent.launch()
    parent.asked(run_id, "a")
    known = stream(run_id).sequences[-1]
    assert stream(run_id, known).text == "retry: 5000\n\n"


def test_more_streams_than_environments_wait_together_and_keep_nobody_else_waiting(
    stack: Stack, workshop: Workshop, agent: Agent, stream: Callable[..., Connection], token: str
) -> None:
    held = agent.hold("a")
    workshop.publish(step("a"))
    run_id = workshop.launch()
    agent.is_called_for("a")
    known = stream(run_id).sequences[-1]
    got: list[Connection] = []

    def follow() -> None:
        while not (connection := stream(run_id, known)).events:
            # A busy machine, on which so many environments start at once, may answer that the issuer's keys are late.
            assert connection.status in (200, 503)
        got.append(connection)

    count = MOST_ENVIRONMENTS + 8
    threads = [threading.Thread(target=follow) for _ in range(count)]
    for thread in threads:
        thread.start()
    logins = "select count(*) from pg_stat_activity where usename = 'baton_stream' and datname = current_database()"

    def connections_of_the_login() -> int:
        return int(workshop.rows(logins)[0][0])

    wait_until(lambda: connections_of_the_login() == MOST_ENVIRONMENTS)
    assert workshop.run(run_id)["status"] == "running"  # the API answers
    held.set()
    for thread in threads:
        thread.join(60)
    assert len(got) == count
    assert {connection.events[0]["sequence"] for connection in got} == {known + 1}
    assert connections_of_the_login() == MOST_ENVIRONMENTS


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_ticket_is_good_for_one_run_and_as_long_as_its_holder_is_a_member(
    stack: Stack, workshop: Workshop, token: str
) -> None:
    workshop.publish(step("a"))
    first, second = workshop.launch(), workshop.launch()
    leaver = stack.token("viewer", "operator")
    ticket, leavers = ticket_for(stack, first, token), ticket_for(stack, first, leaver)

    def status(run_id: str, ticket: str) -> int:
        return connect(f"{url_of(stack, run_id)}?ticket={ticket}").status

    assert (status(first, ticket), status(second, ticket), status(first, ticket[:-2])) == (200, 401, 401)
    assert status(first, leavers) == 200
    with psycopg.connect(stack.database_url) as owner:
        owner.execute("delete from organization_members where roles = array['operator', 'viewer']")
    assert status(first, leavers) == 404


def test_a_machine_follows_by_its_service_token_until_that_is_revoked(stack: Stack, workshop: Workshop) -> None:
    workshop.publish(step("a"))
    run_id = workshop.launch()
    admin, path = Deployment(stack.url, stack.token("admin")), "/organizations/demo/service-tokens"
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    made = admin.post(path, {"name": "a follower", "roles": ["viewer"], "expiresAt": tomorrow})
    ticket = ticket_for(stack, run_id, made["token"])
    assert connect(url_of(stack, run_id), made["token"]).status == 200
    assert connect(f"{url_of(stack, run_id)}?ticket={ticket}").status == 200
    admin.delete(f"{path}/{made['id']}")
    assert connect(url_of(stack, run_id), made["token"]).status == 401
    assert connect(f"{url_of(stack, run_id)}?ticket={ticket}").status == 404


def test_another_organisations_run_is_not_found(stack: Stack, workshop: Workshop) -> None:
    workshop.publish(step("a"))
    run_id = workshop.launch()
    stranger = stack.token("admin", organization=f"o-{uuid.uuid4().hex[:8]}")
    assert connect(url_of(stack, run_id), stranger).status == 404
    with pytest.raises(urllib.error.HTTPError, match="404"):
        ticket_for(stack, run_id, stranger)
    assert connect(url_of(stack, run_id)).status == 401


def test_a_ticket_opens_nothing_else(stack: Stack, workshop: Workshop, token: str) -> None:
    workshop.publish(step("a"))
    run_id = workshop.launch()
    ticket = ticket_for(stack, run_id, token)
    for path in (f"/orchestrations/runs/{run_id}", f"/orchestrations/runs/{run_id}/status"):
        assert connect(f"{stack.url}{path}", ticket).status == 401
        assert connect(f"{stack.url}{path}?ticket={ticket}").status == 401


def test_a_launch_in_the_dialect_says_where_its_stream_is(stack: Stack, workshop: Workshop, token: str) -> None:
    workshop.publish(step("a"))
    asked: dict[str, Any] = {"orchestration": {"name": workshop.name}}
    payload = workshop.ask(f"{workshop.name}-desk", "build", **asked)["payload"]
    url = payload["metadata"]["streamUrl"]
    run_id = payload["content"]["orchestrationRunId"]
    assert url == f"/orchestrations/runs/{run_id}/status/stream"
    assert connect(stack.url + url, token).sequences[0] == 1
