"""`make demo` as a program: from launch to summary, without a terminal and under Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from local.checkout import ROOT

HEADER = "company,department,metric,unit,aggregation,date,value\n"


def start(state: Path, *options: str) -> subprocess.Popen[str]:
    """A demo in a session of its own, so that everything it starts can be counted."""
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("", "layers/baton", *folders_of_functions()))
    return subprocess.Popen(
        [sys.executable, "-m", "local", "demo", "--state", str(state), *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def folders_of_functions() -> list[str]:
    return [str(folder.relative_to(ROOT)) for folder in sorted((ROOT / "functions").glob("*/"))]


@pytest.fixture
def state(open_directory: Path, request: pytest.FixtureRequest) -> Path:
    folder = open_directory / request.node.name[:40].replace("[", "-").replace("]", "")
    folder.mkdir(mode=0o711)
    return folder


def test_without_a_terminal_it_takes_continue_and_prints_the_summary(state: Path) -> None:
    output, _ = start(state).communicate(timeout=120)

    assert "taking `continue`" in output
    assert "period\trevenue (USD)\texpenses (USD)\tprofit_margin (ratio)" in output
    assert "run.completed" in output
    [summary] = (state / "deliverables").rglob("summarize-results-1.md")
    assert summary.read_text().strip() in output
    assert str(summary) in output


def test_a_persons_own_numbers_come_through_digit_by_digit(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    lines = [f"Mine,Shop,Odd metric name,EUR,sum,2024-0{month}-01,{month}.12{month}" for month in (1, 2, 3)]
    file.write_text(HEADER + "\n".join([*lines, "Mine,Shop,Refunds,EUR,sum,2024-02-01,-0.005"]))

    output, _ = start(state, "--data", str(file)).communicate(timeout=120)

    assert "Odd metric name, Refunds, 2024-01-01 to 2024-03-31, by month" in output
    assert "2024-02-01\t2.122\t-0.005" in output
    assert "run.completed" in output


def test_a_file_that_cannot_be_read_is_told_before_anything_starts(state: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(HEADER + "Mine,Shop,Sales,EUR,sum,2024-01-01,many\n")

    process = start(state, "--data", str(file))
    output, _ = process.communicate(timeout=60)

    assert process.returncode == 1
    assert "own.csv:2:" in output
    assert not (state / "postgres").exists()


def test_ctrl_c_leaves_no_process_behind(state: Path) -> None:
    process = start(state)
    assert process.stdout is not None
    next(line for line in process.stdout if "Launching" in line)

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 130
    assert list(state.rglob("postmaster.pid")) == []
    still_there = [pid for pid in Path("/proc").glob("[0-9]*") if str(state) in command_line(pid)]
    assert still_there == []


def command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_text().replace("\0", " ")
    except OSError:  # it has ended meanwhile
        return ""
