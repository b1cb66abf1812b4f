"""Runs the Python programs of the READMEs with the client package and the stack's environment."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from cli.checkout import ROOT
from local.stack import Stack
from tests.integration.waiting import PATIENCE

CLIENT = ROOT / "layers" / "client"


def lines_of(page: Path, stack: Stack) -> list[str]:
    """The output of the only program of a page."""
    [program] = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    settings = {name: stack.env[name] for name in ("BATON_URL", "BATON_TOKEN", "BATON_ORG")}
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **settings, "PYTHONPATH": str(CLIENT)},
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


def test_the_readmes_program_launches_follows_and_decides(stack: Stack) -> None:
    *events, status = lines_of(ROOT / "README.md", stack)
    assert status == "completed"
    assert [int(event.split()[0]) for event in events] == list(range(1, len(events) + 1))
    types = [event.split()[1].removeprefix("orchestration.") for event in events]
    assert types.index("checkpoint.requested") < types.index("checkpoint.resolved") < types.index("run.completed")


def test_the_clients_own_readme_lists_the_open_runs(stack: Stack) -> None:
    for line in lines_of(CLIENT / "README.md", stack):
        _, status, _ = line.split()
        assert status in ("pending", "running", "checkpoint")
