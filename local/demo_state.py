"""The state that the demo keeps between two calls: the database, so that the second call takes only seconds.

An interrupted run would go on when the stack starts again, without a person at its checkpoint. So a mark file exists
while a run is open. If the next demo finds it, it begins with an empty folder.
"""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

from local.postgres import Postgres

DATABASE = "postgres"  # the stack's name of the folder
MARK = "run-is-open"
LOCK = "stack.lock"
KEPT = {LOCK, "deliverables"}


def run_begins(state: Path) -> None:
    (state / MARK).touch()


def run_has_ended(state: Path) -> None:
    (state / MARK).unlink(missing_ok=True)


def drop_unfinished(state: Path) -> None:
    """Empty the folder if a run is open there. A demo that is running holds the lock and is not disturbed."""
    if (state / MARK).exists():
        drop(state)


def drop(state: Path) -> None:
    """Empty the folder except the deliverables. If a stack uses it, do nothing."""
    with (state / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # the next stack will refuse to start, with a message
        if (state / DATABASE).exists():
            Postgres(state / DATABASE).destroy()  # also ends a server whose owner was killed
        for entry in state.iterdir():
            if entry.name in KEPT:
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
