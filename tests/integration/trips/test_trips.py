"""Counts round trips to the database on the wire. The connection is open, as in every call but the first."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.fake_agent import FakeAgent, Task, answer, refusal
from tests.integration.stack_client import StackClient, checkpoint, step
from tests.integration.waiting import wait_until

from .conftest import MeasuredFunctions

NOBODY = {"run_id": str(uuid.uuid4()), "step_id": "none", "generation": 1, "digest": "none"}
UNKNOWN_STEP = NOBODY | {"execution": "arn:none", "entered_at": "now", "retry_count": 0, "action": "run"}
UNKNOWN_TASK = NOBODY | {"execution": "arn:none", "token": "none", "action": "open"}
NUMBER = {"name": "n", "type": "integer", "default": 1}
NAMES = {"name": "names", "type": "string[]", "default": ["x", "y"]}
STRUCK_OFF = ["strike_off_unawaited"]  # an invocation does not wait for this statement


@pytest.fixture
def warm(functions: MeasuredFunctions) -> MeasuredFunctions:
    functions.warm("step", UNKNOWN_STEP)
    return functions


def answers_at_leisure(
    functions: MeasuredFunctions, agent: FakeAgent, *step_ids: str, **behaviours: Callable[[Task], Any]
) -> None:
    """The agent answers after the events of the step's beginning were sent."""

    def behave(task: Task) -> dict[str, Any]:
        wait_until(lambda: "PutEvents" in functions.called)
        return behaviours.get("behaviour", answer)(task)

    for step_id in step_ids:
        agent.behave(step_id, behave)


def test_a_step_is_two_trips_and_its_last_deliveries_are_struck_off_without_waiting(
    warm: MeasuredFunctions, client: StackClient, agent: FakeAgent
) -> None:
    run_id = warm.launch(client.publish(step("a")))
    answers_at_leisure(warm, agent, "a")
    warm.look()
    assert warm.step(run_id, "a")["status"] == "completed"
    traffic = warm.look(unawaited=1)
    assert traffic.trips == [["begin_step"], ["complete_step"]]
    assert (traffic.unawaited, traffic.connections) == (STRUCK_OFF, 0)
    assert warm.called == ["PutEvents"] * 2  # of the beginning while the agent was at work; of the end


def test_a_step_that_calls_no_agent_waits_for_its_deliveries_at_its_end(
    warm: MeasuredFunctions, client: StackClient
) -> None:
    run_id = warm.launch(client.publish(step("a", when="{{ n }} > 1"), step("b"), parameters=[NUMBER]))
    warm.look()
    assert warm.step(run_id, "a")["status"] == "skipped"
    assert warm.called == ["PutEvents"] * 2
    traffic = warm.look(unawaited=1)
    assert traffic.trips == [["begin_step"], ["skip_step"]]
    assert (traffic.unawaited, traffic.connections) == (STRUCK_OFF, 0)


def test_a_step_that_the_cache_answers_is_two_trips(
    warm: MeasuredFunctions, client: StackClient, agent: FakeAgent
) -> None:
    name = client.publish(step("a"), execution={"caching": {"enabled": True, "ttlSeconds": 60}})
    answers_at_leisure(warm, agent, "a")
    warm.step(warm.launch(name), "a")
    run_id = warm.launch(name)
    warm.look(unawaited=1)
    assert warm.step(run_id, "a")["status"] == "completed"
    traffic = warm.look(unawaited=1)
    assert traffic.trips == [["begin_step"], ["complete_step"]]
    assert (traffic.unawaited, traffic.connections) == (STRUCK_OFF, 0)


def test_a_step_that_fails_is_two_trips(warm: MeasuredFunctions, client: StackClient, agent: FakeAgent) -> None:
    answers_at_leisure(warm, agent, "a", behaviour=refusal)
    run_id = warm.launch(client.publish(step("a")))
    warm.look()
    assert warm.step(run_id, "a") == {"error": "StepExhausted"}
    assert warm.look(unawaited=1).trips == [["begin_step"], ["fail_step"]]


def test_a_completed_step_is_one_trip(warm: MeasuredFunctions, client: StackClient, agent: FakeAgent) -> None:
    answers_at_leisure(warm, agent, "a")
    run_id = warm.launch(client.publish(step("a"), step("b", "a")))
    warm.step(run_id, "a")
    warm.look(unawaited=1)
    assert warm.step(run_id, "a")["status"] == "completed"
    traffic = warm.look()
    assert (traffic.trips, traffic.unawaited) == ([["begin_step"]], [])


def test_a_list_is_two_trips_an_item_and_two_around_them(
    warm: MeasuredFunctions, client: StackClient, agent: FakeAgent
) -> None:
    answers_at_leisure(warm, agent, "each")
    run_id = warm.launch(client.publish(step("each", for_each="{{ names }}", **{"as": "name"}), parameters=[NAMES]))
    warm.look()
    assert warm.step(run_id, "each", "expand")["items"] == [0, 1]
    assert warm.look(unawaited=1).trips == [["begin_step"], ["expand_step"]]
    for index in (0, 1):
        warm.step(run_id, "each", "item", item_index=index)
        assert warm.look(unawaited=1).trips == [["begin_step"], ["complete_step"]]
    assert warm.step(run_id, "each", "gather")["status"] == "completed"
    assert warm.look(unawaited=1).trips == [["begin_step"], ["complete_step"]]


