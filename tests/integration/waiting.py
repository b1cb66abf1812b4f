"""Waiting for what happens in another thread or process: never a fixed time, and never for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 90.0  # seconds; a test that passes never waits for them, however busy the machine is


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {PATIENCE:.0f} seconds"
        time.sleep(0.02)
