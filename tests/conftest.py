from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.profile import PROFILE, examples

WORKERS_PER_CORE = 2  # many tests wait for a database, a subscriber or a timer
MAX_WORKERS = 8  # each collects all tests, and may start a stack: 15 CPU seconds and half a gigabyte

# Without a deadline for an example: on a busy machine, a correct test would miss it.
settings.register_profile(PROFILE, deadline=None, max_examples=examples())
settings.load_profile(PROFILE)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The number of workers for ``-n auto``. The databases of a server share the passwords of the logins. So if
    BATON_TEST_DATABASE_URL names the server, one process runs all tests."""
    if os.environ.get("BATON_TEST_DATABASE_URL"):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1  # macOS has none
    return min(WORKERS_PER_CORE * cores, MAX_WORKERS)
