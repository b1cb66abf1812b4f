"""The examples of docs/schedules.md, run on the stack."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

import boto3
import pytest
from samtranslator.yaml_helper import yaml_parse

from baton.relative_dates import resolve
from cli.checkout import ROOT
from tests.integration.http_client import send
from tests.integration.stack_client import StackClient
from tests.integration.waiting import wait_until

PAGE = (ROOT / "docs" / "schedules.md").read_text(encoding="utf-8")
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:baton-launch"
RESOURCES: dict[str, dict[str, Any]] = {}
for snippet in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL):
    RESOURCES |= yaml_parse(snippet)["Resources"]


@pytest.fixture(autouse=True)
def allowed(client: StackClient) -> Iterator[None]:
    assert client.send("/organizations/demo/launcher", method="PUT").status == 200
    yield
    assert client.send("/organizations/demo/launcher", method="DELETE").status == 200


def runs_of(client: StackClient, key: str) -> list[str]:
    """The runs that an idempotency key has made."""
    return [str(run) for (run,) in client.rows("select run_id from baton.idempotency_keys where key = %s", key)]


def deliver(template: str, values: dict[str, str]) -> str:
    """What Scheduler or EventBridge makes of an input."""
    for name, value in values.items():
        template = template.replace(f"<{name}>", value)
    assert "<" not in template
    return template


def start(arn: str, given: str) -> dict[str, Any]:
    """The output of an execution of the machine, started like the AWS CLI does."""
    client = boto3.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn, input=given)["executionArn"]
    wait_until(lambda: client.describe_execution(executionArn=execution)["status"] != "RUNNING")
    described = client.describe_execution(executionArn=execution)
    assert described["status"] == "SUCCEEDED", described.get("cause")
    output: dict[str, Any] = json.loads(described["output"])
    return output


def test_the_machines_example_is_launched(client: StackClient) -> None:
    [given] = re.findall(r"--input '(.*?)'", PAGE, re.DOTALL)
    [machine] = re.findall(r"--state-machine-arn (\S+)", PAGE)
    assert machine == MACHINE
    output = start(machine, given)
    assert output["created"]
    parameters = client.run(output["runId"])["parameters"]
    assert all(date.fromisoformat(parameters[name]) for name in ("start_date", "end_date"))


def test_the_schedule_launches_one_run_for_each_time(client: StackClient) -> None:
    properties = RESOURCES["MonthlyKpis"]["Properties"]
    target = {**properties["Target"], "Arn": MACHINE, "RoleArn": "arn:aws:iam::123456789012:role/launching"}
    scheduler = boto3.client("scheduler")
    arn = scheduler.create_schedule(**{**properties, "Target": target})["ScheduleArn"]
    scheduled = scheduler.get_schedule(Name=properties["Name"])["Target"]

    def due(at: str) -> str:
        return deliver(scheduled["Input"], {"aws.scheduler.schedule-arn": arn, "aws.scheduler.scheduled-time": at})

    first, again, later = (start(scheduled["Arn"], due(at)) for at in (
        "2026-11-01T05:00:00Z", "2026-11-01T05:00:00Z", "2026-12-01T05:00:00Z",
    ))  # fmt: skip
    assert [output["created"] for output in (first, again, later)] == [True, False, True]
    assert again["runId"] == first["runId"] != later["runId"]
    parameters = client.run(first["runId"])["parameters"]
    assert resolve("end of month", date.fromisoformat(parameters["start_date"])) == date.fromisoformat(
        parameters["end_date"]
    )


def test_the_rule_launches_a_run_for_an_event(client: StackClient) -> None:
    properties, name, events = RESOURCES["WhenFiguresArrive"]["Properties"], uuid.uuid4().hex, boto3.client("events")
    source = f"com.example.{name}"
    events.put_rule(Name=name, EventPattern=json.dumps({**properties["EventPattern"], "source": [source]}))
    [target] = properties["Targets"]
    events.put_targets(Rule=name, Targets=[{**target, "Arn": MACHINE, "RoleArn": "arn:aws:iam::123456789012:role/r"}])

    detail = {"from": "2024-07-01", "to": "2024-09-30"}
    entry = {"Source": source, "DetailType": "Figures Ready", "Detail": json.dumps(detail)}
    [put] = events.put_events(Entries=[entry])["Entries"]
    wait_until(lambda: runs_of(client, put["EventId"]))
    [run_id] = runs_of(client, put["EventId"])
    assert client.run(run_id)["parameters"]["start_date"] == "2024-07-01"
    events.remove_targets(Rule=name, Ids=["launch"])


def test_the_api_destination_launches_a_run_with_a_service_token(client: StackClient) -> None:
    [target] = RESOURCES["LaunchWhenFiguresArrive"]["Properties"]["Targets"]
    destination = RESOURCES["LaunchOverHttp"]["Properties"]
    path = destination["InvocationEndpoint"]["Fn::Sub"].removeprefix("${ApiUrl}")
    body = json.loads(deliver(target["InputTransformer"]["InputTemplate"], {"from": "2024-07-01", "to": "2024-09-30"}))
    assert target["HttpParameters"]["HeaderParameters"] == {"Idempotency-Key": "$.id"}
    headers, token = {"Idempotency-Key": str(uuid.uuid4())}, client.issue_service_token("operator")

    def call() -> int:
        return send(client.stack.url + path, token, body, method=destination["HttpMethod"], headers=headers).status

    assert (call(), call()) == (201, 200)


TABLE = re.findall(r"^\| `([^`]+)` \| (\d{4}-\d\d-\d\d) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("text", "meant"), TABLE)
def test_a_relative_date_of_the_page_is_the_date_beside_it(text: str, meant: str) -> None:
    assert resolve(text, date(2026, 11, 26)) == date.fromisoformat(meant)


def test_the_page_has_relative_dates() -> None:
    assert len(TABLE) >= 7
