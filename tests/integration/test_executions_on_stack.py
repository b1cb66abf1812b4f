"""Executions on the whole stack that end or get another machine from outside of their run."""

from __future__ import annotations

import json
import re
import threading
from typing import Any

import boto3
import psycopg
import pytest

from baton.engine import StepFunctions
from tests.integration.child_runs import REVIEW, child_of, child_step
from tests.integration.executions import execution_of, execution_status
from tests.integration.fake_agent import FakeAgent, Task, answer
from tests.integration.stack_client import ApiProblem, StackClient, checkpoint, statuses, step
from tests.integration.waiting import wait_until


def stop_in_the_console(client: StackClient, run_id: str) -> None:
    boto3.client("stepfunctions").stop_execution(executionArn=execution_of(client, run_id), error="Console")


def test_a_run_whose_execution_is_stopped_in_the_console_is_aborted(client: StackClient) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "a")
    stop_in_the_console(client, run_id)
    run = client.wait_for_end(run_id)
    assert (run["status"], run["pendingApprovals"]) == ("aborted", [])
    [data] = [event["data"] for event in client.events(run_id) if event["type"] == "orchestration.run.aborted"]
    assert data["reason"] == "its execution was stopped: Console"
    with pytest.raises(ApiProblem) as error_info:
        client.decide(approvals["a"])
    assert error_info.value.status == 409


def test_a_run_that_is_stopped_in_the_console_aborts_its_child(client: StackClient) -> None:
    client.publish(child_step("kpis"))
    run_id = client.launch()
    child = child_of(client, run_id)
    client.wait_for_approvals(child, "fetch-kpi-data")
    stop_in_the_console(client, run_id)
    assert client.wait_for_end(run_id)["status"] == "aborted"
    assert client.wait_for_end(child)["status"] == "aborted"
    wait_until(lambda: execution_status(client, child) == "ABORTED")


def test_a_run_that_takes_longer_than_its_definition_allows_fails(client: StackClient) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()), execution={"timeout_seconds": 2})
    run_id = client.launch()
    run = client.wait_for_end(run_id, sweep="reconcile")
    assert (run["status"], run["error"]["type"]) == ("failed", "States.Timeout")
    wait_until(lambda: execution_status(client, run_id) == "ABORTED")


def test_a_run_whose_history_is_full_goes_on_in_its_next_execution(client: StackClient) -> None:
    """A person's retry comes when the history is nearly full."""
    client.publish(step("a", checkpoint_after=checkpoint()), step("b", "a"))
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "a")
    with psycopg.connect(client.stack.database_url) as connection:
        connection.execute("update baton.executions set history_events = 20000 where run_id = %s", (run_id,))
    client.decide(approvals["a"], "retry")
    moved = client.wait_for_run(run_id, lambda run: run["generation"] == 2)
    assert moved["status"] == "running"
    assert not client.stack.invoke("relay", {}).is_error
    client.decide(client.wait_for_approvals(run_id, "a")["a"])
    run = client.wait_for_end(run_id)
    assert (run["status"], run["generation"]) == ("completed", 2)
    wait_until(lambda: execution_status(client, run_id) == "SUCCEEDED")


def copy_in_the_console(execution: str) -> Any:
    """ "New execution" in the console, with the input of an execution. Returns the copy at its end."""
    states = boto3.client("stepfunctions")
    own = states.describe_execution(executionArn=execution)
    copy = states.start_execution(stateMachineArn=own["stateMachineArn"], input=own["input"])["executionArn"]
    wait_until(lambda: states.describe_execution(executionArn=copy)["status"] != "RUNNING")
    return states.describe_execution(executionArn=copy)


def check_it_failed_in_words(copy: Any, run_id: str) -> None:
    assert (copy["status"], copy["error"]) == ("FAILED", "StaleGeneration")
    assert (
        f"nothing has changed. A redrive does not continue a failed run, but this does: baton retry {run_id}"
        in (json.loads(copy["cause"])["errorMessage"])
    )


def test_a_copy_of_an_execution_fails_with_an_explanation_while_its_run_works(
    client: StackClient, agent: FakeAgent
) -> None:
    at_work, may_answer = threading.Event(), threading.Event()

    def slowly(task: Task) -> dict[str, Any]:
        at_work.set()
        assert may_answer.wait(30)
        return answer(task)

    agent.behave("b", slowly)
    client.publish(step("a"), step("b", "a"))
    run_id = client.launch()
    assert at_work.wait(30)
    check_it_failed_in_words(copy_in_the_console(execution_of(client, run_id)), run_id)
    may_answer.set()
    run = client.wait_for_end(run_id)
    assert (run["status"], statuses(run)) == ("completed", {"a": "completed", "b": "completed"})
    assert (len(agent.tasks("a")), len(agent.tasks("b"))) == (1, 1)


def test_a_copy_of_an_execution_takes_no_checkpoints_token(client: StackClient) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()), step("b", "a"))
    run_id = client.launch()
    approvals = client.wait_for_approvals(run_id, "a")
    check_it_failed_in_words(copy_in_the_console(execution_of(client, run_id)), run_id)
    client.decide(approvals["a"])
    assert client.wait_for_end(run_id)["status"] == "completed"
    wait_until(lambda: execution_status(client, run_id) == "SUCCEEDED")


def test_the_sweep_confirms_that_the_execution_of_an_aborted_run_is_over(client: StackClient) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    run_id = client.launch()
    client.wait_for_approvals(run_id, "a")
    client.act(run_id, "abort")
    with psycopg.connect(client.stack.database_url) as owner:
        owner.execute("update baton.executions set check_at = now() where run_id = %s", (run_id,))
    client.stack.invoke("reconcile", {"detail": {}})
    assert client.rows("select status, over_at is not null from baton.executions where run_id = %s", run_id) == [
        ("ABORTED", True)
    ]


def test_the_running_executions_of_a_machine_are_listed(client: StackClient) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    runs = [client.launch() for _ in range(2)]
    for run_id in runs:
        client.wait_for_approvals(run_id, "a")
    execution = execution_of(client, runs[0])
    machine = execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
    engine = StepFunctions("arn:aws:states:us-east-1:123456789012:stateMachine:baton-")
    assert machine in engine.machines()
    assert sorted(engine.running(machine)) == sorted(execution_of(client, run_id) for run_id in runs)
    client.decide(client.wait_for_approvals(runs[0], "a")["a"])
    wait_until(lambda: engine.running(machine) == [execution_of(client, runs[1])])


def test_a_run_goes_on_after_its_bundled_machine_was_changed(client: StackClient) -> None:
    """A deployment changes the machine while the run waits. The run's next execution uses a machine of its own plan."""
    states = boto3.client("stepfunctions")
    machine = "arn:aws:states:us-east-1:123456789012:stateMachine:baton-kpi-tracking"
    deployed = states.describe_state_machine(stateMachineArn=machine)["definition"]
    [digest] = set(re.findall(r'"digest": "(\w+)"', deployed))
    states.update_state_machine(stateMachineArn=machine, definition=deployed.replace(digest, digest[::-1]))
    try:
        run_id = client.launch("kpi-tracking", parameters=REVIEW)
        client.decide(client.wait_for_approvals(run_id, "fetch-kpi-data")["fetch-kpi-data"])
        run = client.wait_for_end(run_id)
    finally:
        states.update_state_machine(stateMachineArn=machine, definition=deployed)
    assert (run["status"], run["generation"]) == ("completed", 2)
    [(moved,)] = client.rows("select machine from orchestration_runs where id = %s", run_id)
    assert moved.startswith("x-")
