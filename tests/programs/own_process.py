"""Starts the stack in its own process, and calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cli.checkout import ROOT
from tests.integration.http_client import send
from tests.integration.stack_client import content_of
from tests.integration.waiting import PATIENCE, wait_until

StartStack = Callable[..., "subprocess.Popen[str]"]
LAUNCH: dict[str, Any] = {
    "mode": "build",
    "payload": {
        "orchestration": {"name": "kpi-tracking"},
        "promptParameters": {
            "kpi_names": ["revenue"],
            "start_date": "2024-07-01",
            "end_date": "2024-09-30",
            "grouping": "month",
        },
    },
}


@contextmanager
def start_stacks(state: Path) -> Iterator[StartStack]:
    """A function that starts ``local.up`` at a free port, in its own process group as in a terminal."""
    processes: list[subprocess.Popen[str]] = []

    def start(**environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "local", "up", "--state", str(state)],
            cwd=ROOT,
            env={**without_stack(os.environ), "BATON_PORT": "0", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE)


def without_stack(environ: Any) -> dict[str, str]:
    """The environment of a shell, without the variables of a stack of this test session."""
    return {name: value for name, value in environ.items() if not name.startswith(("AWS_", "MOTO_", "BATON_"))}


def wait_until_ready(process: subprocess.Popen[str]) -> dict[str, str]:
    """The KEY=value lines that the stack prints before ``Ready``."""
    assert process.stdout
    variables: dict[str, str] = {}
    for line in process.stdout:
        if line.startswith("Ready"):
            return variables
        name, _, value = line.rstrip("\n").partition("=")
        variables[name] = value
    raise AssertionError(process.stderr.read() if process.stderr else "it ended")


def call(env: dict[str, str], path: str, body: Any = None) -> Any:
    return content_of(send(env["BATON_URL"] + path, env["BATON_TOKEN"], body))


def run_of(env: dict[str, str], run_id: str) -> Any:
    return call(env, f"/orchestrations/runs/{run_id}")


def launch_to_the_checkpoint(env: dict[str, str]) -> str:
    """Launch a run and wait until it is at its checkpoint; returns its id."""
    run_id = call(env, "/agent-to-agent/demo/finance-manager/tasks", LAUNCH)["payload"]["content"]["orchestrationRunId"]
    wait_until(lambda: run_of(env, run_id)["status"] == "checkpoint")
    return str(run_id)


def approve(env: dict[str, str], run_id: str) -> None:
    """Decide the only open approval, and wait for the end of the run."""
    (approval,) = run_of(env, run_id)["pendingApprovals"]
    call(env, f"/orchestrations/approvals/{approval['id']}/decision", {"decision": "continue"})
    wait_until(lambda: run_of(env, run_id)["status"] == "completed")


def processes_of(state: Path) -> list[str]:
    """Command lines that name the state directory."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if str(state) in line:
            lines.append(line)
    return lines
