"""The steps in the README of examples/hello-agent on the whole stack: publish, launch, decide, complete."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import psycopg
import pytest

from cli import main as command
from cli.checkout import ROOT
from local.published import restore_machines
from local.stack import Stack
from local.template import read_template
from tests.integration.http_server import serving
from tests.integration.stack_client import StackClient

EXAMPLE = ROOT / "examples" / "hello-agent"


@pytest.fixture
def client(stack: Stack, agent: str) -> StackClient:
    return StackClient(stack, agent)


@pytest.fixture
def agent() -> Iterator[str]:
    """The URL of the example's agent, which runs on a free port."""
    handler = runpy.run_path(str(EXAMPLE / "agent.py"))["Agent"]
    handler.log_message = lambda *_: None
    with serving(handler) as url:
        yield f"{url}/"


@pytest.fixture
def example(tmp_path: Path, agent: str, request: pytest.FixtureRequest) -> Path:
    """The example's files with names of this test and the URL of the running agent."""
    suffix = re.sub(r"[^a-z]+", "-", request.node.name)[-30:].strip("-")
    for file in EXAMPLE.glob("*.yaml"):
        text = file.read_text().replace("http://127.0.0.1:8901/", agent)
        for name in ("hello-agent", "hello-desk"):
            text = text.replace(name, f"{name}-{suffix}")
        text = text.replace("name: hello\n", f"name: hello-{suffix}\n").replace("[hello]", f"[hello-{suffix}]")
        (tmp_path / file.name).write_text(text)
    return tmp_path


def baton(stack: Stack, token: str, *arguments: str) -> int:
    environ = {"BATON_URL": stack.url, "BATON_TOKEN": token, "BATON_ORG": "demo"}
    return command.main(list(arguments), environ)


def name_in(file: Path) -> str:
    match = re.search(r"^  name: (\S+)$", file.read_text(), re.MULTILINE)
    assert match
    return match[1]