def test_a_child_run_is_two_trips_before_and_two_after_it(
    warm: MeasuredFunctions, client: StackClient, agent: FakeAgent
) -> None:
    child = client.publish(step("a"))
    parent = StackClient(warm.stack, agent.url)
    run_id = warm.launch(parent.publish({"id": "below", "type": "orchestration", "orchestration": {"name": child}}))
    warm.look()
    assert warm.step(run_id, "below", "prepare")["status"] == "start"
    assert warm.look(unawaited=1).trips == [["begin_step"], ["insert_child"]]
    warm.record.execute(
        "update orchestration_runs set status = 'completed', started_at = now(), completed_at = now()"
        " where parent_run_id = %s",
        (run_id,),
    )
    assert warm.step(run_id, "below", "collect")["status"] == "completed"
    assert warm.look(unawaited=1).trips == [["begin_step"], ["complete_step"]]


def test_a_gate_is_one_trip_with_and_without_waiting(functions: MeasuredFunctions, client: StackClient) -> None:
    functions.warm("gate", UNKNOWN_TASK)
    run_id = functions.launch(client.publish(step("a"), step("b"), step("c", "a"), step("d", "a", "b")))
    functions.look()
    for step_id, released in (("d", 0), ("a", 1)):
        task = functions.about(run_id, step_id) | {"token": str(uuid.uuid4())}
        assert functions.invoke("gate", task) == {"step_id": step_id}
        traffic = functions.look(unawaited=1)
        assert traffic.trips == [["open_gate"]]
        assert (functions.called.count("SendTaskSuccess"), traffic.unawaited) == (released, STRUCK_OFF)


def test_a_checkpoint_is_one_trip_to_open(functions: MeasuredFunctions, client: StackClient, agent: FakeAgent) -> None:
    functions.warm("step", UNKNOWN_STEP)
    functions.warm("checkpoint", UNKNOWN_TASK)
    answers_at_leisure(functions, agent, "a")
    run_id = functions.launch(client.publish(step("a", checkpoint_after=checkpoint())))
    functions.step(run_id, "a")
    functions.look()  # completing may have struck off what had begun, and it orders nothing itself
    task = functions.about(run_id, "a") | {"token": str(uuid.uuid4()), "action": "open"}
    assert "approval_id" in functions.invoke("checkpoint", task)
    assert functions.look(unawaited=1).trips == [["open_checkpoint"]]


@pytest.mark.parametrize("decision", ["continue", "retry", "abort"])
def test_a_decision_is_one_trip_of_the_approval_function(
    functions: MeasuredFunctions, client: StackClient, decision: str
) -> None:
    """The state machine waits for the decision with its own token."""
    unknown = {"run_id": NOBODY["run_id"], "approval_id": NOBODY["run_id"], "user_id": NOBODY["run_id"]}
    functions.warm("approval", {"decide": unknown | {"decision": "continue"}})
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    approval_id = client.wait_for_approvals(run_id, "a")["a"]
    command = {"run_id": run_id, "approval_id": approval_id, "user_id": functions.member(), "decision": decision}
    assert functions.invoke("approval", {"decide": command})["outcome"] == "taken"
    traffic = functions.look(unawaited=1)
    assert traffic.trips == [["decide_approval"]]
    assert (traffic.unawaited, traffic.connections) == (STRUCK_OFF, 0)
    assert functions.called == ["StopExecution" if decision == "abort" else "SendTaskSuccess", "PutEvents"]


def test_a_decision_is_one_trip_of_the_api_before_it_calls_the_approval_function(
    functions: MeasuredFunctions, client: StackClient
) -> None:
    functions.warm("api", request(functions, "GET", "/orchestrations/runs"))
    client.publish(step("a", checkpoint_after=checkpoint()))
    approval_id = client.wait_for_approvals(client.launch(), "a")["a"]
    path = f"/orchestrations/approvals/{approval_id}/decision"
    assert functions.invoke("api", request(functions, "POST", path, {"decision": "continue"}))["statusCode"] == 200
    assert functions.look().trips == [["approval_terms"]]
    assert functions.called == ["Invoke"]


def test_a_launch_is_two_trips_and_one_call_of_aws(functions: MeasuredFunctions, client: StackClient) -> None:
    functions.warm("api", request(functions, "GET", "/orchestrations/runs"))
    launch = {"organization": "demo", "orchestration": {"name": client.publish(step("a"))}}
    response = functions.invoke("api", request(functions, "POST", "/orchestrations/runs", launch))
    assert response["statusCode"] == 201
    traffic = functions.look(unawaited=1)
    assert traffic.trips == [["launch_context"], ["launch_run"]]
    assert functions.called == ["StartExecution"]
    client.wait_for_end(json.loads(response["body"])["id"])


def test_a_lost_answer_costs_only_a_new_connection(warm: MeasuredFunctions, client: StackClient) -> None:
    """The environment was frozen, and the network has dropped its connection since."""
    run_id = warm.launch(client.publish(step("a"), step("b")))
    warm.look()
    for step_id in ("a", "b"):  # what the first did not wait for is never answered
        assert warm.step(run_id, step_id)["status"] == "completed"
    traffic = warm.look(unawaited=2)
    assert traffic.trips == [["begin_step"], ["complete_step"]] * 2
    assert traffic.connections == 1


def request(functions: MeasuredFunctions, method: str, path: str, body: Any = None) -> dict[str, Any]:
    """The event of the HTTP API for a request."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": f"Bearer {functions.token}", "content-type": "application/json"},
        "requestContext": {"http": {"method": method, "path": path}, "stage": "$default", "requestId": "1"},
        "isBase64Encoded": False,
        **({} if body is None else {"body": json.dumps(body)}),
    }
