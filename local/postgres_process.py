"""The process of an embedded Postgres server: its process id, its end, and the guard that ends it with its owner."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from local.binaries import Account, environment, switch_to

MAX_FAST_SHUTDOWN_SECONDS, MAX_IMMEDIATE_SHUTDOWN_SECONDS = 60.0, 5.0
# `cat` ends when the owner closes the pipe or dies. The server then gets SIGINT, which is Postgres' fast shutdown.
GUARD = 'cat >/dev/null; kill -INT "$0" 2>/dev/null'


def recorded_pid(data: Path) -> int | None:
    """The process id that the server wrote into its data directory; None if there is none."""
    try:
        return int((data / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def end_recorded_server(data: Path) -> None:
    """End the server that the data directory names. The caller holds the directory's lock, so it has no owner.

    The record may be older than the last restart of the machine. Then it is removed: Postgres would refuse to start if
    another process has that number now.
    """
    pid = recorded_pid(data)
    if pid is None:
        return
    if serves(pid, data):
        end_server(pid, data)
    else:
        (data / "postmaster.pid").unlink(missing_ok=True)


def end_server(pid: int, data: Path) -> None:
    """End the server by signals: its programs and its data may have been deleted since its start."""
    for number, max_seconds in (
        (signal.SIGINT, MAX_FAST_SHUTDOWN_SECONDS),
        (signal.SIGQUIT, MAX_IMMEDIATE_SHUTDOWN_SECONDS),
    ):
        deadline = time.monotonic() + max_seconds
        if serves(pid, data):
            os.kill(pid, number)
        while serves(pid, data) and time.monotonic() < deadline:
            time.sleep(0.02)


def start_guard(pid: int, account: Account | None) -> subprocess.Popen[bytes]:
    """Start the guard of the server ``pid``. It ends the server when its standard input closes."""
    return subprocess.Popen(
        ["/bin/sh", "-c", GUARD, str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C in the terminal is for the owner alone
        cwd="/",
        env=environment(),
        **switch_to(account),
    )


def serves(pid: int, data: Path) -> bool:
    """Whether the process is the server of this data directory, which its command line names."""
    return pid > 0 and str(data) in _command_line(pid)


def _command_line(pid: int) -> str:
    """The command line of a process, or '' if there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        pass  # no such process, or a system without /proc
    if Path("/proc/self").exists():
        return ""
    result = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return result.stdout
