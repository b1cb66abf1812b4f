"""What the demo keeps between two calls: the database, so that the second one takes seconds.

A run that was interrupted would go on when the stack starts again, and nobody would look at it. So a mark stands while
a run is open, and the next demo that finds it begins with an empty folder.
"""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

from local.postgres import Postgres

DATABASE = "postgres"  # as the stack calls it
MARK = "run-is-open"
LOCK = "stack.lock"
KEPT = {LOCK, "deliverables"}


def run_begins(state: Path) -> None:
    (state / MARK).touch()


def run_has_ended(state: Path) -> None:
    (state / MARK).unlink(missing_ok=True)


def drop_unfinished(state: Path) -> None:
    """Empty the folder if a run was left open there. A demo that is at work holds the lock, and is left alone."""
    if (state / MARK).exists():
        drop(state)


def drop(state: Path) -> None:
    """Empty the folder but for deliverables, unless a stack uses it."""
    with (state / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # the stack that starts next says whom it would disturb
        if (state / DATABASE).exists():
            Postgres(state / DATABASE).destroy()  # and end a server whose owner was killed
        for entry in state.iterdir():
            if entry.name in KEPT:
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()
