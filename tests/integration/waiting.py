"""Waits for a condition in another thread or process, with a time limit."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 90.0  # seconds; a passing test never waits so long, even on a busy machine


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {PATIENCE:.0f} seconds"
        time.sleep(0.02)