def test_a_published_orchestration_runs_to_its_end(
    client: StackClient, example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [str(file) for file in sorted(example.glob("hello*.yaml"), reverse=True)]
    assert baton(client.stack, client.token, "publish", *files) == 0
    assert [line.partition(": ")[2].split()[0] for line in capsys.readouterr().out.splitlines()][:2] == [
        "orchestrator",
        "agent",
    ]

    orchestration, desk = name_in(example / "hello.yaml"), name_in(example / "hello-desk.yaml")
    launched = client.post(
        f"/agent-to-agent/demo/{desk}/tasks",
        {
            "mode": "build",
            "payload": {"orchestration": {"name": orchestration}, "promptParameters": {"who": "Ada"}},
        },
    )
    run_id = launched["payload"]["content"]["orchestrationRunId"]
    run = client.wait_for_run(run_id, lambda run: run["pendingApprovals"])
    approval = run["pendingApprovals"][0]
    assert approval["data"]["outputs"] == {"greeting": "Hello, Ada!"}

    retry = {"decision": "retry", "modifications": {"who": "Grace"}}
    client.post(f"/orchestrations/approvals/{approval['id']}/decision", retry)
    run = client.wait_for_run(
        run_id,
        lambda run: run["pendingApprovals"] and run["pendingApprovals"][0]["id"] != approval["id"],
    )
    approval = run["pendingApprovals"][0]
    client.post(f"/orchestrations/approvals/{approval['id']}/decision", {"decision": "continue"})
    run = client.wait_for_run(run_id, lambda run: run["status"] == "completed")
    assert run["results"]["steps"]["greet"] == {"greeting": "Hello, Grace!"}
    assert run["ownerAgent"] == desk


def test_a_permanent_refusal_of_an_agent_fails_the_run_without_a_retry(client: StackClient, example: Path) -> None:
    definition = example / "hello.yaml"
    definition.write_text(definition.read_text().replace('          name: "{{ who }}"', '          whom: "{{ who }}"'))
    files = [str(file) for file in example.glob("hello*.yaml")]
    assert baton(client.stack, client.token, "publish", *files) == 0
    launch = {
        "organization": "demo",
        "orchestration": {"name": name_in(definition)},
        "parameters": {"who": "Ada"},
    }
    run_id = client.post("/orchestrations/runs", launch)["id"]
    run = client.wait_for_run(run_id, lambda run: run["status"] == "failed")
    assert "context.name is missing" in run["error"]["message"]
    assert run["steps"][0]["attemptNumber"] == 1


def test_publishing_over_http_answers_with_the_location_and_never_changes_a_version(
    client: StackClient, example: Path
) -> None:
    texts = {file.stem: file.read_text() for file in example.glob("*.yaml")}
    for kind in ("hello-agent", "hello-desk"):
        answer = client.send_source("/agents", texts[kind])
        assert (answer.status, answer.json()["bundled"]) == (201, False)
        assert client.get(answer.headers["Location"]) == answer.json()

    answer = client.send_source("/orchestrations/definitions", texts["hello"])
    assert answer.status == 201
    assert client.get(answer.headers["Location"]) == answer.json()
    again = client.send("/orchestrations/definitions", {"organization": "demo", "source": texts["hello"]})
    assert (again.status, again.json()) == (200, answer.json())
    changed = texts["hello"].replace("Shall", "May")
    assert client.send_source("/orchestrations/definitions", changed).status == 409

    wrong = texts["hello"].replace("type: string", "type: x")
    answer = client.send_source("/orchestrations/definitions", wrong)
    assert answer.status == 422
    (problem,) = answer.json()["errors"]
    assert texts["hello"].splitlines()[problem["line"] - 1].strip() == "type: string"
    assert problem["field"] == "orchestration.parameters[0].type"


def test_an_agent_with_a_private_address_is_refused(client: StackClient) -> None:
    source = (EXAMPLE / "hello-agent.yaml").read_text().replace("http://127.0.0.1:8901/", "https://192.168.0.1/")
    answer = client.send_source("/agents", source)
    assert answer.status == 422
    assert "not a public address" in answer.json()["errors"][0]["message"]


def test_publishing_stops_at_the_first_refused_file(
    client: StackClient, example: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = example / "hello-agent.yaml"
    wrong.write_text(wrong.read_text().replace("type: http", "type: htp"))
    assert baton(client.stack, client.token, "publish", str(wrong), str(example / "hello.yaml")) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert f"{wrong}:10:11: `type` must be one of" in shown.err


def test_a_restarted_stack_has_the_machines_of_published_definitions(client: StackClient, example: Path) -> None:
    assert baton(client.stack, client.token, "publish", *map(str, example.glob("hello*.yaml"))) == 0
    with psycopg.connect(client.stack.database_url, autocommit=True) as connection:
        # Another digest for the same plan, as if an earlier compiler had made the machine.
        (machine,) = connection.execute(
            "update orchestration_definitions set digest = reverse(digest), machine = 'x-' || reverse(digest)"
            " where name = %s returning machine",
            (name_in(example / "hello.yaml"),),
        ).fetchone() or ("",)
    deployment = read_template(
        ROOT / "template.yaml",
        stack_name="baton",
        parameters={"AuthIssuer": "https://issuer.example"},
        api_url=client.stack.url,
    )

    restore_machines(deployment, client.stack.database_url)

    arn = f"arn:aws:states:us-east-1:123456789012:stateMachine:baton-{machine}"
    definition = boto3.client("stepfunctions").describe_state_machine(stateMachineArn=arn)["definition"]
    digests = set(re.findall(r'"digest": "(\w+)"', definition))
    assert digests == {machine.removeprefix("x-")}


def test_the_readmes_agent_starts_by_itself() -> None:
    process = subprocess.Popen(
        [sys.executable, str(EXAMPLE / "agent.py")],
        env={**os.environ, "PORT": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "The agent answers" in process.stdout.readline()
    process.terminate()
    process.wait(10)
