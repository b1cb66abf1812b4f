"""``make up`` as a person or a crash meets it: a process of its own, with its own state."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from local.checkout import ROOT
from tests.integration.own_process import LAUNCH, Up, call, run_of, starting, wait_until_ready
from tests.integration.waiting import wait_until


@pytest.fixture
def state(open_directory: Path, request: pytest.FixtureRequest) -> Path:
    return open_directory / str(request.node.name)


@pytest.fixture
def up(state: Path) -> Iterator[Up]:
    with starting(state) as up:
        yield up


def launch_to_the_checkpoint(env: dict[str, str]) -> str:
    run_id = call(env, "/agent-to-agent/demo/finance-manager/tasks", LAUNCH)["payload"]["content"]["orchestrationRunId"]
    wait_until(lambda: run_of(env, run_id)["status"] == "checkpoint")
    return str(run_id)


def approve(env: dict[str, str], run_id: str) -> None:
    (approval,) = run_of(env, run_id)["pendingApprovals"]
    call(env, f"/orchestrations/approvals/{approval['id']}/decision", {"decision": "continue"})
    wait_until(lambda: run_of(env, run_id)["status"] == "completed")


def processes_of(state: Path) -> list[str]:
    """Command lines that name the state directory."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(state) in line:
            found.append(line)
    return found


@pytest.fixture
def with_a_terminal() -> Iterator[None]:
    """As if the tests were not run under nohup, which their processes would inherit."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("with_a_terminal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_says_where_it_is_while_it_runs_and_leaves_nothing_behind(up: Up, state: Path, number: int) -> None:
    process = up()
    env = wait_until_ready(process)
    file = state / "env"
    assert dict(line.split("=", 1) for line in file.read_text().splitlines()) == env
    assert file.stat().st_mode & 0o777 == 0o600
    assert env["BATON_ORG"] == "demo"
    assert call(env, "/health")["status"] == "ok"
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        assert connection.execute("select count(*) > 0 from public.organizations").fetchone() == (True,)

    os.killpg(process.pid, number)  # as Ctrl-C does: everybody in the group hears it
    _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (0, "")
    assert not file.exists()
    wait_until(lambda: not processes_of(state))


def test_an_interrupted_start_leaves_nothing_behind(up: Up, state: Path) -> None:
    process = up()
    wait_until(lambda: processes_of(state / "postgres"))
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    wait_until(lambda: not processes_of(state))
    wait_until_ready(up())


def test_the_users_own_settings_are_not_used(up: Up, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile mine]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:1\n")
    env = wait_until_ready(
        up(
            AWS_PROFILE="mine",
            AWS_CONFIG_FILE=str(tmp_path / "config"),
            AWS_ACCESS_KEY_ID="real",
            AWS_REGION="eu-west-1",
            HTTP_PROXY="http://127.0.0.1:1",
            http_proxy="http://127.0.0.1:1",
            PGHOST="db.invalid",
            PGSSLMODE="require",
        )
    )
    launch_to_the_checkpoint(env)


def test_executions_and_their_history_can_be_read_with_the_printed_credentials(up: Up) -> None:
    env = wait_until_ready(up())
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


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_waited_is_decided_after_a_restart(up: Up, number: int) -> None:
    first = up()
    env = wait_until_ready(first)
    run_id = launch_to_the_checkpoint(env)
    approvals = [approval["id"] for approval in run_of(env, run_id)["pendingApprovals"]]
    first.send_signal(number)
    first.communicate(timeout=30)

    again = wait_until_ready(up())
    assert [approval["id"] for approval in run_of(again, run_id)["pendingApprovals"]] == approvals
    approve(again, run_id)
    run = run_of(again, run_id)
    assert run["generation"] == 2
    assert {step["attemptNumber"] for step in run["steps"]} == {1}
    assert not ended_badly(again, run_id)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_child_run_that_waited_is_decided_after_a_restart(up: Up, number: int) -> None:
    """Only the root is given its next execution by the stack; it starts its child anew by itself."""
    first = up()
    env = wait_until_ready(first)
    launch = {
        "organization": "demo",
        "orchestration": {"name": "finance-quarterly-review"},
        "parameters": LAUNCH["payload"]["promptParameters"],
    }
    root = call(env, "/orchestrations/runs", launch)["id"]
    wait_until(lambda: waiting_child(env, root))
    child = waiting_child(env, root)
    first.send_signal(number)
    first.communicate(timeout=30)

    again = wait_until_ready(up())
    wait_until(lambda: run_of(again, child)["generation"] == 2)
    approve(again, child)
    wait_until(lambda: run_of(again, root)["status"] == "completed")
    assert waiting_child(again, root) is None
    assert run_of(again, root)["generation"] == run_of(again, child)["generation"] == 2
    assert not ended_badly(again, root) + ended_badly(again, child)


def waiting_child(env: dict[str, str], root: str) -> Any:
    """The id of the root's only child run, if it waits for a person."""
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        children = connection.execute(
            "select id::text, status from orchestration_runs where parent_run_id = %s", (root,)
        ).fetchall()
    assert len(children) <= 1
    return next((child for child, status in children if status == "checkpoint"), None)


