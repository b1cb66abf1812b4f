"""Following runs over HTTP on the whole stack."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from baton_client import Client
from local.runtime import MAX_ENVIRONMENTS
from local.stack import Stack
from tests.integration.fake_agent import FakeAgent, answer, refusal
from tests.integration.http_client import send
from tests.integration.stack_client import ApiProblem, StackClient, checkpoint, content_of, step
from tests.integration.streaming import Follower, StreamAnswer, connect
from tests.integration.waiting import wait_until


@pytest.fixture
def token(stack: Stack) -> str:
    return stack.token("viewer")


@pytest.fixture
def stream(stack: Stack, token: str) -> Callable[..., StreamAnswer]:
    def at_once(run_id: str, last_id: int | None = None) -> StreamAnswer:
        return connect(url_of(stack, run_id), token, last_id)

    return at_once


def url_of(stack: Stack, run_id: str) -> str:
    return f"{stack.url}/orchestrations/runs/{run_id}/status/stream"


def ticket_for(stack: Stack, run_id: str, token: str) -> str:
    return str(content_of(send(f"{url_of(stack, run_id)}/ticket", token, method="POST"))["ticket"])


def test_a_client_library_follows_a_run_to_its_end(
    stack: Stack, client: StackClient, agent: FakeAgent, token: str
) -> None:
    release = agent.hold("b")
    client.publish(step("a"), step("b", "a"), step("c", "b", checkpoint_after=checkpoint()))
    run_id = client.launch()
    headers = {"Authorization": f"Bearer {token}"}
    by_token = Follower(url_of(stack, run_id), headers=headers)
    by_ticket = Follower(f"{url_of(stack, run_id)}?ticket={ticket_for(stack, run_id, token)}")
    agent.wait_for_calls("b")
    wait_until(lambda: len(by_token.ids) >= 4)  # the stream sends events while b runs
    release.set()
    client.decide(client.wait_for_approvals(run_id, "c")["c"])

    for follower in (by_token, by_ticket):
        follower.follow_to_end()
        assert follower.status == 204
        assert follower.ids == [event["sequence"] for event in client.events(run_id)]
        assert follower.types == [event["type"] for event in client.events(run_id)]
    assert by_token.types[-1] == "orchestration.run.completed"


def test_a_client_that_reconnects_gets_all_later_events(
    client: StackClient, stream: Callable[..., StreamAnswer]
) -> None:
    client.publish(step("a"), step("b", "a"))
    run_id = client.launch()
    client.wait_for_end(run_id)
    events = client.events(run_id)
    last = events[-1]["sequence"]

    assert stream(run_id).events == [{**event, "omitted": []} for event in events]
    for known in range(last):
        assert stream(run_id, known).sequences == list(range(known + 1, last + 1))
    assert (stream(run_id, last).status, stream(run_id, last).text) == (204, "")
    assert stream(run_id, last + 1).problem["errors"][0]["field"] == "Last-Event-ID"


def test_at_a_checkpoint_the_stream_answers_immediately_with_a_longer_retry_time(
    client: StackClient, stream: Callable[..., StreamAnswer]
) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    approval = client.wait_for_approvals(run_id, "a")["a"]
    known = stream(run_id).sequences[-1]
    assert stream(run_id, known).text == "retry: 5000\n\n"
    client.decide(approval)
    client.wait_for_end(run_id)
    assert stream(run_id, known).events[-1]["type"] == "orchestration.run.completed"


def test_the_stream_of_a_retried_run_goes_on(
    client: StackClient, agent: FakeAgent, stream: Callable[..., StreamAnswer]
) -> None:
    agent.behave("a", refusal)
    client.publish(step("a"))
    run_id = client.launch()
    client.wait_for_end(run_id)
    failed = stream(run_id)
    assert failed.events[-1]["type"] == "orchestration.run.failed"
    assert stream(run_id, failed.sequences[-1]).status == 204

    agent.behave("a", answer)
    client.act(run_id, "retry")
    known = failed.sequences[-1]
    assert stream(run_id, known).status == 200
    assert client.wait_for_end(run_id)["status"] == "completed"
    more = stream(run_id, known)
    assert more.sequences == list(range(known + 1, known + 1 + len(more.events)))
    assert more.events[-1]["type"] == "orchestration.run.completed"


def test_a_parent_whose_child_waits_at_a_checkpoint_waits_for_a_person(
    stack: Stack, client: StackClient, agent: FakeAgent, stream: Callable[..., StreamAnswer]
) -> None:
    """The parent has no event of the checkpoint, and only that person is at work."""
    child = client.publish(step("a", checkpoint_after=checkpoint()))
    parent = StackClient(stack, agent.url)
    parent.publish({"id": "child", "type": "orchestration", "orchestration": {"name": child}})
    run_id = parent.launch()
    parent.wait_for_approvals(run_id, "a")
    known = stream(run_id).sequences[-1]
    assert stream(run_id, known).text == "retry: 5000\n\n"


def test_more_streams_than_environments_wait_together_and_the_api_still_answers(
    stack: Stack, client: StackClient, agent: FakeAgent, stream: Callable[..., StreamAnswer], token: str
) -> None:
    release = agent.hold("a")
    client.publish(step("a"))
    run_id = client.launch()
    agent.wait_for_calls("a")
    known = stream(run_id).sequences[-1]
    connections: list[StreamAnswer] = []

    def follow() -> None:
        while not (connection := stream(run_id, known)).events:
            # While many environments start on a busy machine, it may answer that the issuer's keys are not available.
            assert connection.status in (200, 503)
        connections.append(connection)

    count = MAX_ENVIRONMENTS + 8
    threads = [threading.Thread(target=follow) for _ in range(count)]
    for thread in threads:
        thread.start()
    logins = "select count(*) from pg_stat_activity where usename = 'baton_stream' and datname = current_database()"

    def connections_of_the_login() -> int:
        return int(client.rows(logins)[0][0])

    wait_until(lambda: connections_of_the_login() == MAX_ENVIRONMENTS)
    assert client.run(run_id)["status"] == "running"  # the API answers
    release.set()
    for thread in threads:
        thread.join(60)
    assert len(connections) == count
    assert {connection.events[0]["sequence"] for connection in connections} == {known + 1}
    assert connections_of_the_login() == MAX_ENVIRONMENTS


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_ticket_is_valid_for_one_run_while_its_holder_is_a_member(
    stack: Stack, client: StackClient, token: str
) -> None:
    client.publish(step("a"))
    first, second = client.launch(), client.launch()
    leaver = stack.token("viewer", "operator")
    ticket, leavers = ticket_for(stack, first, token), ticket_for(stack, first, leaver)

    def status(run_id: str, ticket: str) -> int:
        return connect(f"{url_of(stack, run_id)}?ticket={ticket}").status

    assert (status(first, ticket), status(second, ticket), status(first, ticket[:-2])) == (200, 401, 401)
    assert status(first, leavers) == 200
    with psycopg.connect(stack.database_url) as owner:
        owner.execute("delete from organization_members where roles = array['operator', 'viewer']")
    assert status(first, leavers) == 404


def test_a_machine_follows_a_run_until_its_service_token_is_revoked(stack: Stack, client: StackClient) -> None:
    client.publish(step("a"))
    run_id = client.launch()
    admin = Client(stack.url, stack.token("admin"), organization="demo")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    issued = admin.service_tokens.create("a follower", ["viewer"], tomorrow)
    ticket = ticket_for(stack, run_id, issued["token"])
    assert connect(url_of(stack, run_id), issued["token"]).status == 200
    assert connect(f"{url_of(stack, run_id)}?ticket={ticket}").status == 200
    admin.service_tokens.revoke(issued["id"])
    assert connect(url_of(stack, run_id), issued["token"]).status == 401
    assert connect(f"{url_of(stack, run_id)}?ticket={ticket}").status == 404


def test_another_organisations_run_is_not_found(stack: Stack, client: StackClient) -> None:
    client.publish(step("a"))
    run_id = client.launch()
    stranger = stack.token("admin", organization=f"o-{uuid.uuid4().hex[:8]}")
    assert connect(url_of(stack, run_id), stranger).status == 404
    with pytest.raises(ApiProblem, match="404"):
        ticket_for(stack, run_id, stranger)
    assert connect(url_of(stack, run_id)).status == 401


def test_a_ticket_is_valid_only_for_the_stream(stack: Stack, client: StackClient, token: str) -> None:
    client.publish(step("a"))
    run_id = client.launch()
    ticket = ticket_for(stack, run_id, token)
    for path in (f"/orchestrations/runs/{run_id}", f"/orchestrations/runs/{run_id}/status"):
        assert connect(f"{stack.url}{path}", ticket).status == 401
        assert connect(f"{stack.url}{path}?ticket={ticket}").status == 401


def test_the_answer_to_a_launch_task_has_the_url_of_the_stream(stack: Stack, client: StackClient, token: str) -> None:
    client.publish(step("a"))
    launch: dict[str, Any] = {"orchestration": {"name": client.name}}
    payload = client.call_agent(f"{client.name}-desk", "build", **launch)["payload"]
    url = payload["metadata"]["streamUrl"]
    run_id = payload["content"]["orchestrationRunId"]
    assert url == f"/orchestrations/runs/{run_id}/status/stream"
    assert connect(stack.url + url, token).sequences[0] == 1
