"""Who follows a run while the stack that serves it is restarted loses no event, gets none twice, and sees its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.checkout import ROOT
from tests.integration.own_process import Up, call, run_of, starting, wait_until_ready, without_stack
from tests.integration.streaming import Follower, connect
from tests.integration.waiting import wait_until

PARAMETERS = ("kpi_names=revenue", "start_date=2024-07-01", "end_date=2024-09-30", "grouping=month")


@pytest.fixture
def up(open_directory: Path, request: pytest.FixtureRequest) -> Iterator[Up]:
    with starting(open_directory / str(request.node.name)) as up:
        yield up


@pytest.fixture
def port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_restart_costs_no_event_and_doubles_none(up: Up, port: str, number: int) -> None:
    process = up(BATON_PORT=port)
    env = wait_until_ready(process)
    command = [sys.executable, "-m", "cli.main", "run", "kpi-tracking", "--follow"]
    command += [word for parameter in PARAMETERS for word in ("--param", parameter)]
    reached = {name: env[name] for name in ("BATON_URL", "BATON_TOKEN", "BATON_ORG")}
    with subprocess.Popen(
        command, cwd=ROOT, env={**without_stack(os.environ), **reached}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as followed:  # fmt: skip
        assert followed.stdout
        run_id = followed.stdout.readline().split()[1]
        path = f"/orchestrations/runs/{run_id}/status/stream"
        ticket = call(env, f"{path}/ticket", {})["streamUrl"]
        follower = Follower(env["BATON_URL"] + ticket)
        wait_until(lambda: follower.ids)

        os.kill(process.pid, number)
        process.wait(30)
        env = wait_until_ready(up(BATON_PORT=port))
        wait_until(lambda: run_of(env, run_id)["pendingApprovals"])
        (approval,) = run_of(env, run_id)["pendingApprovals"]
        call(env, f"/orchestrations/approvals/{approval['id']}/decision", {"decision": "continue"})
        wait_until(lambda: run_of(env, run_id)["status"] == "completed")

        follower.to_the_end()
        out, complaint = followed.communicate(timeout=60)
    events = connect(env["BATON_URL"] + path, env["BATON_TOKEN"]).events
    assert follower.status == 204
    assert follower.ids == list(range(1, len(events) + 1))
    assert follower.types == [event["type"] for event in events]
    told = [line.split()[1] for line in out.splitlines() if line[2:3] == line[5:6] == ":"]
    assert [f"orchestration.{name}" for name in told] == [event["type"] for event in events]
    assert (followed.returncode, "does not answer" in complaint) == (0, True)
