"""Runs that the state machine `baton-launch` launches, started like in the console or by the AWS CLI."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.integration.executions import execution_of
from tests.integration.stack_client import StackClient, checkpoint, step
from tests.integration.waiting import wait_until

KPIS = {"kpi_names": ["revenue"], "start_date": "start of last year", "end_date": "today"}
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:baton-launch"


@pytest.fixture
def launcher(client: StackClient) -> Iterator[str]:
    """The launcher of the organisation, which an admin allows for the time of the test."""
    settings = content(client, "PUT")
    yield settings["launcher"]["userId"]
    assert content(client, "DELETE")["launcher"] is None


def content(client: StackClient, method: str) -> Any:
    answer = client.send(f"/organizations/{client.organization}/launcher", method=method)
    assert answer.status == 200
    return answer.json()


def launch(**request: Any) -> dict[str, Any]:
    """An execution of the machine, at its end."""
    return end_of(
        boto3.client("stepfunctions").start_execution(
            stateMachineArn=MACHINE, name=f"by-hand-{uuid.uuid4()}", input=json.dumps(request)
        )["executionArn"]
    )


def end_of(execution: str) -> dict[str, Any]:
    described: dict[str, Any] = {}

    def ended() -> bool:
        described.update(boto3.client("stepfunctions").describe_execution(executionArn=execution))
        return described["status"] != "RUNNING"

    wait_until(ended)
    return described


def start_machine(client: StackClient, version: str, given: Any) -> str:
    """The ARN of an execution of the client's definition that a person starts by hand."""
    [(machine,)] = client.rows(
        "select machine from orchestration_definitions where name = %s and version = %s", client.name, version
    )
    started = boto3.client("stepfunctions").start_execution(
        stateMachineArn=MACHINE.replace("baton-launch", f"baton-{machine}"), input=json.dumps(given)
    )
    return str(started["executionArn"])


def refusal(execution: dict[str, Any]) -> str:
    """The words of the refusal with which an execution failed."""
    assert (execution["status"], execution["error"]) == ("FAILED", "LaunchRefused")
    return str(json.loads(execution["cause"])["errorMessage"])


def test_an_execution_launches_a_run_which_runs_to_its_end(client: StackClient, launcher: str) -> None:
    client.publish(step("a"), parameters=[{"name": "day", "type": "date"}])
    execution = launch(organization="demo", orchestration=client.name, parameters={"day": "start of year"})
    output = json.loads(execution["output"])
    assert output == {
        "runId": output["runId"], "created": True, "executionArn": execution_of(client, output["runId"]),
    }  # fmt: skip
    run = client.wait_for_end(output["runId"])
    assert run["status"] == "completed"
    assert run["parameters"]["day"].endswith("-01-01")
    [created] = [event["data"] for event in client.events(run["id"]) if event["type"] == "orchestration.run.created"]
    assert (created["launchedBy"], created["launchingExecution"]) == (launcher, execution["executionArn"])


def test_without_a_key_each_execution_launches_once(client: StackClient, launcher: str) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    first, second = (launch(organization="demo", orchestration=client.name) for _ in range(2))
    run_ids = {json.loads(execution["output"])["runId"] for execution in (first, second)}
    assert len(run_ids) == 2
    again = {"launch": json.loads(first["input"]), "execution": first["executionArn"]}  # a Task that is tried again
    repeated = json.loads(client.stack.invoke("launch", again).payload)
    assert repeated == {**json.loads(first["output"]), "created": False}


