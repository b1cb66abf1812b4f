"""A running ``make up``: one stack for all of these tests, started under ``nohup`` and with settings of a user."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
import psycopg
import pytest

from tests.integration.waiting import PATIENCE
from tests.programs.own_process import StartStack, call, launch_to_the_checkpoint, start_stacks, wait_until_ready

SETTINGS = "[profile mine]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:1\n"


@dataclass(frozen=True)
class RunningStack:
    """``env`` are the variables that the stack printed."""

    up: StartStack
    process: subprocess.Popen[str]
    state: Path
    env: dict[str, str]


@pytest.fixture(scope="module")
def running_stack(open_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    config = tmp_path_factory.mktemp("aws") / "config"
    config.write_text(SETTINGS)
    state = open_directory / "running"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with start_stacks(state) as up:
            process = up(
                AWS_PROFILE="mine",
                AWS_CONFIG_FILE=str(config),
                AWS_ACCESS_KEY_ID="real",
                AWS_REGION="eu-west-1",
                HTTP_PROXY="http://127.0.0.1:1",
                http_proxy="http://127.0.0.1:1",
                PGHOST="db.invalid",
                PGSSLMODE="require",
            )
            yield RunningStack(up, process, state, wait_until_ready(process))
    finally:
        signal.signal(signal.SIGHUP, before)


def test_the_stack_prints_its_environment_and_writes_it_to_a_file(running_stack: RunningStack) -> None:
    file, env = running_stack.state / "env", running_stack.env
    assert dict(line.split("=", 1) for line in file.read_text().splitlines()) == env
    assert file.stat().st_mode & 0o777 == 0o600
    assert env["BATON_ORG"] == "demo"
    assert call(env, "/health")["status"] == "ok"
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        assert connection.execute("select count(*) > 0 from public.organizations").fetchone() == (True,)


def test_executions_and_their_history_can_be_read_with_the_printed_credentials(running_stack: RunningStack) -> None:
    """They exist because the stack does not use the user's settings, which lead to no server."""
    env = running_stack.env
    run_id = launch_to_the_checkpoint(env)
    states = boto3.Session(
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
        region_name=env["AWS_DEFAULT_REGION"],
    ).client("stepfunctions", endpoint_url=env["AWS_ENDPOINT_URL"])
    machines = {
        machine["name"]: machine["stateMachineArn"] for machine in states.list_state_machines()["stateMachines"]
    }
    (execution,) = states.list_executions(stateMachineArn=machines["baton-kpi-tracking"])["executions"]
    assert execution["name"] == f"{run_id}-1"
    history = states.get_execution_history(executionArn=execution["executionArn"])["events"]
    entered = [event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event]
    assert entered[0] == "fetch-kpi-data"


def test_under_nohup_the_end_of_the_terminal_is_ignored(running_stack: RunningStack) -> None:
    running_stack.process.send_signal(signal.SIGHUP)
    assert call(running_stack.env, "/health")["status"] == "ok"
    assert running_stack.process.poll() is None


def test_a_second_stack_of_the_same_state_is_refused(running_stack: RunningStack) -> None:
    second = running_stack.up()
    printed, complaint = second.communicate(timeout=PATIENCE)
    assert (second.returncode, printed) == (1, "")
    assert complaint.startswith("baton: a stack runs already with the data in ")
    assert complaint.count("\n") == 1
    assert call(running_stack.env, "/health")["status"] == "ok"
