"""`make demo` as a program: from launch to summary without a terminal, and under Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from cli.checkout import ROOT
from tests.integration.waiting import PATIENCE
from tests.programs.own_process import processes_of, without_stack


def start(state: Path) -> subprocess.Popen[str]:
    """Start a demo in its own process session."""
    return subprocess.Popen(
        [sys.executable, "-m", "local", "demo", "--state", str(state)],
        cwd=ROOT,
        env=without_stack(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_without_a_terminal_the_demo_takes_continue_and_prints_the_summary(state: Path) -> None:
    process = start(state)
    output, _ = process.communicate(timeout=4 * PATIENCE)

    assert "taking `continue`" in output
    assert "period\trevenue (USD)\texpenses (USD)\tprofit_margin (ratio)" in output
    assert "run.completed" in output
    [summary] = (state / "deliverables").rglob("summarize-results-1/summarize-results.md")
    assert summary.read_text().strip() in output
    assert str(summary) in output
    assert process.returncode == 0


def test_ctrl_c_leaves_no_process(state: Path) -> None:
    process = start(state)
    assert process.stdout is not None
    next(line for line in process.stdout if "Launching" in line)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=2 * PATIENCE)

    assert process.returncode == 130
    assert list(state.rglob("postmaster.pid")) == []
    assert processes_of(state) == []
