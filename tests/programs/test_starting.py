"""The start and the stop of ``make up``: refusals, interruptions, and clean ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from cli.checkout import ROOT
from tests.integration.waiting import PATIENCE, wait_until
from tests.programs.own_process import (
    StartStack,
    approve,
    call,
    launch_to_the_checkpoint,
    processes_of,
    wait_until_ready,
)

Obstacle = Callable[[Path, str], AbstractContextManager[dict[str, str]]]
"""(state, URL of an empty database) → the environment in which the stack is to start."""


@pytest.mark.usefixtures("with_a_terminal")
def test_an_interrupted_start_and_a_stopped_stack_leave_nothing(up: StartStack, state: Path) -> None:
    process = up()
    wait_until(lambda: processes_of(state / "postgres"))
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    wait_until(lambda: not processes_of(state))

    process = up()
    wait_until_ready(process)
    assert (state / "env").exists()
    os.killpg(process.pid, signal.SIGINT)  # like Ctrl-C, which sends the signal to the whole group
    _, complaint = process.communicate(timeout=PATIENCE)
    assert (process.returncode, complaint) == (0, "")
    assert not (state / "env").exists()
    wait_until(lambda: not processes_of(state))


def test_an_interruption_during_the_imports_leaves_no_traceback(state: Path) -> None:
    """The first import of another package sends the signal."""
    program = (
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
        [sys.executable, "-c", program, str(state)], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    assert (process.returncode, process.stdout, process.stderr) == (130, "", "")


# --- obstacles ------------------------------------------------------------------------------------------------------


@contextmanager
def a_taken_port(state: Path, database_url: str) -> Iterator[dict[str, str]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield {"BATON_PORT": str(server.getsockname()[1])}


@contextmanager
def somebody_elses_database(state: Path, database_url: str) -> Iterator[dict[str, str]]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("create table public.payroll ()")
    yield {"BATON_DATABASE_URL": database_url}


@contextmanager
def a_file_where_its_folder_would_be(state: Path, database_url: str) -> Iterator[dict[str, str]]:
    state.write_text("a file stands in its way")
    yield {}


@pytest.mark.parametrize(
    ("obstacle", "complaint"),
    [
        (a_taken_port, "baton: port "),
        (somebody_elses_database, "baton: The database that BATON_DATABASE_URL names is not empty"),
        (a_file_where_its_folder_would_be, "baton: "),
    ],
)
def test_an_obstacle_is_reported_in_one_line(
    up: StartStack, state: Path, empty_database_url: str, obstacle: Obstacle, complaint: str
) -> None:
    with obstacle(state, empty_database_url) as environment:
        process = up(**environment)
        output, error = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output) == (1, "")
    assert error.startswith(complaint)
    assert error.count("\n") == 1


# --- a named database -----------------------------------------------------------------------------------------------


def test_a_named_database_is_used_and_a_shell_can_read_its_url(
    up: StartStack, state: Path, empty_database_url: str
) -> None:
    parts = conninfo_to_dict(empty_database_url)
    text = " ".join(f"{name}={value}" for name, value in parts.items()) + " application_name='a b' connect_timeout=9"
    env = wait_until_ready(up(BATON_DATABASE_URL=text))
    assert not (state / "postgres").exists()
    script = f'set -a; . {state}/env; printf "%s" "$DATABASE_URL"'
    result = subprocess.run(["sh", "-c", script], capture_output=True, text=True, env={}, check=True)
    assert result.stderr == ""
    assert f"'{result.stdout}'" == env["DATABASE_URL"]
    with psycopg.connect(result.stdout) as connection:
        assert connection.execute("show application_name").fetchone() == ("a b",)
        assert connection.execute("select current_database()").fetchone() == (parts["dbname"],)
    assert call(env, "/health")["status"] == "ok"
    approve(env, launch_to_the_checkpoint(env))
