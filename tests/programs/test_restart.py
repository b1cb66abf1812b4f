"""A stack that is stopped or killed, and started again: its runs go on, and followers miss no event."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import Any

import psycopg
import pytest

from cli.checkout import ROOT
from tests.integration.streaming import Follower, connect
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.own_process import (
    LAUNCH,
    StartStack,
    approve,
    call,
    launch_to_the_checkpoint,
    processes_of,
    run_of,
    wait_until_ready,
    without_stack,
)

PARAMETERS = ("kpi_names=revenue", "start_date=2024-07-01", "end_date=2024-09-30", "grouping=month")


@pytest.fixture
def port() -> str:
    """A free port, which the stack uses again after its restart."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


class FollowedRun:
    """A run that the command launched and follows. ``follower`` follows the same run like a browser."""

    def __init__(self, env: dict[str, str]) -> None:
        command = [sys.executable, "-m", "cli.main", "run", "kpi-tracking", "--follow"]
        command += [word for parameter in PARAMETERS for word in ("--param", parameter)]
        settings = {name: env[name] for name in ("BATON_URL", "BATON_TOKEN", "BATON_ORG")}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env={**without_stack(os.environ), **settings}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )  # fmt: skip
        assert self._process.stdout
        self.run_id = self._process.stdout.readline().split()[1]
        self.path = f"/orchestrations/runs/{self.run_id}/status/stream"
        self.follower = Follower(env["BATON_URL"] + call(env, f"{self.path}/ticket", {})["streamUrl"])

    def follow_to_end(self) -> tuple[int, list[str], str]:
        """The command's exit code, the types of the events that it showed, and its standard error."""
        self.follower.follow_to_end()
        shown, complaint = self._process.communicate(timeout=2 * PATIENCE)
        lines = [line.split()[1] for line in shown.splitlines() if line[2:3] == line[5:6] == ":"]
        return self._process.returncode, [f"orchestration.{name}" for name in lines], complaint

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def launch_a_root(env: dict[str, str]) -> str:
    """A run whose child run waits for a person."""
    launch = {
        "organization": "demo",
        "orchestration": {"name": "finance-quarterly-review"},
        "parameters": LAUNCH["payload"]["promptParameters"],
    }
    root = str(call(env, "/orchestrations/runs", launch)["id"])
    wait_until(lambda: waiting_child(env, root))
    return root


def waiting_child(env: dict[str, str], root: str) -> Any:
    """The id of the root's only child run, if it waits for a person."""
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        children = connection.execute(
            "select id::text, status from orchestration_runs where parent_run_id = %s", (root,)
        ).fetchall()
    assert len(children) <= 1
    return next((child for child, status in children if status == "checkpoint"), None)


def ended_badly(env: dict[str, str], run_id: str) -> list[Any]:
    """The events of failures, aborts and skips of a run and its steps."""
    events = call(env, f"/orchestrations/runs/{run_id}/events")["events"]
    return [event for event in events if event["type"].endswith((".failed", "_failed", ".aborted", ".skipped"))]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_runs_go_on_after_a_restart_and_followers_miss_no_event(
    up: StartStack, port: str, state: Any, number: signal.Signals
) -> None:
    first = up(BATON_PORT=port)
    env = wait_until_ready(first)
    waiting, root = launch_to_the_checkpoint(env), launch_a_root(env)
    child = waiting_child(env, root)
    approvals = run_of(env, waiting)["pendingApprovals"]
    followed_run = FollowedRun(env)
    try:
        wait_until(lambda: followed_run.follower.ids)
        stop(first, number)
        if number is signal.SIGTERM:
            wait_until(lambda: not processes_of(state))
        env = wait_until_ready(up(BATON_PORT=port))

        assert run_of(env, waiting)["pendingApprovals"] == approvals
        approve(env, waiting)
        assert_went_on(env, waiting)
        # The stack starts only the root's next execution, which then starts the child's.
        wait_until(lambda: run_of(env, child)["generation"] == 2)
        approve(env, child)
        wait_until(lambda: run_of(env, root)["status"] == "completed")
        assert waiting_child(env, root) is None
        assert_went_on(env, root)
        assert_went_on(env, child)

        wait_until(lambda: run_of(env, followed_run.run_id)["pendingApprovals"])
        approve(env, followed_run.run_id)
        assert_lost_and_doubled_nothing(env, followed_run)
    finally:
        followed_run.close()


def stop(process: subprocess.Popen[str], number: signal.Signals) -> None:
    process.send_signal(number)
    _, complaint = process.communicate(timeout=PATIENCE)
    assert (process.returncode, complaint) == (0 if number is signal.SIGTERM else -number, "")


def assert_went_on(env: dict[str, str], run_id: str) -> None:
    """The run went on in its second execution and repeated no step."""
    run = run_of(env, run_id)
    assert run["generation"] == 2
    assert {step["attemptNumber"] for step in run["steps"]} == {1}
    assert not ended_badly(env, run_id)


def assert_lost_and_doubled_nothing(env: dict[str, str], followed_run: FollowedRun) -> None:
    exit_code, shown, complaint = followed_run.follow_to_end()
    events = connect(env["BATON_URL"] + followed_run.path, env["BATON_TOKEN"]).events
    types = [event["type"] for event in events]
    assert followed_run.follower.status == 204
    assert followed_run.follower.ids == list(range(1, len(events) + 1))
    assert followed_run.follower.types == types
    assert shown == types
    assert (exit_code, "does not answer" in complaint) == (0, True)