def test_executions_with_one_key_launch_one_run(client: StackClient, launcher: str) -> None:
    client.publish(step("a"), version="1.0.0")
    wanted = {"organization": "demo", "orchestration": client.name, "version": "1.0.0", "idempotencyKey": client.name}
    outputs = [json.loads(launch(**wanted)["output"]) for _ in range(2)]
    assert [output["created"] for output in outputs] == [True, False]
    assert outputs[0]["runId"] == outputs[1]["runId"]
    other = launch(**{**wanted, "version": None})
    assert "idempotencyKey: was used for another launch" in refusal(other)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"orchestration": None}, "orchestration: must be text, not null"),
        ({"orchestation": "x"}, "orchestation: is not known here; there are organization, orchestration, version"),
        ({"orchestation": "x"}, "(did you mean `orchestration`?)"),
        ({"parameters": []}, "parameters: must be an object, not a list"),
        ({"idempotencyKey": ""}, "idempotencyKey: is empty"),
        ({"parameters": {"day": 1e999}}, "parameters.day has a number that is too large"),
        ({"orchestration": "nothing"}, "there is no orchestration nothing in demo"),
        ({"parameters": {"day": "strat of year"}}, "day: must be a date as YYYY-MM-DD"),
        ({"parameters": {"day": "strat of year"}}, "(did you mean `start of year`?)"),
        ({"parameters": {"dya": "today"}}, "dya: is not a parameter of"),
        ({"callback": {"url": "http://127.0.0.1:9/"}}, "callback.events: is required"),
        ({"callback": {"url": "http://127.0.0.1:9/", "events": ["orchestration.run.completed"]}}, "callback.url: "),
        ({"organization": "acme"}, "parameter LaunchOrganizations does not name it"),
    ],
)
def test_a_refusal_fails_the_execution_with_the_words_of_the_api(
    client: StackClient, launcher: str, changes: dict[str, Any], words: str
) -> None:
    client.publish(step("a"), parameters=[{"name": "day", "type": "date"}])
    assert words in refusal(launch(**{"organization": "demo", "orchestration": client.name, **changes}))
    assert client.rows("select from orchestration_runs where definition_name = %s", client.name) == []


def test_an_admin_must_have_allowed_it(client: StackClient) -> None:
    client.publish(step("a"))
    execution = launch(organization="demo", orchestration=client.name)
    assert "baton organizations allow-launch demo" in refusal(execution)
    assert content(client, "PUT")["launcher"] is not None
    redriven = {"launch": json.loads(execution["input"]), "execution": execution["executionArn"]}
    assert json.loads(client.stack.invoke("launch", redriven).payload)["created"]
    assert content(client, "DELETE")["launcher"] is None


def gated() -> list[dict[str, Any]]:
    """Steps whose first Task is a gate, because one at a time is at work."""
    return [step("a"), step("b"), step("c", "a", "b")]


@pytest.mark.parametrize(
    ("steps", "execution"),
    [
        ([step("a")], {}),
        ([step("a", continue_on_failure=True), step("b", "a")], {}),
        ([step("a", checkpoint_after=checkpoint())], {}),
        ([step("a", for_each=["x", "y"])], {}),
        (gated(), {"concurrency": {"maxParallel": 1}}),
        ([{"id": "a", "orchestration": {"name": "kpi-tracking", "parameters": KPIS}}], {}),
    ],
)
@pytest.mark.parametrize("given", [{}, {"organization": "demo", "orchestration": "kpi-tracking"}, [1]])
def test_the_machine_of_a_definition_that_is_started_by_hand_says_what_to_start(
    client: StackClient, steps: list[dict[str, Any]], execution: dict[str, Any], given: Any
) -> None:
    client.publish(*copy.deepcopy(steps), execution=execution)
    execution_arn = start_machine(client, "1.0.0", given)
    failed = end_of(execution_arn)
    assert (failed["status"], failed["error"]) == ("FAILED", "NotLaunched")
    assert "start the state machine baton-launch with {organization, orchestration" in failed["cause"]
    history = boto3.client("stepfunctions").get_execution_history(executionArn=execution_arn)["events"]
    exited = [event["stateExitedEventDetails"]["name"] for event in history if event["type"].endswith("StateExited")]
    assert exited == []  # the first state failed


def test_a_machine_started_by_hand_for_a_run_names_both_ways_to_launch_one(client: StackClient) -> None:
    client.publish(step("a", checkpoint_after=checkpoint()))
    run = client.launch()
    client.wait_for_approvals(run, "a")
    client.publish(step("a"), version="1.0.1")
    for version, run_id, error in [
        ("1.0.0", str(uuid.uuid4()), "WrongMachine"),  # there is no such run
        ("1.0.0", run, "StaleGeneration"),  # a copy of the run's execution
        ("1.0.1", run, "StaleGeneration"),  # a run of another machine
    ]:
        failed = end_of(start_machine(client, version, {"run_id": run_id, "generation": 1}))
        assert failed["error"] == error
        assert "use `baton run`, or start the state machine baton-launch with {organization" in failed["cause"]


def test_an_execution_that_launches_is_no_unknown_execution(client: StackClient, launcher: str) -> None:
    execution = launch(organization="demo", orchestration="nothing")
    detail = {"executionArn": execution["executionArn"], "status": "FAILED"}
    result = json.loads(client.stack.invoke("reconcile", {"detail": detail}).payload)
    assert result == {"run_id": None, "outcome": "not_ours"}
    reported = [line for line in client.stack.log_file.read_text().splitlines() if "executions are unknown" in line]
    assert [line for line in reported if execution["executionArn"] in line] == []