def ended_badly(env: dict[str, str], run_id: str) -> list[Any]:
    """The events of a run that say that it, or something in it, failed or was aborted."""
    events = call(env, f"/orchestrations/runs/{run_id}/events")["events"]
    return [event for event in events if event["type"].endswith((".failed", "_failed", ".aborted", ".skipped"))]


def test_a_second_stack_of_the_same_state_is_refused(up: Up) -> None:
    wait_until_ready(up())
    second = up()
    printed, complaint = second.communicate(timeout=30)
    assert (second.returncode, printed) == (1, "")
    assert complaint.startswith("baton: a stack runs already with the data in ")
    assert complaint.count("\n") == 1


def test_a_taken_port_is_a_clear_error(up: Up) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = up(BATON_PORT=str(port))
        _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert complaint.startswith(f"baton: port {port} cannot be used")
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("port", ["http", "-1", "70000"])
def test_a_port_that_is_none_is_a_clear_error(up: Up, port: str) -> None:
    process = up(BATON_PORT=port)
    _, complaint = process.communicate(timeout=30)
    assert (process.returncode, complaint) == (
        1,
        f"baton: BATON_PORT must be a port number such as 8787, not '{port}'\n",
    )


def test_a_given_database_is_used_instead(up: Up, state: Path, empty_database_url: str) -> None:
    env = wait_until_ready(up(BATON_DATABASE_URL=empty_database_url))
    assert env["DATABASE_URL"] == empty_database_url
    assert not (state / "postgres").exists()
    approve(env, launch_to_the_checkpoint(env))


def test_somebody_elses_database_is_refused(up: Up, empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("create table public.payroll ()")
    process = up(BATON_DATABASE_URL=empty_database_url)
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert complaint.startswith("baton: The database that BATON_DATABASE_URL names is not empty")


def test_an_interruption_while_the_program_is_read_leaves_no_traceback(state: Path) -> None:
    """Whenever it comes: the signal is sent by the first import of another package."""
    interrupted = (
        "import builtins, os, runpy, signal, sys\n"
        "original = builtins.__import__\n"
        "def load(name, *rest, **named):\n"
        "    if name == 'psycopg': os.kill(os.getpid(), signal.SIGINT)\n"
        "    return original(name, *rest, **named)\n"
        "builtins.__import__ = load\n"
        "sys.argv = ['local', 'up', '--state', sys.argv[1]]\n"
        "runpy.run_module('local', run_name='__main__')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", interrupted, str(state)], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert (process.returncode, process.stdout, process.stderr) == (130, "", "")


def test_a_terminal_that_nohup_ignores_stays_ignored(up: Up) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = up()
    finally:
        signal.signal(signal.SIGHUP, before)
    env = wait_until_ready(process)
    process.send_signal(signal.SIGHUP)
    assert call(env, "/health")["status"] == "ok"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0


def test_the_shell_reads_the_file_as_it_is_meant(up: Up, state: Path, empty_database_url: str) -> None:
    given = conninfo_to_dict(empty_database_url)
    text = " ".join(f"{name}={value}" for name, value in given.items()) + " application_name='a b' connect_timeout=9"
    env = wait_until_ready(up(BATON_DATABASE_URL=text))
    script = f'set -a; . {state}/env; printf "%s" "$DATABASE_URL"'
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env={}, check=True)
    assert read.stderr == ""
    assert f"'{read.stdout}'" == env["DATABASE_URL"]
    with psycopg.connect(read.stdout) as connection:
        assert connection.execute("show application_name").fetchone() == ("a b",)


def test_a_folder_that_cannot_be_made_is_one_line(up: Up, state: Path) -> None:
    state.write_text("a file stands in its way")
    _, complaint = up().communicate(timeout=30)
    assert complaint.startswith("baton: ")
    assert complaint.count("\n") == 1
