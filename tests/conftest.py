from __future__ import annotations

import os

import pytest
from hypothesis import settings

from tests.profile import PROFILE, examples

WORKERS_PER_CORE = 2  # many tests wait for a database, a subscriber or a timer
MAX_WORKERS = 8  # each collects all tests, and may start a stack: 15 CPU seconds and half a gigabyte

# How long an example takes is the machine's affair: on a busy one a correct test would fail.
settings.register_profile(PROFILE, deadline=None, max_examples=examples())
settings.load_profile(PROFILE)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """``-n auto``. The logins of a server have one set of passwords, so a server that is given has one worker."""
    if os.environ.get("BATON_TEST_DATABASE_URL"):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1  # macOS has none
    return min(WORKERS_PER_CORE * cores, MAX_WORKERS)
